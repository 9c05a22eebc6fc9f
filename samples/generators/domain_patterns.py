"""domain_patterns: what the journals teach about debugging, deciding, integrating and working together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, Make, SampleDraft, Task
from samples.generators.journal import section_text
from samples.generators.pdca_form import shorten
from samples.generators.sources import Source
from samples.generators.text import bullets, fit, numbered, sentence
from samples.generators.wording import instruct

CATEGORY = "domain_patterns"
SIGNS = {
    "debugging": re.compile(
        r"\b(?:bug|fix(?:ed|es)?|error|broken|fail(?:s|ed|ure|ing)?|root cause|regression|crash|wrong|defect"
        r"|debug\w*)\b",
        re.I,
    ),
    "architectural_decision": re.compile(
        r"\b(?:architect\w*|decision|decide\w*|design\w*|layer\d?|interface|refactor\w*|pattern|structure|model|class)\b",
        re.I,
    ),
    "integration": re.compile(
        r"\b(?:merg\w*|integrat\w*|branch\w*|migrat\w*|deploy\w*|import\w*|upgrade\w*|release\w*|version\w*|git|push\w*|link\w*)\b",
        re.I,
    ),
    "collaboration": re.compile(
        r"\b(?:user|team|feedback|role|handover|hand-over|collaborat\w*|review\w*|together|agree\w*|scrum\w*|communicat\w*|ask\w*|report\w*)\b",
        re.I,
    ),
}
PATTERN_NAMES = {
    "debugging": "debugging pattern",
    "architectural_decision": "architectural decision",
    "integration": "integration pattern",
    "collaboration": "collaboration pattern",
}
BODY = 560
ENTRY = 2400
WITH_ENTRY = 0.7
_CAUSE = re.compile(r"\broot cause:|\b(?:caused by|because|due to)\b", re.IGNORECASE)


def kinds_of(source: Source) -> tuple[str, ...]:
    """The two patterns whose words weigh most in an entry; those of the title count five times."""
    journal = source.journal
    body = " ".join((*journal.plan, *journal.do, *journal.check, *journal.lessons))
    head = f"{journal.title} {journal.objective} {source.name}"
    scores = {name: len(sign.findall(body)) + 5 * len(sign.findall(head)) for name, sign in SIGNS.items()}
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return tuple(name for name in ranked[:2] if scores[name] >= 3)


def _draft(task_type: str, task: str, source: Source, context: Context, output: str, given: str = "") -> SampleDraft:
    journal = source.journal
    instruction = instruct(
        task,
        context.rng,
        kind=PATTERN_NAMES[task_type],
        title=journal.title or shorten(journal.subject, 80),
        objective=sentence(journal.subject),
        role=source.agent_role or "the team",
    )
    return SampleDraft(
        CATEGORY,
        task_type,
        task,
        instruction,
        given,
        output,
        source.document_id,
        source.chunks(*journal.span("objective", "plan", "do", "check", "act")) or source.chunks(),
        facts=(source.agent_role, source.date, journal.subject),
    )


def distil_pattern(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """An entry boiled down to situation, approach, evidence and lesson."""
    journal = source.journal
    if not journal.complete or len(journal.plan) < 2:
        return
    situation = journal.wishes[0] if journal.wishes else journal.subject
    output = (
        f"**Situation:** {sentence(shorten(situation, 320))}\n\n"
        f"**Approach:**\n{numbered(fit(journal.plan, BODY, at_least=2))}\n\n"
        f"**What was done:**\n{bullets(fit(journal.do, 360))}\n\n"
        f"**Evidence:**\n{bullets(fit(journal.check, 360))}\n\n"
        f"**Lesson:** {sentence(journal.lessons[0])}"
    )
    yield _draft(task_type, "distil_pattern", source, context, output, _entry(source, context))


def plan_approach(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """How to go about a situation, from what the team planned and did."""
    journal = source.journal
    if len(journal.plan) < 3 or not journal.check:
        return
    given = bullets(shorten(wish, 360) for wish in journal.wishes[:2])
    output = f"{numbered(fit(journal.plan, 1100, at_least=3))}\n\nDone means:\n{bullets(fit(journal.check, 420))}"
    yield _draft(task_type, "plan_approach", source, context, output, given)


def explain_result(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What came out of the work, and why it can be believed."""
    journal = source.journal
    if len(journal.check) < 2 or not journal.do:
        return
    given = f"Done:\n{bullets(fit(journal.do, 900))}"
    lesson = f"\n\nWhat the team takes from it: {sentence(journal.lessons[0])}" if journal.lessons else ""
    output = f"{bullets(fit(journal.check, 1100, at_least=2))}{lesson}"
    yield _draft(task_type, "explain_result", source, context, output, given)


