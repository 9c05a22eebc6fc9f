"""Patterns out of one entry: distilled, continued, planned, verified, handed over, reasoned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from samples.generators.base import Context, SampleDraft
from samples.generators.domain_patterns_kinds import kind_of, kinds_of, pattern_draft, shows
from samples.generators.journal_blocks import Block, cut, render, sectioned
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
    told,
)
from samples.generators.sources import Source
from samples.generators.text import bullets, fit, is_claim, is_step, is_to_do, numbered, sentence, shorten, stems

SHOWN = 1900
LONG = 2100
SHORT = 1300
ROOM = 900
GAP = 460
SHARED = 2
# Share of the words of a summary that must stand in what it sums up.
FOLLOWS = 0.6
MIN_OUTPUT = 240
_CAUSE = re.compile(r"\broot cause\b|\b(?:caused by|because|due to|since)\b", re.IGNORECASE)
# What is over is nothing that comes next.
_OVER = re.compile(r"^\W*(?:\w+ed|done|complete|all|none)\b", re.IGNORECASE)
_FAILS = re.compile(r"\b(?:fail\w*|broken|missing|false)\b", re.IGNORECASE)
_SUMMARY = re.compile(r"^(?:summary|outcome|one-line summary|achievement)\b", re.IGNORECASE)
_REASONS = re.compile(
    r"\b(?:rationale|why|reasons?|benefits?|advantages?|impact|value|principles?|purpose|importance)\b", re.IGNORECASE
)


def _over(blocks: Iterable[Block]) -> list[str]:
    """The statements that tell work or its state: nothing still to do, no aim, no finding under such a name."""
    return [item for block in blocks for item in block.items if is_step(item) and not is_to_do(item)]


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
    # What is still to do is no learning, under whatever label it stands.
    learning = told(of_section(shown, "act"), "learning")
    learning = [item for item in learning if not (_SUMMARY.match(item) or is_to_do(item))]
    plan = of_section(shown, "plan")
    approach = told(plan, "approach", "decision", "action") or told(plan, "criteria")
    done = _over(of_section(shown, "do"))
    result = [item for item in told(of_section(shown, "check"), "result", "criteria", "action") if not is_to_do(item)]
    if not (learning and result and (approach or done)):
        return
    cause = [item for block in shown for item in block.items if _CAUSE.search(item) and not is_claim(item)][:1]
    output = _parts(
        ("Situation", sentence(journal.issue or journal.subject)),
        ("Cause", sentence(cause[0]) if cause else ""),
        ("Approach", numbered(salient(approach, journal, 3))),
        ("What was done", bullets(salient(done, journal, 3))),
        ("Result", bullets(salient(result, journal, 3))),
        ("Learning", bullets(salient([item for item in learning if item not in cause], journal, 2))),
    )
    yield pattern_draft(
        kind, "distil_pattern", source, context, output, f"{header(source)}\n\n{sectioned(shown)}", shown
    )


def go_on(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """The next blocks of an entry from those before them."""
    journal = source.journal
    for run in segments(journal):
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
        labels = [other.label for other in beside if other.label]
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
    plan = of_section(journal.blocks, "plan")
    steps = [i for i in told(plan, "approach", "decision", "action", "next") if is_step(i) and is_to_do(i)]
    criteria = [i for i in told(plan, "criteria") if is_step(i) and not _FAILS.search(i)]
    checked = told(of_section(journal.blocks, "check"), "result")
    done_means = criteria or [i for i in checked if is_step(i) and not _FAILS.search(i)]
    if kinds_of(journal)[:1] != (kind,) or len(steps) < 3 or not done_means:
        return
    situation = [block for block in plan if block.aspect in ("situation", "cause")][:2]
    last = neighbour(source.previous, context)
    given = [header(source, role=True), render(situation)]
    given += [f"> {shorten(wish, 360)}" for wish in journal.wishes[:1]]
    facts = ""
    if last:
        facts = render(excerpt(last.journal, SHORT, sections=("check", "act")))
        given.append(f"Where the work stood ({title_of(last)}):\n\n{facts}")
    closing = "Done means" if criteria else "What showed in the end that it was done"
    output = f"{numbered(fit(steps, 1100, at_least=3))}\n\n{closing}:\n{bullets(salient(done_means, journal, 4))}"
    yield pattern_draft(
        kind, "plan_approach", source, context, output, "\n\n".join(filter(None, given)),
        others=(last.key,) if last else (),
    )  # fmt: skip


def make_check_list(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """A check list out of a plan: what is to be done, and what shows that it is."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("plan",))
    steps = [i for i in told(shown, "approach", "decision", "action", "next", "criteria") if is_step(i)]
    proofs = [block for block in journal.blocks if block.section == "check" and block.aspect == "result"]
    if kinds_of(journal)[:1] != (kind,) or len(steps) < 4 or not proofs:
        return
    checks = salient((item for block in proofs for item in block.items), journal, 4)
    todo = "\n".join(f"- [ ] {sentence(step)}" for step in fit(steps, 800, at_least=4))
    proof = "\n".join(f"- [ ] {sentence(check)}" for check in checks)
    output = f"**To do:**\n{todo}\n\n**To verify:**\n{proof}"
    notes = render([block for block in proofs if any(item in checks for item in block.items)][:3])
    given = f"{header(source)}\n\n{sectioned(shown)}\n\nLooked at afterwards:\n\n{notes}"
    yield pattern_draft(kind, "make_check_list", source, context, output, given, [*shown, *proofs])


