"""Chunks of 400 to 800 tokens, by section, that together cover the whole document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.corpus.segments import Atom, CountTokens, Mark, Segment, atoms_of, least_tokens, marks_of, measure, segments_of
from rag.corpus.tools import read_tool_examples
from rag.corpus.types import ChunkText, DocumentKind, ParsedDocument, context_text

MIN_TOKENS = 400
MAX_TOKENS = 800
MAX_PATH_TOKENS = 200
JOINED_TOKENS = 600
"""Joined short sections stay well inside the bounds, so that each of them still weighs in the vector."""


def chunk_document(document: ParsedDocument, count_tokens: CountTokens) -> list[ChunkText]:
    """Chunks in reading order.

    A PDCA is never chunked across a section; other documents may share a chunk among whole short
    sections. Tool examples give one chunk each. `count_tokens` is the embedder's.
    """
    if document.kind is DocumentKind.TOOL_EXAMPLES:
        return _tool_chunks(document, count_tokens)
    if not document.text:
        return []
    text = document.text
    chunks: list[ChunkText] = []
    marks: list[Mark] | None = None
    for found in _join_short(text, segments_of(document), count_tokens):
        segment = replace(found, path=_short_path(found.path, count_tokens))
        whole = _chunk(text, len(chunks), segment, segment.start, segment.end, count_tokens)
        if max(whole.tokens, least_tokens(whole.text)) <= MAX_TOKENS:
            chunks.append(whole)
            continue
        marks = marks or marks_of(document)
        for start, end in _spans(text, segment, marks, count_tokens):
            chunks.append(_chunk(text, len(chunks), segment, start, end, count_tokens))
    return chunks


def _short_path(path: tuple[str, ...], count_tokens: CountTokens) -> tuple[str, ...]:
    """The heading path within its share of a chunk: long headings are cut, as often as it takes."""
    length = max(map(len, path), default=0)
    while length > 1 and measure(context_text(path, ""), count_tokens) > MAX_PATH_TOKENS:
        length //= 2
        path = tuple(heading[:length] for heading in path)
    return path


def _chunk(text: str, index: int, segment: Segment, start: int, end: int, count_tokens: CountTokens) -> ChunkText:
    piece = text[start:end]
    tokens = count_tokens(context_text(segment.path, piece))
    return ChunkText(index, segment.name, segment.path, piece, start, end, tokens, segment.fields)


def _join_short(text: str, segments: Sequence[Segment], count_tokens: CountTokens) -> list[Segment]:
    """Join neighbouring whole segments that may share a chunk, while they stay short together."""
    joined: list[Segment] = []
    size = 0
    for segment in segments:
        tokens = 0 if segment.alone else measure(text[segment.start : segment.end], count_tokens)
        last = joined[-1] if joined else None
        if last and not last.alone and not segment.alone and size < MIN_TOKENS and size + tokens <= JOINED_TOKENS:
            path = _common_path(last.path, segment.path)
            joined[-1] = Segment(last.name, path, last.start, segment.end)
            size += tokens
        else:
            joined.append(segment)
            size = tokens
    return joined


def _common_path(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    same = [a for a, b in zip(first, second, strict=False) if a == b]
    return tuple(same) or first[:1]


def _spans(text: str, segment: Segment, marks: Sequence[Mark], count_tokens: CountTokens) -> Iterator[tuple[int, int]]:
    budget = max(MIN_TOKENS, MAX_TOKENS - measure(context_text(segment.path, ""), count_tokens))
    return _pack(atoms_of(text, segment, marks, budget, count_tokens), budget)


def _pack(pieces: Sequence[Atom], budget: int) -> Iterator[tuple[int, int]]:
    """Group atoms into spans within the budget, cutting at the best place above the lower bound."""
    first, left = 0, sum(piece.tokens for piece in pieces)
    while first < len(pieces):
        stop = len(pieces) if left <= budget else _best_cut(pieces, first, left, budget)
        left -= sum(piece.tokens for piece in pieces[first:stop])
        yield pieces[first].start, pieces[stop - 1].end
        first = stop


def _best_cut(pieces: Sequence[Atom], first: int, left: int, budget: int) -> int:
    """Index of the atom that starts the next chunk: long enough on both sides, then the cheapest, then the latest."""
    best, best_rank = first + 1, (3, 0, 0)
    tokens = pieces[first].tokens
    for index in range(first + 1, len(pieces)):
        short = (tokens < MIN_TOKENS) + (left - tokens < MIN_TOKENS)
        rank = (short, pieces[index].cost, -index)
        if rank <= best_rank:
            best, best_rank = index, rank
        tokens += pieces[index].tokens
        if tokens > budget:
            break
    return best


def _tool_chunks(document: ParsedDocument, count_tokens: CountTokens) -> list[ChunkText]:
    examples, _ = read_tool_examples(document.text)
    chunks = []
    for index, example in enumerate(examples):
        path = tuple(filter(None, (example.ecosystem, example.tool_name)))
        tokens = count_tokens(context_text(path, example.text))
        span = (example.start, example.end)
        chunks.append(ChunkText(index, "tool_example", path, example.text, *span, tokens, example.fields))
    return chunks
