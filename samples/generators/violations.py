"""guardrails, code_violation: violations made from good code, named and put right; good code called good."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import TsClass, TsMethod, parse_typescript
from samples.generators import code
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import classes, follows_pattern, slots
from samples.generators.conversion import repaired
from samples.generators.faults import FAULTS, Fault, kept_methods
from samples.generators.loosening import loose_types, parses_as_member
from samples.generators.sources import Source
from samples.generators.suites import cases_of, import_lines, standing_alone
from samples.generators.text import bullets, fence
from samples.generators.views import (
    groups,
    is_clean,
    listed,
    method_code,
    names_known,
    say,
    shown_code,
    teachable,
    types_for,
)
from samples.generators.wording import instruct
from samples.judges import judge

CATEGORY = "guardrails"
MAX_CODE = 1700


def _draft(
    task: str,
    source: Source,
    instruction: str,
    output: str,
    given: str,
    span: tuple[int, int] | None = None,
    **more: object,
) -> SampleDraft:
    return SampleDraft(
        CATEGORY,
        "code_violation",
        task,
        instruction,
        given,
        output,
        source.document_id,
        source.chunks(span) if span else source.chunks()[:2],
        facts=(source.path,),
        **more,  # type: ignore[arg-type]
    )


def _versions(source: Source, cls: TsClass, fault: Fault, kept: list[TsMethod]) -> tuple[str, str] | None:
    """(wrong, right) of a class with some of its methods; None unless the judge tells them apart."""
    dropped = [(m.start, m.end) for m in cls.methods if m not in kept and m.name != "init"]
    wrong, right = fault.mutate(source.module, cls, dropped), code.cut(source.module, cls, dropped)
    if not wrong or not is_clean(right) or len(wrong) > MAX_CODE or not judge("empty_constructor", fence(right)).passed:
        return None
    if fault.constructor and judge("empty_constructor", fence(wrong)).passed is not False:
        return None
    return wrong, right


def find_violation(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A violation made from good code: named, explained, and put right."""
    source = repaired(source)
    for cls in classes(source):
        if not follows_pattern(source.module, cls):
            continue
        for name, fault in FAULTS.items():
            found = _versions(source, cls, fault, kept_methods(cls, context, 3))
            if found is None:
                continue
            wrong, right = found
            answer = (
                f"**Violation:** {fault.finding.format(name=cls.name)}.\n\n{fence(_members(wrong, right))}\n\n"
                f"**Why it matters:** {fault.why}.\n\n**Right:**\n\n{fence(_members(right, wrong))}"
            )
            yield _draft(
                f"find_{name}",
                source,
                instruct("find_violation", context.rng, **slots(cls)),
                answer,
                fence(wrong),
                (cls.start, cls.end),
            )


def _members(of: str, other: str) -> str:
    """The fields, the constructor and `init` of a class text that the other text does not have."""
    module = parse_typescript(of)
    cls = module.classes[0]
    spans = [(field.start, field.end) for field in cls.fields]
    spans += [(part.start, part.end) for part in (cls.constructor, code.init_of(cls)) if part is not None]
    texts = [code.member_code(module, start, end) for start, end in spans]
    kept = [text if text.endswith("}") else f"{text.rstrip(';')};" for text in texts if code.indent(text) not in other]
    return "\n".join(kept)


