"""Cutting a document into segments (sections) and atoms (blocks): what chunking packs together."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.corpus.markdown import Block, outline
from rag.corpus.sections import PDCA_SECTIONS
from rag.corpus.types import DocumentKind, ParsedDocument, Section

CountTokens = Callable[[str], int]

MAX_HEADING = 120
CHARS_PER_TOKEN = 12
"""Text that a tokenizer folds (one endless word, blanks) still counts by its length."""

INSIDE_BLOCK = 9
PARAGRAPH = 7
_OWN_CHUNK = {*PDCA_SECTIONS, "tron_feedback", "tron"}
_CUTS = (re.compile(r"\n"), re.compile(r"(?<=[.!?;])\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that belongs to one section; `path` are the headings above it and its own."""

    name: str
    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is not cut further. `cost` says how bad it is to start a chunk here: a heading's
    level, then paragraphs, then a cut inside a block."""

    start: int
    end: int
    cost: int
    tokens: int


def measure(text: str, count_tokens: CountTokens) -> int:
    """Tokens of a text, never fewer than its length allows for."""
    return max(count_tokens(text), math.ceil(len(text) / CHARS_PER_TOKEN))


def section_segments(document: ParsedDocument) -> list[Segment]:
    """The document cut at its section headings; the segments cover the text without gaps."""
    cuts = _cut_sections(document)
    length = len(document.text)
    positions = sorted({0, *(s.start for s in cuts), *(s.end for s in cuts)} - {length})
    return [
        _segment(document, cuts, start, end)
        for start, end in zip(positions, [*positions[1:], length], strict=True)
        if end > start
    ]


def _cut_sections(document: ParsedDocument) -> list[Section]:
    """Sections that start a segment: the upper heading levels and what always stands alone."""
    levels = sorted({section.level for section in document.sections if section.start > 0}) or [2]
    top = max(2, levels[0])
    alone = _OWN_CHUNK if document.kind is DocumentKind.PDCA else set()
    if document.kind is DocumentKind.PROCESS_FRAMEWORK:
        top = 3
    return [s for s in document.sections if s.level <= top or (s.level <= 4 and s.name in alone)]


def _segment(document: ParsedDocument, cuts: Sequence[Section], start: int, end: int) -> Segment:
    inside = [s for s in cuts if s.start <= start < s.end]
    innermost = inside[-1] if inside else None
    first = innermost is None or (innermost.level == 1 and innermost.start == start)
    name = "header" if first or innermost is None else innermost.name
    path = [s.heading[:MAX_HEADING] for s in document.sections if s.start <= start < s.end and s in inside]
    if document.title and (not path or path[0] != document.title[:MAX_HEADING]):
        path.insert(0, document.title[:MAX_HEADING])
    return Segment(name, tuple(filter(None, path)), start, end)


def atoms(
    document: ParsedDocument,
    segment: Segment,
    blocks: Sequence[tuple[int, int]],
    budget: int,
    count_tokens: CountTokens,
) -> list[Atom]:
    """A segment's blocks as (start, cost) pairs, cut into atoms that fit the budget each."""
    inside = [(start, cost) for start, cost in blocks if segment.start < start < segment.end]
    starts = [(segment.start, 0), *inside]
    ends = [start for start, _ in inside] + [segment.end]
    found: list[Atom] = []
    for (start, cost), end in zip(starts, ends, strict=True):
        found.extend(_fit(document.text, start, end, cost, budget, count_tokens))
    return found


def _fit(text: str, start: int, end: int, cost: int, budget: int, count_tokens: CountTokens) -> Iterator[Atom]:
    """The stretch as one atom, or cut at lines, then sentences, words and characters until it fits."""
    waiting = [(start, end, cost, 0)]
    while waiting:
        first, last, price, depth = waiting.pop()
        tokens = measure(text[first:last], count_tokens)
        if tokens <= budget or last - first <= 1:
            yield Atom(first, last, price, tokens)
            continue
        positions, depth = _cuts(text, first, last, depth)
        bounds = [first, *positions, last]
        pieces = [
            (a, b, price if a == first else INSIDE_BLOCK, depth) for a, b in zip(bounds, bounds[1:], strict=False)
        ]
        waiting.extend(reversed(pieces))


def _cuts(text: str, start: int, end: int, depth: int) -> tuple[list[int], int]:
    """Positions to cut at by the coarsest rule that has any, and the rule to try next."""
    while depth < len(_CUTS):
        positions = sorted({m.end() for m in _CUTS[depth].finditer(text, start, end)} - {start, end})
        depth += 1
        if positions:
            return positions, depth
    return [(start + end) // 2], depth


def block_starts(document: ParsedDocument) -> list[tuple[int, int]]:
    """Where the document's blocks begin, each with the cost of starting a chunk there."""
    if document.kind is DocumentKind.TYPESCRIPT:
        return [(found.end(), PARAGRAPH) for found in re.finditer(r"\n[ \t]*\n", document.text)]
    found = outline(document.text)
    levels = {heading.start: heading.level for heading in found.headings}
    return [(block.start, _block_cost(block, levels)) for block in found.blocks]


def _block_cost(block: Block, levels: dict[int, int]) -> int:
    return levels.get(block.start, PARAGRAPH)
