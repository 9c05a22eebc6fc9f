"""style_refactor: code and tests, before and after; faults are put into good code. Journals: `documentation`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code, suites
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import MAX_CODE, classes, follows_pattern, slots
from samples.generators.conversion import converted, repaired
from samples.generators.faults import FAULTS, Fault
from samples.generators.loosening import Loosened, Loosening, loose_types, old_style, parses_as_member, snake_names
from samples.generators.methods import failure
from samples.generators.sources import Source
from samples.generators.text import bullets, fence, sentence
from samples.generators.views import (
    drawn_on,
    groups,
    is_clean,
    listed,
    method_code,
    names_known,
    shown_code,
    teachable,
    types_for,
    undeclared,
)
from samples.generators.wording import instruct
from samples.judges import judge

CATEGORY, TYPE = "style_refactor", "code"
VARIANTS = 4
MAX_CLASS = 1300
MAX_SUITE = 3600
LOOSENINGS: dict[str, tuple[Loosening, str]] = {
    "snake_names": (snake_names, "Locals and parameters follow the naming of the code base, camel case:"),
    "loose_types": (loose_types, "Every parameter and result has its type:"),
    "old_style": (old_style, "Block-scoped declarations and strict comparison:"),
}
Make = Callable[[Source, Context], Iterator[SampleDraft]]


def _draft(
    task: str, source: Source, cls: TsClass, instruction: str, given: str, output: str, **more: object
) -> SampleDraft:
    values: dict[str, object] = {"parses": "typescript", **more}
    return SampleDraft(
        CATEGORY,
        TYPE,
        task,
        instruction,
        given,
        output,
        source.document_id,
        source.chunks((cls.start, cls.end)),
        **values,  # type: ignore[arg-type]
    )


def class_fault(name: str, fault: Fault) -> Make:
    """The class with the fault, and as it is; several times with other members."""

    def refactor(source: Source, context: Context) -> Iterator[SampleDraft]:
        source = repaired(source)
        module = source.module
        for cls in classes(source):
            if not follows_pattern(module, cls):
                continue
            for _ in range(VARIANTS):
                dropped = _dropped(source, cls, context)
                before, after = fault.mutate(module, cls, dropped), code.cut(module, cls, dropped)
                if not before or not is_clean(after):
                    continue
                if fault.constructor and judge("empty_constructor", fence(before)).passed is not False:
                    continue
                types = types_for(source, context, after, 900)
                yield _draft(
                    name,
                    source,
                    cls,
                    instruct(name, context.rng, **slots(cls)),
                    shown_code(source, *(t for _, t in types), before),
                    f"{fence(after)}\n\n{sentence(fault.repaired)}",
                    judge="empty_constructor" if fault.constructor else "",
                    **drawn_on(source, (where for where, _ in types)),
                )

    return refactor


def _dropped(source: Source, cls: TsClass, context: Context) -> code.Spans:
    """Members left out, so that the class fits and each refactoring shows another part of it."""
    others = [method for method in cls.methods if method.name != "init"]
    spans = [(m.start, m.end) for m in others if not is_clean(source.text[m.start : m.end])]
    size = cls.end - cls.start - sum(end - start for start, end in spans)
    for method in context.pick(others, len(others)):
        span = (method.start, method.end)
        if size < MAX_CLASS and len(spans) * 3 >= len(others):
            break
        if span not in spans:
            spans.append(span)
            size -= method.end - method.start
    return spans


def method_fault(name: str, size: int) -> Make:
    """`size` neighbouring methods of a sound class, loosened word by word; each group in one way only."""

    def refactor(source: Source, context: Context) -> Iterator[SampleDraft]:
        source = repaired(source)
        for cls in classes(source):
            good = [m for m in teachable(source, cls) if len(method_code(source, m)) < MAX_CODE / size]
            for group in groups(good, size):
                after = "\n\n".join(method_code(source, m) for m in group)
                worse = _loosened(after, group).get(name)
                if worse is None or len(after) < 160:
                    continue
                fields = code.outline_fields(source.module, cls)
                types = types_for(source, context, f"{fields}\n{after}".replace(f"class {cls.name}", ""), 1200)
                given = shown_code(source, *(t for _, t in types), fields, worse.code)
                if undeclared(f"{fields}\n{after}", given) or not names_known(" ".join(worse.repairs), given):
                    continue
                yield _draft(
                    name if size == 1 else f"{name}_{size}",
                    source,
                    cls,
                    instruct(name, context.rng, methods=listed(m.name for m in group), name=cls.name),
                    given,
                    f"{fence(after)}\n\n{LOOSENINGS[name][1]}\n\n{bullets(worse.repairs[:8])}",
                    parses="",
                    **drawn_on(source, (where for where, _ in types)),
                )

    return refactor


def _loosened(code_text: str, group: Sequence[TsMethod]) -> dict[str, Loosened]:
    """The first way of loosening that applies, in an order of these methods' own: the same answer is asked for once."""
    names = list(LOOSENINGS)
    random.Random(" ".join(method.name for method in group)).shuffle(names)
    for name in names:
        worse = LOOSENINGS[name][0](code_text, group)
        if worse is not None and worse.code != code_text and parses_as_member(worse.code):
            return {name: worse}
    return {}