def verify_work(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What shows that the work was done, from what was done."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("plan", "do"), wanted=shows(kind))
    check = [item for block in of_section(journal.blocks, "check") for item in block.items]
    if kinds_of(journal)[:1] != (kind,) or len(check) < 4 or not of_section(shown, "do"):
        return
    output = bullets(fit(salient(check, journal, 9), 1100, at_least=4))
    yield pattern_draft(
        kind, "verify_work", source, context, output, f"{header(source)}\n\n{sectioned(shown, code=True)}", shown
    )


def draw_learning(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What is learned and changed, from what was found."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("do", "check"), wanted=shows(kind))
    act = of_section(journal.blocks, "act")
    learning = [item for item in told(act, "learning") if not is_claim(item)]
    following = [item for item in told(act, "next", "action", "criteria") if not _OVER.match(item)]
    if kinds_of(journal)[:1] != (kind,) or not learning or not of_section(shown, "check"):
        return
    first, *rest = fit(learning, 640)
    output = _parts(
        ("Learning", sentence(first)),
        ("What follows from it", bullets(rest)),
        ("Next", bullets(fit(following, 420)) if following else ""),
    )
    yield pattern_draft(
        kind, "draw_learning", source, context, output, f"{header(source)}\n\n{sectioned(shown)}", [*shown, *act]
    )


def hand_over(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the next person has to know to go on."""
    journal = source.journal
    if kind not in kinds_of(journal)[:2]:
        return
    shown = excerpt(journal, SHOWN, sections=("do", "check", "act"), wanted=shows(kind))
    done, state = (_over(of_section(shown, name)) for name in ("do", "check"))
    act = of_section(shown, "act")
    following = [item for item in told(act, "next", "action", "consequence") if is_to_do(item)]
    kept = [item for item in told(act, "learning", "decision") if item not in following]
    if not (done and state and (following or kept)):
        return
    where = ", ".join(filter(None, (f"branch `{source.branch}`" if source.branch else "", f"entry `{source.path}`")))
    output = _parts(
        ("Aim", sentence(journal.subject)),
        ("Where", where),
        ("Done so far", bullets(salient(done, journal, 4))),
        ("State", bullets(salient(state, journal, 4))),
        ("Go on with", bullets(salient(following, journal, 4))),
        ("Keep in mind", bullets(salient(kept, journal, 3))),
    )
    known = f"File: {source.path}" + (f"\nBranch: {source.branch}" if source.branch else "")
    given = f"{header(source, role=True)}\n{known}\n\n{sectioned(shown)}"
    yield pattern_draft(kind, "hand_over", source, context, output, given, shown, facts=(source.path, source.branch))


def answer_wish(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the user asked for, and how it was answered."""
    journal = source.journal
    if kinds_of(journal)[:1] != (kind,):
        return
    for wish in journal.wishes[:2]:
        asked = set(wish.lower().split())
        steps = [i for b in of_section(journal.blocks, "plan", "do") for i in b.items if is_step(i)]
        checks = [i for b in of_section(journal.blocks, "check") for i in b.items]
        if len(steps) < 4 or not checks:
            return
        closest = sorted(steps, key=lambda item: -len(asked & set(item.lower().split())))[:7]
        output = (
            f"{numbered(fit([item for item in steps if item in closest], 760, at_least=3))}\n\n"
            f"Verification:\n{bullets(salient(checks, journal, 4))}"
        )
        last = neighbour(source.previous, context)
        stood = render(excerpt(last.journal, SHORT, sections=("check", "act"))) if last else ""
        given = f"> {shorten(wish, 600)}\n\n{header(source)}"
        given += f"\n\nWhere the work stood ({title_of(last)}):\n\n{stood}" if last else ""
        yield pattern_draft(kind, "answer_wish", source, context, output, given, others=(last.key,) if last else ())


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
        ground = [item for item in told(shown, "situation", "cause", "decision") if _CAUSE.search(item)][:2]
        output += f"\n\nIt rests on this:\n{bullets(ground)}" if ground else ""
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


def plan_against_check(kind: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What was planned beside what was found about it."""
    journal = source.journal
    if kinds_of(journal)[:1] != (kind,):
        return
    shown = excerpt(journal, SHOWN, sections=("plan", "check"))
    planned = [item for block in of_section(shown, "plan") for item in block.items if is_step(item)]
    found = [item for block in of_section(shown, "check") for item in block.items]
    pairs: list[tuple[str, str]] = []
    for step in planned:
        shared = sorted(((len(set(stems(step)) & set(stems(item))), item) for item in found), reverse=True)
        if shared and shared[0][0] >= SHARED and shared[0][1] not in (item for _, item in pairs):
            pairs.append((step, shared[0][1]))
    if len(pairs) < 3:
        return
    output = "\n\n".join(f"**Planned:** {sentence(step)}\n**Found:** {sentence(item)}" for step, item in pairs[:6])
    given = f"{header(source)}\n\n{sectioned(shown)}"
    yield pattern_draft(kind, "plan_against_check", source, context, output, given, shown)


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
    """The commit message of the work: what in one line, why, and what it contains."""
    journal = source.journal
    shown = excerpt(journal, SHOWN, sections=("do", "check"))
    done = [item for block in of_section(shown, "do") for item in block.items]
    if len(done) < 3 or len(title_of(source).split()) < 4 or not title_of(source)[0].isalnum():
        return
    why = journal.issue or journal.subject
    proof = [item for block in of_section(shown, "check") for item in block.items]
    output = (
        f"{shorten(title_of(source), 72)}\n\n{sentence(why)}\n\n{bullets(salient(done, journal, 6))}"
        + (f"\n\nVerified:\n{bullets(salient(proof, journal, 3))}" if proof else "")
        + f"\n\nPDCA: {source.path}"
    )
    given = f"{header(source)}\nFile: {source.path}\n\n{sectioned(shown, code=True)}"
    yield pattern_draft(kind, "commit_message", source, context, output, given, shown, facts=(source.path,))
