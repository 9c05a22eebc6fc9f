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
from samples.generators.journal_views import header, neighbour, of_section, spans_of, tellable, title_of
from samples.generators.sources import Library, Source
from samples.generators.text import sentence, shorten
from samples.generators.wording import instruct

CATEGORY = "domain_representatives"
REPRESENTATIVES = 300
WHOLE = 6000
GIVEN = 2000
WRITTEN = 2600
LEAST = 300


def representatives(library: Library) -> frozenset[str]:
    """Keys of the best journals by quality score, taken in turn from month and role so that no group fills the list."""
    groups: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for source in library.of_kinds((DocumentKind.PDCA,)):
        if tellable(source) and len({block.section for block in source.journal.blocks}) == len(SECTIONS):
            groups[(source.date[:7], source.agent_role)].append(source)
    for group in groups.values():
        group.sort(key=lambda source: (-source.quality, source.path))
    chosen: list[str] = []
    queues = [groups[name] for name in sorted(groups)]
    while queues and len(chosen) < REPRESENTATIVES:
        chosen.extend(queue.pop(0).key for queue in queues)
        queues = [queue for queue in queues if queue]
    return frozenset(chosen[:REPRESENTATIVES])


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
    return SampleDraft(
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


def next_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From one section of an entry to the next."""
    if not tellable(source):
        return
    for earlier, name in (("", "plan"), ("plan", "do"), ("do", "check"), ("check", "act")):
        given = cut(of_section(source.journal.blocks, earlier), GIVEN)
        written = cut(of_section(source.journal.blocks, name), WRITTEN)
        if (earlier and not given) or sum(block.size for block in written) < LEAST:
            continue
        shown = f"{header(source, role=True)}\n{_facts(source)}\n\n{sectioned(given)}"
        yield _draft(
            "next_section", "next_section", source, context, sectioned(written), shown, [*given, *written],
            name=(earlier or "objective").title(), following=name.title(),
        )  # fmt: skip


def two_sections(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Two sections that belong together, from what stands before them."""
    if not tellable(source):
        return
    for first, second in (("plan", "do"), ("do", "check"), ("check", "act")):
        blocks = source.journal.blocks
        written = [*cut(of_section(blocks, first), WRITTEN // 2), *cut(of_section(blocks, second), WRITTEN // 2)]
        earlier = of_section(blocks, *SECTIONS[: SECTIONS.index(first)])
        given = cut(earlier, GIVEN // 2) if earlier else []
        if len({block.section for block in written}) < 2 or sum(block.size for block in written) < 2 * LEAST:
            continue
        shown = f"{header(source, role=True)}\n\n{sectioned(given)}"
        yield _draft(
            "next_section", "two_sections", source, context, sectioned(written), shown, [*given, *written],
            first=first.title(), second=second.title(),
        )  # fmt: skip


def finish_section(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The second half of a section from its first."""
    if not tellable(source):
        return
    for name in SECTIONS:
        own = of_section(source.journal.blocks, name)
        total = sum(block.size for block in own)
        half, used = [], 0
        for block in own:
            if used >= total / 2:
                break
            half.append(block)
            used += block.size
        rest = cut(own[len(half) :], WRITTEN) if own[len(half) :] else []
        if sum(block.size for block in rest) < LEAST:
            continue
        shown = f"{header(source, role=True)}\n\n{sectioned(cut(half[::-1], GIVEN)[::-1])}"
        yield _draft("next_section", "finish_section", source, context, sectioned(rest), shown, own, name=name.title())


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
