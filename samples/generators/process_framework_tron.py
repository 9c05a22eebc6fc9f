"""tron: decisions as trigger, response, outcome and next, inside Plan."""

from __future__ import annotations

from collections.abc import Iterator

from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import render, sectioned
from samples.generators.journal_tron import TRON
from samples.generators.journal_views import excerpt, header, near, neighbour, of_section, spans_of, tellable, title_of
from samples.generators.pdca_form import chosen, planned, tron_lines
from samples.generators.points import with_points
from samples.generators.process_framework_draft import around, draft
from samples.generators.sources import Source
from samples.generators.text import bullets, numbered, sentence, shorten
from samples.generators.wording import instruct
from samples.judges import judge

ELEMENT = 170


def _tron(
    task: str, source: Source, context: Context, instruction: str, output: str, given: str, **more: object
) -> SampleDraft:
    values: dict[str, object] = {"judge": "tron_format", "facts": around(source)} | more
    chunks = source.chunks(*source.journal.span("plan", "check", "act"))
    made = draft("tron", task, source, instruction, output, input=given.strip(), chunks=chunks, **values)
    return with_points(made, context)


def _plan(source: Source, context: Context, tron: dict[str, str], steps: int) -> str:
    others = tuple(item for item in planned(source.journal) if item not in tron.values())
    told = numbered(chosen(others, context, 360)[:steps]) if others and steps else ""
    return f"## Plan\n\n{tron_lines(tron, ELEMENT)}" + (f"\n\n{told}" if told else "")


def _decisions(source: Source) -> tuple[dict[str, str], ...]:
    return source.journal.trons if tellable(source) else ()


def tron_from_situation(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A decision in TRON form from what happened, in one sentence."""
    for tron in _decisions(source)[:2]:
        situation = sentence(shorten(tron["trigger"], 300))
        instruction = instruct("tron_from_situation", context.rng, situation=situation)
        given = f"Objective: {sentence(source.journal.subject)}" if context.rng.random() < 0.5 else ""
        yield _tron("tron_from_situation", source, context, instruction, _plan(source, context, tron, 0), given)


def tron_plan(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The Plan section, decision and steps, for an objective."""
    if len(source.journal.plan) < 2:
        return
    for tron in _decisions(source):
        instruction = instruct("tron_plan", context.rng, objective=sentence(source.journal.subject))
        situation = [block for block in source.journal.blocks if block.aspect in ("situation", "cause")][:2]
        known = excerpt(source.journal, 600, sections=("do",))
        given = "\n\n".join(filter(None, (header(source, role=True), render(situation))))
        given += f"\n\nTried so far:\n\n{render(known)}" if known else ""
        yield _tron("tron_plan", source, context, instruction, _plan(source, context, tron, 4), given)


def tron_with_context(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The decision from all that was known: the user's words, where the work stood, what was found."""
    journal = source.journal
    last = neighbour(source.previous, context)
    for tron in _decisions(source)[1:] or _decisions(source):
        given = [f"> {shorten(wish, 400)}" for wish in journal.wishes[:1]] + [header(source, role=True)]
        if last:
            stood = render(excerpt(last.journal, 600, sections=("act",)))
            given += [f"Where the work stood ({title_of(last)}):\n\n{stood}"] if stood else []
        if found := render(excerpt(journal, 700, sections=("do", "check"))):
            given.append(f"What was found:\n\n{found}")
        yield _tron(
            "tron_with_context",
            source,
            context,
            instruct("tron_with_context", context.rng, title=title_of(source)),
            _plan(source, context, tron, 4),
            "\n\n".join(given),
            others=(last.key,) if last else (),
        )


def tron_order(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Four loose statements put into order."""
    for tron in _decisions(source)[:1]:
        loose = [shorten(text, ELEMENT) for text in context.pick(tuple(tron.values()), 4)]
        given = f"{header(source)}\n\nStatements:\n{bullets(loose)}"
        yield _tron(
            "tron_order", source, context, instruct("tron_order", context.rng), _plan(source, context, tron, 0), given
        )


def tron_review(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A decision with a fault: the judge's verdict, and the decision put right."""
    for tron in _decisions(source)[-1:]:
        right, broken = _plan(source, context, tron, 3), _spoiled(tron, context)
        verdict = judge("tron_format", broken)
        if verdict.passed is not False or not judge("tron_format", right).passed:
            return
        statements = bullets(shorten(text, ELEMENT) for text in tron.values())
        given = f"{broken}\n\nWhat is known:\n{statements}\n\n{header(source)}"
        output = f"Not in TRON form: {verdict.why}.\n\n{right}"
        yield _tron("tron_review", source, context, instruct("tron_review", context.rng), output, given)


def tron_element(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The one element that is missing, read out of the section that tells it."""
    journal = source.journal
    for tron in _decisions(source):
        for name in context.pick(TRON, len(TRON)):
            block = next((b for b in journal.blocks if tron[name] in b.items and b.label), None)
            if block is None or len(block.items) < 2:
                continue
            lines = tron_lines(tron, ELEMENT).split("\n")
            del lines[TRON.index(name)]
            shown = near(of_section(journal.blocks, block.section), [block], 900)
            shown = sorted([*shown, block], key=lambda one: one.start)
            given = f"{header(source)}\n\n" + "\n".join(lines) + f"\n\n{sectioned(shown)}"
            output = (
                f"**{name.title()}:** {sentence(tron[name])}\n\n"
                f'It stands in {block.section.title()}, under "{block.label}": {_TELLS[name]}.'
            )
            instruction = instruct("tron_element", context.rng, name=name.title())
            yield draft(
                "tron", "tron_element", source, instruction, output, input=given,
                facts=around(source), chunks=source.chunks(*spans_of(shown)),
            )  # fmt: skip


_TELLS = {
    "trigger": "it says what set the decision off",
    "response": "it says what shall be done about it",
    "outcome": "it says what came of it",
    "next": "it says what is to be done now",
}


def _spoiled(tron: dict[str, str], context: Context) -> str:
    """The decision with one fault: an element missing or empty, a wrong order, or outside Plan."""
    lines = tron_lines(tron, ELEMENT).split("\n")
    turn = context.rng.randrange(len(TRON))
    fault = context.rng.choice(("missing", "order", "empty", "outside"))
    if fault == "missing":
        del lines[turn]
    elif fault == "order":
        lines = [lines[place] for place in context.rng.choice(((1, 0, 2, 3), (0, 2, 1, 3), (3, 0, 1, 2)))]
    elif fault == "empty":
        lines[turn] = f"**{TRON[turn].title()}:** TBD"
    return f"## {'Do' if fault == 'outside' else 'Plan'}\n\n" + "\n".join(lines)
