"""style_core: several classes or files of different components beside each other, each judged for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from rag.corpus.typescript import TsClass
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft, follows_pattern, is_test
from samples.generators.conversion import repaired
from samples.generators.faults import FAULTS
from samples.generators.layer_imports import import_line
from samples.generators.layers import ALLOWED, FORBIDDEN, LAYERS, MAY, breaches, layer, relative, root_of
from samples.generators.methods import first_line
from samples.generators.project import Import
from samples.generators.sources import Source
from samples.generators.suites import Case, cases_of, under_test
from samples.generators.text import bullets, fence
from samples.generators.views import drawn_on, is_clean, is_sound, listed, shown_code
from samples.generators.wording import instruct
from samples.judges import judge

BESIDE = 3
VARIANTS = 4
MAX_HEAD = 900
MAX_DECLARED = 700
MAX_OUTLINE = 1000
MAX_METHODS = 8
MAX_CASE = 700


def _elsewhere(source: Source, context: Context) -> Iterator[Source]:
    """Files of other components, in seeded order."""
    others = [s for s in context.library.project.sources if not is_test(s) and root_of(s) != root_of(source)]
    yield from context.pick(others, len(others))


def review_several(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Heads of four classes, some made wrong: which keep the rule of the empty constructor?"""
    for cls in classes(source):
        for _ in range(VARIANTS):
            found = [_judged(source, cls, context)]
            beside = (_judged(s, c, context) for s in _elsewhere(source, context) for c in classes(s)[:1])
            found += islice((one for one in beside if one), BESIDE)
            heads = [one for one in found if one]
            if found[0] is None or len(heads) <= BESIDE or not any(right for *_, right in heads):
                continue
            context.rng.shuffle(heads)
            yield class_draft(
                "empty_constructor",
                "review_several",
                source,
                cls,
                instruct("review_several", context.rng, count=str(len(heads))),
                bullets(line for _, _, line, _ in heads),
                input=fence("\n\n".join(text for _, text, _, _ in heads)),
                parses="",
                **drawn_on(source, (where for where, *_ in heads)),
            )


def _judged(source: Source, cls: TsClass, context: Context) -> tuple[Source, str, str, bool] | None:
    """(file, head of the class as it is or made wrong, verdict, whether it is right); None where it cannot be shown."""
    source = repaired(source)
    cls = next((c for c in classes(source) if c.name == cls.name), cls)
    if not follows_pattern(source.module, cls):
        return None
    dropped = [(m.start, m.end) for m in cls.methods if m.name != "init"]
    fault = context.rng.choice((None, None, *(f for f in FAULTS.values() if f.constructor)))
    text = fault.mutate(source.module, cls, dropped) if fault else code.cut(source.module, cls, dropped)
    init = code.init_of(cls)
    if not text or init is None or len(text) > MAX_HEAD or not is_clean(text):
        return None
    if judge("empty_constructor", fence(text)).passed is not (fault is None):
        return None
    if fault is None:
        said = f"`{cls.name}` keeps the rule: nothing happens at its creation, `init` does the set-up"
    else:
        said = f"`{cls.name}` breaks it. {fault.finding.format(name=cls.name)}. {fault.why}"
    return source, text, said, fault is None


