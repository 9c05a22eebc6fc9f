"""style_refactor, documentation: the same statements at CMM2 and at CMM3, before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.corpus.types import DocumentKind
from samples.generators import told_as
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.journal_blocks import SECTIONS, Block, cut, runs, sectioned
from samples.generators.journal_views import (
    excerpt,
    header,
    of_section,
    salient,
    spans_of,
    tellable,
    title_of,
)
from samples.generators.pdca_form import tron_lines
from samples.generators.points import with_points
from samples.generators.sources import Source
from samples.generators.text import (
    bullets,
    is_private,
    names_evidence,
    numbered,
    plain,
    sentence,
    shorten,
)
from samples.generators.wording import instruct

CATEGORY = "style_refactor"
RAW = 1900
PART = 1300
BRIEF = 760
KEPT = 0.98
_WORD = re.compile(r"\w{3,}")


def _draft(
    task: str, source: Source, context: Context, given: str, output: str, blocks: Sequence[Block], judge: str = ""
) -> SampleDraft:
    draft = SampleDraft(
        CATEGORY,
        "documentation",
        task,
        instruct(task, context.rng, title=title_of(source)),
        given.strip(),
        output.strip(),
        source.document_id,
        source.chunks(*spans_of(blocks)) or source.chunks(),
        facts=(source.journal.subject, title_of(source)),
        judge=judge,
    )
    # A raw section holds everything, though in another dress.
    return draft if task == "section_to_form" else with_points(draft, context)


def section_to_form(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A section as somebody decorated it, and the same statements in the plain form."""
    if not tellable(source):
        return
    for name in SECTIONS:
        span = source.journal.spans.get(name)
        own = [block for block in of_section(source.journal.blocks, name) if span and block.end <= span[0] + RAW]
        if not span or len(own) < 2:
            continue
        raw = source.text[span[0] : own[-1].end].strip().removesuffix("---").strip()
        if raw.isascii() or "```" in raw or "\n|" in raw or is_private(raw) or not _keeps(raw, own):
            continue
        yield _draft("section_to_form", source, context, raw, sectioned(own), own)


def _keeps(raw: str, blocks: Sequence[Block]) -> bool:
    """Whether the form says everything that the raw text says, a few words of the layout aside."""
    said = {word for block in blocks for item in (block.label, *block.items) for word in _WORD.findall(item)}
    words = _WORD.findall(plain(raw.partition("\n")[2]))
    return sum(word in said for word in words) >= KEPT * len(words)


def sort_notes(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Loose notes put under the headings they belong to."""
    if not tellable(source):
        return
    for run in (*runs(source.journal.blocks, PART), *runs(source.journal.blocks, BRIEF)):
        named = [block for block in run if block.label and len(block.items) > 1]
        labels = list(dict.fromkeys(block.label for block in named))
        if not 3 <= len(labels) == len(named) <= 7:
            continue
        items = [item for block in named for item in block.items]
        context.rng.shuffle(items)
        given = f"{header(source)}\n\nHeadings: {'; '.join(labels)}\n\nNotes:\n{bullets(items)}"
        yield _draft("sort_notes", source, context, given, sectioned(named), named)


def plan_to_tron(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A loose plan becomes a decision with trigger, response, outcome and next, and the steps below it."""
    journal = source.journal
    shown = excerpt(journal, 900, sections=("plan",))
    if not journal.tron or not tellable(source) or not shown:
        return
    planned = told_as.steps(shown)
    if len(planned) < 2:
        return
    loose = " ".join(map(sentence, planned))
    known = f"{header(source)}\n\nSeen afterwards: {sentence(shorten(journal.tron['outcome']))}"
    known += f"\nPlanned after that: {sentence(shorten(journal.tron['next']))}"
    given = f"{known}\n\n## Plan\n\n{sentence(shorten(journal.tron['trigger']))} {loose}"
    steps = [item for item in planned if item not in journal.tron.values()]
    output = "\n\n".join(filter(None, ("## Plan", tron_lines(journal.tron), numbered(salient(steps, journal, 6)))))
    yield _draft("plan_to_tron", source, context, given, output, shown, judge="tron_format")


def claim_to_evidence(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A bare claim of success becomes a list of checks with their results."""
    journal = source.journal
    if not tellable(source):
        return
    shown = excerpt(journal, 1100, sections=("plan", "do"))
    proofs = [proof for block in of_section(journal.blocks, "check") if (proof := _evidence(block))]
    check = cut(proofs, 1000) if proofs else []
    if sum(len(block.items) for block in check) < 3 or not of_section(shown, "do"):
        return
    given = f"{header(source)}\n\n{sectioned(shown)}\n\n## Check\n\n{context.rng.choice(_CLAIMS)}"
    yield _draft("claim_to_evidence", source, context, given, sectioned(check), [*shown, *check])


def _evidence(block: Block) -> Block | None:
    """The block with the statements that name what was seen; None without any, and for one under a label of praise."""
    items = tuple(item for item in told_as.results([block]) if names_evidence(item))
    return replace(block, items=items, code="") if items else None


def wish_to_objective(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A vague intention becomes an objective that can be checked."""
    journal = source.journal
    steps, measures = told_as.steps(journal.blocks), salient(told_as.criteria(journal.blocks), journal, 5)
    if not journal.objective or not tellable(source) or len(steps) < 2 or len(measures) < 2:
        return
    notes = [f"Issue: {journal.issue}"] if journal.issue else []
    notes += [f"The user said: {shorten(wish, 400)}" for wish in journal.wishes[:1]]
    shown = excerpt(journal, 900, sections=("do", "check"))
    vague = context.rng.choice(_VAGUE).format(topic=title_of(source))
    given = f"## Objective\n\n{vague}\n\n" + "\n".join(notes) + f"\n\nWhat came of it:\n\n{sectioned(shown)}"
    output = (
        f"## Objective\n\n{sentence(journal.objective)}\n\nReached when:\n{bullets(measures)}\n\n"
        f"First steps:\n{numbered(salient(steps, journal, 4))}"
    )
    yield _draft("wish_to_objective", source, context, given, output, shown)


_CLAIMS = (
    "Everything works now.",
    "Looks good, done.",
    "Should be fine.",
    "I checked it and it is okay.",
    "All good, no problems seen.",
    "It works on my machine.",
)
_VAGUE = (
    "Improve {topic} somehow.",
    "Make {topic} better.",
    "Have a look at {topic}.",
    "Do something about {topic} when there is time.",
    "Clean up around {topic}.",
)
TASKS = tuple(
    Task(CATEGORY, "documentation", make.__name__, (DocumentKind.PDCA,), make)
    for make in (section_to_form, sort_notes, plan_to_tron, claim_to_evidence, wish_to_objective)
)
