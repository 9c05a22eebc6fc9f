"""Patterns out of one entry: distilled, continued, planned, verified, handed over, reasoned."""

from __future__ import annotations

import re
from collections.abc import Iterator

from samples.generators import told_as
from samples.generators.base import Context, SampleDraft
from samples.generators.domain_patterns_kinds import kind_of, kinds_of, pattern_draft, shows
from samples.generators.journal_blocks import cut, render, sectioned
from samples.generators.journal_views import (
    before,
    excerpt,
    header,
    near,
    neighbour,
    of_section,
    salient,
    segments,
    title_of,
)
from samples.generators.sources import Source
from samples.generators.text import bullets, fit, numbered, sentence, shorten, stems

SHOWN = 1450
LONG = 1550
SHORT = 1300
ROOM = 900
GAP = 460
BRIEF = 420
# Share of the words of a summary that must stand in what it sums up.
FOLLOWS = 0.6
MIN_OUTPUT = 240
_REASONS = re.compile(
    r"\b(?:rationale|why|reasons?|benefits?|advantages?|impact|value|principles?|purpose|importance)\b", re.IGNORECASE
)


def _parts(*parts: tuple[str, str]) -> str:
    """Labelled parts, a list below its label; those without content are left out."""
    return "\n\n".join(
        f"**{label}:**" + ("\n" if text.startswith(("- ", "1. ")) else " ") + text for label, text in parts if text
    )


