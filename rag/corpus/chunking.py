"""Chunks of 400 to 800 tokens, by section, that together cover the whole document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.corpus.segments import (
    Atom,
    CountTokens,
    Segment,
    atoms,
    block_starts,
    measure,
    section_segments,
)
from rag.corpus.tools import read_tool_examples
from rag.corpus.types import ChunkText, DocumentKind, ParsedDocument, context_text

MIN_TOKENS = 400
MAX_TOKENS = 800


def chunk_document(document: ParsedDocument, count_tokens: CountTokens) -> list[ChunkText]:
    """Chunks in reading order.

    A PDCA is never chunked across a section; other documents may share a chunk among whole short
    sections. Tool examples give one chunk each. `count_tokens` is the embedder's.
    """
    if document.kind is DocumentKind.TOOL_EXAMPLES:
        return _tool_chunks(document, count_tokens)
    if not document.text:
        return []
    segments = section_segments(document)
    if document.kind is not DocumentKind.PDCA:
        segments = _join_short(document, segments, count_tokens)
    blocks = block_starts(document)
    spans = [span for segment in segments for span in _segment_spans(document, segment, blocks, count_tokens)]
    return [_chunk(document, index, *span, count_tokens) for index, span in enumerate(spans)]


def _chunk(
    document: ParsedDocument, index: int, segment: Segment, start: int, end: int, count_tokens: CountTokens
) -> ChunkText:
    text = document.text[start:end]
    tokens = count_tokens(context_text(segment.path, text))
    return ChunkText(index, segment.name, segment.path, text, start, end, tokens)


def _join_short(document: ParsedDocument, segments: Sequence[Segment], count_tokens: CountTokens) -> list[Segment]:
    """Join neighbouring whole sections while they stay short together."""
    joined: list[Segment] = []
    size = 0
    for segment in segments:
        tokens = measure(document.text[segment.start : segment.end], count_tokens)
        if joined and size < MIN_TOKENS and size + tokens <= MAX_TOKENS // 2 + MIN_TOKENS // 2:
            last = joined.pop()
            path = _common_path(last.path, segment.path)
            joined.append(Segment(last.name, path, last.start, segment.end))
            size += tokens
        else:
            joined.append(segment)
            size = tokens
    return joined


def _common_path(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    same = [a for a, b in zip(first, second, strict=False) if a == b]
    return tuple(same) or first[:1]


def _segment_spans(
    document: ParsedDocument, segment: Segment, blocks: Sequence[tuple[int, int]], count_tokens: CountTokens
) -> Iterator[tuple[Segment, int, int]]:
    budget = max(MIN_TOKENS, MAX_TOKENS - measure(context_text(segment.path, ""), count_tokens))
    pieces = atoms(document, segment, blocks, budget, count_tokens)
    for start, end in _pack(pieces, budget):
        yield segment, start, end


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
        fields = {
            "tool_name": example.tool_name,
            "tool_ecosystem": example.ecosystem,
            "usage_pattern": example.usage_pattern,
            "is_negative": str(example.is_negative).lower(),
            "count": str(example.count),
        }
        tokens = count_tokens(context_text(path, example.text))
        chunks.append(ChunkText(index, "tool_example", path, example.text, example.start, example.end, tokens, fields))
    return chunks
