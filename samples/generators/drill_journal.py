"""short_pdca and short_tron: whole entries and decisions, asked for in a line, on subjects that must be copied."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.drills import (
    DRILLS_PER_SOURCE,
    component_name,
    drill,
    drill_data,
    expand,
    kebab,
    problem_kinds,
    subject_slots,
)
from samples.generators.sources import Source

CATEGORY = "process_framework"
# How often the problem is put together from parts; the written kinds share the rest evenly.
FREE = 0.25
REAL_NEIGHBOURS = 0.25


@dataclass(frozen=True, slots=True)
class Case:
    """A component, what is wrong with it, and what a good entry says about that; `say` is the whole sentence."""

    name: str
    problem: str
    response: str
    outcome: str
    next: str
    do: tuple[str, ...]
    check: str
    learning: str

    @property
    def say(self) -> str:
        return f"{self.name} {self.problem}"


def make_case(context: Context) -> Case:
    rng, free = context.rng, drill_data("free")
    slots = subject_slots(context)
    slots["event"] = expand(rng.choice(free["event"]), rng, slots)
    slots["object"] = expand(rng.choice(free["object"]), rng, slots)
    kinds = free["kind"] if rng.random() < FREE else problem_kinds()
    kind = kinds[rng.choice(sorted(kinds))]
    says = expand(rng.choice(kind["says"]), rng, slots)
    slots |= _unnamed(says, slots)

    def one(key: str, which: int | None = None) -> str:
        text = rng.choice(kind[key]) if which is None else kind[key][which]
        return expand(text, rng, slots)

    steps = sorted(rng.sample(range(len(kind["do"])), 2))
    return Case(
        name=slots["name"],
        problem=says,
        response=_sentence(one("response")),
        outcome=_sentence(one("outcome")),
        next=_sentence(one("next")),
        do=tuple(_sentence(one("do", step)) for step in steps),
        check=one("check"),
        learning=one("learning"),
    )


def _unnamed(says: str, slots: dict[str, str]) -> dict[str, str]:
    """What the problem does not name, its answer does not know either."""
    plain: dict[str, str] = {}
    if slots["noun"] not in says and slots["item"] not in says:
        plain |= {"noun": "data", "Thing": "Data", "item": "entry", "items": "entries", "Item": "Entry"}
    if slots["other"] not in says:
        plain |= {"other": "a sibling component"}
    return plain


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _phrase(key: str, context: Context, case: Case, **more: str) -> str:
    slots = {"say": case.say, "name": case.name, "problem": case.problem, **more}
    return expand(context.rng.choice(drill_data("journal")[key]), context.rng, slots)


def _tron(context: Context, case: Case) -> str:
    trigger = _phrase("trigger", context, case)
    elements = {"Trigger": trigger, "Response": case.response, "Outcome": case.outcome, "Next": case.next}
    return "## Plan\n\n" + "\n".join(f"**{label}:** {said}" for label, said in elements.items())


def _bullets(*items: str) -> str:
    return "\n".join(f"- {item}" for item in items)


def _entry(context: Context, case: Case, before: str, after: str) -> str:
    done, checked = _phrase("done", context, case), _phrase("checked", context, case)
    verified = _phrase("verified", context, case, check=case.check)
    parts = (
        f"# PDCA: {case.name}",
        f"FOLLOWS: [{before}]\nPRECEDES: [{after}]",
        f"## Objective\n\n{_phrase('objective', context, case)}",
        _tron(context, case),
        f"## Do\n\n{_bullets(done, *case.do)}",
        f"## Check\n\n{_bullets(verified, checked)}",
        f"## Act\n\n{_phrase('act', context, case, learning=case.learning)}",
    )
    return "\n\n".join(parts)


def _neighbours(source: Source, context: Context, case: Case) -> tuple[str, str]:
    """The file names before and after: those of the occasion, or invented ones in the team's form."""
    real = [PurePosixPath(path).name for path in (source.previous, source.following) if path]
    if len(real) == 2 and all(len(name) < 60 for name in real) and context.rng.random() < REAL_NEIGHBOURS:
        return real[0], real[1]
    tail = context.rng.choice((case.name.lower(), case.name.lower(), kebab(case.name), kebab(component_name(context))))
    first, second = (file_name(context, tail) for _ in range(2))
    return first, second


def file_name(context: Context, tail: str) -> str:
    """An invented entry's file name, in the team's form."""
    rng = context.rng
    date = f"20{rng.randint(24, 28)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return f"{date}-UTC-{rng.randint(0, 23):02}{rng.randint(0, 59):02}-{tail}.pdca.md"


def short_pdca(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A whole entry for a finding, its neighbours given."""
    for _ in range(DRILLS_PER_SOURCE):
        case = make_case(context)
        before, after = _neighbours(source, context, case)
        asked = _phrase("pdca", context, case)
        links = string.Template(context.rng.choice(drill_data("journal")["neighbours"]))
        asked += links.substitute(before=before, after=after)
        output = _entry(context, case, before, after)
        yield drill(
            CATEGORY, "short_pdca", "short_pdca", source, asked, output, judge="pdca_template", facts=_said(case)
        )


def short_tron(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The Plan section alone, with its decision."""
    for _ in range(DRILLS_PER_SOURCE):
        case = make_case(context)
        asked = _phrase("tron", context, case)
        yield drill(
            CATEGORY,
            "short_tron",
            "short_tron",
            source,
            asked,
            _tron(context, case),
            judge="tron_format",
            facts=_said(case),
        )


def _said(case: Case) -> tuple[str, ...]:
    """What a case brings along beside the request: names of other components it mentions."""
    return (case.response, case.outcome, case.next, *case.do, case.check, case.learning)


_OCCASIONS = (DocumentKind.PDCA,)
TASKS = (
    Task(CATEGORY, "short_pdca", "short_pdca", _OCCASIONS, short_pdca),
    Task(CATEGORY, "short_tron", "short_tron", _OCCASIONS, short_tron),
)
