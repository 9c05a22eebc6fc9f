"""report: the same work told to different readers, each with what this reader needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import Block, runs, sectioned
from samples.generators.journal_views import excerpt, header, near, of_section, salient, tellable, told
from samples.generators.reporting_protocol_draft import STOPS, is_done, is_fact, items_of, link_of, report_draft
from samples.generators.sources import Source
from samples.generators.text import bullets, is_claim, is_left_open, is_sentence, is_step, is_to_do, sentence

SHOWN = 1500
ROOM = 800
# What says that something does not work, and not that something was done about it.
_FAILS = re.compile(
    r"\b(?:fails?|failing|broken|missing|incorrect\w*|inconsistent|not (?:work\w*|found|available|displayed|possible)"
    r"|issues?|problems?|needs? (?:an? )?(?:fix|repair|update|work)|does(?:n't| not)|cannot|can't|still wrong|unclear"
    r"|but|regression)\b",
    re.IGNORECASE,
)
_RULE = re.compile(r"\b(?:must|should|shall|will|never|always|ready (?:for|to)|to be|learn\w*|lesson)\b", re.IGNORECASE)
_UNSURE = re.compile(
    r"\?|\b(?:may|might|could|possibl[ey]|potential\w*|likely|expected|probably|must|should|shall|will|never|always)\b",
    re.IGNORECASE,
)
_TOLD = ("result", "action")
_UNPROVEN = "Without a file, number, command, commit or test result so far, so each still needs one"
_REPAIRED = re.compile(
    r"\b(?:fixed|resolved|repaired|corrected|no (?:longer|more)|prevent\w*|eliminat\w*)\b", re.IGNORECASE
)


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
    measures = [block for block in of_section(shown, "plan") if not _FAILS.search(block.label)]
    criteria = [item for item in told(measures, "criteria") if is_step(item)]
    seen = _seen(shown)
    pending = [said for taken, said in journal.decisions if not taken and is_step(said)]
    ahead = [item for item in items_of(shown, "act") if is_to_do(item)]
    if len(seen) < 2 or not (criteria or pending or ahead):
        return
    said = f"**Aim:** {sentence(journal.subject)}\n\n" + _parts(
        ("To be measured by", salient(criteria, journal, 3)),
        ("Seen", salient(seen, journal, 4)),
        ("Not reached or not known", _troubles(shown)[:3]),
        ("Your decision", pending[:3]),
        ("Proposed next", salient(ahead, journal, 3)),
    )
    undecided = f"Not decided yet:\n{bullets(pending[:3])}" if pending else ""
    given = _given(source, context, shown, undecided)
    yield _report("report_to_owner", source, context, said, given, shown)


def report_to_tester(source: Source, context: Context) -> Iterator[SampleDraft]:
    """For the tester: what was changed, what was looked at with which result, what was not."""
    if not tellable(source):
        return
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("do", "check"))
    changed = [i for i in told(of_section(shown, "do"), "action") if is_done(i) and not is_claim(i)]
    checked = [item for item in _seen(shown) if is_fact(item)]
    if len(changed) < 2 or len(checked) < 2:
        return
    said = _parts(
        ("Changed", salient(changed, journal, 4)),
        ("Checked, with result", salient(checked, journal, 4)),
        ("Fails or was not checked", _troubles(shown)[:4]),
    )
    given = _given(source, context, shown)
    yield _report("report_to_tester", source, context, said, given, shown)


def honest_report(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What works, what does not and what nobody looked at, each under its own name."""
    if not tellable(source):
        return
    for shown in runs(of_section(source.journal.blocks, "do", "check"), SHOWN):
        troubles = _troubles(shown)
        works = _seen(shown)
        if not troubles or len(works) < 2:
            continue
        said = _parts(
            ("Works, as seen", salient(works, source.journal, 4)),
            ("Does not work", [item for item in troubles if not is_left_open(item)][:4]),
            ("Not checked or open", [item for item in troubles if is_left_open(item)][:4]),
        )
        given = _given(source, context, shown)
        yield _report("honest_report", source, context, said, given, shown)


def report_on_part(source: Source, context: Context) -> Iterator[SampleDraft]:
    """One part of the work: what of it can be reported, and what names nothing that could be looked at."""
    if not tellable(source):
        return
    worked = [block for block in of_section(source.journal.blocks, "do", "check") if block.aspect in _TOLD]
    for block in worked:
        proven = [item for item in block.items if is_fact(item) and not (is_to_do(item) or _UNSURE.search(item))]
        vague = [item for item in block.items if item not in proven]
        if not block.label or len(proven) < 2 or len(vague) > 4 or (not vague and len(proven) < 4):
            continue
        shown = sorted([*near(worked, [block], ROOM), block], key=lambda one: one.start)
        said = _parts((block.label, proven), (_UNPROVEN, vague))
        given = _given(source, context, shown)
        yield _report("report_on_part", source, context, said, given, shown, label=block.label)


def _seen(shown: Sequence[Block]) -> list[str]:
    """The statements of Check that tell a result: whole, without praise, no trouble, no rule, nothing to come."""
    found = [item for item in told(of_section(shown, "check"), "result") if is_sentence(item) and "?" not in item]
    found = [item for item in found if not (is_claim(item) or is_to_do(item) or is_left_open(item))]
    return [item for item in found if not _FAILS.search(item) and not _RULE.search(item)]


def _fails(item: str) -> bool:
    return _FAILS.search(item) is not None and not _REPAIRED.search(item)


def _troubles(shown: Sequence[Block]) -> list[str]:
    """The statements of Check that say that something fails or is open."""
    return [item for item in items_of(shown, "check") if (_fails(item) or is_left_open(item)) and not is_to_do(item)]


MAKERS = (report_to_owner, report_to_tester, honest_report, report_on_part)
