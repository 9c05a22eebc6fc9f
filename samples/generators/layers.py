"""style_core, the five layers: where code belongs, what may import what, where to find a thing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from rag.corpus.typescript import TsClass, layer_of
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft, is_test, slots
from samples.generators.project import Import
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import class_view, drawn_on, listed, mentions, say, shown_code
from samples.generators.wording import instruct

TYPE = "five_layers"
LAYERS = {
    1: ("infrastructure", "it touches the outside world: files, clocks, network, processes"),
    2: ("implementation", "it holds the behaviour of a component behind its interface"),
    3: ("interface", "it only declares contracts and models and contains no behaviour"),
    4: ("coordination", "it connects components and lets them work together"),
    5: ("CLI", "it turns a user's words into calls on a component and prints the answer"),
}
# Which layers a layer may import; what the rules leave open (such as 5 to 1) is not asked about.
ALLOWED = {1: {3}, 2: {3}, 3: set[int](), 4: {2, 3}, 5: {2, 3, 4}}
FORBIDDEN = {1: {2, 4, 5}, 2: {4, 5}, 3: {1, 2, 4, 5}, 4: {5}, 5: set[int]()}
MAY = {
    1: "layer 3",
    2: "layer 3, and layer 1 through its interface",
    3: "no other layer",
    4: "layers 2 and 3",
    5: "layers 2 to 4",
}
MAX_SHOWN = 1900
_OUTSIDE = re.compile(r"^(?:node:)?(?:fs|fs/promises|os|path|net|http|https|child_process|readline|url|crypto|util)$")
_CLOCK = re.compile(r"\bDate\.now\(|\bnew Date\(\)|\bprocess\.")


def layer(source: Source) -> int | None:
    return source.layer or layer_of(source.path)


def role_of(path: str) -> str:
    """'layer 2, implementation', 'Vitest test' or 'outside the layers'."""
    number = layer_of(path)
    if number:
        return f"layer {number}, {LAYERS[number][0]}"
    return "Vitest test" if ".test." in path or ".spec." in path else "outside the layers"


def root_of(source: Source) -> str:
    """The folder that holds the layers of a file."""
    return re.split(r"/layer[1-5]/", source.path)[0]


def place_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which layer a class belongs to, by what the code shows; only where the signs agree with its place."""
    number = layer(source)
    if number not in LAYERS or number == 3 or is_test(source) or breaches(source, context):
        return
    role, reason = LAYERS[number]
    for cls in classes(source):
        signs = list(_signs(source, cls, number))
        if not signs:
            continue
        answer = (
            f"`{cls.name}` belongs to layer {number} ({role}): {reason}. The signs:\n\n{bullets(signs)}\n\n"
            f"Path: `{source.path}`"
        )
        given = shown_code(source, imports_text(source), class_view(source, cls, limit=1300), path=False)
        yield class_draft(
            TYPE,
            "place_class",
            source,
            cls,
            instruct("place_class", context.rng, **slots(cls)),
            answer,
            input=f"The layers lie in `{root_of(source)}`.\n\n{given}",
            parses="",
            facts=(source.path,),
            judge="five_layer",
            case={"expected_layer": number},
        )


def breaches(source: Source, context: Context) -> list[Import]:
    """Imports of a file that go against the direction of the layers."""
    number = layer(source) or 0
    return [i for i in context.library.project.imports.get(source.path, ()) if i.layer in FORBIDDEN.get(number, ())]


def _signs(source: Source, cls: TsClass, number: int) -> Iterator[str]:
    """What in the code speaks for a layer."""
    text = source.text[cls.start : cls.end]
    packages = [i.source for i in source.module.imports if _OUTSIDE.match(i.source)]
    layers = sorted({found for i in source.module.imports if (found := layer_of(f"x/{i.source}"))})
    if number == 1:
        if packages:
            yield f"it works with {listed(packages)}, so it touches the outside world"
        if _CLOCK.search(text):
            yield "it asks the system itself, for the time or the process"
    elif number == 2 and (cls.implements or cls.extends):
        if cls.implements:
            yield f"it implements {listed(cls.implements)}"
        fields = [f.name for f in cls.fields if f.is_private and not f.is_static]
        if fields:
            yield f"it keeps its own state: {listed(fields, 6)}"
        yield f"the behaviour is here: {listed((m.name for m in code.public_methods(cls)), 6)}"
    elif number == 4 and 3 in layers:
        yield "it works with contracts of layer 3 and keeps the work between objects in order"
        yield f"it offers {listed((m.name for m in code.public_methods(cls)), 6)}"
    elif number == 5 and ("CLI" in cls.name or "View" in cls.name or "console." in text):
        if 2 in layers or 4 in layers:
            below = [i.source for i in source.module.imports if i.source.startswith(".")]
            yield f"it calls what lies below it: {listed(below)}"
        worded = [m.name for m in code.public_methods(cls) if any("string" in p for p in m.parameters)]
        if worded:
            yield f"{listed(worded, 5)}: text comes in from the user"
        if "console." in text:
            yield "it prints for people"


