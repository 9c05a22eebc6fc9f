"""report: the same work told to different readers, each with what this reader needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from samples.generators import told_as
from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import Block, runs, sectioned
from samples.generators.journal_views import excerpt, header, near, of_section, salient, tellable
from samples.generators.reporting_protocol_draft import STOPS, is_fact, items_of, link_of, report_draft
from samples.generators.sources import Source
from samples.generators.text import bullets, is_left_open, is_statement, is_step, sentence

SHOWN = 1500
ROOM = 800
_TOLD = ("result", "action")
_UNPROVEN = "Without a file, number, command, commit or test result so far, so each still needs one"


def _parts(*parts: tuple[str, Sequence[str]]) -> str:
    return "\n\n".join(f"**{label}:**\n{bullets(items)}" for label, items in parts if items)


def _report(
    task: str, source: Source, context: Context, said: str, given: str, shown: Sequence[Block], label: str = ""
) -> SampleDraft:
    """The report with its link, then stop."""
    link = link_of(source, context)
    output = "\n\n".join(filter(None, (said, f"**Link:** {link}" if link else "", context.rng.choice(STOPS))))
    return report_draft("report", task, source, context, output, given, shown, facts=(link,), label=label)


def _given(source: Source, context: Context, shown: Sequence[Block], *more: str) -> str:
    where = f"File: {source.path}\nRepository: {context.library.repository}" if link_of(source, context) else ""
    return "\n\n".join(filter(None, (header(source, role=True), sectioned(shown), *more, where)))


def report_to_owner(source: Source, context: Context) -> Iterator[SampleDraft]:
    """For the Product Owner: the aim, what it was to be measured by, what was seen, what waits for a decision."""
    if not tellable(source):
        return
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("plan", "check", "act"))
    measures, seen = salient(told_as.criteria(shown), journal, 3), salient(told_as.reached(shown), journal, 4)
    ahead = salient(told_as.following(shown), journal, 3)
    pending = [said for taken, said in journal.decisions if not taken and is_step(said)]
    if len(seen) < 2 or not (measures or pending or ahead):
        return
    said = f"**Aim:** {sentence(journal.subject)}\n\n" + _parts(
        ("To be measured by", measures),
        ("Seen", seen),
        ("Not reached or not known", _troubles(shown)[:3]),
        ("Your decision", pending[:3]),
        ("Proposed next", ahead),
    )
    if told_as.hides(shown, said):
        return
    undecided = f"Not decided yet:\n{bullets(pending[:3])}" if pending else ""
    given = _given(source, context, shown, undecided)
    yield _report("report_to_owner", source, context, said, given, shown)


def report_to_tester(source: Source, context: Context) -> Iterator[SampleDraft]:
    """For the tester: what was changed, what was looked at with which result, what was not."""
    if not tellable(source):
        return
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("do", "check"))
    changed, troubles = salient(told_as.works(shown), journal, 4), _troubles(shown)[:4]
    checked = salient(filter(is_fact, told_as.reached(shown)), journal, 4)
    if len(changed) < 2 or len(checked) < 2:
        return
    said = _parts(("Changed", changed), ("Checked, with result", checked), ("Fails or was not checked", troubles))
    if not troubles:
        said += "\n\n**Not covered:** the notes name nothing that fails or was left unchecked."
    if told_as.hides(shown, said):
        return
    given = _given(source, context, shown)
    yield _report("report_to_tester", source, context, said, given, shown)


def honest_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What works, what does not and what nobody looked at, each under its own name."""
    if not tellable(source):
        return
    for shown in runs(of_section(source.journal.blocks, "do", "check"), SHOWN):
        troubles = _troubles(shown)
        works = salient(told_as.reached(shown), source.journal, 4)
        if not troubles or len(works) < 2:
            continue
        said = _parts(
            ("Works, as seen", works),
            ("Does not work", [item for item in troubles if not is_left_open(item)][:4]),
            ("Not checked or open", [item for item in troubles if is_left_open(item)][:4]),
        )
        if told_as.hides(shown, said):
            continue
        given = _given(source, context, shown)
        yield _report("honest_report", source, context, said, given, shown)


def report_on_part(source: Source, context: Context) -> Iterator[SampleDraft]:
    """One part of the work: what of it can be reported, and what names nothing that could be looked at."""
    if not tellable(source):
        return
    worked = [block for block in of_section(source.journal.blocks, "do", "check") if block.aspect in _TOLD]
    for block in worked:
        said = [*told_as.works([block]), *told_as.results([block])]
        proven = [item for item in block.items if item in said and is_fact(item)]
        vague = [item for item in block.items if item not in proven]
        # A statement that tells neither work nor result says that the part is about something else.
        if not block.label or len(proven) < 2 or any(item not in said for item in vague):
            continue
        shown = sorted([*near(worked, [block], ROOM), block], key=lambda one: one.start)
        given = _given(source, context, shown)
        told = _parts((block.label, proven), (_UNPROVEN, vague))
        yield _report("report_on_part", source, context, told, given, shown, label=block.label)


def _troubles(shown: Sequence[Block]) -> list[str]:
    """The statements of Check that say that something fails or is open."""
    fails = told_as.troubles(shown)
    return [item for item in items_of(shown, "check") if item in fails or (is_left_open(item) and is_statement(item))]


MAKERS = (report_to_owner, report_to_tester, honest_report, report_on_part)
