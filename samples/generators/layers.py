"""style_core, the five layers: where code belongs, what may import what, where to find a thing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from rag.corpus.typescript import TsClass, TsMethod, layer_of
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft, is_test, slots
from samples.generators.project import Import
from samples.generators.scenario_forms import members_of
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
        given = shown_code(source, _imports_text(source), class_view(source, cls, limit=1300), path=False)
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
        if not lines:
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
            **_drawn(source, users[:6], *(name for _, name in implementers)),
        )


def _drawn(source: Source, others: list[Source], *names: str) -> dict[str, Any]:
    """Like `drawn_on`, where only paths and names of the other files are told."""
    drawn = drawn_on(source, others)
    return {"others": drawn["others"], "facts": (source.path, *(other.path for other in others), *names)}


def _imports_text(source: Source) -> str:
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
        for importer, target, names in ((source, found.target, found.names), (found.target, source, _exports(source))):
            own, its = layer(importer), layer(target)
            if own is None or its is None or not names or not (its in ALLOWED[own] or its in FORBIDDEN[own]):
                continue
            specifier = relative(importer.path, target.path)
            if "// ..." in (_declared(importer, 700), _declared(target, 700)):
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
                input="\n\n".join((fence(line), *(shown_code(s, _declared(s, 700)) for s in (importer, target)))),
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


def _exports(source: Source) -> tuple[str, ...]:
    return tuple(c.name for c in source.module.classes if c.name) or tuple(i.name for i in source.module.interfaces)


def _declared(source: Source, limit: int) -> str:
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


def write_import(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The import line between two files, with the way the relative path goes."""
    for found in context.library.project.imports.get(source.path, ()):
        if found.target is None or not found.names or "*" in found.names or "default" in found.names:
            continue
        if relative(source.path, found.target.path) != found.specifier.replace(".ts", ".js"):
            continue
        line = _line_of(source, found)
        if not line or len(line) > 300:
            continue
        folder, goal = posixpath.dirname(source.path), posixpath.dirname(found.target.path)
        ups, below = found.specifier.count("../"), found.specifier.replace("../", "")
        way = (
            f"`{goal}` is the folder of the importing file itself"
            if folder == goal
            else f"from `{folder}` it goes up {ups} level{'s' * (ups != 1)}, then to `{below}`"
        )
        kinds = _kinds(found)
        needing = shown_code(source, _declared(source, 900)) if classes(source) else _uses(source, found)
        if not needing:
            continue
        users = [name for name in found.names if any(name in c.implements for c in source.module.classes)]
        contract = f" {listed(users)} is the contract that the importing class implements." if users else ""
        yield file_draft(
            TYPE,
            "write_import",
            source,
            instruct(
                "write_import", context.rng, names=listed(found.names), importer=source.path, target=found.target.path
            ),
            f"{fence(line)}\n\nThe path is relative: {way}. {kinds}{contract}".strip(),
            input=f"{needing}\n\n{shown_code(found.target, _named_in(found, 900))}",
            **drawn_on(source, (found.target,)),
        )


def _uses(source: Source, found: Import) -> str:
    """The lines of a file without classes that need what it imports."""
    lines = [
        line.strip() for line in source.text.splitlines() if any(re.search(rf"\b{n}\b", line) for n in found.names)
    ]
    kept = [line for line in lines if not line.startswith(("import", "*", "//", "export {", "}")) and len(line) < 160]
    return shown_code(source, "\n".join(kept[:5])) if kept else ""


def _line_of(source: Source, found: Import) -> str:
    for line in _imports_text(source).replace("\n  ", " ").splitlines():
        if f'"{found.specifier}"' in line or f"'{found.specifier}'" in line:
            return line.strip()
    return ""


