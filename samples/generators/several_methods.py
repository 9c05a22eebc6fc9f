"""style_core: methods of different classes beside each other: which change their object, and what a save then shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tree_sitter import Node

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, is_test
from samples.generators.facts import MethodFacts, text_of, walk
from samples.generators.scenarios import method_named
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import drawn_on, is_clean, is_sound, listed
from samples.generators.wording import instruct

SHOWN = 3
MAX_METHOD = 700
MAX_SHOWN = 1100
MAX_METHODS = 8
_FRESH = re.compile(r"^(?:\[|\{|new (?:Map|Set|Array)\b)")
_MAKERS = ("Map", "Set", "Array", "Error", "RangeError", "TypeError", "Math", "JSON", "Number", "Object", "String")
_FUNCTIONS = ("Number", "String", "Boolean", "structuredClone", "parseInt", "parseFloat", "isNaN")
_READING = frozenset((
    "map", "filter", "reduce", "reduceRight", "find", "findIndex", "findLast", "some", "every", "includes", "indexOf",
    "slice", "concat", "join", "flat", "flatMap", "get", "has", "keys", "values", "entries", "forEach", "startsWith",
    "endsWith", "toUpperCase", "toLowerCase", "trim", "padStart", "padEnd", "split", "replace", "repeat", "charAt",
    "charCodeAt", "match", "toFixed", "toString", "localeCompare", "substring", "getTime", "toISOString", "lastIndexOf",
    "at", "test",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A method with the fields of its class, and for `saved` its `toScenario` as well: what is shown, what is said."""

    where: Source
    text: str
    said: str
    changes: bool


def which_change(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which of three methods change their object; of those that save it, whether the scenario shows it."""
    saved = task_type == "scenario_state"
    for cls in classes(source):
        for method in _asked_for(source, cls)[:MAX_METHODS]:
            own = _told(source, cls, method, saved)
            if own is None:
                continue
            found = [own, *islice(_elsewhere(source, context, saved), SHOWN - 1)]
            if len(found) < SHOWN or len({told.changes for told in found}) < 2:
                continue
            told = context.pick(found, SHOWN)
            yield class_draft(
                task_type,
                "which_change",
                source,
                cls,
                instruct("which_change_saved" if saved else "which_change", context.rng, count=str(SHOWN)),
                bullets(one.said for one in told),
                input=fence("\n\n".join(one.text for one in told)),
                parses="",
                **drawn_on(source, (one.where for one in told)),
            )


def _elsewhere(source: Source, context: Context, saved: bool) -> Iterator[Told]:
    """One method each of classes of other components, in seeded order."""
    others = [s for s in context.library.project.sources if not is_test(s) and s.component != source.component]
    for other in context.pick(others, len(others)):
        for cls in classes(other)[:1]:
            for method in context.pick(_asked_for(other, cls), 1):
                if told := _told(other, cls, method, saved):
                    yield told


def _asked_for(source: Source, cls: TsClass) -> list[TsMethod]:
    """Short methods whose effect on their object is known."""
    if not is_sound(cls):
        return []
    return [
        method
        for method in code.public_methods(cls)
        if method.kind == "method"
        and not method.is_static
        and method.name not in ("init", "toScenario")
        and method.end - method.start <= MAX_METHOD
        and is_clean(source.text[method.start : method.end])
        and not source.facts.method(cls, method).opaque
    ]


def _told(source: Source, cls: TsClass, method: TsMethod, saved: bool) -> Told | None:
    """None where a method says nothing by itself, or its class cannot be shown shortly."""
    saving = method_named(cls, "toScenario")
    facts = source.facts.method(cls, method)
    if (saved and saving is None) or not (facts.writes or _is_query(source, method, facts)):
        return None
    kept = [m for m in (saving if saved else None, method) if m is not None]
    dropped = [(m.start, m.end) for m in cls.methods if m not in kept]
    if cls.constructor:
        dropped.append((cls.constructor.start, cls.constructor.end))
    text = code.cut(source.module, cls, dropped)
    if len(text) > MAX_SHOWN:
        return None
    said = f"`{cls.name}.{method.name}`: {_effect(facts)}"
    if saved and saving is not None and facts.writes:
        read = source.facts.method(cls, saving).reads
        shown, hidden = ([name for name in facts.writes if (name in read) is inside] for inside in (True, False))
        said += f"; `toScenario` reads {listed(shown)}, so the next scenario shows it" if shown else ""
        said += f"; not read by `toScenario`, so not in it: {listed(hidden)}" if hidden else ""
    elif saved:
        said += "; the next scenario is the same"
    return Told(source, text, said, bool(facts.writes))


def _is_query(source: Source, method: TsMethod, facts: MethodFacts) -> bool:
    """Whether a method certainly changes nothing: it assigns no member of anything and calls only what reads."""
    node = source.facts.node(method.start, method.end)
    if node is None or not facts.reads or facts.calls:
        return False
    fresh = {
        text_of(inner.child_by_field_name("name"))
        for inner in walk(node)
        if inner.type == "variable_declarator" and _FRESH.match(text_of(inner.child_by_field_name("value")))
    }
    return all(_only_reads(inner, fresh) for inner in walk(node))


def _only_reads(node: Node, fresh: set[str]) -> bool:
    """`fresh` are local variables that hold something made here."""
    if node.type in ("assignment_expression", "augmented_assignment_expression", "update_expression"):
        target = node.child_by_field_name("left") or node.child_by_field_name("argument")
        return target is not None and target.type == "identifier"
    if node.type in ("yield_expression", "await_expression", "new_expression"):
        return text_of(node.child_by_field_name("constructor")) in _MAKERS
    if node.type != "call_expression":
        return True
    called = node.child_by_field_name("function")
    if called is None or called.type != "member_expression":
        return text_of(called) in _FUNCTIONS
    owner, name = text_of(called.child_by_field_name("object")), text_of(called.child_by_field_name("property"))
    return name in _READING or owner in _MAKERS or owner in fresh


def _effect(facts: MethodFacts) -> str:
    if not facts.writes:
        return f"changes nothing, it only reads {listed(facts.reads)}"
    verb = "can change" if facts.branches or facts.throws or facts.guards else "changes"
    return f"{verb} {listed(facts.writes)}"


BOTH = (which_change,)
