"""guardrails, code_violation: violations made from good code, named and put right; good code called good."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rag.corpus.types import DocumentKind
from samples.generators import code
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import classes, follows_pattern, slots
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.wording import instruct

CATEGORY = "guardrails"


def _draft(task: str, source: Source, instruction: str, output: str, given: str, parses: str = "") -> SampleDraft:
    return SampleDraft(
        CATEGORY,
        "code_violation",
        task,
        instruction,
        given,
        output,
        source.document_id,
        source.chunks()[:2],
        facts=(source.path,),
        parses=parses,
    )


_VIOLATIONS: dict[str, tuple[Callable[..., str], str, str]] = {
    "find_constructor_logic": (
        code.with_constructor_logic,
        "the constructor of `{name}` does the set-up",
        "an object can no longer be created without data, and a failure leaves half an object behind",
    ),
    "find_parameter_properties": (
        code.with_parameter_properties,
        "the constructor of `{name}` declares parameter properties, which assign",
        "the class cannot be created empty and filled from a scenario",
    ),
    "find_public_state": (
        code.with_public_state,
        "`{name}` shows its state in public fields",
        "anybody can change it without the object noticing",
    ),
}


def find_violation(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A violation made from good code: named, explained, and put right."""
    module = source.module
    for cls in classes(source):
        if not follows_pattern(module, cls):
            continue
        for task, (mutate, what, why) in _VIOLATIONS.items():
            wrong = mutate(module, cls)
            right = code.excerpt(module, cls, keep=[], limit=1500)
            if not wrong or len(wrong) > 3000:
                continue
            violation = f"**Violation:** {what.format(name=cls.name)}.\n\n**Why it matters:** {why}."
            output = f"{violation}\n\n**Right:**\n\n{fence(right)}"
            yield _draft(
                task,
                source,
                instruct("find_violation", context.rng, **slots(cls)),
                output,
                fence(wrong),
                parses="typescript",
            )


def approve_code(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Good code is called good, with the reasons."""
    module = source.module
    for cls in classes(source):
        if not follows_pattern(module, cls) or module.functions:
            continue
        private = [f"`{field.name}`" for field in cls.fields if field.is_private][:4]
        reasons = [
            f"the constructor of `{cls.name}` is empty and `init` does the set-up",
            f"its state ({', '.join(private)}) is private" if private else "it has no state that others could change",
            "there are no free functions beside the class",
        ]
        if any(method.name == "toScenario" for method in cls.methods):
            reasons.append("`toScenario` gives the state out, so it can be saved and taken up again")
        yield _draft(
            "approve_code",
            source,
            instruct("find_violation", context.rng, **slots(cls)),
            f"No violation found:\n\n{bullets(reasons)}",
            fence(code.excerpt(module, cls, limit=1800)),
        )


_TYPESCRIPT = (DocumentKind.TYPESCRIPT,)
TASKS = (
    Task(CATEGORY, "code_violation", "find_violation", _TYPESCRIPT, find_violation),
    Task(CATEGORY, "code_violation", "approve_code", _TYPESCRIPT, approve_code),
)
