"""pdca_structure: where the parts of an entry belong, and what an incomplete one lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import SECTIONS, Block, cut, render, sectioned
from samples.generators.journal_views import excerpt, header, of_section, salient, spans_of, tellable, title_of
from samples.generators.pdca_form import links_of, planned, work
from samples.generators.process_framework_draft import around, draft
from samples.generators.sources import Source
from samples.generators.text import bullets, sentence
from samples.generators.wording import instruct

# Labels that say by themselves in which section they stand.
_SHOWS = {
    name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for name, words in {
        "plan": r"scope|strategy|approach|acceptance criteria|targets?|options? considered|risks?|assumptions|plan"
        r"|planned|success criteria|intended",
        "do": r"actions? (?:executed|taken|completed)|implementation (?:completed|details|steps|actions?)|implemented"
        r"|executed|execution|changes (?:made|applied|implemented)|created|updated|migrated|work done",
        "check": r"verif\w+|validat\w+|test results?|results|evidence|compliance check|checked|test status",
        "act": r"next steps?|next actions?|follow-?ups?|improvements? for|learnings?|lessons?|future|automation to add"
        r"|recommendations?|outstanding|key insights?|process (?:learning|enhancement|update)",
    }.items()
}
_TELLS = {
    "plan": "it says what is intended",
    "do": "it says what was done",
    "check": "it says what was looked at and seen",
    "act": "it says what is learned or comes next",
}
# Where a part is certainly wrong.
_NEVER = {"plan": ("do", "check"), "do": ("plan", "act"), "check": ("plan", "act"), "act": ("do", "check")}
MISPLACED = 2
SHOWN = 1500
LEAST = 110


def _is_plain(block: Block) -> bool:
    """Whether the label of a block fits its section and no other."""
    return _fitting(block) == [block.section] and len(block.render(code=False)) >= LEAST


def _fitting(block: Block) -> list[str]:
    """The sections that the label of a block speaks of."""
    return [name for name, words in _SHOWS.items() if words.search(block.label)]


def pdca_sections(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Labelled parts without their sections, put under Plan, Do, Check and Act."""
    if not tellable(source):
        return
    chosen: list[Block] = []
    for name in SECTIONS:
        own = [block for block in of_section(source.journal.blocks, name) if _is_plain(block)]
        chosen += cut(own, 620) if own else []
    if len(chosen) < 4 or len({block.section for block in chosen}) < 3:
        return
    given = f"{header(source)}\n\n{render(context.pick(chosen, len(chosen)))}"
    yield draft(
        "pdca_structure",
        "pdca_sections",
        source,
        instruct("pdca_sections", context.rng, title=title_of(source)),
        sectioned(chosen),
        input=given,
        chunks=source.chunks(*spans_of(chosen)),
    )


def pdca_misplaced(source: Source, context: Context) -> Iterator[SampleDraft]:
    """An entry with one part in the wrong section: which, why, and the section put right."""
    if not tellable(source):
        return
    plain = [block for block in source.journal.blocks if _is_plain(block)]
    for block in context.pick(plain, MISPLACED):
        shown = [other for other in excerpt(source.journal, SHOWN) if other.start != block.start]
        wrong = context.rng.choice(_NEVER[block.section])
        if wrong not in {other.section for other in shown} or block.label in {other.label for other in shown}:
            continue
        # It has to be the only one: authors put things into odd places as well.
        if any(_fitting(other) and other.section not in _fitting(other) for other in shown):
            continue
        home = _in_order([*of_section(shown, block.section), block])
        spoiled = _in_order([*shown, replace(block, section=wrong, code="")])
        output = (
            f'"{block.label}" stands in {wrong.title()}, but {_TELLS[block.section]}: it belongs into '
            f"{block.section.title()}.\n\n{sectioned(home)}"
        )
        yield draft(
            "pdca_structure",
            "pdca_misplaced",
            source,
            instruct("pdca_misplaced", context.rng, title=title_of(source)),
            output,
            input=f"{header(source)}\n\n{sectioned(spoiled)}",
            chunks=source.chunks(*spans_of(shown), (block.start, block.end)),
        )


def _in_order(blocks: Sequence[Block]) -> list[Block]:
    return sorted(blocks, key=lambda block: (SECTIONS.index(block.section), block.start))


def pdca_missing(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What an incomplete entry lacks, and what can be said about it from the rest."""
    journal = source.journal
    links = links_of(source, context, dual=0)
    head = {
        "Date": source.date,
        "Role": source.agent_role,
        "Session": source.session,
        "FOLLOWS": links.follows,
        "PRECEDES": links.precedes,
    }
    fields = {name: value for name, value in head.items() if value}
    if not tellable(source) or len(fields) < 4 or len({block.section for block in journal.blocks}) < len(SECTIONS):
        return
    gone = context.pick(tuple(fields), context.rng.randint(1, 2))
    lost = context.rng.choice(("do", "check", "act"))
    shown = excerpt(journal, SHOWN, sections=[name for name in SECTIONS if name != lost])
    lines = [_field(name, value) for name, value in fields.items() if name not in gone]
    known = "\n".join(f"{_ASKED_AS[name]}: {fields[name].strip('[]')}" for name in gone)
    entry = f"# PDCA: {title_of(source)}\n\n" + "  \n".join(lines)
    entry += f"\n\n## Objective\n\n{sentence(journal.subject)}\n\n{sectioned(shown)}"
    there = ", ".join(name.title() for name in ("objective", *SECTIONS) if name != lost)
    output = (
        f"Missing: {', '.join(name for name in fields if name in gone)} and the section {lost.title()}. "
        f"There: {there}.\n\nThe lines of the header:\n\n"
        + "  \n".join(_field(name, fields[name]) for name in fields if name in gone)
        + f"\n\n{_asked_for(lost, source, {item for block in shown for item in block.items})}"
    )
    yield draft(
        "pdca_structure",
        "pdca_missing",
        source,
        instruct("pdca_missing", context.rng, title=title_of(source)),
        output,
        input=f"{entry}\n\nKnown beside it:\n{known}",
        facts=(*around(source), links.lines),
    )


_ASKED_AS = {
    "Date": "Written on",
    "Role": "Written as",
    "Session": "In the session",
    "FOLLOWS": "Previous PDCA",
    "PRECEDES": "Next PDCA",
}


def _field(name: str, value: str) -> str:
    return f"{name}: {value}" if name.isupper() else f"**{name}:** {value}"


def _asked_for(lost: str, source: Source, shown: set[str]) -> str:
    """What a missing section has to say about what is shown; its content is asked for and not made up."""
    journal = source.journal
    if lost == "do":
        steps = salient((item for item in planned(journal) if item in shown), journal, 4)
        listed = f"what became of each step of the plan:\n{bullets(steps)}" if steps else "what was done."
        return f"Do has to say {listed}\n\nOnly its author knows that. I ask instead of guessing."
    if lost == "check":
        done = salient((item for item in work(journal) if item in shown), journal, 4)
        listed = f"with which result each of these was looked at:\n{bullets(done)}" if done else "what was seen."
        return f"Check has to say {listed}\n\nWithout a result nothing counts as verified. I ask its author."
    return "Act has to state what was learned and what comes next. Nothing in the entry says that, so I ask its author."
