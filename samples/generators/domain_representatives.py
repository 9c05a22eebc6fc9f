"""domain_representatives: the best journals in their authors' words, and how one part of them leads to the next.

The best entries are retold whole; of all that say enough, parts. The statements are the authors'; headings, lists and
the header have one form, because a hundred forms would teach none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.journal_blocks import SECTIONS, Block, cut, sectioned
from samples.generators.journal_views import (
    backdrop,
    header,
    neighbour,
    of_section,
    salient,
    spans_of,
    tellable,
    title_of,
)
from samples.generators.points import with_points
from samples.generators.sources import Library, Source
from samples.generators.text import bullets, sentence, shorten
from samples.generators.wording import instruct

CATEGORY = "domain_representatives"
REPRESENTATIVES = 300
WHOLE = 6000
GIVEN = 2000
WRITTEN = 2600
LEAST = 300
SUBSTANTIAL = 1200


def representatives(library: Library) -> frozenset[str]:
    """Keys of the best journals by quality score, taken in turn from month and role so that no group fills the list."""
    groups: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in library.of_kinds((DocumentKind.PDCA,)):
        blocks = source.journal.blocks
        if tellable(source) and len({b.section for b in blocks}) == len(SECTIONS) and _size(blocks) >= SUBSTANTIAL:
            groups[(source.date[:7], source.agent_role)].append(source)
    for group in groups.values():
        group.sort(key=lambda source: (-source.quality, source.path))
    chosen: list[str] = []
    queues = [groups[name] for name in sorted(groups)]
    while queues and len(chosen) < REPRESENTATIVES:
        chosen.extend(queue.pop(0).key for queue in queues)
        queues = [queue for queue in queues if queue]
    return frozenset(chosen[:REPRESENTATIVES])


def _size(blocks: Sequence[Block]) -> int:
    return sum(block.size for block in blocks)


def _is_representative(source: Source, context: Context) -> bool:
    return source.key in context.library.representatives


def _facts(source: Source) -> str:
    known = {"Date": source.date, "Role": source.agent_role, "Session": source.session, "Branch": source.branch}
    return "\n".join(f"{name}: {value}" for name, value in known.items() if value)


def _draft(
    task_type: str,
    task: str,
    source: Source,
    context: Context,
    output: str,
    given: str,
    blocks: Sequence[Block],
    *,
    wording: str = "",
    others: tuple[str, ...] = (),
    **slots: str,
) -> SampleDraft:
    known = {"objective": sentence(source.journal.subject), "title": title_of(source)} | slots
    draft = SampleDraft(
        CATEGORY,
        task_type,
        task,
        instruct(wording or task, context.rng, **known),
        given.strip(),
        output.strip(),
        source.document_id,
        source.chunks(*spans_of(blocks)),
        facts=(_facts(source), source.journal.subject),
        others=others,
    )
    return with_points(draft, context)


def whole_journal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From the task to the whole entry."""
    if not _is_representative(source, context):
        return
    blocks = source.journal.blocks
    shown = _whole(blocks, sum(block.size for block in blocks))
    if len({block.section for block in shown}) < 4:
        return
    known = "  \n".join(f"**{line.replace(': ', ':** ', 1)}" for line in _facts(source).splitlines())
    head = f"# PDCA: {title_of(source)}\n\n{known}\n\n## Objective\n\n{sentence(source.journal.subject)}"
    output = f"{head}\n\n{sectioned(shown)}"
    given = [_facts(source), f"Issue: {source.journal.issue}" if source.journal.issue else ""]
    given += [f"The user said: {shorten(wish, 400)}" for wish in source.journal.wishes[:1]]
    yield _draft("whole", "whole_journal", source, context, output, "\n".join(filter(None, given)), shown)


