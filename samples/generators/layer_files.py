"""style_core, the five layers: files as wholes, what each holds and how a component is laid out over them."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.typescript import TsClass, TsMethod
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import class_draft, classes, file_draft, is_test, slots
from samples.generators.layer_imports import import_line
from samples.generators.layers import (
    ALLOWED,
    FORBIDDEN,
    LAYERS,
    MAX_SHOWN,
    MAY,
    TYPE,
    breaches,
    declared,
    drawn,
    imports_text,
    layer,
    list_declared,
    role_of,
    root_of,
)
from samples.generators.scenario_forms import members_of
from samples.generators.sources import Source
from samples.generators.text import bullets, fence
from samples.generators.views import class_view, drawn_on, listed, shown_code
from samples.generators.wording import instruct


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
                **drawn(source, [*(where for (where, _), _ in declared), *callers[:4]], source.text),
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
        input=shown_code(source, imports_text(source), declared(source, 1500)),
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
        classes_here, mine = classes(source), declared(source, MAX_SHOWN)
        theirs = declared(other, MAX_SHOWN)
        if not classes_here or len(mine) + len(theirs) > 2600 or "// ..." in (mine, theirs):
            continue
        line = import_line(source, found)
        lines = [
            f"{list_declared(where)} to `{where.path}` (layer {layer(where)}, {LAYERS[layer(where) or 1][0]})"
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


def lay_out_component(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The files of a component, layer by layer; told once per component, at its first implementation."""
    if layer(source) != 2 or not source.component or not classes(source):
        return
    root = source.path.split("/src/")[0] + "/"
    project = context.library.project
    files = [s for s in project.sources if s.path.startswith(root)]
    if len(files) < 3 or next(s for s in files if layer(s) == 2) != source:
        return
    lines = [f"`{s.path}` ({role_of(s.path)}): {list_declared(s) or 'no class or interface'}" for s in files[:14]]
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
        input="\n\n".join(fence(f"// {s.path}\n{imports_text(s)}\n{_heads(s)}".strip()) for s in files[:14]),
        parses="",
        **drawn(source, files[:14], *(s.text for s in files[:14])),
    )


def _heads(source: Source) -> str:
    """One line for each class and interface that a file declares."""
    found = [f"export class {c.name} {{ /* ... */ }}" for c in classes(source)]
    return "\n".join([*found, *(f"export interface {i.name} {{ /* ... */ }}" for i in source.module.interfaces)])


def _head(source: Source, cls: TsClass) -> str:
    """`class Name<T>`, up to what it extends or implements."""
    return source.text[cls.start : cls.end].partition("{")[0].partition(" extends ")[0].partition(" implements ")[0]


def write_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From an implementation to the contract that layer 3 declares for it; once for parts of it."""
    for cls in classes(source):
        methods = [m for m in code.public_methods(cls) if not m.is_static]
        signatures = [code.signature(source.module, m) for m in methods]
        # An interface has no generators, and type parameters of the class would have to be declared anew.
        if "<" in _head(source, cls) or any("*" in signature.split("(")[0] for signature in signatures):
            continue
        if len(methods) < 2 or not all("any" not in code.signature(source.module, m).split() for m in methods):
            continue
        # What nobody implements against has no contract in layer 3.
        name = next(iter(cls.implements), "")
        if not name:
            continue
        for part in [methods, *(methods[i : i + 3] for i in range(0, len(methods), 3) if len(methods) > 4)]:
            if len(part) < 2:
                continue
            text = code.interface_code(source.module, cls, name, part)
            wanted = f" Only these: {listed(m.name for m in part)}." if part is not methods else ""
            shown = class_view(source, cls, shown=part[:4], limit=1500)
            # The signature of a method that is only named cannot be known.
            if any(source.text[m.start : m.end].partition("{")[0].strip() not in shown for m in part):
                continue
            yield class_draft(
                TYPE,
                "write_interface",
                source,
                cls,
                instruct("write_interface", context.rng, interface=name, **slots(cls)) + wanted,
                fence(text),
                input=shown_code(source, shown),
            )
