"""style_core: how the team writes TypeScript, learnt from its own classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rag.corpus.types import DocumentKind
from rag.corpus.typescript import TsMethod
from samples.generators import code, members, several_methods, suites
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.classes import CATEGORY, MAX_CODE, class_draft, classes, file_draft, follows_pattern, slots
from samples.generators.constructors import (
    birth_of_object,
    convert_constructor,
    first_value,
    repair,
    review_constructor,
    write_class,
)
from samples.generators.conversion import repaired
from samples.generators.functions import from_functions
from samples.generators.layer_files import (
    explain_file,
    find_method,
    lay_out_component,
    split_file,
    write_interface,
)
from samples.generators.layer_imports import trace_users, write_import, write_imports
from samples.generators.layers import judge_import, place_class, place_interface
from samples.generators.methods import (
    explain_errors,
    explain_field,
    explain_method,
    fill_gap,
    first_line,
    follows,
    specification,
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
    travelling_field,
    write_model,
    write_pair,
)
from samples.generators.several import ask_whom, judge_imports, place_several, review_several, sort_cases
from samples.generators.sources import Source
from samples.generators.state_changes import state_after
from samples.generators.suites import covering_cases
from samples.generators.text import bullets, fence, sentence
from samples.generators.travelling import forgotten_state, given_later, scenario_as_json
from samples.generators.views import (
    class_view,
    drawn_on,
    is_clean,
    is_sound,
    listed,
    setting,
    shown_code,
    types_for,
    undeclared,
)
from samples.generators.wording import instruct

# --- empty_constructor ---


def complete_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class without constructor and init, to be completed."""
    source = repaired(source)
    module = source.module
    for cls in classes(source):
        init = code.init_of(cls)
        if init is None or not follows_pattern(module, cls) or not is_clean(source.text[init.start : init.end]):
            continue
        methods = [m for m in code.public_methods(cls) if m.name != "init"]
        kept = context.pick(methods, 2)
        spans = [(m.start, m.end) for m in cls.methods if m not in kept]
        if cls.constructor:
            spans.append((cls.constructor.start, cls.constructor.end))
        text = code.excerpt(module, cls, keep=kept, limit=MAX_CODE)
        types = types_for(source, context, text, 1400)
        given = shown_code(source, *(t for _, t in types), code.cut(module, cls, spans))
        if undeclared(text, given) or not follows(source, init):
            continue
        yield class_draft(
            "empty_constructor",
            "complete_class",
            source,
            cls,
            f"{instruct('complete_class', context.rng, **slots(cls))}\n\n{specification(source, cls, init)}",
            fence(text),
            input=given,
            judge="empty_constructor",
            **drawn_on(source, (where for where, _ in types)),
        )


def explain_constructor(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Why the constructor is empty and where the set-up lives instead."""
    source = repaired(source)
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
            f"The constructor of `{cls.name}` does nothing, so an instance can be created without any data. "
            f"All set-up happens in `{code.signature(module, init)}`, which the caller runs once the object exists:\n\n"
            f"{fence(code.member_code(module, init.start, init.end))}\n\n"
            f"{bullets(lines)}\n\nAn empty object can be made by a test, by a factory or from a scenario alike."
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
    for cls in classes(source):
        public = code.public_methods(cls)
        fields = [f.name for f in cls.fields if f.is_private and not f.is_static]
        helpers = [m.name for m in cls.methods if m.is_private]
        if not is_sound(cls) or len(public) < 2 or not fields:
            continue
        lines = [f"State it keeps to itself: {listed(fields)}"]
        if helpers:
            lines.append(f"Helpers that nobody outside calls: {listed(helpers)}")
        if shown := [f.name for f in cls.fields if not f.is_private and not f.is_static]:
            lines.append(f"Not hidden, against the rule of private state: {listed(shown)}")
        if source.module.functions:
            free = listed(f.name for f in source.module.functions if f.name)
            lines.append(f"Free functions of the file, which belong into a class: {free}")
        offers = bullets(_offer(source, method) for method in public[:8])
        said = f"{sentence(code.purpose(cls))}\n\n" if cls.doc else ""
        around, more = setting(source, cls, context, shown=public[:2], limit=1200)
        yield class_draft(
            "radical_oop",
            "explain_class",
            source,
            cls,
            instruct("explain_class", context.rng, **slots(cls)),
            f"{said}{bullets(lines)}\n\nMessages it understands:\n\n{offers}",
            input=f"{around}\n\n{fence(code.outline(source.module, cls))}",
            parses="",
            **more,
        )


def _offer(source: Source, method: TsMethod) -> str:
    doc = first_line(method.doc)
    return f"`{code.signature(source.module, method)}`{f': {doc}' if doc else ''}"


def implement_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class from the contract it implements, the types it needs and the fields it has."""
    for cls in classes(source):
        text = code.excerpt(source.module, cls, limit=3200)
        if not is_sound(cls) or not is_clean(text):
            continue
        for name in cls.implements:
            seen = context.library.project.interface_of(source, name)
            if seen is None or not all(f" {member}(" in text for member in seen[1].members):
                continue
            types = types_for(source, context, text, 1800)
            given = shown_code(source, *(t for _, t in types), code.outline_fields(source.module, cls))
            if undeclared(text, given):
                continue
            yield class_draft(
                "radical_oop",
                "implement_interface",
                source,
                cls,
                instruct("implement_interface", context.rng, interface=name, **slots(cls)),
                fence(text),
                input=given,
                **drawn_on(source, (where for where, _ in types)),
            )


def write_test(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A Vitest suite for a class, from the team's own tests; the cases are named, the class is shown."""
    cases = suites.cases_of(source)
    seen = suites.under_test(source, cases[0], context) if cases else None
    if seen is None or len(source.text) > 3600 or not is_clean(source.text):
        return
    where, cls = seen
    types = types_for(where, context, source.text, 1200)
    given = shown_code(where, *(t for _, t in types), class_view(where, cls, limit=2600))
    if undeclared(source.text, given):
        return
    titles = "\n".join(f'- "{case.title}"' for case in cases)
    yield file_draft(
        "radical_oop",
        "write_test",
        source,
        f"{instruct('write_test', context.rng, **slots(cls))} The cases:\n\n{titles}",
        fence(source.text),
        input=given,
        **drawn_on(source, (where, *(seen for seen, _ in types))),
    )


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
            review_several,
            given_later,
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
            write_imports,
            place_several,
            judge_imports,
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
            ask_whom,
            sort_cases,
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
            forgotten_state,
            scenario_as_json,
        ),
    }.items()
    for make in makers
) + tuple(
    _task(task_type, make.__name__, make=partial(make, task_type))
    for task_type in ("radical_oop", "scenario_state")
    for make in (*members.BOTH, *suites.BOTH, *several_methods.BOTH)
)