def _whole(blocks: Sequence[Block], total: int) -> list[Block]:
    """All blocks where they fit, else of each section its share."""
    if total <= WHOLE:
        return list(blocks)
    sizes = {name: sum(block.size for block in of_section(blocks, name)) for name in SECTIONS}
    return [b for name in SECTIONS if sizes[name] for b in cut(of_section(blocks, name), WHOLE * sizes[name] // total)]


def _so_far(source: Source, sections: Sequence[str]) -> str:
    """The essence of the sections that come before, statement by statement."""
    blocks = source.journal.blocks
    told = {
        name: salient((i for b in of_section(blocks, name) for i in b.items), source.journal, 5) for name in sections
    }
    return "\n\n".join(f"{name.title()} so far:\n{bullets(items)}" for name, items in told.items() if items)


def next_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From the essence of the sections before to the next section, in full."""
    if not tellable(source):
        return
    known, others = backdrop(source, context)
    for place, name in enumerate(SECTIONS):
        written = cut(of_section(source.journal.blocks, name), WRITTEN)
        so_far = _so_far(source, SECTIONS[max(0, place - 2) : place])
        if (place and not so_far) or sum(block.size for block in written) < LEAST:
            continue
        shown = f"{known}\n\n{header(source)}\n{_facts(source)}\n\n{so_far}"
        earlier = SECTIONS[place - 1] if place else "objective"
        yield _draft(
            "next_section", "next_section", source, context, sectioned(written), shown, written,
            others=others, name=earlier.title(), following=name.title(),
        )  # fmt: skip


def two_sections(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Two sections that belong together, from the essence of what stands before them."""
    if not tellable(source):
        return
    known, others = backdrop(source, context)
    for first, second in (("plan", "do"), ("do", "check"), ("check", "act")):
        blocks = source.journal.blocks
        written = [*cut(of_section(blocks, first), WRITTEN // 2), *cut(of_section(blocks, second), WRITTEN // 2)]
        if len({block.section for block in written}) < 2 or sum(block.size for block in written) < 2 * LEAST:
            continue
        shown = f"{known}\n\n{header(source, role=True)}\n\n{_so_far(source, SECTIONS[: SECTIONS.index(first)])}"
        yield _draft(
            "next_section", "two_sections", source, context, sectioned(written), shown, written,
            others=others, first=first.title(), second=second.title(),
        )  # fmt: skip


def finish_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The rest of a section from its beginning."""
    if not tellable(source):
        return
    known, others = backdrop(source, context)
    for name in SECTIONS:
        own = of_section(source.journal.blocks, name)
        third = sum(block.size for block in own) / 3
        begun: list[Block] = []
        while own[len(begun) :] and sum(block.size for block in begun) < third:
            begun.append(own[len(begun)])
        rest = cut(own[len(begun) :], WRITTEN)
        if sum(block.size for block in rest) < LEAST:
            continue
        before = _so_far(source, SECTIONS[: SECTIONS.index(name)][-1:])
        shown = f"{known}\n\n{header(source, role=True)}\n\n{before}"
        shown += f"\n\n{sectioned(begun)}"
        yield _draft(
            "next_section",
            "finish_section",
            source,
            context,
            sectioned(rest),
            shown,
            own,
            others=others,
            name=name.title(),
        )


def from_sketch(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From objective and keywords to Plan, Do and Check."""
    if not tellable(source):
        return
    blocks = of_section(source.journal.blocks, "plan", "do", "check")
    written = [block for name in ("plan", "do", "check") for block in cut(of_section(blocks, name), 1100)]
    labels = [block.label for block in written if block.label]
    if len(labels) < 4 or len({block.section for block in written}) < 3:
        return
    sketch = "\n".join(f"- {block.section.title()}: {block.label}" for block in written if block.label)
    given = f"{_facts(source)}\n\nOutline:\n{sketch}"
    yield _draft("next_section", "from_sketch", source, context, sectioned(written), given, written)


def open_entry(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Header, objective and plan of an entry, from the Act of the one before it."""
    last = neighbour(source.previous, context)
    if not tellable(source) or last is None or last.key == source.key:
        return
    act = cut(of_section(last.journal.blocks, "act"), GIVEN) if of_section(last.journal.blocks, "act") else []
    plan = of_section(source.journal.blocks, "plan")
    written = cut(plan, WRITTEN // 2) if plan else []
    if not act or sum(block.size for block in written) < LEAST:
        return
    output = f"# PDCA: {title_of(source)}\n\n## Objective\n\n{sentence(source.journal.subject)}\n\n{sectioned(written)}"
    given = f"Entry before: {title_of(last)}\n\n{sectioned(act)}\n\nNow: {title_of(source)}\n{_facts(source)}"
    yield _draft("next_section", "open_entry", source, context, output, given, written, others=(last.key,))


_PDCA = (DocumentKind.PDCA,)
TASKS = (
    Task(CATEGORY, "whole", "whole_journal", _PDCA, whole_journal),
    *(
        Task(CATEGORY, "next_section", make.__name__, _PDCA, make)
        for make in (next_section, two_sections, finish_section, from_sketch, open_entry)
    ),
)
