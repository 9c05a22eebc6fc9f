"""style_refactor: the same thing at CMM2 and at CMM3, before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import Module, TsClass
from samples.generators import code
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import MAX_CODE, classes, follows_pattern, is_test, slots
from samples.generators.pdca_form import chosen, shorten, tron_lines
from samples.generators.sources import Source
from samples.generators.text import bullets, fence, numbered, sentence
from samples.generators.wording import instruct

CATEGORY = "style_refactor"
Mutation = Callable[[Module, TsClass, code.Spans], str]
CODE_FAULTS: dict[str, tuple[Mutation, str]] = {
    "constructor_logic": (
        code.with_constructor_logic,
        "The constructor did the set-up, so nobody could create the object without it. The set-up moved to `init`.",
    ),
    "parameter_properties": (
        code.with_parameter_properties,
        "Parameter properties assign in the constructor. The fields are declared as fields, and `init` fills them.",
    ),
    "public_state": (
        code.with_public_state,
        "The state was public, so anybody could change it behind the object's back. It is private again.",
    ),
}


def _code_task(fault: str) -> Callable[[Source, Context], Iterator[SampleDraft]]:
    mutate, why = CODE_FAULTS[fault]

    def refactor(source: Source, context: Context) -> Iterator[SampleDraft]:
        module = source.module
        for cls in classes(source):
            if not follows_pattern(module, cls):
                continue
            dropped = _dropped(module, cls, context)
            before, after = mutate(module, cls, dropped), code.cut(module, cls, dropped)
            if not before:
                continue
            judge = "" if fault == "public_state" else "empty_constructor"
            output = f"{fence(after)}\n\n{why}"
            yield SampleDraft(
                CATEGORY,
                "code",
                fault,
                instruct(fault, context.rng, **slots(cls)),
                fence(before),
                output,
                source.document_id,
                source.chunks((cls.start, cls.end)),
                judge=judge,
                parses="typescript",
            )

    return refactor


def _dropped(module: Module, cls: TsClass, context: Context) -> code.Spans:
    """Members left out, so that the class fits and each refactoring shows another part of it."""
    others = [method for method in cls.methods if method.name != "init"]
    spans: list[tuple[int, int]] = []
    for method in context.pick(others, len(others)):
        if len(code.cut(module, cls, spans)) < MAX_CODE and len(spans) * 3 >= len(others):
            break
        spans.append((method.start, method.end))
    return spans


def jest_to_vitest(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A Jest suite as the Vitest suite it is made from."""
    if not is_test(source) or source.module.has_errors or "vitest" not in source.text or len(source.text) > 4200:
        return
    before = re.sub(r"(['\"])vitest\1", r"\1@jest/globals\1", source.text)
    before = re.sub(r"\bvi\b(?=[.,\s}])", "jest", before)
    if before == source.text:
        return
    output = f"{fence(source.text)}\n\nOnly the runner changes: Vitest is the team's test framework, Jest is banned."
    yield SampleDraft(
        CATEGORY,
        "tests",
        "jest_to_vitest",
        instruct("jest_to_vitest", context.rng, name=source.name),
        fence(before),
        output,
        source.document_id,
        source.chunks(),
        parses="typescript",
    )


def plan_to_tron(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A loose plan becomes a decision with trigger, response, outcome and next."""
    journal = source.journal
    if not journal.tron or len(journal.plan) < 2:
        return
    loose = "## Plan\n\n" + " ".join(sentence(item) for item in (*journal.plan[:3], shorten(journal.tron["trigger"])))
    steps = [item for item in journal.plan if item not in journal.tron.values()]
    output = "\n\n".join(filter(None, ("## Plan", tron_lines(journal.tron), numbered(steps[:4]))))
    yield _document(source, context, "plan_to_tron", loose, output, judge="tron_format")


def claim_to_evidence(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A bare claim of success becomes a list of checks with their results."""
    journal = source.journal
    if len(journal.check) < 2:
        return
    claim = context.rng.choice(_CLAIMS)
    given = f"## Do\n\n{bullets(journal.do[:3])}\n\n## Check\n\n{claim}"
    output = f"## Check\n\n{bullets(chosen(journal.check, context, 900))}"
    yield _document(source, context, "claim_to_evidence", given, output)


def wish_to_objective(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A vague intention becomes an objective that can be checked."""
    journal = source.journal
    if not journal.objective or len(journal.check) < 2 or not journal.plan:
        return
    topic = journal.title or shorten(journal.objective, 60)
    given = f"## Objective\n\n{context.rng.choice(_VAGUE).format(topic=topic)}"
    output = (
        f"## Objective\n\n{sentence(journal.objective)}\n\n"
        f"Reached when:\n{bullets(chosen(journal.check, context, 500))}\n\n"
        f"First steps:\n{numbered(journal.plan[:3])}"
    )
    yield _document(source, context, "wish_to_objective", given, output)


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


def _document(source: Source, context: Context, task: str, given: str, output: str, judge: str = "") -> SampleDraft:
    journal = source.journal
    title = journal.title or shorten(journal.subject, 80)
    return SampleDraft(
        CATEGORY,
        "documentation",
        task,
        instruct(task, context.rng, title=title),
        given,
        output,
        source.document_id,
        source.chunks(*journal.span("plan", "do", "check", "act")) or source.chunks(),
        facts=(journal.subject, title),
        judge=judge,
    )


_TYPESCRIPT, _PDCA = (DocumentKind.TYPESCRIPT,), (DocumentKind.PDCA,)
TASKS = (
    *(Task(CATEGORY, "code", fault, _TYPESCRIPT, _code_task(fault)) for fault in CODE_FAULTS),
    Task(CATEGORY, "tests", "jest_to_vitest", _TYPESCRIPT, jest_to_vitest),
    *(
        Task(CATEGORY, "documentation", make.__name__, _PDCA, make)
        for make in (plan_to_tron, claim_to_evidence, wish_to_objective)
    ),
)
