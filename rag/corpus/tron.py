"""TRON in both meanings: the decision (Trigger, Response, Outcome, Next) and the user's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.corpus.types import Section

ELEMENTS = ("trigger", "response", "outcome", "next")
MAX_LINE = 2_000
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_QUOTE_MARK = re.compile(r"^\s*>\s?", re.MULTILINE)
_MARKUP = re.compile(r"[*_`]+")
_ELEMENT = re.compile(
    r"^[\s#>+|-]{0,12}(?:\d{1,2}[.)]\s*)?(?:[^\w\s|\[(]{1,4}\s*)?(?:\(?[tron]\)?\s*[-–—:.]\s*)?"
    r"(?P<name>trigger|response|outcome|next)(?:\s+(?:steps?|actions?))?\s*(?:[:|]|\s[-–—]\s|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TronElement:
    """One element of a decision; `start` and `end` are offsets in the document, the label included."""

    name: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TronQuote:
    """What the user said, verbatim; the offsets are those of the whole feedback section."""

    text: str
    start: int
    end: int


def decisions(text: str, sections: Sequence[Section]) -> list[tuple[TronElement, ...]]:
    """Decisions in Plan: each has the four elements in order, as labels, headings or rows of a table."""
    found: list[tuple[TronElement, ...]] = []
    for plan in (section for section in sections if section.name == "plan"):
        waiting: list[TronElement] = []
        for element in _elements(text, plan):
            if element.name == ELEMENTS[0]:
                waiting = []
            if element.name == ELEMENTS[len(waiting)]:
                waiting.append(element)
            if len(waiting) == len(ELEMENTS):
                found.append(tuple(waiting))
                waiting = []
    return found


def _elements(text: str, plan: Section) -> Iterator[TronElement]:
    """Labelled pieces of a section; each runs to the next label, the next heading or the section's end."""
    cuts: list[tuple[str, str, int, int]] = []
    position = plan.start
    for line in text[plan.start : plan.end].splitlines(keepends=True):
        start, position = position, position + len(line)
        plain = _MARKUP.sub("", line[:MAX_LINE])
        if label := _ELEMENT.match(plain):
            cuts.append((label["name"].lower(), plain[label.end() :], start, position))
        elif line.startswith("#"):
            cuts.append(("", "", start, position))
    for (name, first, start, below), (_, _, end, _) in zip(cuts, [*cuts[1:], ("", "", plan.end, 0)], strict=True):
        if name:
            yield TronElement(name, f"{first}{text[below:end]}".strip(" \n|"), start, end)


def feedback(text: str, sections: Sequence[Section]) -> list[TronQuote]:
    """What the user said, from every feedback section that quotes anything."""
    quotes = []
    for section in sections:
        if section.name == "tron_feedback":
            body = text[section.start : section.end].partition("\n")[2]
            if quote := _QUOTE_MARK.sub("", _FENCE.sub("", body)).strip(" \n-"):
                quotes.append(TronQuote(quote, section.start, section.end))
    return quotes
