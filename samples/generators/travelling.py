"""style_core, scenario state and creation: what a save forgets, its JSON, how an object gets its data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tree_sitter import Node

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft
from samples.generators.conversion import repaired
from samples.generators.facts import text_of, walk
from samples.generators.scenario_forms import given_scenarios
from samples.generators.scenarios import TYPE, method_named
from samples.generators.sources import Source
from samples.generators.text import fence
from samples.generators.views import class_view, drawn_on, is_sound, setting, shown_code, types_for
from samples.generators.wording import instruct

FORGOTTEN = 3
MAX_SITE = 1500


def _pair(cls: TsClass) -> tuple[TsMethod, TsMethod] | None:
    init, saving = code.init_of(cls), method_named(cls, "toScenario")
    return (init, saving) if init is not None and saving is not None and is_sound(cls) else None


def _saved(source: Source, saving: TsMethod) -> list[tuple[str, Node]]:
    """(member, its node) of the one object literal that `toScenario` returns."""
    node = source.facts.node(saving.start, saving.end)
    returned = [n for n in walk(node) if n.type == "return_statement"] if node is not None else []
    value = returned[0].named_children[0] if len(returned) == 1 and returned[0].named_children else None
    if value is None or value.type != "object":
        return []
    if not all(child.type in ("pair", "shorthand_property_identifier") for child in value.named_children):
        return []
    return [(text_of(child.child_by_field_name("key")) or text_of(child), child) for child in value.named_children]


def forgotten_state(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A `toScenario` that leaves one member out: which, how one can tell, and the method put right."""
    for cls in classes(source):
        pair = _pair(cls)
        members = _saved(source, pair[1]) if pair else []
        if pair is None or len(members) < 3:
            continue
        right = code.member_code(source.module, pair[1].start, pair[1].end)
        for name, node in context.pick(members, FORGOTTEN):
            start, end = source.facts.char(node.start_byte), source.facts.char(node.end_byte)
            broken = _without(source.text, start, end, pair[1])
            around, more = setting(source, cls, context, shown=pair, limit=1700)
            whole = source.text[pair[1].start : pair[1].end]
            if whole not in around or name not in around.replace(whole, "").split("class ")[0]:
                continue
            yield class_draft(
                TYPE,
                "forgotten_state",
                source,
                cls,
                instruct("forgotten_state", context.rng, name=cls.name),
                f"`toScenario` leaves `{name}` out, which the scenario declares: a restored object would start "
                f"without it.\n\n{fence(right)}",
                input=around.replace(whole, broken),
                parses="",
                **more,
            )


def _without(text: str, start: int, end: int, method: TsMethod) -> str:
    """The text of a method without one member of its literal and the comma that belongs to it."""
    before, after = text[method.start : start], text[end : method.end]
    if after.lstrip().startswith(","):
        after = after.lstrip()[1:].lstrip(" ")
        return before.rstrip() + after if after.startswith("\n") else before + after
    return before.rstrip().rstrip(",") + after


_LITERAL_KEY = re.compile(r"(?m)([{,]\s*)(\w+)\s*:")
_TRAILING = re.compile(r",(\s*[}\]])")


def scenario_as_json(source: Source, context: Context) -> Iterator[SampleDraft]:
    """A scenario of the code as the JSON file it would be saved to, and back."""
    for given in given_scenarios(source, context):
        literal = given.literal.partition(" = ")[2].removesuffix(";")
        data = _json_of(literal)
        if data is None:
            continue
        types = shown_code(given.where, *(t for _, t in types_for(given.where, context, given.declared, 900)))
        more = drawn_on(source, [given.where])
        as_json = json.dumps(data, indent=2, ensure_ascii=False)
        yield file_draft(
            TYPE,
            "scenario_as_json",
            source,
            instruct("scenario_as_json", context.rng, name=given.interface.name),
            as_json,
            span=given.span,
            input=f"{types}\n\n{fence(given.literal)}",
            parses="json",
            **more,
        )
        yield file_draft(
            TYPE,
            "scenario_of_json",
            source,
            instruct("scenario_of_json", context.rng, name=given.interface.name),
            fence(given.literal),
            span=given.span,
            input=f"{types}\n\n{fence(as_json, 'json')}",
            **more,
        )


def _json_of(literal: str) -> object | None:
    """The value of an object literal that holds plain values only; None for any other."""
    text = _TRAILING.sub(r"\1", _LITERAL_KEY.sub(r'\1"\2":', re.sub(r"'([^'\"\n]*)'", r'"\1"', literal)))
    try:
        return json.loads(re.sub(r"(?<=\d)_(?=\d)", "", text))
    except ValueError:
        return None


def given_later(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Places that hand data to `new`, put right: create first, then `init`."""
    project = context.library.project
    for call, name in _creations(source):
        seen = project.seen_class(source, name)
        if seen is None:
            continue
        where = repaired(seen[0])
        cls = next((c for c in classes(where) if c.name == name), None)
        init = code.init_of(cls) if cls else None
        if cls is None or init is None or init.is_async or not is_sound(cls) or not init.parameters:
            continue
        start, end = source.facts.char(call.start_byte), source.facts.char(call.end_byte)
        right = code.dedent(source.text[start:end], source.text, start)
        wrong = right.replace(f"new {name}().init(", f"new {name}(", 1)
        if wrong == right or len(right) > MAX_SITE:
            continue
        shown = shown_code(where, class_view(where, cls, shown=[init], hidden=_but(cls, init), limit=700))
        yield file_draft(
            "empty_constructor",
            "given_later",
            source,
            instruct("given_later", context.rng, name=name),
            f"{fence(right)}\n\nThe constructor of `{name}` is empty and takes nothing: `new {name}()` makes the "
            f"object, `{code.signature(where.module, init)}` gives it its data.",
            span=(start, end),
            input=f"{shown}\n\n`{source.path}`:\n{fence(wrong)}",
            **drawn_on(source, (where,)),
        )


def _but(cls: TsClass, kept: TsMethod) -> list[TsMethod]:
    return [m for m in cls.methods if m is not kept]


def _creations(source: Source) -> Iterator[tuple[Node, str]]:
    """(statement, class name) of every `new Name().init(...)` with data, each statement once."""
    seen: set[int] = set()
    for node in walk(source.module.root) if not source.module.has_errors else ():
        if node.type != "call_expression":
            continue
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        created = function.child_by_field_name("object") if function is not None else None
        if created is None or created.type != "new_expression" or arguments is None or not arguments.named_children:
            continue
        statement: Node | None = node
        while statement is not None and not statement.type.endswith(("_statement", "_declaration", "_definition")):
            statement = statement.parent
        plain = not text_of(created.child_by_field_name("arguments")).strip("() ")
        if statement is None or statement.id in seen or not plain or text_of(function).split(".")[-1] != "init":
            continue
        seen.add(statement.id)
        yield statement, text_of(created.child_by_field_name("constructor"))
