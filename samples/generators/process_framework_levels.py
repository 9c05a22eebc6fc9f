"""cmm: what the documents say about the levels, and what an entry has of that which CMM3 asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from samples.generators import told_as
from samples.generators.base import Context, SampleDraft
from samples.generators.journal import clean_title
from samples.generators.journal_blocks import Block, read_blocks, render, sectioned
from samples.generators.journal_views import excerpt, header, near, of_section, salient, tellable
from samples.generators.process_framework_draft import draft
from samples.generators.sources import Source
from samples.generators.text import (
    bullets,
    is_claim,
    is_sentence,
    is_technical,
    names_evidence,
    plain,
    sentence,
)
from samples.generators.wording import instruct

_CMM_LINE = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*])\s+\W*(CMM[1-5])\b[^:]{0,30}:\s*(.+)$", re.MULTILINE)
_CMM = re.compile(r"\bCMM ?(?:Level )?([1-5])\b")
# Header fields: a short name, a colon and a few words.
_HEADER = re.compile(r"^\W*[\w/&-]+(?: [\w/&-]+){0,3}\W{0,3}:\W{0,3}\S+(?: \S+){0,6}$")
_ASKED = {
    "Objective": "the aim is written down",
    "Reproducible": "the steps are named, so another person can repeat them",
    "Verifiable": "what was checked has a result that another person can look at",
}


def cmm_of_journal(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What an entry has, and lacks, of that which CMM3 asks for: objective, reproducible, verifiable."""
    journal = source.journal
    if not tellable(source):
        return
    shown = excerpt(journal, 1300, sections=("plan", "do", "check"))
    check = of_section(shown, "check")
    steps = salient(told_as.steps(shown), journal, 3)
    proofs = [i for block in check for i in block.items if names_evidence(i) and not is_claim(i)]
    seen = salient((item for item in told_as.results(check) if item in proofs), journal, 3)
    # Evidence that is no result plainly stated, or that is not shown, would make either answer a guess.
    if len(steps) < 2 or not check or ((proofs or _names_evidence(source)) and len(seen) < 2):
        return
    found = {"Objective": [journal.subject], "Reproducible": steps, "Verifiable": seen}
    lines = [f"**{name}** ({_ASKED[name]}):\n{bullets(items)}" for name, items in found.items() if items]
    missing = [name for name, items in found.items() if not items]
    closing = (
        "Check names no number, file, command or test result that another person could look at, so it stays at CMM2: "
        "add a check with a result."
        if missing
        else "All three are there, which is what CMM3 asks for. CMM4 needs more: that the result changes the process."
    )
    given = f"{header(source)}\n\n{sectioned(shown, code=True)}"
    output = "\n\n".join((*lines, closing))
    yield draft("cmm", "cmm_of_journal", source, instruct("cmm_of_journal", context.rng), output, input=given)


def _names_evidence(source: Source) -> bool:
    """Whether any line of Check names some, those of tables and code included."""
    start, end = source.journal.spans["check"]
    return any(names_evidence(plain(line)) for line in source.text[start:end].splitlines()[1:])


def cmm_levels(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the levels mean, from the process documents."""
    found = [(level, sentence(text)) for level, text in _CMM_LINE.findall(source.text)]
    for level, text in found:
        others = [f"{other}: {meaning}" for other, meaning in found if other != level][:3]
        output = f"{level}: {text}" + (f"\n\nCompare:\n{bullets(others)}" if others else "")
        yield draft("cmm", "cmm_levels", source, instruct("cmm_levels", context.rng, level=level), output)


@lru_cache(maxsize=2048)
def _blocks(text: str) -> tuple[Block, ...]:
    return tuple(read_blocks("", text, 0, len(text)))


def cmm_statement(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a document says about a level, with what it says around it."""
    title = clean_title(source.title)
    if not _CMM.search(source.text) or not title or not is_technical(title, source.name):
        return
    blocks = _blocks(source.text)
    for block in blocks:
        headers = [item for item in block.items if _HEADER.match(item)]
        level = _CMM.search(" ".join((block.label, *(item for item in block.items if is_sentence(item)))))
        if not level or not block.label or len(headers) > 1 or len(block.render(code=False)) < 160:
            continue
        shown = near(blocks, [block], 1300)
        yield draft(
            "cmm",
            "cmm_statement",
            source,
            instruct("cmm_statement", context.rng, level=f"CMM{level[1]}", title=title),
            block.render(code=False),
            input=f"# {title}\n\n{render(sorted([*shown, block], key=lambda one: one.start))}",
            chunks=source.chunks((block.start, block.end)),
            facts=(f"CMM{level[1]}",),
        )
