"""How a draft of reporting_protocol is put together, and what every report holds."""

from __future__ import annotations

from collections.abc import Sequence

from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import Block
from samples.generators.journal_views import of_section, spans_of, title_of
from samples.generators.sources import Source
from samples.generators.text import is_claim, names_evidence
from samples.generators.wording import instruct

CATEGORY = "reporting_protocol"
STOPS = (
    "Stopped here. The next step is your decision.",
    "I stop and wait for your feedback.",
    "Stop. Nothing further happens before you answer.",
    "Waiting for your decision.",
)
MAX_LINK = 520
NOTES = 1100


def report_draft(
    task_type: str,
    task: str,
    source: Source,
    context: Context,
    output: str,
    given: str,
    blocks: Sequence[Block] = (),
    *,
    facts: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    wording: str = "",
    **slots: str,
) -> SampleDraft:
    known = {"title": title_of(source), "path": source.path, "role": source.agent_role or "team member"} | slots
    return SampleDraft(
        CATEGORY,
        task_type,
        task,
        instruct(wording or task, context.rng, **known),
        given.strip(),
        output.strip(),
        source.document_id,
        source.chunks(*spans_of(blocks)) if blocks else source.chunks(*source.journal.span("do", "check", "act")),
        facts=(source.path, source.branch, source.date, source.journal.subject, known["title"], *facts),
        others=others,
    )


def link_of(source: Source, context: Context) -> str:
    """The dual link of the entry; '' where there is none or it would fill the report."""
    link = context.library.dual_link(source.path, source.branch)
    return link if len(link) <= MAX_LINK else ""


def items_of(blocks: Sequence[Block], *sections: str) -> list[str]:
    return [item for block in of_section(blocks, *sections) for item in block.items]


def is_fact(item: str) -> bool:
    """A statement that names what was seen and does not praise it."""
    return names_evidence(item) and not is_claim(item)
