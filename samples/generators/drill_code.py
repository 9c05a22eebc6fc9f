"""short_class: small Web4 classes, interfaces, tests and repairs, asked for in a line."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from rag.corpus.types import DocumentKind
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.drills import (
    DRILLS_PER_SOURCE,
    Thing,
    component_name,
    drill,
    drill_data,
    expand,
    plural,
    subject_slots,
    things,
)
from samples.generators.sources import Source
from samples.generators.text import fence

CATEGORY = "style_core"
ABILITIES = ("add", "count", "remove", "list")
ENTRIES = Thing("list of entries", "entry")
_FIELD_TYPES = {"string": "''", "number": "0", "boolean": "false", "string[]": "[]"}


def _method(ability: str, thing: Thing) -> str:
    """The method that gives a class the ability; '' for none."""
    one, many, kind = thing.variable, thing.plural, thing.type_name
    bodies = {
        "add": f"add{kind}({one}: string): void {{\n  this.{many}.push({one});\n}}",
        "count": f"count(): number {{\n  return this.{many}.length;\n}}",
        "remove": (
            f"remove{kind}({one}: string): void {{\n  this.{many} = this.{many}.filter((each) => each !== {one});\n}}"
        ),
        "list": f"list(): string[] {{\n  return [...this.{many}];\n}}",
    }
    return bodies.get(ability, "")


def _signature(ability: str, thing: Thing) -> str:
    return _method(ability, thing).partition(" {")[0] + ";"


def _class(name: str, thing: Thing, abilities: list[str]) -> str:
    many, state = thing.plural, f"{name}Scenario"
    members = [
        f"private {many}: string[] = [];",
        "constructor() {}",
        f"init(scenario: {state}): this {{\n  this.{many} = [...scenario.{many}];\n  return this;\n}}",
        *(_method(ability, thing) for ability in abilities),
        f"toScenario(): {state} {{\n  return {{ {many}: [...this.{many}] }};\n}}",
    ]
    body = indent("\n\n".join(filter(None, members)), "  ")
    return f"export interface {state} {{\n  {many}: string[];\n}}\n\nexport class {name} {{\n{body}\n}}"


def _thing(context: Context, slots: dict[str, str]) -> Thing:
    return next(thing for thing in things() if thing.noun == slots["noun"])


def _ask(key: str, context: Context, slots: dict[str, str]) -> str:
    return expand(context.rng.choice(drill_data("code")[key]), context.rng, slots)


def _code(task: str, source: Source, ask: str, code: str, **more: object) -> SampleDraft:
    # The names of a piece of code follow from its subject.
    return drill(CATEGORY, "short_class", task, source, ask, fence(code), parses="typescript", facts=(code,), **more)


def _asked(ask: str, ability: str, context: Context, slots: dict[str, str]) -> tuple[Thing, list[str]]:
    """What the class keeps and can do; a request that does not say what it keeps gets entries and no more."""
    if slots["keep"] not in ask and slots["ability"] not in ask:
        return ENTRIES, []
    return _thing(context, slots), [ability if slots["ability"] in ask else "add"]


def short_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class with state from its scenario and one or two methods."""
    for _ in range(DRILLS_PER_SOURCE):
        slots = subject_slots(context)
        ability = context.rng.choice((*ABILITIES, "add", "none"))
        slots |= {"keep": _ask("keep", context, slots), "ability": _ask(ability, context, slots)}
        ask = _ask("class", context, slots)
        code = _class(slots["name"], *_asked(ask, ability, context, slots))
        yield _code("short_class", source, ask, code, judge="empty_constructor")


def short_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The interface of a component, without its class."""
    for _ in range(DRILLS_PER_SOURCE):
        slots = subject_slots(context)
        first, second = context.pick(ABILITIES, 2)
        slots |= {"ability": _ask(first, context, slots), "second": _ask(second, context, slots)}
        ask, thing = _ask("interface", context, slots), _thing(context, slots)
        told = [first] + ([second] if slots["second"] in ask else [])
        methods = "\n".join(f"  {_signature(ability, thing)}" for ability in told)
        yield _code("short_interface", source, ask, f"export interface {slots['name']} {{\n{methods}\n}}")


def short_test(source: Source, context: Context) -> Iterator[SampleDraft]:
    """One Vitest test: of an empty component, of one that got something, or of a scenario that survives."""
    for _ in range(DRILLS_PER_SOURCE):
        slots = subject_slots(context)
        name, thing = slots["name"], _thing(context, slots)
        ask, many = _ask("test", context, slots), thing.plural
        made = f"const made = new {name}().init({{ {many}: [] }});"
        if "surviv" in ask or "keeps" in ask or "gives back" in ask:
            title = "gives back its scenario"
            lines = [
                f"const scenario = {{ {many}: ['first', 'second'] }};",
                f"const made = new {name}().init(scenario);",
                "expect(made.toScenario()).toEqual(scenario);",
            ]
        elif "added" in ask or "adding" in ask or "its $items" in ask:
            title = f"counts an added {thing.item}"
            lines = [made, f"made.add{thing.type_name}('first');", "expect(made.count()).toBe(1);"]
        else:
            title = f"counts no {plural(thing.item)} when it is new"
            lines = [made, "expect(made.count()).toBe(0);"]
        body = "\n".join(f"    {line}" for line in lines)
        code = (
            f"import {{ describe, expect, it }} from 'vitest';\nimport {{ {name} }} from './{name}';\n\n"
            f"describe('{name}', () => {{\n  it('{title}', () => {{\n{body}\n  }});\n}});"
        )
        yield _code("short_test", source, ask, code)


def short_repair(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A class whose constructor works, and the same with its set-up in init()."""
    for _ in range(DRILLS_PER_SOURCE):
        rng, slots = context.rng, subject_slots(context)
        name = rng.choice((slots["name"], slots["other"], slots["Item"], component_name(context)))
        slots["name"] = name
        field, kind = _thing(context, slots).variable, rng.choice(sorted(_FIELD_TYPES))
        line = rng.random() < 0.5
        given = (
            f"class {name} {{\n  private {field}: {kind};\n\n"
            f"  constructor({field}: {kind}) {{\n    this.{field} = {field};\n  }}\n}}"
        )
        if line:
            given = " ".join(given.split())
        code = (
            f"class {name} {{\n  private {field}: {kind} = {_FIELD_TYPES[kind]};\n\n  constructor() {{}}\n\n"
            f"  init({field}: {kind}): this {{\n    this.{field} = {field};\n    return this;\n  }}\n}}"
        )
        shown = fence(given, rng.choice(("ts", "typescript")))
        ask = f"{_ask('repair', context, slots)}\n{shown}"
        yield _code("short_repair", source, ask, code, judge="empty_constructor")


_FILES = (DocumentKind.TYPESCRIPT,)
TASKS = tuple(
    Task(CATEGORY, "short_class", make.__name__, _FILES, make)
    for make in (short_class, short_interface, short_test, short_repair)
)
