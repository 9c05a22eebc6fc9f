"""Canonical names for headings, and the spans of the sections below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.corpus.markdown import Heading
from rag.corpus.types import Section

PDCA_SECTIONS = ("plan", "do", "check", "act")
MAX_PDCA_LEVEL = 3
# Headings repeat themselves, within a journal and over all of them.
REMEMBERED = 4096

_NUMBER = r"(?:(?:step|phase|part)?\s*\d+[a-z]?(?:\.\d+)*[.):]?\s*[-–—:]?\s*)?"
_LETTER = r"(?:\(?[pdca]\)?\s*[-–—:.)=]+\s*)?"
_PDCA_HEADING = re.compile(
    rf"^{_NUMBER}(?:pdca\s*[-–—:]\s*)?{_LETTER}{_NUMBER}(plan|do|check|act)"
    r"(?:\s+(?:phase|section|step))?(?:\s*(?:$|[:(–—|])|\s*-(?!\w)|\s+-|\s*[^\w\s\x00-\x7f’])",
    re.IGNORECASE,
)
_NAMED = (
    ("tron_feedback", re.compile(r"\btron\b.*\bfeedback\b|\bqa feedback\b|\buser feedback\b")),
    ("tron", re.compile(r"^tron\b|\btron (?:decision|format)\b|^decision tron\b")),
    ("artifact_links", re.compile(r"\bartifacts?\b.*\blinks?\b")),
    ("dual_links", re.compile(r"\bdual[- ]links?\b")),
    ("qa_decisions", re.compile(r"\bqa decisions?\b|^decisions?\b")),
    ("my_answer", re.compile(r"^my answer\b")),
    ("process_update", re.compile(r"\bpdca process update\b|^process update\b")),
    ("reflection", re.compile(r"\breflections?\b")),
    ("metadata", re.compile(r"\bmetadata\b")),
    ("objective", re.compile(r"^objectives?$|^objectives?\s*[:(\-–—]")),
    ("summary", re.compile(r"^(?:one[- ]line |executive )?summary\b")),
    ("next_steps", re.compile(r"^next (?:steps|actions)\b")),
)
_MARKUP = re.compile(r"[*_`~#]+|<[^<>]{0,200}>")
_LEADING_SYMBOLS = re.compile(r"^[^\w(\[]+")
_SLUG = re.compile(r"[^\w]+")


@lru_cache(maxsize=REMEMBERED)
def plain_heading(text: str) -> str:
    """A heading without markup, HTML and leading emoji."""
    plain = _MARKUP.sub("", text[:500]).strip()
    return _LEADING_SYMBOLS.sub("", plain).strip()


@lru_cache(maxsize=REMEMBERED)
def pdca_name(text: str) -> str | None:
    """plan, do, check or act when a heading announces that section, else None."""
    plain = _LEADING_SYMBOLS.sub("", plain_heading(text))
    found = _PDCA_HEADING.match(plain)
    return found[1].lower() if found else None


@lru_cache(maxsize=REMEMBERED)
def section_name(text: str) -> str:
    """The canonical name of a heading, or a slug of it; never one of the four PDCA names."""
    lowered = plain_heading(text).lower()
    for name, pattern in _NAMED:
        if pattern.search(lowered):
            return name
    slug = _SLUG.sub("_", lowered).strip("_")[:60] or "section"
    return f"{slug}_detail" if slug in PDCA_SECTIONS else slug


def build_sections(headings: Sequence[Heading], length: int) -> tuple[Section, ...]:
    """Sections in document order; each ends at the next heading of the same or a higher level."""
    names = _pdca_names(headings)
    ends = _section_ends(headings, length)
    return tuple(
        Section(
            name=names.get(position) or section_name(heading.text),
            heading=plain_heading(heading.text),
            level=heading.level,
            start=heading.start,
            end=end,
        )
        for position, (heading, end) in enumerate(zip(headings, ends, strict=True))
    )


def _pdca_names(headings: Sequence[Heading]) -> dict[int, str]:
    """Positions of the headings that announce Plan, Do, Check or Act.

    They stand on the level that carries most of the four. One that is missing there is taken from another
    level, unless it lies inside one that was found: `### Check` below `## Do` is a part of Do.
    """
    found = {
        position: name
        for position, heading in enumerate(headings)
        if heading.level <= MAX_PDCA_LEVEL and (name := pdca_name(heading.text))
    }
    level = _main_level([(headings[position].level, name) for position, name in found.items()])
    chosen = {position: name for position, name in found.items() if headings[position].level == level}
    inside = 0
    for position, heading in enumerate(headings):
        if heading.level <= inside:
            inside = 0
        if position in chosen:
            inside = inside or heading.level
        elif not inside and position in found and found[position] not in chosen.values():
            chosen[position] = found[position]
    return chosen


def _main_level(found: Sequence[tuple[int, str]]) -> int:
    """The heading level that carries most of Plan, Do, Check and Act; the higher one on a tie."""
    names: dict[int, set[str]] = {}
    for level, name in found:
        names.setdefault(level, set()).add(name)
    return min(names, key=lambda level: (-len(names[level]), level), default=0)


def _section_ends(headings: Sequence[Heading], length: int) -> list[int]:
    ends = [length] * len(headings)
    waiting: list[int] = []
    for position, heading in enumerate(headings):
        while waiting and headings[waiting[-1]].level >= heading.level:
            ends[waiting.pop()] = heading.start
        waiting.append(position)
    return ends


def pdca_sections(sections: Sequence[Section]) -> set[str]:
    """Which of the four sections are there."""
    return {section.name for section in sections} & set(PDCA_SECTIONS)
