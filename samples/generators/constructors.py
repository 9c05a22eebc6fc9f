"""style_core, empty constructor: judged, explained, and repaired where real classes break the rule."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.typescript import TsClass, TsField, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, follows_pattern, slots
from samples.generators.conversion import converted, repaired
from samples.generators.faults import FAULTS, kept_methods
from samples.generators.methods import follows, specification
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import (
    class_view,
    drawn_on,
    groups,
    is_clean,
    is_whole,
    listed,
    say,
    shown_code,
    types_for,
    undeclared,
    with_helpers,
)
from samples.generators.wording import instruct
from samples.judges import judge

TYPE = "empty_constructor"
MAX_CLASS = 2400
MAX_VARIANTS = 12


def write_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The class from its types and contract; once with all that fits, then around single methods."""
    source = repaired(source)
    module = source.module
    for cls in classes(source):
        if not follows_pattern(module, cls):
            continue
        methods = [m for m in code.public_methods(cls) if m.name != "init" and not m.is_static]
        methods = [m for m in methods if follows(source, m)]
        singles = [[method] for method in methods if len(methods) > 1]
        variants = [methods, *singles[:8], *groups(methods[len(methods) % 2 :], 2)]
        for wanted in variants[:MAX_VARIANTS]:
            kept = with_helpers(source, cls, wanted)
            text = code.excerpt(module, cls, keep=kept, limit=MAX_CLASS)
            if not is_clean(text) or not is_whole(text, cls):
                continue
            shown = [method for method in kept if code.signature(module, method) in " ".join(text.split())]
            types = types_for(source, context, text, 1400)
            given = shown_code(source, *(t for _, t in types), code.outline_fields(module, cls))
            if undeclared(text, given):
                continue
            init = code.init_of(cls)
            others = [method for method in shown if method is not init]
            told = "\n\n".join(specification(source, cls, m) for m in [*([init] if init else []), *others[:6]])
            instruction = instruct(
                "write_class",
                context.rng,
                methods=_named([method for method in shown if method in wanted]) or "`init`",
                **slots(cls),
            )
            yield class_draft(
                TYPE,
                "write_class",
                source,
                cls,
                f"{instruction}\n\n{told}".strip(),
                fence(text),
                input=given,
                judge="empty_constructor",
                **drawn_on(source, (where for where, _ in types)),
            )


def _named(methods: list[TsMethod]) -> str:
    return ", ".join(f"`{method.name}`" for method in methods)


