"""TRON in both meanings: the decision (Trigger, Response, Outcome, Next) and the user's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus.headers import label_lines
from rag.corpus.sections import plain_heading
from rag.corpus.types import Section

ELEMENTS = ("trigger", "response", "outcome", "next")
MAX_QUOTE = 2_000
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^\s*>\s?", re.MULTILINE)


def has_decision(text: str, sections: Sequence[Section]) -> bool:
    """Whether Plan holds the four elements in order, as labels or as headings."""
    plan = next((section for section in sections if section.name == "plan"), None)
    if plan is None:
        return False
    names = [_element(line) for line in text[plan.start : plan.end].split("\n")]
    remaining = iter(names)
    return all(element in remaining for element in ELEMENTS)


def _element(line: str) -> str:
    if line.startswith("#"):
        return plain_heading(line).lower().rstrip(":")
    return next((entry.label for entry in label_lines([line])), "")


def feedback_quote(text: str, sections: Sequence[Section]) -> str:
    """What the user said, verbatim, from the first feedback section that quotes anything; else empty."""
    for section in sections:
        if section.name == "tron_feedback":
            body = text[section.start : section.end].partition("\n")[2]
            quote = _QUOTE_MARK.sub("", _FENCE.sub("", body)).strip(" \n-")
            if quote:
                return quote[:MAX_QUOTE]
    return ""