def place_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Interfaces of layer 3: what makes them belong there, and who depends on them."""
    if layer(source) != 3 or source.module.has_errors:
        return
    for interface in source.module.interfaces:
        users = context.library.project.users_of(source, interface.name)
        implementers = [
            (user, cls.name) for user in users for cls in user.module.classes if interface.name in cls.implements
        ]
        lines = [f"implemented by `{name}` in `{user.path}` ({role_of(user.path)})" for user, name in implementers[:3]]
        lines += [f"used in `{u.path}` ({role_of(u.path)})" for u in users[:4] if u not in [i for i, _ in implementers]]
        if len(lines) < 2 or len(interface.members) < 2:
            continue
        yield file_draft(
            TYPE,
            "place_interface",
            source,
            instruct("place_interface", context.rng, name=interface.name),
            f"`{interface.name}` belongs to layer 3 (interface): it declares {len(interface.members)} members and runs "
            f"nothing. It is in `{source.path}`. The files that depend on it:\n\n{bullets(lines)}",
            span=(interface.start, interface.end),
            input="\n\n".join(
                (
                    f"The layers lie in `{root_of(source)}`; the declaration, and who names it:",
                    shown_code(source, code.declared_interface(source.module, interface), path=False),
                    *(mentions(user, interface.name, 3) for user in users[:6]),
                )
            ).strip(),
            parses="",
            judge="five_layer",
            case={"expected_layer": 3},
            **drawn(source, users[:6], *(name for _, name in implementers)),
        )


def drawn(source: Source, others: list[Source], *names: str) -> dict[str, Any]:
    """Like `drawn_on`, where only paths and names of the other files are told."""
    drawn = drawn_on(source, others)
    return {"others": drawn["others"], "facts": (source.path, *(other.path for other in others), *names)}


def imports_text(source: Source) -> str:
    """The import lines of a file, as written."""
    return "\n".join(
        node.text.decode()
        for node in source.module.root.named_children
        if node.type == "import_statement" and node.text
    )


def judge_import(source: Source, context: Context) -> Iterator[SampleDraft]:
    """May this file import that one? Asked about real imports, and about the same ones turned round."""
    for found in context.library.project.imports.get(source.path, ()):
        number, other = layer(source), found.layer
        if found.target is None or number is None or other is None or number == other or not found.names:
            continue
        for importer, target, names in ((source, found.target, found.names), (found.target, source, exports(source))):
            own, its = layer(importer), layer(target)
            if own is None or its is None or not names or not (its in ALLOWED[own] or its in FORBIDDEN[own]):
                continue
            specifier = relative(importer.path, target.path)
            if "// ..." in (declared(importer, 700), declared(target, 700)):
                continue
            line = f'import {{ {", ".join(names[:3])} }} from "{specifier}";'
            answer = _verdict(own, its, importer, target, context)
            if importer is found.target and its in FORBIDDEN[own]:
                answer += f"\n\n`{source.name}` already imports {listed(found.names)} from `{found.target.name}`; "
                answer += "the reverse would close a circle."
            yield file_draft(
                TYPE,
                "judge_import" if importer is source else "judge_reverse",
                source,
                instruct("judge_import", context.rng, importer=importer.path, target=target.path),
                answer,
                input="\n\n".join((fence(line), *(shown_code(s, declared(s, 700)) for s in (importer, target)))),
                parses="",
                **drawn_on(source, (found.target,)),
            )


def _verdict(own: int, its: int, importer: Source, target: Source, context: Context) -> str:
    between = f"from layer {own} ({LAYERS[own][0]}) to layer {its} ({LAYERS[its][0]})"
    paths = f"`{importer.path}` lies in layer {own}, `{target.path}` in layer {its}."
    if its in ALLOWED[own]:
        why = say(
            context.rng,
            f"That direction is open: layer {own} may import {MAY[own]}",
            f"Layer {own} may depend on {MAY[own]}, so the import is in order",
        )
        return f"Yes. The import goes {between}. {paths} {why}."
    rule = f"layer {own} may import {MAY[own]}"
    remedy = {
        3: "What the interface needs must be declared in layer 3 itself",
        1: "It can depend on a contract in layer 3 instead",
        2: "The call has to go the other way, or through a contract in layer 3",
        4: "The command line calls the coordination, never the other way round",
    }[own]
    return f"No. The import would go {between}, and {rule}. {paths} {remedy}."


def exports(source: Source) -> tuple[str, ...]:
    return tuple(c.name for c in source.module.classes if c.name) or tuple(i.name for i in source.module.interfaces)


def declared(source: Source, limit: int) -> str:
    """Outlines of what a file declares, as far as they fit."""
    pieces: list[str] = []
    for cls in classes(source):
        pieces.append(code.outline(source.module, cls))
    pieces += [code.declared_interface(source.module, i) for i in source.module.interfaces]
    kept: list[str] = []
    for piece in pieces:
        if sum(map(len, kept)) + len(piece) <= limit:
            kept.append(piece)
    return "\n\n".join(kept) or "// ..."


def relative(importer: str, target: str) -> str:
    """The specifier by which one file imports another."""
    path = posixpath.relpath(target, posixpath.dirname(importer))
    path = path if path.startswith(".") else f"./{path}"
    return f"{path.removesuffix('.ts')}.js"


def list_declared(source: Source) -> str:
    names = [c.name for c in classes(source)] + [i.name for i in source.module.interfaces]
    return listed(names, 10)
