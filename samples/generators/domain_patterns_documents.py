"""Patterns out of what stands beside the journals: sprint tasks, session notes, requirements, component documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from samples.generators.base import Context, SampleDraft
from samples.generators.domain_patterns_kinds import CATEGORY, KINDS, kind_of_text
from samples.generators.journal import clean_title
from samples.generators.journal_blocks import Block, cut, read_blocks, render, runs
from samples.generators.journal_views import near, spans_of
from samples.generators.points import with_points
from samples.generators.sources import Source
from samples.generators.text import bullets, is_technical
from samples.generators.wording import instruct

LONG = 1550
SEGMENT = 700
GAP = 440
# Lists of links and machine-made reports teach nothing.
_LISTS = re.compile(r"overview|index|sessions\.md|report|toc\b", re.IGNORECASE)
MIN_OUTPUT = 240


@lru_cache(maxsize=2048)
def _read(text: str) -> tuple[Block, ...]:
    return tuple(read_blocks("", text, 0, len(text)))


def document_blocks(source: Source) -> tuple[Block, ...]:
    """The labelled blocks of any document; () for one that speaks of people or says too little."""
    if not is_technical(source.title, source.name) or _LISTS.search(source.name) or not clean_title(source.title):
        return ()
    found = _read(source.text)
    return found if len(found) >= 3 else ()


def _draft(
    kind: str, task: str, source: Source, context: Context, output: str, given: Sequence[Block], about: Sequence[Block]
) -> SampleDraft:
    title = clean_title(source.title)
    labels = ", ".join(dict.fromkeys(f'"{block.label}"' for block in about if block.label))
    draft = SampleDraft(
        CATEGORY,
        kind,
        task,
        instruct(task, context.rng, title=title, labels=labels, kind=KINDS[kind]),
        f"# {title}\n\n{render(given)}",
        output,
        source.document_id,
        source.chunks(*spans_of([*given, *about])),
        facts=(source.path, title),
    )
    return with_points(draft, context)


def document_goes_on(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """The next part of a document from the parts before it."""
    blocks = document_blocks(source)
    for run in runs(blocks, SEGMENT):
        earlier = [block for block in blocks if block.start < run[0].start]
        if not earlier or not _fits(kind, run):
            continue
        shown = cut(reversed(earlier), LONG)[::-1]
        yield _draft(kind, "document_goes_on", source, context, render(run), shown, run)


def document_gap(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A missing part of a document, from what stands before and after it."""
    blocks = document_blocks(source)
    for run in runs(blocks, GAP):
        if _fits(kind, run):
            yield _draft(kind, "document_gap", source, context, render(run), near(blocks, run, LONG), run)


def document_question(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a document says about one point, read out of a longer part of it."""
    blocks = document_blocks(source)
    for run in runs(blocks, LONG):
        named = [block for block in run if block.label and len(block.render(code=False)) > 150]
        if len(run) < 3 or not named:
            continue
        block = context.rng.choice(named)
        if not _fits(kind, [block], least=150):
            continue
        output = f"{block.label}:\n{bullets(block.items)}"
        others = list(dict.fromkeys(other.label for other in run if other.label and other.label != block.label))
        output += f"\n\nNearby it also covers: {', '.join(others[:4])}." if others else ""
        yield _draft(kind, "document_question", source, context, output, run, [block])


def _fits(kind: str, run: Sequence[Block], least: int = MIN_OUTPUT) -> bool:
    text = render(run)
    return len(text) >= least and any(block.label for block in run) and kind_of_text(text) == kind
