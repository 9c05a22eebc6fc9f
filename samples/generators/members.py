"""style_core: members of a class against each other: shared state, commands and queries, the reference of a class."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes
from samples.generators.facts import MethodFacts
from samples.generators.methods import failure, first_line
from samples.generators.sources import Source
from samples.generators.text import bullets
from samples.generators.views import class_view, listed, setting, shown_code
from samples.generators.wording import instruct

MAX_PAIRS = 12
MAX_PAIR = 2200
REFERENCE = 5


def _kind_of(cls: TsClass) -> str:
    """Classes that give their state out teach scenario state, the others behaviour."""
    return "scenario_state" if any(m.name == "toScenario" for m in cls.methods) else "radical_oop"


def compare_methods(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """Whether one method can feel the effect of another, by the fields they share."""
    for cls in classes(source):
        facts = {m.name: source.facts.method(cls, m) for m in cls.methods if m.has_body and not m.is_static}
        if _kind_of(cls) != task_type or any(f.opaque for f in facts.values()):
            continue
        pairs = [
            (first, second)
            for first, second in combinations((m for m in cls.methods if m.name in facts and m.name != "init"), 2)
            if _meet(facts[first.name], facts[second.name])
            and second.end - second.start + first.end - first.start < MAX_PAIR
        ]
        for first, second in context.pick(pairs, MAX_PAIRS):
            lines = list(_effects(first, second, facts))
            around, more = setting(source, cls, context, shown=(first, second), limit=900)
            yield class_draft(
                task_type,
                "compare_methods",
                source,
                cls,
                instruct("compare_methods", context.rng, first=first.name, second=second.name, name=cls.name),
                bullets(lines),
                input=around,
                parses="",
                **more,
            )


def _meet(one: MethodFacts, two: MethodFacts) -> bool:
    """Whether they share a field that at least one of them changes."""
    return bool({*one.writes} & {*_touched(two)} or {*two.writes} & {*_touched(one)})


def _touched(facts: MethodFacts) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*facts.reads, *facts.writes)))


def _effects(first: TsMethod, second: TsMethod, facts: dict[str, MethodFacts]) -> Iterator[str]:
    one, two = facts[first.name], facts[second.name]
    yield f"Both work on {listed(name for name in _touched(one) if name in _touched(two))}"
    for a, b in ((first, second), (second, first)):
        if passed := [name for name in facts[a.name].writes if name in facts[b.name].reads]:
            yield f"`{a.name}` changes {listed(passed)}, which `{b.name}` reads: it can affect a later `{b.name}`"
    if both := [name for name in one.writes if name in two.writes]:
        yield f"Both change {listed(both)}, so their order can matter"
    alone = [name for name in _touched(one) if name not in _touched(two)]
    other = [name for name in _touched(two) if name not in _touched(one)]
    if alone:
        yield f"Only `{first.name}` touches {listed(alone)}"
    if other:
        yield f"Only `{second.name}` touches {listed(other)}"
    if second.name in one.calls:
        yield f"`{first.name}` calls `{second.name}`"
    if first.name in two.calls:
        yield f"`{second.name}` calls `{first.name}`"


def commands_and_queries(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which methods change the object and which only look at it."""
    for cls in classes(source):
        methods = [m for m in cls.methods if m.has_body and not m.is_static]
        facts = {m.name: source.facts.method(cls, m) for m in methods}
        if _kind_of(cls) != task_type or len(methods) < 4 or any(f.opaque for f in facts.values()):
            continue
        changing = [m for m in methods if facts[m.name].writes]
        names = {m.name for m in changing}
        through = [m for m in methods if m not in changing and names & set(facts[m.name].calls)]
        looking = [m for m in methods if m not in changing and m not in through]
        parts = [
            ("Change fields themselves", [f"`{m.name}`: {listed(facts[m.name].writes)}" for m in changing]),
            ("Change them through another method", [_through(m, facts, changing) for m in through]),
            ("Assign nothing", [f"`{m.name}`{_reading(facts[m.name])}" for m in looking]),
        ]
        shown = class_view(source, cls, limit=2600)
        if "// also here" in shown:
            continue
        yield class_draft(
            task_type,
            "commands_and_queries",
            source,
            cls,
            instruct("commands_and_queries", context.rng, name=cls.name),
            "\n\n".join(f"{title}:\n\n{bullets(lines)}" for title, lines in parts if lines),
            input=shown_code(source, shown),
            parses="",
        )


def _through(method: TsMethod, facts: dict[str, MethodFacts], changing: list[TsMethod]) -> str:
    called = [name for name in facts[method.name].calls if name in {m.name for m in changing}]
    return f"`{method.name}` through {listed(called)}"


def _reading(facts: MethodFacts) -> str:
    return f": reads {listed(facts.reads)}" if facts.reads else ""


def write_reference(task_type: str, source: Source, context: Context) -> Iterator[SampleDraft]:
    """The reference of public methods: signature, purpose, state, failures."""
    for cls in classes(source):
        public = [m for m in code.public_methods(cls) if m.kind == "method" and first_line(m.doc)]
        if _kind_of(cls) != task_type:
            continue
        for start in range(0, len(public), REFERENCE):
            part = public[start : start + REFERENCE]
            if len(part) < 2 or sum(m.end - m.start for m in part) > 3000:
                continue
            around, more = setting(source, cls, context, shown=part, limit=600)
            instruction = instruct("write_reference", context.rng, name=cls.name, methods=listed(m.name for m in part))
            yield class_draft(
                task_type,
                "write_reference",
                source,
                cls,
                instruction,
                "\n\n".join(_entry(source, cls, method) for method in part),
                input=around,
                parses="",
                **more,
            )


def _entry(source: Source, cls: TsClass, method: TsMethod) -> str:
    facts = source.facts.method(cls, method)
    lines = [first_line(method.doc)] if first_line(method.doc) else []
    if method.parameters:
        lines.append(f"Takes {listed(method.parameters)}")
    if facts.writes:
        lines.append(f"Changes {listed(facts.writes)}")
    elif facts.reads:
        lines.append(f"Reads {listed(facts.reads)}")
    lines += [failure(throw).replace("It throws", "Throws", 1) for throw in facts.throws[:3]]
    if facts.returns:
        lines.append("Returns the object itself" if facts.returns == "this" else f"Returns `{facts.returns}`")
    return f"### `{code.signature(source.module, method)}`\n\n{bullets(lines)}"


BOTH = (compare_methods, commands_and_queries, write_reference)
