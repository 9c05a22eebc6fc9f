"""Canaries: tasks with several assertions each, read from canaries.toml and smoke.toml; pure but for the judges."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import regex
import tomli_w

from evaluation.harnesses.base import Outcome, Prompt, Ruling
from evaluation.harnesses.registry import HARNESSES
from evaluation.runtimes.base import Request, user

CANARIES_FILE = Path(__file__).with_name("canaries.toml")
SMOKE_FILE = Path(__file__).with_name("smoke.toml")
FENCE = regex.compile(r"```[^\n]*\n(.*?)(?:```|\Z)", regex.S)
ASSERTIONS = ("contains", "any_of", "not_contains", "regex", "judge", "refuses", "parses")
LISTS = ("contains", "any_of", "not_contains")
JUDGES = ("pdca_schema", "pdca_template", "tron_format", "empty_constructor", "tool_success")
TYPES: dict[str, type | tuple[type, ...]] = {
    "max_tokens": int,
    "max_seconds": (int, float),
    "refuses": bool,
    "case": dict,
}
TYPES |= dict.fromkeys(LISTS, list)
ID = regex.compile(r"[\w-]{1,80}", regex.A)
CHOICES = {"frame": ("", "tools"), "parses": ("", "json", "typescript"), "judge": ("", *JUDGES)}
LEAST = 20
# A pattern that people wrote may run away; it is then a fault of the canary, not of the model.
REGEX_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Canary:
    """One task and everything its answer must fulfil; an assertion that is empty is not made."""

    id: str
    kind: str
    prompt: str
    max_tokens: int
    max_seconds: float
    frame: str = ""
    contains: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()
    regex: str = ""
    judge: str = ""
    refuses: bool = False
    parses: str = ""
    case: dict[str, Any] = field(default_factory=dict)

    def request(self) -> Request:
        if self.frame == "tools":
            messages = HARNESSES["tool_success"].messages(Prompt(self.id, self.prompt))
        else:
            messages = user(self.prompt)
        return Request(messages, self.max_tokens)

    def check(self, text: str, seconds: float) -> Ruling:
        """All assertions at once, so that the reason names everything that is wrong."""
        try:
            faults = [fault for fault in (*self._text_faults(text), self._time_fault(seconds)) if fault]
            faults += [fault for fault in (self._judge_fault(text), self._parse_fault(text)) if fault]
        except Exception as error:
            return Ruling(Outcome.INVALID, f"the judge failed: {type(error).__name__}: {error}")
        return Ruling(Outcome.FAILED, "; ".join(faults)) if faults else Ruling(Outcome.PASSED, "all assertions hold")

    def _text_faults(self, text: str) -> list[str]:
        low = text.lower()
        faults = [f"lacks {word!r}" for word in self.contains if word.lower() not in low]
        faults += [f"has {word!r}" for word in self.not_contains if word.lower() in low]
        if self.any_of and not any(word.lower() in low for word in self.any_of):
            faults.append("has none of " + ", ".join(map(repr, self.any_of)))
        if self.regex and not regex.search(self.regex, text, regex.I | regex.M, timeout=REGEX_SECONDS):
            faults.append("does not match the expected form")
        return faults

    def _time_fault(self, seconds: float) -> str:
        return f"took {seconds:.1f} s of {self.max_seconds:.0f} s" if seconds > self.max_seconds else ""

    def _judge_fault(self, text: str) -> str:
        from samples.judges import judge

        if self.refuses:
            verdict = judge("refusal", text, request=self.prompt)
            return "" if verdict.passed else f"not a refusal: {verdict.why}"
        if not self.judge:
            return ""
        verdict = judge(self.judge, text, **self.case)
        return "" if verdict.passed else f"{self.judge}: {verdict.why}"

    def _parse_fault(self, text: str) -> str:
        match self.parses:
            case "json":
                return "" if has_json_object(text) else "holds no JSON object"
            case "typescript":
                return "" if typescript_parses(fenced_code(text)) else "is not valid TypeScript"
        return ""


def fenced_code(text: str) -> str:
    """The code blocks of an answer, or the whole answer when it has none."""
    return "\n".join(FENCE.findall(text)) or text


def has_json_object(text: str) -> bool:
    decoder = json.JSONDecoder()
    for match in regex.finditer(r"\{", text):
        try:
            decoder.raw_decode(text, match.start())
        except ValueError:
            continue
        return True
    return False


def typescript_parses(code: str) -> bool:
    """True when tree-sitter finds no error in the code."""
    from tree_sitter import Language, Parser
    from tree_sitter_typescript import language_typescript

    tree = Parser(Language(language_typescript())).parse(code.encode())
    return bool(code.strip()) and not tree.root_node.has_error


@cache
def read_canaries(file: Path = CANARIES_FILE) -> tuple[Canary, ...]:
    """The canaries of a file; raises TypeError when one has a key that is no assertion."""
    return tuple(map(canary_of, read_records(file.read_text(encoding="utf-8"))))


def read_records(text: str) -> list[dict[str, Any]]:
    """The records of a canaries.toml; raises ValueError when it is none."""
    try:
        records = tomllib.loads(text)["canary"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise ValueError(f"this is no canaries.toml: {error}") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError("this is no canaries.toml: canary is a list of tables, [[canary]]")
    return records


def write_records(records: Sequence[dict[str, Any]], note: str) -> str:
    """The same as a canaries.toml, under a comment."""
    head = "".join(f"# {line}\n" for line in note.splitlines())
    return head + "\n" + tomli_w.dumps({"canary": list(records)}, multiline_strings=False)


def canary_of(record: dict[str, Any]) -> Canary:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    return Canary(**values)


def record_of(canary: Canary) -> dict[str, Any]:
    """What distinguishes the canary from one without assertions, in the order of the file."""
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(canary).items()}
    return {key: value for key, value in values.items() if value or key == "prompt"}


def record_faults(record: dict[str, Any]) -> list[str]:
    """Everything that is wrong with one record; empty when it is a canary."""
    unknown = sorted(set(record) - {one.name for one in fields(Canary)})
    if unknown:
        return [f"{name} is no assertion" for name in unknown]
    if wrong := [name for name, value in record.items() if not isinstance(value, TYPES.get(name, str))]:
        return [f"{name} is of the wrong kind" for name in wrong]
    faults = [f"{name} is missing" for name in ("id", "kind", "prompt") if not record.get(name, "").strip()]
    if not ID.fullmatch(record.get("id", "")):
        faults.append("id is made of at most 80 letters, digits, - and _")
    if not any(record.get(name) for name in ASSERTIONS):
        faults.append(f"it asserts nothing: give at least one of {', '.join(ASSERTIONS)}")
    if not 1 <= record.get("max_tokens", 0) <= 2000:
        faults.append("max_tokens is a number from 1 to 2,000")
    if not 1 <= record.get("max_seconds", 0) <= 600:
        faults.append("max_seconds is a number from 1 to 600")
    for name, known in CHOICES.items():
        if record.get(name, "") not in known:
            faults.append(f"{name} is one of {', '.join(filter(None, known))}, or empty")
    for name in LISTS:
        if not all(isinstance(word, str) and word.strip() for word in record.get(name, [])):
            faults.append(f"{name} is a list of words")
    faults += _regex_faults(record.get("regex", "")) + _case_faults(record)
    return faults or _trial_faults(record)


def _regex_faults(pattern: str) -> list[str]:
    try:
        regex.compile(pattern, regex.I | regex.M)
    except (regex.error, RecursionError) as error:
        return [f"the regular expression is wrong: {error}"]
    return []


def _trial_faults(record: dict[str, Any]) -> list[str]:
    """Whether its judge can be asked at all; what cannot judge this would judge no answer of a model."""
    ruling = canary_of(record).check("A plain answer.", 0)
    return [ruling.why] if ruling.outcome == Outcome.INVALID else []


def _case_faults(record: dict[str, Any]) -> list[str]:
    case = record.get("case", {})
    if record.get("judge") == "tool_success" and not {"task", "expected_tool"} <= set(case):
        return ["tool_success needs a case with task and expected_tool"]
    if case and not record.get("judge"):
        return ["case is for a judge, and none is named"]
    return []


def set_faults(records: Sequence[dict[str, Any]]) -> list[str]:
    """Everything that is wrong with a whole set: its canaries, their number, their names."""
    names = [str(record.get("id")) for record in records]
    faults = [f"{record.get('id')}: {fault}" for record in records for fault in record_faults(record)]
    faults += [f"two canaries are called {name}" for name in sorted(set(names)) if names.count(name) > 1]
    if len(records) < LEAST:
        faults.append(f"{len(records)} canaries are too few: there are at least {LEAST}")
    return faults
