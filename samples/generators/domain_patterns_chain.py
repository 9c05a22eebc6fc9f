"""Patterns out of a chain: how one entry leads to the next, what changed between them, what several teach together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from samples.generators import told_as
from samples.generators.base import Context, SampleDraft
from samples.generators.domain_patterns_kinds import kind_of, kinds_of, pattern_draft
from samples.generators.journal_blocks import Block, render, sectioned
from samples.generators.journal_views import excerpt, header, neighbour, salient, tellable, title_of
from samples.generators.sources import Source
from samples.generators.text import bullets, sentence

WINDOW = 4


def continue_chain(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """Objective and plan of the next entry, from the two entries before it."""
    last = neighbour(source.previous, context)
    if not last or last.key == source.key:
        return
    first = neighbour(last.previous, context)
    first = first if first and first.key not in (source.key, last.key) else None
    plan = excerpt(source.journal, 1000, sections=("plan",))
    output = f"**Objective:** {sentence(source.journal.subject)}\n\n## Plan\n\n{render(plan)}"
    if len(render(plan)) < 240 or kind_of(source.journal, output) != kind:
        return
    given = [f"Entry: {title_of(first)}\n{header(first)}"] if first else []
    ended = sectioned(excerpt(last.journal, 1600, sections=("check", "act")))
    given.append(f"Entry: {title_of(last)}\n{header(last)}\n\n{ended}")
    yield pattern_draft(
        kind,
        "continue_chain",
        source,
        context,
        output,
        "\n\n".join(given),
        plan,
        others=tuple(entry.key for entry in (first, last) if entry),
    )


def what_changed(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What is different after an entry, compared with the one before it."""
    last = neighbour(source.previous, context)
    if not last or last.key == source.key or kinds_of(source.journal)[:1] != (kind,):
        return
    earlier = excerpt(last.journal, 900, sections=("check", "act"))
    later = excerpt(source.journal, 1100, sections=("do", "check"))
    was = salient(told_as.results(earlier), last.journal, 4)
    now = salient(told_as.results(later), source.journal, 4)
    done = salient(told_as.works(later), source.journal, 4)
    if not (was and now and done):
        return
    output = (
        f"**Before** ({title_of(last)}):\n{bullets(was)}\n\n**What was done:**\n{bullets(done)}\n\n"
        f"**After** ({title_of(source)}):\n{bullets(now)}"
    )
    given = (
        f"# {title_of(last)}\n{header(last)}\n\n{sectioned(earlier)}\n\n"
        f"# {title_of(source)}\n{header(source)}\n\n{sectioned(later)}"
    )
    yield pattern_draft(
        kind, "what_changed", source, context, output, given, later, others=(last.key,), before=title_of(last)
    )


def change_of_roles(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A hand-over from the role that wrote the last entry to the one that wrote this."""
    last = neighbour(source.previous, context)
    if not last or not last.agent_role or not source.agent_role or last.agent_role.lower() == source.agent_role.lower():
        return
    shown = excerpt(last.journal, 1400, sections=("do", "check", "act"))
    state = salient(told_as.results(shown), last.journal, 4)
    following = salient(told_as.following(shown), last.journal, 4)
    if not (state and following):
        return
    output = (
        f"**From:** {last.agent_role}\n**To:** {source.agent_role}\n\n"
        f"**State:**\n{bullets(state)}\n\n**Open:**\n{bullets(following)}\n\n"
        f"**The next objective:** {sentence(source.journal.subject)}"
    )
    given = (
        f"{last.agent_role} hands over to {source.agent_role}, "
        f"whose objective is: {sentence(source.journal.subject)}\n\n"
        f"# {title_of(last)}\n{header(last)}\n\n{sectioned(shown)}"
    )
    yield pattern_draft(
        kind, "change_of_roles", source, context, output, given, others=(last.key,),
        before=title_of(last), sender=last.agent_role,
    )  # fmt: skip


def _teaches(block: Block) -> float:
    return block.aspect in ("learning", "result")


def look_back(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A short retrospective over some entries of one session that follow each other."""
    folder = context.library.by_folder.get(str(PurePosixPath(source.path).parent), [])
    at = next((place for place, other in enumerate(folder) if other.key == source.key), 0)
    window = [entry for entry in folder[at : at + WINDOW] if tellable(entry)]
    if at % 2 or len(window) < 3 or window[0].key != source.key or kinds_of(source.journal)[:1] != (kind,):
        return
    given, results, learned, pending = [], list[str](), list[str](), list[str]()
    for entry in window:
        shown = excerpt(entry.journal, 620, sections=("check", "act"), wanted=_teaches)
        given.append(f"# {title_of(entry)}\n\n{render(shown)}")
        results += [item for item in salient(told_as.reached(shown), entry.journal, 2) if item not in results]
        learned += [item for item in salient(told_as.lessons(shown), entry.journal, 2) if item not in learned]
        # What an earlier entry left open is often done in a later one.
        pending = salient(told_as.following(shown), entry.journal, 3)
    if len(results) < 2 or not learned:
        return
    output = f"**What was reached:**\n{bullets(results)}\n\n**What was learned:**\n{bullets(learned)}"
    output += f"\n\n**What goes on:**\n{bullets(pending)}" if pending else ""
    yield pattern_draft(
        kind, "look_back", source, context, output, "\n\n".join(given), others=tuple(entry.key for entry in window[1:]),
        count=str(len(window)),
    )  # fmt: skip