def place_several(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Four declarations of different components without their paths: layer, reason and path of each."""
    for _ in range(VARIANTS):
        own = _declared(source, context)
        found = list(islice((one for s in _elsewhere(source, context) if (one := _declared(s, context))), BESIDE))
        if own is None or len(found) < BESIDE:
            return
        placed = context.pick([own, *found], BESIDE + 1)
        if len({layer(where) for where, *_ in placed}) < 2:
            continue
        roots = bullets(f"`{name}`: `{root_of(where)}`" for where, name, _ in placed)
        lines = [
            f"`{name}`: layer {layer(where)} ({LAYERS[layer(where) or 3][0]}), because "
            f"{LAYERS[layer(where) or 3][1]}. Path: `{where.path}`"
            for where, name, _ in placed
        ]
        yield file_draft(
            "five_layers",
            "place_several",
            source,
            instruct("place_several", context.rng, count=str(len(placed))),
            bullets(lines),
            input=f"{fence(chr(10).join(f'{text}{chr(10)}' for *_, text in placed))}\n\nThe layers lie in:\n{roots}",
            parses="",
            **_with_paths(source, [where for where, *_ in placed]),
        )


def _declared(source: Source, context: Context) -> tuple[Source, str, str] | None:
    """(file, name, declaration) where the file is named after what it declares and keeps to its layer."""
    number = layer(source)
    if number not in LAYERS or is_test(source) or source.module.has_errors or breaches(source, context):
        return None
    for interface in source.module.interfaces:
        text = code.declared_interface(source.module, interface)
        if number == 3 and source.name == f"{interface.name}.interface.ts" and len(text) <= MAX_DECLARED:
            return source, interface.name, text
    for cls in classes(source):
        text = code.outline(source.module, cls)
        if number in (2, 5) and source.name == f"{cls.name}.ts" and len(text) <= MAX_DECLARED and _fits(cls, number):
            return source, cls.name, text
    return None


def _fits(cls: TsClass, number: int) -> bool:
    """Whether a class shows by itself that it belongs to its layer."""
    return bool(cls.implements) if number == 2 else "CLI" in cls.name


def judge_imports(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Four imports of the repository, some turned round: which keep the direction of the layers?"""
    own = _imports(source, context)
    for number, first in enumerate(own[:MAX_METHODS] * 2):
        others = [i for s in islice(_elsewhere(source, context), 12) for i in _imports(s, context)[:2]]
        chosen = [first, *own[number + 1 : number + 2], *context.pick(others, BESIDE)][: BESIDE + 1]
        asked = [found for i in chosen if (found := _asked(i, context))]
        if len(asked) <= BESIDE or not {True, False} <= {right for *_, right in asked}:
            continue
        yield file_draft(
            "five_layers",
            "judge_imports",
            source,
            instruct("judge_imports", context.rng, count=str(len(asked))),
            bullets(verdict for _, verdict, _ in asked),
            input="\n\n".join(line for line, _, _ in asked),
            parses="",
            **_with_paths(source, [w for i in chosen for w in (i.importer, i.target) if w is not None]),
        )


def _imports(source: Source, context: Context) -> list[Import]:
    """Imports between two layers that the rules speak about."""
    return [
        found
        for found in context.library.project.imports.get(source.path, ())
        if found.target is not None
        and found.names
        and not is_test(source)
        and layer(source) in LAYERS
        and layer(found.target) in ALLOWED.get(layer(source) or 0, ())
        and layer(source) in FORBIDDEN[layer(found.target) or 3]
    ]


def _asked(found: Import, context: Context) -> tuple[str, str, bool] | None:
    """(line under its file, verdict, whether it is allowed) of an import, as it stands or turned round."""
    if found.target is None or not (line := import_line(found.importer, found)) or len(line) > 240:
        return None
    here, there, right = found.importer, found.target, context.rng.random() < 0.5
    if not right:
        names = [c.name for c in classes(here)] or [i.name for i in here.module.interfaces]
        if not names:
            return None
        line = f'import {{ {names[0]} }} from "{relative(there.path, here.path)}";'
        here, there = there, here
    low, high = layer(here), layer(there)
    said = f"From layer {low} to layer {high}: " + (
        f"allowed, layer {low} may import {MAY[low or 3]}"
        if right
        else f"not allowed, layer {low} may import {MAY[low or 3]}"
    )
    return f"`{here.path}`:\n{fence(line)}", f"`{here.name}`: {said[0].lower()}{said[1:]}", right


def _with_paths(source: Source, others: Sequence[Source]) -> dict[str, Any]:
    drawn = drawn_on(source, others)
    return drawn | {"facts": (*drawn["facts"], source.path, *(other.path for other in others))}


def ask_whom(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which of four objects understands a message, told by what it does."""
    for cls in classes(source):
        told = [m for m in code.public_methods(cls) if first_line(m.doc) and not m.is_static]
        own = code.outline(source.module, cls)
        if not is_sound(cls) or len(own) > MAX_OUTLINE:
            continue
        for method in told[:MAX_METHODS]:
            beside = (
                (s, c, code.outline(s.module, c))
                for s in _elsewhere(source, context)
                for c in classes(s)[:1]
                if c.name != cls.name and not {m.name for m in c.methods} & {method.name}
            )
            found = [one for one in islice(beside, 12) if len(one[2]) <= MAX_OUTLINE][:BESIDE]
            if len(found) < BESIDE:
                continue
            shown = context.pick([(source, cls, own), *found], BESIDE + 1)
            signature = code.signature(source.module, method)
            facts = source.facts.method(cls, method)
            lines = [f"Ask a `{cls.name}`: `{signature}`"]
            lines += [f"It changes {listed(facts.writes)}"] if facts.writes else []
            lines += [f"It reads {listed(facts.reads)}"] if facts.reads and not facts.writes else []
            lines.append(f"Not asked: {listed(c.name for _, c, _ in shown if c.name != cls.name)}")
            yield class_draft(
                "radical_oop",
                "ask_whom",
                source,
                cls,
                instruct("ask_whom", context.rng, wish=first_line(method.doc)),
                bullets(lines),
                input=shown_code(source, *(text for *_, text in shown), path=False),
                parses="",
                **drawn_on(source, (where for where, *_ in shown)),
            )


def sort_cases(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Cases of three suites: which class each of them tests, and by which messages."""
    for case in cases_of(source):
        own = _tested(source, case, context)
        if own is None:
            continue
        tests = [s for s in context.library.project.sources if is_test(s) and s.component != source.component]
        beside = (
            (s, other, found)
            for s in context.pick(tests, 8)
            for other in context.pick(cases_of(s), 1)
            if (found := _tested(s, other, context)) and found[1].name != own[1].name
        )
        chosen = [(source, case, own), *islice(beside, 2)]
        names = {cls.name for _, _, (_, cls) in chosen}
        if len(names) < BESIDE:
            continue
        context.rng.shuffle(chosen)
        lines = [
            f'"{one.title}" tests `{cls.name}`: it sends {listed(_sent(cls, one))} and expects {_times(one)}'
            for _, one, (_, cls) in chosen
        ]
        offered = context.pick([cls for _, _, (_, cls) in chosen], len(chosen))
        shown = fence("\n\n".join(one.text for _, one, _ in chosen))
        messages = bullets(f"`{cls.name}`: {listed((m.name for m in code.public_methods(cls)), 14)}" for cls in offered)
        yield file_draft(
            "radical_oop",
            "sort_cases",
            source,
            instruct("sort_cases", context.rng, count=str(len(chosen))),
            bullets(lines),
            span=case.span,
            input=f"{shown}\n\nTheir messages:\n{messages}",
            parses="",
            **drawn_on(source, [s for where, _, (target, _) in chosen for s in (where, target)]),
        )


def _tested(source: Source, case: Case, context: Context) -> tuple[Source, TsClass] | None:
    """The class of a short case that sends it messages."""
    seen = under_test(source, case, context) if len(case.text) <= MAX_CASE else None
    return seen if seen and _sent(seen[1], case) and case.expectations and is_clean(case.text) else None


def _sent(cls: TsClass, case: Case) -> list[str]:
    return [m.name for m in code.public_methods(cls) if f".{m.name}(" in case.text]


def _times(case: Case) -> str:
    count = len(case.expectations)
    return "one thing" if count == 1 else f"{count} things"
