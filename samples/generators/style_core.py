"""style_core: how the team writes TypeScript, learnt from its own classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import CATEGORY, MAX_CODE, class_draft, classes, follows_pattern, is_test, slots
from samples.generators.constructors import (
    birth_of_object,
    convert_caller,
    convert_constructor,
    first_value,
    repair,
    review_constructor,
    write_class,
)
from samples.generators.layers import (
    explain_file,
    find_method,
    judge_import,
    lay_out_component,
    place_class,
    place_interface,
    split_file,
    trace_users,
    write_import,
    write_interface,
)
from samples.generators.methods import (
    explain_errors,
    explain_field,
    explain_method,
    fill_gap,
    from_functions,
    trace_calls,
    write_doc,
    write_method,
    write_methods,
)
from samples.generators.scenarios import (
    add_state,
    check_scenario,
    explain_model,
    explain_round_trip,
    scenario_class,
    state_after,
    travelling_field,
    write_model,
    write_pair,
)
from samples.generators.sources import Source
from samples.generators.suites import BOTH, covering_cases
from samples.generators.text import bullets, fence, sentence
from samples.generators.wording import instruct


def _named(methods: list[TsMethod]) -> str:
    return ", ".join(f"`{method.name}`" for method in methods)


# --- empty_constructor ---


def complete_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class without constructor and init, to be completed."""
    module = source.module
    for cls in classes(source):
        init = code.init_of(cls)
        if init is None or not follows_pattern(module, cls):
            continue
        methods = [m for m in code.public_methods(cls) if m.name != "init"]
        kept = context.pick(methods, 2)
        spans = [(m.start, m.end) for m in cls.methods if m not in kept]
        if cls.constructor:
            spans.append((cls.constructor.start, cls.constructor.end))
        yield class_draft(
            "empty_constructor",
            "complete_class",
            source,
            cls,
            instruct("complete_class", context.rng, **slots(cls)),
            fence(code.excerpt(module, cls, keep=kept, limit=MAX_CODE)),
            input=fence(code.cut(module, cls, spans)),
            judge="empty_constructor",
        )


def explain_constructor(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Why the constructor is empty and where the set-up lives instead."""
    module = source.module
    for cls in classes(source):
        init = code.init_of(cls)
        if init is None or not follows_pattern(module, cls):
            continue
        fields = [field for field in cls.fields if not field.is_static]
        _, body = code.split_body(module, init)
        if not body:
            continue
        lines = [
            f"`{field.name}` is declared as a field{f' of type `{field.type}`' if field.type else ''}"
            for field in fields[:5]
        ]
        answer = (
            f"The constructor of `{cls.name}` does nothing, so creating an instance never reads, computes or fails. "
            f"All set-up happens in `{code.signature(module, init)}`, which the caller runs once the object exists:\n\n"
            f"{fence(code.member_code(module, init.start, init.end))}\n\n"
            f"{bullets(lines)}\n\nAn empty object can be made by a test, by a factory or from a scenario alike, "
            f"and `init` can be called again with other data."
        )
        yield class_draft(
            "empty_constructor",
            "explain_constructor",
            source,
            cls,
            instruct("explain_constructor", context.rng, **slots(cls)),
            answer,
            input=fence(code.excerpt(module, cls, keep=[], limit=MAX_CODE)),
            parses="",
        )


# --- radical_oop ---


def explain_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a class keeps to itself and what it offers."""
    module = source.module
    for cls in classes(source):
        public = code.public_methods(cls)
        hidden = [f.name for f in cls.fields if f.is_private] + [m.name for m in cls.methods if m.is_private]
        if len(public) < 2 or not hidden:
            continue
        offers = bullets(f"`{code.signature(module, method)}`" for method in public[:8])
        keeps = ", ".join(f"`{name}`" for name in hidden[:6])
        count = len(module.functions)
        free = f"{count} free function(s) that belong into a class" if count else "no free functions"
        answer = (
            f"{sentence(code.purpose(cls))} It keeps {keeps} private: nobody outside can read or change them, only ask "
            f"the object to act.\n\nIt offers:\n{offers}\n\nThe file has "
            f"{free}"
            f", so behaviour and the state it works on stay in one place."
        )
        yield class_draft(
            "radical_oop",
            "explain_class",
            source,
            cls,
            instruct("explain_class", context.rng, **slots(cls)),
            answer,
            input=fence(code.excerpt(module, cls, limit=1600)),
            parses="",
        )


def implement_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class from the contract it implements, as declared in another file."""
    module = source.module
    declared = {
        interface.name: (other, interface)
        for other in context.library.of_kinds((DocumentKind.TYPESCRIPT,))
        if other.component == source.component
        for interface in other.module.interfaces
    }
    for cls in classes(source):
        for name in cls.implements:
            if name not in declared:
                continue
            other, interface = declared[name]
            yield class_draft(
                "radical_oop",
                "implement_interface",
                source,
                cls,
                instruct("implement_interface", context.rng, interface=name, **slots(cls)),
                fence(code.excerpt(module, cls, limit=3200)),
                input=fence(code.declared_interface(other.module, interface)),
                facts=(other.text,),
            )


def write_test(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A Vitest suite for a class, from the team's own tests."""
    if not is_test(source) or source.module.has_errors or "vitest" not in source.text or len(source.text) > 5200:
        return
    named = {name for imported in source.module.imports for name in imported.names}
    for other in context.library.of_kinds((DocumentKind.TYPESCRIPT,)):
        for cls in classes(other):
            if cls.name in named:
                output = fence(source.text)
                instruction = instruct("write_test", context.rng, **slots(cls))
                shown = fence(code.outline(other.module, cls))
                yield SampleDraft(
                    CATEGORY,
                    "radical_oop",
                    "write_test",
                    instruction,
                    shown,
                    output,
                    source.document_id,
                    source.chunks(),
                    facts=(other.text,),
                    parses="typescript",
                )
                return


_task = partial(Task, CATEGORY, kinds=(DocumentKind.TYPESCRIPT,))
TASKS = tuple(
    _task(task_type, make.__name__, make=make)
    for task_type, makers in {
        "empty_constructor": (
            write_class,
            complete_class,
            explain_constructor,
            review_constructor,
            convert_constructor,
            repair,
            first_value,
            birth_of_object,
            convert_caller,
        ),
        "five_layers": (
            place_class,
            lay_out_component,
            write_interface,
            judge_import,
            write_import,
            find_method,
            place_interface,
            explain_file,
            split_file,
            trace_users,
        ),
        "radical_oop": (
            write_method,
            explain_class,
            fill_gap,
            explain_method,
            implement_interface,
            trace_calls,
            from_functions,
            explain_field,
            write_methods,
            explain_errors,
            write_test,
            write_doc,
            covering_cases,
        ),
        "scenario_state": (
            write_pair,
            scenario_class,
            state_after,
            explain_round_trip,
            travelling_field,
            add_state,
            write_model,
            explain_model,
            check_scenario,
        ),
    }.items()
    for make in makers
) + tuple(
    _task(task_type, make.__name__, make=partial(make, task_type))
    for task_type in ("radical_oop", "scenario_state")
    for make in BOTH
)