def convert_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class of the repository with a working constructor, converted together with some of its methods."""
    for cls in classes(source):
        done = converted(source, cls)
        if done is None:
            continue
        good = [m for m in cls.methods if m.has_body and not m.is_static and is_clean(method_code(source, m))]
        for group in groups(good, 2):
            members = "\n\n".join(code.indent(method_code(source, m)) for m in group)
            before, after = (f"{text[: text.rindex('}')].rstrip()}\n\n{members}\n}}" for text in done)
            if len(after) > MAX_CODE:
                continue
            types = types_for(source, context, after, 700)
            yield _draft(
                "convert_class",
                source,
                cls,
                instruct("convert_class", context.rng, name=cls.name),
                shown_code(source, *(t for _, t in types), before),
                f"{fence(after)}\n\nThe constructor is empty; `init` does its work and returns the object. "
                f"{listed(m.name for m in group)} did not have to change.",
                judge="empty_constructor",
                **drawn_on(source, (where for where, _ in types)),
            )


def explain_refusals(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Silent failure becomes a refusal with a reason: `return undefined` for each `throw`, put right."""
    for cls in classes(source):
        for method in teachable(source, cls):
            facts = source.facts.method(cls, method)
            after = method_code(source, method)
            plain = [t for t in facts.throws if f"throw {t.what};" in after and t.conditions]
            if not plain or len(after) > MAX_CODE:
                continue
            before = after
            for throw in plain:
                before = before.replace(f"throw {throw.what};", "return undefined;", 1)
            fields = code.outline_fields(source.module, cls)
            told = bullets(failure(throw) for throw in plain)
            # What is to be thrown is said, so that the answer follows from the question.
            wanted = "\n".join(f"- `{throw.what}`" for throw in plain)
            instruction = instruct("explain_refusals", context.rng, method=method.name, name=cls.name)
            yield _draft(
                "explain_refusals",
                source,
                cls,
                f"{instruction}\n\n{wanted}",
                shown_code(source, fields, before),
                f"{fence(after)}\n\n{told}",
                parses="",
            )


def jest_to_vitest(source: Source, context: Context) -> Iterator[SampleDraft]:
    """One case of a suite, with its set-up, written for Jest and for Vitest."""
    imports = "\n".join(suites.import_lines(source))
    for case in suites.cases_of(source):
        after = f"{imports}\n\n{suites.standing_alone(case)}"
        before = re.sub(r"(['\"])vitest\1", r"\1@jest/globals\1", after)
        before = re.sub(r"\bvi\b(?=[.,\s}])", "jest", before)
        good = judge("jest_ban", fence(after)).passed and judge("jest_ban", fence(before)).passed is False
        if not good or len(after) > MAX_SUITE:
            continue
        closing = " `jest.` is `vi.` there; the functions keep their names." if re.search(r"\bvi\.", after) else ""
        yield SampleDraft(
            CATEGORY,
            "tests",
            "jest_to_vitest",
            instruct("jest_to_vitest", context.rng, name=source.name),
            fence(before),
            f"{fence(after)}\n\nOnly the runner changes: Vitest is the team's test framework, Jest is banned.{closing}",
            source.document_id,
            source.chunks(case.span),
            judge="jest_ban",
            parses="typescript",
        )


_TYPESCRIPT = (DocumentKind.TYPESCRIPT,)
TASKS = (
    *(Task(CATEGORY, TYPE, name, _TYPESCRIPT, class_fault(name, fault)) for name, fault in FAULTS.items()),
    *(
        Task(CATEGORY, TYPE, name if size == 1 else f"{name}_{size}", _TYPESCRIPT, method_fault(name, size))
        for name in LOOSENINGS
        for size in (1, 2, 3)
    ),
    Task(CATEGORY, TYPE, "convert_class", _TYPESCRIPT, convert_class),
    Task(CATEGORY, TYPE, "explain_refusals", _TYPESCRIPT, explain_refusals),
    Task(CATEGORY, "tests", "jest_to_vitest", _TYPESCRIPT, jest_to_vitest),
)
