"""Cutting a document into segments (sections, classes) and atoms (blocks): what chunking packs together."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from itertools import pairwise
from typing import TypeVar

from rag.corpus.code import code_marks, code_pieces
from rag.corpus.markdown import outline
from rag.corpus.sections import PDCA_SECTIONS
from rag.corpus.topics import read_topics
from rag.corpus.types import DocumentKind, ParsedDocument, Section

CountTokens = Callable[[str], int]
Place = TypeVar("Place")
Mark = tuple[int, int]
"""Where a block begins, and what it costs to start a chunk there: a heading's level, then more."""

MAX_HEADING = 120
MAX_DEPTH = 6
CHARS_PER_TOKEN = 12
"""Text that a tokenizer folds (one endless word, blanks) still counts by its length."""
WORD_STEP = 400
"""Characters between cuts inside a line that has no sentence to cut at."""

LARGE = 20_000
FINE = 100
"""In a stretch of more than LARGE characters, cuts lie at least FINE characters apart: counting has its price."""

PARAGRAPH = 7
INSIDE_BLOCK = 9
_OWN_CHUNK = {*PDCA_SECTIONS, "tron_feedback", "tron"}
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that belongs together; `path` are the headings above it and its own.

    One that stands `alone` never shares a chunk with its neighbours.
    """

    name: str
    path: tuple[str, ...]
    start: int
    end: int
    alone: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is not cut further, with the cost of starting a chunk at it."""

    start: int
    end: int
    cost: int
    tokens: int


def least_tokens(text: str) -> int:
    """The fewest tokens a text of that length is taken for."""
    return math.ceil(len(text) / CHARS_PER_TOKEN)


def measure(text: str, count_tokens: CountTokens) -> int:
    """Tokens of a text, never fewer than its length allows for."""
    return max(count_tokens(text), least_tokens(text))


def segments_of(document: ParsedDocument) -> list[Segment]:
    """The document's segments in order; they cover the text without gaps."""
    found = _code_segments(document) if document.kind is DocumentKind.TYPESCRIPT else _section_segments(document)
    return _without_hollow(document.text, list(found))


class _Content(IntEnum):
    """What a segment holds besides the sections below it; each is more than the one before."""

    BLANK = 0
    RULES = 1
    HEADINGS = 2
    TEXT = 3


def _without_hollow(text: str, segments: Sequence[Segment]) -> list[Segment]:
    """Blank segments join the one before; a heading with nothing but sections below it joins the first of them."""
    kept: list[Segment] = []
    before = _Content.TEXT
    for segment in segments:
        content = _content(text, segment)
        last = kept[-1] if kept else None
        if last and (content is _Content.BLANK or _is_hollow(before, last, segment)):
            outer = last if content is _Content.BLANK else segment
            kept[-1] = replace(outer, start=last.start, end=segment.end)
            before = max(before, content)
        else:
            kept.append(segment)
            before = content
    return kept


def _content(text: str, segment: Segment) -> _Content:
    body = text[segment.start : segment.end]
    if not body.strip():
        return _Content.BLANK
    lines = [line for line in body.split("\n") if line.strip(" \t-*_")]
    if all(line.lstrip().startswith("#") for line in lines):
        return _Content.HEADINGS if lines else _Content.RULES
    return _Content.TEXT


def _is_hollow(content: _Content, segment: Segment, following: Segment) -> bool:
    """Blank, or headings alone with the following segment below them."""
    nested = len(segment.path) > 1 and following.path[: len(segment.path)] == segment.path
    return content <= _Content.RULES or (content is _Content.HEADINGS and nested)


def _code_segments(document: ParsedDocument) -> list[Segment]:
    title = document.title[:MAX_HEADING]
    return [
        Segment(
            piece.kind,
            tuple(filter(None, (title, piece.name))),
            piece.start,
            piece.end,
            piece.kind == "class",
            {"class_name": piece.name} if piece.kind == "class" else {},
        )
        for piece in code_pieces(document.text)
    ]


def _section_segments(document: ParsedDocument) -> Iterator[Segment]:
    """Sweep over the section bounds with the stack of sections that are open."""
    cuts = _cut_sections(document)
    length = len(document.text)
    positions = sorted({0, length, *(s.start for s in cuts), *(s.end for s in cuts)})
    topics = {topic.start: topic for topic in read_topics(document.sections)}
    opened: list[Section] = []
    waiting = iter([*cuts, None])
    following = next(waiting)
    for start, end in pairwise(positions):
        while opened and opened[-1].end <= start:
            opened.pop()
        while following and following.start <= start:
            opened.append(following)
            following = next(waiting)
        topic = topics.get(opened[-1].start) if opened and document.kind is DocumentKind.PROCESS_FRAMEWORK else None
        yield Segment(
            name="topic" if topic else _segment_name(document, opened),
            path=_heading_path(document.title, opened),
            start=start,
            end=end,
            alone=topic is not None or document.kind is DocumentKind.PDCA,
            fields={"topic_number": str(topic.number), "topic": topic.name} if topic else {},
        )


