"""What makes a sample good enough: schema, form, token band, grounding, no secrets. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema

from rag.corpus.scan import scan_text
from rag.corpus.typescript import parse_typescript

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
MIN_GROUNDING = 0.9

_FENCE = re.compile(r"```(?:typescript|ts|tsx)\n(.*?)```", re.DOTALL)
_DATE = re.compile(r"\b20\d{2}-\d{2}-\d{2}\b")
_IDENTIFIER = re.compile(r"\b(?:[a-z]+[A-Z]\w+|[A-Z][a-z0-9]+[A-Z]\w+)\b")
_HASH = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b")
_PATH = re.compile(r"\b[\w.-]+(?:/[\w.-]+)+\.\w{1,5}\b")
_LETTERS = re.compile(r"[^\W\d_]")
_ASCII_LETTERS = re.compile(r"[A-Za-z]")
TEMPLATE_TERMS = frozenset({"toScenario", "GitHub", "TypeScript", "structuredClone"})


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
        *([] if grounded >= MIN_GROUNDING else ["grounding below 90 %"]),
        *parse_faults(output, parses),
        *([] if is_latin(output) else ["not in a Latin script"]),
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


def terms(text: str) -> set[str]:
    """Dates, code identifiers, commit hashes and paths: what must not be made up."""
    found: set[str] = set()
    for pattern in (_DATE, _IDENTIFIER, _HASH, _PATH):
        found.update(pattern.findall(text))
    return found


def grounding(output: str, sources: str) -> float:
    """Share of the output's terms that occur in its sources; 1 for an output without any."""
    wanted = terms(output) - TEMPLATE_TERMS
    if not wanted:
        return 1.0
    return sum(term in sources for term in wanted) / len(wanted)


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


def secrets(record: Mapping[str, Any]) -> tuple[str, ...]:
    return scan_text("\n".join((record["instruction"], record["input"], record["output"]))).kinds


def secret_faults(record: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = secrets(record)
    return (f"secret or personal data: {', '.join(kinds)}",) if kinds else ()


def is_latin(text: str) -> bool:
    if text.isascii():
        return True
    letters = _LETTERS.findall(text)
    return not letters or len(_ASCII_LETTERS.findall(text)) >= 0.9 * len(letters)


def _band_part(tokens: int, band: tuple[int, int]) -> float:
    """1 in the inner part of the band, falling to 0.5 at its edges."""
    low, high = band
    if not low <= tokens <= high:
        return 0.0
    edge = min(tokens - low, high - tokens) / max(1, (high - low) * 0.15)
    return min(1.0, 0.5 + edge / 2)