def review_diff(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A change under review: one that breaks a rule is sent back, its reverse is welcome."""
    source = repaired(source)
    for cls in classes(source):
        if not follows_pattern(source.module, cls):
            continue
        for name, fault in FAULTS.items():
            found = _versions(source, cls, fault, kept_methods(cls, context, 2))
            if found is None:
                continue
            wrong, right = found
            breaks = context.rng.random() < 0.6
            before, after = (right, wrong) if breaks else (wrong, right)
            diff = "\n".join(
                difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=3)
            )
            good = fence(_members(right, wrong))
            if breaks:
                finding = f"{fault.finding.format(name=cls.name)} after this change. {fault.why}"
                answer = f"Request changes. {finding}.\n\nThis should stay as it was:\n\n{good}"
            else:
                answer = f"Approve. {fault.repaired}.\n\nThe members that decide it:\n\n{good}"
            instruction = instruct("review_diff", context.rng, name=cls.name)
            task = f"{'refuse' if breaks else 'approve'}_{name}"
            yield _draft(task, source, instruction, answer, fence(diff, "diff"), (cls.start, cls.end))


def find_any(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Methods whose types were lost: where, and the right heads."""
    source = repaired(source)
    for cls in classes(source):
        for group in groups([m for m in teachable(source, cls) if len(method_code(source, m)) < 900], 2):
            good = "\n\n".join(method_code(source, m) for m in group)
            worse = loose_types(good, group)
            if worse is None or not parses_as_member(worse.code):
                continue
            lines = bullets(worse.findings)
            types = [text for _, text in types_for(source, context, good, 700)]
            given = shown_code(source, *types, code.outline_fields(source.module, cls), worse.code)
            if not names_known(" ".join(worse.repairs), given):
                continue
            heads = "\n".join(f"{code.signature(source.module, m)};" for m in group)
            yield _draft(
                "find_any",
                source,
                instruct("find_violation", context.rng, **slots(cls)),
                f"**Violation:** types are missing in {listed(m.name for m in group)}:\n\n{lines}\n\n"
                f"**Why it matters:** the compiler checks nothing that passes through `any`; readers must guess.\n\n"
                f"**Right:**\n\n{fence(heads)}",
                given,
                (cls.start, cls.end),
            )


def find_jest(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A case written for Jest, which is banned; the same case with Vitest is fine."""
    imports = "\n".join(import_lines(source))
    for number, case in enumerate(cases_of(source)):
        good = f"{imports}\n\n{standing_alone(case)}"
        bad = good.replace('"vitest"', '"@jest/globals"').replace("'vitest'", "'@jest/globals'")
        if len(good) > 2600 or judge("jest_ban", fence(bad)).passed is not False:
            continue
        line = next((line for line in good.splitlines() if "vitest" in line), "")
        if number % 3 == 2:
            answer = f"No violation found: `{line}` names the team's test framework, and no line uses Jest."
            answer += f'\n\nThe case "{case.title}" has {len(case.expectations)} expectation(s) at its end level.'
        else:
            answer = (
                f"**Violation:** the suite imports Jest, which is banned.\n\n**Why it matters:** "
                f"{say(context.rng, *_JEST_WHY)}.\n\n**Right:**\n\n{fence(line)}\n\n"
                f'The case "{case.title}" itself can stay.'
            )
        yield _draft(
            "approve_vitest" if number % 3 == 2 else "find_jest",
            source,
            instruct("find_jest", context.rng, name=source.name),
            answer,
            fence(good if number % 3 == 2 else bad),
            case.span,
            judge="jest_ban",
        )


_JEST_WHY = (
    "two runners mean two configurations and two mock interfaces, and the team runs one",
    "Vitest is the one test framework of the team; a second one is not run by anybody",
    "the suite would not run: only Vitest is set up",
)


def approve_code(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Good code is called good, with the reasons."""
    module = source.module
    for cls in classes(source):
        if not follows_pattern(module, cls) or module.functions or any(not f.is_private for f in cls.fields):
            continue
        for kept in (kept_methods(cls, context, 2), kept_methods(cls, context, 2)):
            dropped = [(m.start, m.end) for m in cls.methods if m not in kept and m.name != "init"]
            text = code.cut(module, cls, dropped)
            if not is_clean(text) or len(text) > 2400 or not judge("empty_constructor", fence(text)).passed:
                continue
            reasons = _reasons(source, cls, kept, text)
            yield _draft(
                "approve_code",
                source,
                instruct("find_violation", context.rng, **slots(cls)),
                f"No violation found:\n\n{bullets(reasons)}",
                fence(text),
                (cls.start, cls.end),
            )


def _reasons(source: Source, cls: TsClass, kept: list[TsMethod], text: str) -> Iterator[str]:
    private = [field.name for field in cls.fields if field.is_private and not field.is_static]
    init = code.init_of(cls)
    if init is not None:
        empty = "the constructor is empty" if cls.constructor else "there is no constructor that could do work"
        yield f"{empty}, and `{code.signature(source.module, init)}` does the set-up"
    yield f"its state ({listed(private)}) is private" if private else "it has no state that others could change"
    for method in kept:
        facts = source.facts.method(cls, method)
        touched = [*facts.reads, *(name for name in facts.writes if name not in facts.reads)]
        if touched:
            yield f"`{method.name}` works on {listed(touched, 5)}, the object's own"
    if " toScenario(" in text:
        yield "`toScenario` gives the state out, so it can be saved and taken up again"


_TYPESCRIPT = (DocumentKind.TYPESCRIPT,)
TASKS = tuple(
    Task(CATEGORY, "code_violation", make.__name__, _TYPESCRIPT, make)
    for make in (find_violation, review_diff, find_any, find_jest, approve_code)
)