def answer_wish(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the user asked for, and how it was answered."""
    journal = source.journal
    for wish in journal.wishes[:3]:
        if not journal.plan or not journal.check:
            return
        items = (*context.pick(journal.plan, 4), *context.pick(journal.do, 2))
        output = f"{numbered(fit(items, 800, at_least=2))}\n\nVerification:\n{bullets(context.pick(journal.check, 3))}"
        yield _draft(task_type, "answer_wish", source, context, output, f"> {shorten(wish, 500)}")


def hand_over(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """What the next person has to know to go on."""
    journal = source.journal
    if not (journal.do and journal.check and journal.act):
        return
    output = (
        f"**Aim:** {sentence(journal.subject)}\n\n**Done so far:**\n{bullets(fit(journal.do, 500))}\n\n"
        f"**State:**\n{bullets(fit(journal.check, 500))}\n\n**Go on with:**\n{bullets(fit(journal.act, 500))}"
    )
    facts = [
        f"Role: {source.agent_role}" if source.agent_role else "",
        f"Branch: {source.branch}" if source.branch else "",
    ]
    given = "\n\n".join(filter(None, ("\n".join(filter(None, facts)), _entry(source, context))))
    yield _draft(task_type, "hand_over", source, context, output, given)


def name_cause(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """From the observation to the cause and to the check that proves the repair."""
    journal = source.journal
    causes = [item for item in (*journal.plan, *journal.do, *journal.lessons) if _CAUSE.search(item)]
    signs = [item for item in (*journal.plan, *journal.do) if SIGNS["debugging"].search(item) and item not in causes]
    if not causes or not signs or not journal.check:
        return
    output = (
        f"**Cause:** {sentence(causes[0])}\n\n**Repair:**\n{bullets(fit(journal.do, 500))}\n\n"
        f"**Proof:**\n{bullets(fit(journal.check, 500))}"
    )
    yield _draft(task_type, "name_cause", source, context, output, f"Observed:\n{bullets(signs[:4])}")


def _entry(source: Source, context: Context) -> str:
    """The entry itself, as far as it fits, in most cases; without it the model has to know the work by heart."""
    if context.rng.random() > WITH_ENTRY:
        return ""
    sections = [section_text(source.text, span) for span in source.journal.span("plan", "do", "check", "act")]
    return "\n\n".join(fit(sections, ENTRY))[: ENTRY + 400]


PatternMake = Callable[[str, Source, Context], Iterator[SampleDraft]]


def _for(task_type: str, make: PatternMake) -> Make:
    """The maker, limited to the entries that show the pattern."""

    def limited(source: Source, context: Context) -> Iterator[SampleDraft]:
        if task_type in kinds_of(source):
            yield from make(task_type, source, context)

    return limited


_EVERYWHERE = (distil_pattern, plan_approach, explain_result, answer_wish, hand_over)
_task = partial(Task, CATEGORY, kinds=(DocumentKind.PDCA,))
TASKS = tuple(
    _task(task_type, maker.__name__, make=_for(task_type, maker))
    for task_type in SIGNS
    for maker in (*_EVERYWHERE, *((name_cause,) if task_type == "debugging" else ()))
)
