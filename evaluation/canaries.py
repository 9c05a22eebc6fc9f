"""Canaries: tasks with several assertions each, read from canaries.toml and smoke.toml; pure but for the judges."""

import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from evaluation.harnesses.base import Outcome, Prompt, Ruling
from evaluation.harnesses.registry import HARNESSES
from evaluation.runtimes.base import Message, user

CANARIES_FILE = Path(__file__).with_name("canaries.toml")
SMOKE_FILE = Path(__file__).with_name("smoke.toml")
FENCE = re.compile(r"```[^\n]*\n(.*?)(?:```|\Z)", re.S)


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

    def messages(self) -> list[Message]:
        if self.frame == "tools":
            return HARNESSES["tool_success"].messages(Prompt(self.id, self.prompt))
        return user(self.prompt)

    def check(self, text: str, seconds: float) -> Ruling:
        """All assertions at once, so that the reason names everything that is wrong."""
        faults = [fault for fault in (*self._text_faults(text), self._time_fault(seconds)) if fault]
        try:
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
        if self.regex and not re.search(self.regex, text, re.I | re.M):
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
    for match in re.finditer(r"\{", text):
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
    records = tomllib.loads(file.read_text(encoding="utf-8"))["canary"]
    return tuple(_canary(record) for record in records)


def _canary(record: dict[str, Any]) -> Canary:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    return Canary(**values)