def distil_pattern(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """An entry boiled down to situation, cause, approach, result and learning."""
    journal = source.journal
    if kind not in kinds_of(journal):
        return
    shown = excerpt(journal, SHOWN, wanted=shows(kind))
    approach, done = (salient(found, journal, 3) for found in (told_as.steps(shown), told_as.works(shown)))
    result, learning = salient(told_as.results(shown), journal, 3), salient(told_as.lessons(shown), journal, 2)
    if not (learning and result and (approach or done)):
        return
    output = _parts(
        ("Situation", sentence(journal.issue or journal.subject)),
        ("Cause", sentence(next(iter(told_as.causes(shown)), "").removeprefix("Root Cause: "))),
        ("Approach", numbered(approach)),
        ("What was done", bullets(done)),
        ("Result", bullets(result)),
        ("Learning", bullets(learning)),
    )
    yield pattern_draft(
        kind, "distil_pattern", source, context, output, f"{header(source)}\n\n{sectioned(shown)}", shown
    )


def go_on(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """The next blocks of an entry from those before them."""
    journal = source.journal
    for run in (*segments(journal), *segments(journal, BRIEF)):
        output = render(run)
        if len(output) < MIN_OUTPUT or kind_of(journal, output) != kind:
            continue
        first = run[0]
        shown = before(journal, first, SHOWN)
        labels = ", ".join(dict.fromkeys(f'"{block.label}"' for block in run if block.label))
        last = neighbour(source.previous, context) if sum(block.size for block in shown) < ROOM else None
        stood = _where_it_stood(last, ROOM) if last else ""
        yield pattern_draft(
            kind,
            "go_on",
            source,
            context,
            output,
            f"{stood}{header(source, role=True)}\n\n{sectioned(shown)}",
            [*shown, *run],
            wording=f"go_on_{first.section}" if labels else f"go_on_{first.section}_plain",
            others=(last.key,) if last else (),
            labels=labels,
        )


def _where_it_stood(last: Source, characters: int) -> str:
    """How the entry before ended, as the opening of an input."""
    stood = render(excerpt(last.journal, characters, sections=("check", "act")))
    return f"Where the work stood ({title_of(last)}):\n\n{stood}\n\nNow:\n"


def restore_part(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A missing part of an entry, from what stands before and after it."""
    journal = source.journal
    for run in segments(journal, GAP):
        output = render(run)
        labels = ", ".join(dict.fromkeys(f'"{block.label}"' for block in run if block.label))
        if len(output) < MIN_OUTPUT or not labels or kind_of(journal, output) != kind:
            continue
        shown = near(journal.blocks, run, LONG)
        if {block.label for block in shown if block.label} & {block.label for block in run}:
            continue
        given = f"{header(source, role=True)}\n\n{sectioned(shown)}"
        yield pattern_draft(
            kind,
            "restore_part",
            source,
            context,
            output,
            given,
            [*shown, *run],
            labels=labels,
            section=run[0].section.title(),
        )


def answer_question(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the entry says about one point, read out of parts of it that came along."""
    journal = source.journal
    for block in journal.blocks:
        text = block.render(code=False)
        if not block.label or len(text) < 150 or kind_of(journal, text) != kind:
            continue
        others = [other for other in journal.blocks if other.start != block.start and other.label != block.label]
        beside = cut(context.pick(others, len(others)), LONG - block.size)
        labels = list(dict.fromkeys(other.label for other in beside if other.label))
        if len(beside) < 3 or not labels:
            continue
        shown = sorted([block, *beside], key=lambda one: one.start)
        output = (
            f"{bullets(block.items)}\n\nThis stands in {block.section.title()}. Not asked for: {', '.join(labels[:4])}."
        )
        given = f"{header(source)}\n\n{sectioned(shown)}"
        yield pattern_draft(kind, "answer_question", source, context, output, given, shown, label=block.label)


def plan_approach(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """How to go about a situation, from where the entry before stopped."""
    journal = source.journal
    steps, measures = told_as.steps(journal.blocks), salient(told_as.criteria(journal.blocks), journal, 4)
    if kinds_of(journal)[:1] != (kind,) or len(steps) < 3 or not measures:
        return
    plan = of_section(journal.blocks, "plan")
    situation = [block for block in plan if block.aspect in ("situation", "cause")][:2]
    last = neighbour(source.previous, context)
    given = [header(source, role=True), render(situation)]
    given += [f"> {shorten(wish, 360)}" for wish in journal.wishes[:1]]
    if last:
        stood = render(excerpt(last.journal, SHORT, sections=("check", "act")))
        given.append(f"Where the work stood ({title_of(last)}):\n\n{stood}")
    output = f"{numbered(fit(steps, 1100, at_least=3))}\n\nDone means:\n{bullets(measures)}"
    yield pattern_draft(
        kind, "plan_approach", source, context, output, "\n\n".join(filter(None, given)),
        others=(last.key,) if last else (),
    )  # fmt: skip


def make_check_list(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A check list out of a plan: what is to be done, and what shows that it is."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("plan",))
    steps, measures = told_as.steps(shown), told_as.criteria(shown)
    if kinds_of(journal)[:1] != (kind,) or len(steps) < 3 or len(measures) < 2:
        return
    todo = "\n".join(f"- [ ] {sentence(step)}" for step in fit(steps, 800, at_least=3))
    proof = "\n".join(f"- [ ] {sentence(measure)}" for measure in fit(measures, 600, at_least=2))
    output = f"**To do:**\n{todo}\n\n**To verify:**\n{proof}"
    given = f"{header(source)}\n\n{sectioned(shown)}"
    yield pattern_draft(kind, "make_check_list", source, context, output, given, shown)


def verify_work(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What shows that the work was done, from what was done."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("plan", "do"), wanted=shows(kind))
    seen = salient(told_as.results(journal.blocks), journal, 9)
    if kinds_of(journal)[:1] != (kind,) or len(seen) < 3 or not of_section(shown, "do"):
        return
    output = bullets(fit(seen, 1100, at_least=3))
    if told_as.hides(of_section(journal.blocks, "check"), output):
        return
    yield pattern_draft(
        kind, "verify_work", source, context, output, f"{header(source)}\n\n{sectioned(shown, code=True)}", shown
    )


def draw_learning(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What is learned and what comes next, from what was found."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("do", "check"), wanted=shows(kind))
    learning, ahead = told_as.lessons(journal.blocks), told_as.following(journal.blocks)
    if kinds_of(journal)[:1] != (kind,) or not learning or not of_section(shown, "check"):
        return
    output = _parts(("Learning", bullets(fit(learning, 640))), ("Next", bullets(fit(ahead, 420)) if ahead else ""))
    act = of_section(journal.blocks, "act")
    yield pattern_draft(
        kind, "draw_learning", source, context, output, f"{header(source)}\n\n{sectioned(shown)}", [*shown, *act]
    )


def hand_over(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the next person has to know to go on."""
    journal = source.journal
    if kind not in kinds_of(journal)[:2]:
        return
    shown = excerpt(journal, SHOWN, sections=("do", "check", "act"), wanted=shows(kind))
    done, state = salient(told_as.works(shown), journal, 4), salient(told_as.results(shown), journal, 4)
    ahead, kept = salient(told_as.following(shown), journal, 4), salient(told_as.lessons(shown), journal, 3)
    if not (done and state and (ahead or kept)):
        return
    where = ", ".join(filter(None, (f"branch `{source.branch}`" if source.branch else "", f"entry `{source.path}`")))
    output = _parts(
        ("Aim", sentence(journal.subject)),
        ("Where", where),
        ("Done so far", bullets(done)),
        ("State", bullets(state)),
        ("Go on with", bullets(ahead)),
        ("Keep in mind", bullets(kept)),
    )
    if told_as.hides(shown, output):
        return
    known = f"File: {source.path}" + (f"\nBranch: {source.branch}" if source.branch else "")
    given = f"{header(source, role=True)}\n{known}\n\n{sectioned(shown)}"
    yield pattern_draft(kind, "hand_over", source, context, output, given, shown, facts=(source.path, source.branch))


def give_reasons(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """Why something was done in this way, as the entry says."""
    journal = source.journal
    for block in journal.blocks:
        text = block.render(code=False)
        if not _REASONS.search(block.label) or len(text) < 160 or kind_of(journal, text) != kind:
            continue
        shown = [other for other in excerpt(journal, SHOWN, sections=("plan", "do")) if other.start != block.start]
        if not shown:
            continue
        output = f"{block.label}:\n{bullets(block.items)}"
        yield pattern_draft(
            kind, "give_reasons", source, context, output, f"{header(source)}\n\n{sectioned(shown)}", [*shown, block],
            label=block.label.lower() if block.label.isupper() else block.label,
        )  # fmt: skip


def sort_decisions(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which questions are decided, and which wait for a person."""
    journal = source.journal
    taken = [said for done, said in journal.decisions if done]
    pending = [said for done, said in journal.decisions if not done]
    if kinds_of(journal)[:1] != (kind,) or len(journal.decisions) < 3 or not taken:
        return
    shown = excerpt(journal, SHORT, sections=("plan", "do"), wanted=shows(kind))
    loose = [f"{said} ({'taken' if done else 'not taken'})" for done, said in journal.decisions]
    context.rng.shuffle(loose)
    output = _parts(
        ("Decided", bullets(taken)),
        ("Waiting for a decision", bullets(pending) if pending else "nothing."),
        ("It serves this objective", sentence(journal.subject)),
    )
    given = f"{header(source)}\n\nDecisions, in no order:\n{bullets(loose)}\n\n{sectioned(shown)}"
    yield pattern_draft(kind, "sort_decisions", source, context, output, given, shown)


def summarise(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """The summary that its author put before the entry."""
    journal = source.journal
    if kinds_of(journal)[:1] != (kind,) or len(journal.summary) < 100:
        return
    shown = excerpt(journal, LONG, wanted=shows(kind))
    given = f"{header(source)}\n\n{sectioned(shown)}"
    known = set(stems(given))
    if sum(stem in known for stem in stems(journal.summary)) < FOLLOWS * len(stems(journal.summary)):
        return
    yield pattern_draft(kind, "summarise", source, context, journal.summary, given, shown)


def commit_message(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """The commit message of the work: what in one line, why, what was done, and what shows it."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("do", "check"))
    done, proof = salient(told_as.works(shown), journal, 6), salient(told_as.reached(shown), journal, 3)
    if len(done) < 2 or len(title_of(source).split()) < 4 or not title_of(source)[0].isalnum():
        return
    output = (
        f"{shorten(title_of(source), 72)}\n\n{sentence(journal.issue or journal.subject)}\n\n{bullets(done)}"
        + (f"\n\nVerified:\n{bullets(proof)}" if proof else "")
        + f"\n\nPDCA: {source.path}"
    )
    given = f"{header(source)}\nFile: {source.path}\n\n{sectioned(shown, code=True)}"
    yield pattern_draft(kind, "commit_message", source, context, output, given, shown, facts=(source.path,))
