"""What makes a sample good enough: schema, form, token band, grounding, no secrets. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from rag.corpus.scan import scan_text
from rag.corpus.typescript import parse_typescript
from samples.language import language_fault

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["instruction", "input", "output", "metadata"],
    "additionalProperties": False,
    "properties": {
        "instruction": {"type": "string", "minLength": 5, "maxLength": 4000},
        "input": {"type": "string", "maxLength": 20000},
        "output": {"type": "string", "minLength": 10, "maxLength": 20000},
        "metadata": {
            "type": "object",
            "required": ["task_type", "sample_id", "category"],
            "properties": {
                "task_type": {"type": "string", "minLength": 1},
                "sample_id": {"type": "string", "pattern": "^[0-9a-f]{16,64}$"},
                "category": {"type": "string", "minLength": 1},
            },
        },
    },
}
WEIGHTS = {"grounding": 0.5, "band": 0.2, "clean": 0.1, "substance": 0.2}
MIN_GROUNDING = 1.0

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_FENCE = re.compile(r"```(?:typescript|ts|tsx)\n(.*?)```", re.DOTALL)
_DATE = re.compile(r"\b20\d{2}-\d{2}-\d{2}\b")
_IDENTIFIER = re.compile(r"\b(?:[a-z]+[A-Z]\w+|[A-Z][a-z0-9]+[A-Z]\w+)\b")
_HASH = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b")
_PATH = re.compile(r"\b[\w.-]+(?:/[\w.-]+)+\.\w{1,5}\b")
# What the removal of markup leaves behind: an empty link, half a dual link; and a small word said twice.
_RESIDUE = re.compile(r"\[\s*\||\[\s*\]\(|\]\(\s*\)")
_TWICE = re.compile(r"\b(the|an?|of|to|in|and|is) \1\b", re.IGNORECASE)
# A label whose part is empty: the next label, or the end, follows at once.
_EMPTY_PART = re.compile(r"^\*\*[^*\n]+:\*\*[ \t]*(?:\n+(?=\*\*[^*\n]+:\*\*)|\s*\Z)", re.MULTILINE)
_HEADING = re.compile(r"^(?:## .+|\*\*[^*\n]+[^*:\n]\*\*)$", re.MULTILINE)
# A capitalised word in the middle of a sentence is a name.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
_TEMPLATE = Path(__file__).with_name("template_terms.toml")


@dataclass(frozen=True, slots=True)
class Quality:
    """`score` 0-1 from `parts`; a sample with `faults` is refused whatever its score."""

    score: float
    parts: dict[str, float]
    faults: tuple[str, ...]


def assess(record: Mapping[str, Any], *, sources: str, tokens: int, band: tuple[int, int], parses: str = "") -> Quality:
    """Judge one record, secrets aside. `sources` is all the text its names and dates may come from."""
    output = record["output"]
    grounded = grounding(output, sources)
    faults = [
        *schema_faults(record),
        *([] if band[0] <= tokens <= band[1] else [f"{tokens} tokens, outside {band[0]}-{band[1]}"]),
        *([] if grounded >= MIN_GROUNDING else ["not grounded: names something its sources do not"]),
        *parse_faults(output, parses),
        *filter(None, [language_fault(output), _wording_fault(record)]),
    ]
    parts = {
        "grounding": round(grounded, 3),
        "band": round(_band_part(tokens, band), 3),
        "clean": 0.0 if "  \n\n\n" in output or output != output.strip() else 1.0,
        "substance": round(min(1.0, len(set(output.lower().split())) / 40), 3),
    }
    score = sum(WEIGHTS[name] * value for name, value in parts.items())
    return Quality(round(score, 3), parts, tuple(faults))


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMA)


def schema_faults(record: Mapping[str, Any]) -> list[str]:
    """What a record violates of the schema, as plain lines without its content."""
    return [
        f"{'/'.join(map(str, error.absolute_path)) or 'record'}: {_plain(error)}"
        for error in _validator().iter_errors(record)
    ]


def _plain(error: jsonschema.ValidationError) -> str:
    if error.validator == "required":
        return error.message
    return f"violates {error.validator} {str(error.validator_value)[:60]}"


@cache
def template_terms() -> frozenset[str]:
    """What the project itself calls things: frames may use these words without a source."""
    listed = tomllib.loads(_TEMPLATE.read_text(encoding="utf-8"))
    return frozenset(term for terms in listed.values() for term in terms)


def terms(text: str) -> set[str]:
    """Dates, code identifiers, hashes, paths and names: what must not be made up. Template terms are left out."""
    found: set[str] = set()
    for pattern in (_DATE, _IDENTIFIER, _HASH, _PATH, _NAME):
        found.update(pattern.findall(text))
    return found - template_terms()


def ungrounded(output: str, sources: str) -> set[str]:
    """The terms of an output that its sources do not hold; a name may stand in them in small letters."""
    missing = {term for term in terms(output) if term not in sources}
    if not missing:
        return missing
    lower = sources.lower()
    return {term for term in missing if not (term.isalpha() and term.lower() in lower)}


def grounding(output: str, sources: str) -> float:
    """Share of the output's terms that occur in its sources; 1 for an output without any."""
    missing = ungrounded(output, sources)
    return 1 - len(missing) / len(terms(output)) if missing else 1.0


def parse_faults(output: str, parses: str) -> list[str]:
    if parses == "json":
        try:
            json.loads(output)
        except ValueError:
            return ["output is not JSON"]
    if parses == "typescript":
        blocks = _FENCE.findall(output)
        if not blocks or any(parse_typescript(block).has_errors for block in blocks):
            return ["TypeScript does not parse"]
    return []


def _wording_fault(record: Mapping[str, Any]) -> str:
    if _TWICE.search(record["instruction"]):
        return "a word said twice in the instruction"
    said = _CODE.sub("", record["output"])
    if _RESIDUE.search(said):
        return "left-over markup"
    if _EMPTY_PART.search(record["output"]):
        return "a part without content"
    return "a heading said twice" if _repeats(said) else ""


def _repeats(text: str) -> bool:
    """Whether a section holds the same heading twice."""
    seen: set[str] = set()
    for heading in _HEADING.findall(text):
        if heading in seen:
            return True
        seen = {heading} if heading.startswith("## ") else seen | {heading}
    return False


def secrets(record: Mapping[str, Any]) -> tuple[str, ...]:
    return scan_text("\n".join((record["instruction"], record["input"], record["output"]))).kinds


def secret_faults(record: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = secrets(record)
    return (f"secret or personal data: {', '.join(kinds)}",) if kinds else ()


def _band_part(tokens: int, band: tuple[int, int]) -> float:
    """1 in the inner part of the band, falling to 0.5 at its edges."""
    low, high = band
    if not low <= tokens <= high:
        return 0.0
    edge = min(tokens - low, high - tokens) / max(1, (high - low) * 0.15)
    return min(1.0, 0.5 + edge / 2)