def _cut_sections(document: ParsedDocument) -> list[Section]:
    """Sections that start a segment: the upper heading levels and what always stands alone."""
    if document.kind is DocumentKind.PROCESS_FRAMEWORK:
        return [section for section in document.sections if section.level <= 3]
    top = max(2, min((section.level for section in document.sections[1:]), default=2))
    alone = _OWN_CHUNK if document.kind is DocumentKind.PDCA else set()
    return [s for s in document.sections if s.level <= top or (s.level <= 4 and s.name in alone)]


def _segment_name(document: ParsedDocument, opened: Sequence[Section]) -> str:
    """The innermost section's name; what stands under the title alone is the header."""
    if not opened or (opened[-1] is document.sections[0] and opened[-1].level == 1):
        return "header"
    return opened[-1].name


def _heading_path(title: str, opened: Sequence[Section]) -> tuple[str, ...]:
    headings = [section.heading[:MAX_HEADING] for section in opened[-MAX_DEPTH:]]
    if title[:MAX_HEADING] not in headings:
        headings.insert(0, title[:MAX_HEADING])
    return tuple(filter(None, headings))


def marks_of(document: ParsedDocument) -> list[Mark]:
    """Where the document's blocks begin, in order."""
    if document.kind is DocumentKind.TYPESCRIPT:
        return code_marks(document.text)
    found = outline(document.text)
    levels = {heading.start: heading.level for heading in found.headings}
    return [(block.start, levels.get(block.start, PARAGRAPH)) for block in found.blocks]


def atoms_of(text: str, segment: Segment, marks: Sequence[Mark], budget: int, count_tokens: CountTokens) -> list[Atom]:
    """A segment's blocks, cut where one does not fit the budget."""
    first = bisect_right(marks, (segment.start, INSIDE_BLOCK))
    last = bisect_left(marks, (segment.end, 0))
    begins = [(segment.start, 0), *marks[first:last]]
    if segment.end - segment.start > LARGE:
        begins = _apart(begins, lambda mark: mark[0])
    ends = [start for start, _ in begins[1:]] + [segment.end]
    found: list[Atom] = []
    for (start, cost), end in zip(begins, ends, strict=True):
        found.extend(_fit(text, start, end, cost, budget, count_tokens))
    return found


def _fit(text: str, start: int, end: int, cost: int, budget: int, count_tokens: CountTokens) -> Iterator[Atom]:
    """The stretch as one atom, or cut at lines, then sentences, words and characters until it fits."""
    waiting = [(start, end, cost)]
    while waiting:
        first, last, price = waiting.pop()
        tokens = measure(text[first:last], count_tokens)
        if tokens <= budget or last - first <= 1:
            yield Atom(first, last, price, tokens)
            continue
        bounds = [first, *_cuts(text, first, last), last]
        if last - first > LARGE:
            # A piece that is not cut at all would come back for ever.
            apart = _apart(bounds, lambda place: place)
            bounds = apart if len(apart) > 2 else bounds
        pieces = [(a, b, price if a == first else INSIDE_BLOCK) for a, b in pairwise(bounds)]
        waiting.extend(reversed(pieces))


def _apart(places: Sequence[Place], position: Callable[[Place], int]) -> list[Place]:
    """The first and the last place, and of those between the ones that are not too near to the one before."""
    kept = [places[0]]
    for place in places[1:-1]:
        if position(place) - position(kept[-1]) >= FINE:
            kept.append(place)
    return kept + list(places[1:][-1:])


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Positions to cut at, strictly inside: after lines, else sentences, else words, else the middle."""
    for positions in (_after_lines(text, start, end), [m.end() for m in _SENTENCE.finditer(text, start, end)]):
        inside = [position for position in positions if start < position < end]
        if inside:
            return inside
    steps = range(start + WORD_STEP, end, WORD_STEP)
    words = sorted({text.rfind(" ", step - WORD_STEP + 1, step) + 1 or step for step in steps})
    return words or [(start + end) // 2]


def _after_lines(text: str, start: int, end: int) -> Iterator[int]:
    position = text.find("\n", start, end)
    while position >= 0:
        yield position + 1
        position = text.find("\n", position + 1, end)