def review_constructor(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class as it stands in the repository: does its constructor keep the rule, and how can one tell?"""
    module = source.module
    for cls in classes(source):
        if cls.constructor is None:
            continue
        shown = code.excerpt(module, cls, keep=kept_methods(cls, context, 2), limit=1700)
        if len(shown) > MAX_CLASS:
            continue
        good = not cls.constructor.faults
        if good != bool(judge("empty_constructor", fence(_with_init(shown))).passed):
            continue
        answer = _keeps(source, cls) if good else _breaks(source, cls, context)
        instruction = instruct("review_constructor", context.rng, name=cls.name)
        yield class_draft(
            TYPE, "review_constructor", source, cls, instruction, answer, input=shown_code(source, shown), parses=""
        )


def _with_init(text: str) -> str:
    """The class with an `init`, so that the judge looks at the constructor alone."""
    return text if " init(" in text else f"{text[: text.rindex('}')]}  init(): this {{ return this; }}\n}}"


def _breaks(source: Source, cls: TsClass, context: Context) -> str:
    constructor = cls.constructor
    assert constructor is not None
    faults = bullets(_fault(fault) for fault in constructor.faults[:8])
    because = say(
        context.rng,
        "An instance cannot be created empty: tests, factories and scenarios would all have to supply what it wants",
        "Creating an object must never read, compute or fail; here it does more than that",
        "The set-up runs before anybody can hand in a scenario, and it cannot be repeated",
    )
    home = "`init`, which the class already has" if code.init_of(cls) else "an `init` method that returns `this`"
    return f"No, the constructor of `{cls.name}` is not empty:\n\n{faults}\n\n{because}. The place for this is {home}."


def _fault(fault: str) -> str:
    return fault.replace("statement in the constructor", "it runs", 1).replace(
        "parameter property", "it assigns through the parameter property", 1
    )


def _keeps(source: Source, cls: TsClass) -> str:
    initial = [f for f in cls.fields if not f.is_static and source.facts.initial(f.start, f.end)]
    bare = [f.name for f in cls.fields if not f.is_static and not source.facts.initial(f.start, f.end)]
    lines = []
    body = source.facts.constructor_body(cls)
    lines.append("It only calls `super(...)`" if body else "Its body holds no statement")
    if initial:
        lines.append(f"First values stand in the declarations: {listed((f.name for f in initial), 10)}")
    if bare:
        lines.append(f"Declared without a value: {listed(bare, 10)}")
    init = code.init_of(cls)
    if init is not None:
        writes = source.facts.method(cls, init).writes
        does = f" sets {listed(writes, 10)}" if writes else " does the set-up"
        lines.append(f"`{code.signature(source.module, init)}`{does} once the object exists")
    else:
        lines.append("The class has no `init`: there is nothing to set up before its methods can be called")
    return f"Yes, the constructor of `{cls.name}` is empty:\n\n{bullets(lines)}"


def convert_constructor(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A constructor of the repository that works, moved into `init` statement by statement."""
    for cls in classes(source):
        done = converted(source, cls)
        if done is None:
            continue
        before, after = done
        instruction = instruct("convert_constructor", context.rng, **slots(cls))
        moved = (
            "The constructor is empty now; what it did happens in `init`, in the same order. "
            f"Callers write `new {cls.name}().init(...)`."
        )
        yield class_draft(
            TYPE,
            "convert_constructor",
            source,
            cls,
            instruction,
            f"{fence(after)}\n\n{moved}",
            input=shown_code(source, before),
            judge="empty_constructor",
        )


def repair(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A broken rule made from good code: which line, why, and the members as they should be."""
    source = repaired(source)
    module = source.module
    for cls in classes(source):
        if not follows_pattern(module, cls):
            continue
        for name, fault in FAULTS.items():
            if not fault.constructor:
                continue
            kept = kept_methods(cls, context, 3)
            dropped = [(m.start, m.end) for m in cls.methods if m not in kept and m.name != "init"]
            wrong = fault.mutate(module, cls, dropped)
            if (
                not wrong
                or not is_clean(wrong)
                or len(wrong) > MAX_CLASS
                or judge("empty_constructor", fence(wrong)).passed is not False
            ):
                continue
            right = class_view(source, cls, shown=[m for m in cls.methods if m.name == "init"], hidden=_but_init(cls))
            answer = f"{fault.finding.format(name=cls.name)}. {fault.why}.\n\n{fence(right)}\n\nAll other members stay."
            yield class_draft(
                TYPE,
                f"repair_{name}",
                source,
                cls,
                instruct("repair_constructor", context.rng, name=cls.name),
                answer,
                input=fence(wrong),
                judge="empty_constructor",
            )


def _but_init(cls: TsClass) -> list[TsMethod]:
    return [m for m in cls.methods if m.name != "init"]


def birth_of_object(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What `new` alone gives, and what `init` then sets."""
    source = repaired(source)
    for cls in classes(source):
        fields = [f for f in cls.fields if not f.is_static]
        if (cls.constructor and cls.constructor.faults) or len(fields) < 2:
            continue
        init = code.init_of(cls)
        after = ""
        if init is not None:
            writes = [n for n in source.facts.method(cls, init).writes if n in {f.name for f in fields}]
            stays = [f.name for f in fields if f.name not in writes]
            after = f"\n\n`{code.signature(source.module, init)}` then sets "
            after += f"{listed(writes, 10) or 'nothing in its own body'}."
            after += f" It does not assign {listed(stays, 10)} itself." if stays else ""
        yield class_draft(
            TYPE,
            "birth_of_object",
            source,
            cls,
            instruct("birth_of_object", context.rng, name=cls.name),
            f"After `new {cls.name}()`:\n\n{bullets(_newborn(source, f) for f in fields[:10])}{after}",
            input=shown_code(source, class_view(source, cls, shown=[init] if init else [], limit=1500)),
            parses="",
        )


def _newborn(source: Source, field: TsField) -> str:
    value = " ".join(source.facts.initial(field.start, field.end).split())
    if not value:
        return f"`{field.name}` has no value yet"
    return (
        f"`{field.name}` is `{value}`" if len(value) < 90 else f"`{field.name}` has the first value it is declared with"
    )


def first_value(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Where one field gets its value, from declaration to later changes."""
    source = repaired(source)
    for cls in classes(source):
        init = code.init_of(cls)
        if init is None or (cls.constructor and cls.constructor.faults):
            continue
        facts = {m.name: source.facts.method(cls, m) for m in cls.methods if m.has_body}
        for field in cls.fields:
            if field.is_static or any(f.opaque for f in facts.values()):
                continue
            writers = [name for name, f in facts.items() if field.name in f.writes and name != "init"]
            shown = [init, *(m for m in cls.methods if m.name in writers)]
            yield class_draft(
                TYPE,
                "first_value",
                source,
                cls,
                instruct("first_value", context.rng, field=field.name, name=cls.name),
                bullets(_life(source, cls, field, init, writers)),
                input=shown_code(source, class_view(source, cls, shown=shown[:3], limit=1500)),
                parses="",
            )


def _life(source: Source, cls: TsClass, field: TsField, init: TsMethod, writers: list[str]) -> Iterator[str]:
    value = " ".join(source.facts.initial(field.start, field.end).split())
    if not value:
        yield "Declaration: no first value"
    else:
        yield (
            f"Declaration: it starts as `{value}`"
            if len(value) < 100
            else "Declaration: it starts with the value there"
        )
    if cls.constructor:
        yield "Constructor: it is empty, so nothing happens to the field there"
    else:
        yield "Constructor: the class has none, so nothing happens to the field there"
    line = _assignment(source, init, field.name)
    sets = field.name in source.facts.method(cls, init).writes
    yield f"`init`: `{line}`" if line else f"`init`: {'assigns it' if sets else 'does not assign it'}"
    yield f"Later changes: in {listed(writers)}" if writers else "Later changes: none of the methods assigns it"


def _assignment(source: Source, init: TsMethod, name: str) -> str:
    """The line of `init` that assigns the field, when it stands on a line of its own."""
    for line in source.text[init.start : init.end].splitlines():
        if line.strip().startswith(f"this.{name} = ") and line.rstrip().endswith(";"):
            return line.strip().rstrip(";")
    return ""