def _kinds(found: Import) -> str:
    """What kind of thing the names are, in their file."""
    if found.target is None:
        return ""
    declared = {i.name: "an interface" for i in found.target.module.interfaces}
    declared |= {c.name: "a class" for c in found.target.module.classes}
    told = []
    for kind in ("an interface", "a class"):
        names = [name for name in found.names if declared.get(name) == kind]
        if names:
            many = f"are {'interfaces' if kind == 'an interface' else 'classes'}" if len(names) > 1 else f"is {kind}"
            told.append(f"{listed(names)} {many} there.")
    return " ".join(told)


def _named_in(found: Import, limit: int) -> str:
    """The declarations of the imported names."""
    target = found.target
    if target is None:
        return ""
    pieces = [code.declared_interface(target.module, i) for i in target.module.interfaces if i.name in found.names]
    pieces += [code.outline(target.module, c) for c in target.module.classes if c.name in found.names]
    kept = [piece for piece in pieces if len(piece) <= limit]
    return "\n\n".join(kept[:3]) or _declared(target, limit)


def find_method(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Where a method is declared, implemented, called and tested."""
    project = context.library.project
    for cls in classes(source):
        contracts = [(name, project.interface_of(source, name)) for name in cls.implements]
        users = project.users_of(source, cls.name)
        for method in code.public_methods(cls):
            declared = [(seen, name) for name, seen in contracts if seen and method.name in seen[1].members]
            if not declared and any(seen is None or seen[1].extends for _, seen in contracts):
                # The contract may be inherited from an interface that is not seen from here.
                continue
            callers = [u for u in users if f".{method.name}(" in u.text]
            if not declared and not callers:
                continue
            signature = code.signature(source.module, method)
            lines = [f"Implemented as `{signature}` in `{source.path}` ({role_of(source.path)}), class `{cls.name}`"]
            for (where, interface), name in declared:
                own = next((m for m in members_of(where, interface) if m.name == method.name), None)
                shape = f" as `{own.name}{own.type}`" if own is not None and own.is_method else ""
                lines.append(f"Declared{shape} in `{where.path}` ({role_of(where.path)}), interface `{name}`")
            for user in callers[:4]:
                word = "Tested" if is_test(user) else "Called"
                line = _call_line(user, method)
                shown = f": `{line}`" if line and "`" not in line else ""
                lines.append(f"{word} in `{user.path}` ({role_of(user.path)}), which imports `{cls.name}`{shown}")
            first = "the interface first, then the class" if declared else "the class"
            tests = [u for u in callers if is_test(u)]
            then = ", then the callers and the test" if tests else ", then its callers" if callers else ""
            lines.append(f"To change its signature, change {first}{then}")
            shown = class_view(source, cls, shown=[method], limit=700)
            contract = code.declared_interface(declared[0][0][0].module, declared[0][0][1]) if declared else ""
            used = "\n\n".join(
                f"`{user.path}`:\n{fence(_call_line(user, method) or f'.{method.name}(...)')}" for user in callers[:3]
            )
            given = f"{shown_code(source, contract if len(contract) < 900 else '', shown)}\n\n{used}".strip()
            yield class_draft(
                TYPE,
                "find_method",
                source,
                cls,
                instruct("find_method", context.rng, method=method.name, name=cls.name),
                bullets(lines),
                input=given,
                parses="",
                **_drawn(source, [*(where for (where, _), _ in declared), *callers[:4]], source.text),
            )


def _call_line(user: Source, method: TsMethod) -> str:
    """The first line of a file that calls a method of this name, unless it is long."""
    line = next((line.strip() for line in user.text.splitlines() if f".{method.name}(" in line), "")
    return line if len(line) <= 160 else ""


def explain_file(source: Source, context: Context) -> Iterator[SampleDraft]:
    """What a file declares, on which layers it depends and which depend on it."""
    number = layer(source)
    if number is None or source.module.has_errors or is_test(source):
        return
    project = context.library.project
    lines = [f"It lies in layer {number} ({LAYERS[number][0]})"]
    for cls in classes(source):
        lines.append(
            f"It declares the class `{cls.name}`"
            + (f", which implements {listed(cls.implements)}" if cls.implements else "")
        )
    if source.module.interfaces:
        lines.append(
            f"It declares the interfaces {listed(i.name for i in source.module.interfaces)}"
            if len(source.module.interfaces) > 1
            else f"It declares the interface `{source.module.interfaces[0].name}`"
        )
    for found in project.imports.get(source.path, ())[:6]:
        lines.append(f"It imports {listed(found.names) or 'a module'} from `{found.path}` ({role_of(found.path)})")
    packages = [i.source for i in source.module.imports if not i.source.startswith(".")]
    if packages:
        lines.append(f"From outside the repository it needs {listed(packages)}")
    for found in breaches(source, context):
        lines.append(f"Against the direction of the layers: `{found.path}`; layer {number} may import {MAY[number]}")
    if len(lines) < 4:
        return
    yield file_draft(
        TYPE,
        "explain_file",
        source,
        instruct("explain_file", context.rng, path=source.path),
        bullets(lines),
        input=shown_code(source, _imports_text(source), _declared(source, 1500)),
        parses="",
        facts=(source.path, *(i.path for i in project.imports.get(source.path, ()))),
    )


def split_file(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Code of two layers in one file: which declaration goes where, and how the files then import each other."""
    project = context.library.project
    if layer(source) is None or is_test(source) or source.module.has_errors:
        return
    for found in project.imports.get(source.path, ()):
        other = found.target
        if other is None or layer(other) in (None, layer(source)) or root_of(other) != root_of(source):
            continue
        if layer(other) in FORBIDDEN.get(layer(source) or 0, ()):
            continue
        classes_here, mine = classes(source), _declared(source, MAX_SHOWN)
        theirs = _declared(other, MAX_SHOWN)
        if not classes_here or len(mine) + len(theirs) > 2600 or "// ..." in (mine, theirs):
            continue
        line = _line_of(source, found)
        lines = [
            f"{_list_declared(where)} to `{where.path}` (layer {layer(where)}, {LAYERS[layer(where) or 1][0]})"
            for where in (source, other)
        ]
        mixed = [theirs, mine] if context.rng.random() < 0.5 else [mine, theirs]
        yield file_draft(
            TYPE,
            "split_file",
            source,
            instruct("split_file", context.rng, component=source.component or source.name),
            f"{bullets(lines)}\n\n`{source.name}` then imports:\n\n{fence(line)}\n\n{_direction(source, other)}",
            input=f"The layers lie in `{root_of(source)}`.\n\n{shown_code(source, *mixed, path=False)}",
            **drawn_on(source, (other,)) | {"facts": (source.path, other.path, other.text)},
        )


def _direction(source: Source, other: Source) -> str:
    own, its = layer(source) or 0, layer(other) or 0
    if its in ALLOWED.get(own, set()):
        return f"Layer {own} may import layer {its}, not the other way round."
    return f"Mind the direction: the rules let layer {own} import {MAY.get(own, MAY[3])}."


def _list_declared(source: Source) -> str:
    names = [c.name for c in classes(source)] + [i.name for i in source.module.interfaces]
    return listed(names, 10)


def lay_out_component(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The files of a component, layer by layer; told once per component, at its first implementation."""
    if layer(source) != 2 or not source.component or not classes(source):
        return
    root = source.path.split("/src/")[0] + "/"
    project = context.library.project
    files = [s for s in project.sources if s.path.startswith(root)]
    if len(files) < 3 or next(s for s in files if layer(s) == 2) != source:
        return
    lines = [f"`{s.path}` ({role_of(s.path)}): {_list_declared(s) or 'no class or interface'}" for s in files[:14]]
    edges = [
        f"`{s.name}` imports {listed(i.names)} from `{i.target.name}`"
        for s in files
        for i in project.imports.get(s.path, ())
        if i.target in files and not is_test(s) and i.names
    ]
    told = f"\n\nHow they know each other:\n\n{bullets(edges[:10])}" if edges else ""
    yield class_draft(
        TYPE,
        "lay_out_component",
        source,
        classes(source)[0],
        instruct("lay_out_component", context.rng, name=source.component, purpose=code.purpose(classes(source)[0])),
        f"{bullets(lines)}{told}",
        input="\n\n".join(fence(f"// {s.path}\n{_imports_text(s)}\n{_heads(s)}".strip()) for s in files[:14]),
        parses="",
        **_drawn(source, files[:14], *(s.text for s in files[:14])),
    )


def _heads(source: Source) -> str:
    """One line for each class and interface that a file declares."""
    found = [f"export class {c.name} {{ /* ... */ }}" for c in classes(source)]
    return "\n".join([*found, *(f"export interface {i.name} {{ /* ... */ }}" for i in source.module.interfaces)])


def write_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From an implementation to the contract that layer 3 declares for it; once for parts of it."""
    for cls in classes(source):
        methods = [m for m in code.public_methods(cls) if not m.is_static]
        if len(methods) < 2 or not all("any" not in code.signature(source.module, m).split() for m in methods):
            continue
        name = next(iter(cls.implements), f"{cls.name.removeprefix('Default')}Contract")
        for part in [methods, *(methods[i : i + 3] for i in range(0, len(methods), 3) if len(methods) > 4)]:
            text = code.interface_code(source.module, cls, name, part)
            wanted = f" Only these: {listed(m.name for m in part)}." if part is not methods else ""
            yield class_draft(
                TYPE,
                "write_interface",
                source,
                cls,
                instruct("write_interface", context.rng, interface=name, **slots(cls)) + wanted,
                fence(text),
                input=shown_code(source, class_view(source, cls, shown=part[:4], limit=1500)),
            )


def trace_users(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which files a change to a class reaches, directly and one step further."""
    project = context.library.project
    for cls in classes(source):
        users = project.users_of(source, cls.name)
        if not users:
            continue
        lines = []
        for user in users[:6]:
            line = f"`{user.path}` ({role_of(user.path)})"
            made = len(user.facts.created.get(cls.name, ()))
            line += f", creates it {made} time{'s' if made > 1 else ''}" if made else ""
            line += ", inherits from it" if any(c.extends == cls.name for c in user.module.classes) else ""
            lines.append(line)
        shown = "\n\n".join(mentions(user, cls.name, 6) for user in users[:6])
        yield class_draft(
            TYPE,
            "trace_users",
            source,
            cls,
            instruct("trace_users", context.rng, name=cls.name),
            f"These files import `{cls.name}`:\n\n{bullets(lines)}",
            input=f"{shown_code(source, code.outline(source.module, cls))}\n\nWho names it:\n\n{shown}",
            parses="",
            **_drawn(source, users[:6]),
        )


def write_imports(source: Source, context: Context) -> Iterator[SampleDraft]:
    """All relative imports of a file, given what the files around it declare."""
    found = [i for i in context.library.project.imports.get(source.path, ()) if i.target is not None and i.names]
    plain = [i for i in found if not {"*", "default"} & set(i.names)]
    lines = [line for i in plain if (line := _line_of(source, i))]
    if len(plain) < 2 or len(lines) != len(plain) or len(plain) != len(found):
        return
    targets = list(dict.fromkeys(i.target.path for i in plain if i.target))
    others = [i.target for i in plain if i.target is not None]
    offered = "\n".join(
        f"- `{other.path}`: {_list_declared(other) or listed(i.names)}" for i, other in zip(plain, others, strict=True)
    )
    body = _declared(source, 2200)
    if "// ..." in body or len(targets) < 2:
        return
    ways = [f"`{i.specifier}` is `{i.path}` ({role_of(i.path)})" for i in plain[:8]]
    yield file_draft(
        TYPE,
        "write_imports",
        source,
        instruct("write_imports", context.rng, path=source.path),
        f"{fence(chr(10).join(lines))}\n\n{bullets(ways)}",
        input=f"Files and what they declare:\n\n{offered}\n\n{shown_code(source, body)}",
        **drawn_on(source, others),
    )
