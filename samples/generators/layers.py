"""style_core, the five layers: where a class belongs, how a component is laid out, which contract it has."""

from __future__ import annotations

from collections.abc import Iterator

from rag.corpus.typescript import layer_of
from samples.generators import code
from samples.generators.base import Context, SampleDraft
from samples.generators.classes import MAX_CODE, class_draft, classes, slots
from samples.generators.sources import Source
from samples.generators.text import bullets, fence, sentence
from samples.generators.wording import instruct

LAYERS = {
    1: ("infrastructure", "it touches the outside world: files, clocks, network, processes"),
    2: ("implementation", "it holds the behaviour of a component behind its interface"),
    3: ("interface", "it only declares contracts and models and contains no behaviour"),
    4: ("coordination", "it connects components and lets them work together"),
    5: ("CLI", "it turns a user's words into calls on a component and prints the answer"),
}


def place_class(source: Source, context: Context) -> Iterator[SampleDraft]:
    """Which layer a class belongs to, and why."""
    layer = source.layer or layer_of(source.path)
    if layer not in LAYERS:
        return
    role, reason = LAYERS[layer]
    for cls in classes(source):
        contract = f" It implements {', '.join(f'`{name}`' for name in cls.implements)}." if cls.implements else ""
        uses = [imported.source for imported in source.module.imports]
        imports = f"\n\nIts imports agree with that:\n{bullets(f'`{path}`' for path in uses[:4])}" if uses else ""
        answer = (
            f"`{cls.name}` belongs to layer {layer} ({role}): {reason}.{contract} "
            f"{sentence(code.purpose(cls))}{imports}\n\nPath: `{source.path}`"
        )
        yield class_draft(
            "five_layers",
            "place_class",
            source,
            cls,
            instruct("place_class", context.rng, **slots(cls)),
            answer,
            input=fence(code.outline(source.module, cls)),
            parses="",
            facts=(source.path,),
        )


def lay_out_component(source: Source, context: Context) -> Iterator[SampleDraft]:
    """The files of a component, layer by layer; told once per component, at its implementation."""
    if (source.layer or layer_of(source.path)) != 2 or not source.component:
        return
    found = classes(source)
    folder = source.path.split("/layer2/")[0]
    root = folder.split(f"/{source.component}/")[0] + f"/{source.component}/"
    files = [path for path in context.library.paths if path.startswith(root) and path.endswith((".ts", ".tsx"))]
    if not found or len(files) < 3:
        return
    lines = []
    for path in files:
        layer = layer_of(path)
        role = LAYERS[layer][0] if layer else "Vitest test" if "test" in path else "shared"
        lines.append(f"`{path}`: {f'layer {layer}, {role}' if layer else role}")
    answer = (
        f"{bullets(lines)}\n\nThe command line in layer 5 calls the implementation in layer 2, and they know "
        f"each other only through the interface in layer 3. Nothing in layer 3 imports from another layer."
    )
    yield class_draft(
        "five_layers",
        "lay_out_component",
        source,
        found[0],
        instruct("lay_out_component", context.rng, name=source.component, purpose=code.purpose(found[0])),
        answer,
        parses="",
        facts=tuple(files),
    )


def write_interface(source: Source, context: Context) -> Iterator[SampleDraft]:
    """From an implementation to the contract that layer 3 declares for it."""
    module = source.module
    for cls in classes(source):
        if len(code.public_methods(cls)) < 2:
            continue
        name = next(iter(cls.implements), f"{cls.name.removeprefix('Default')}Contract")
        yield class_draft(
            "five_layers",
            "write_interface",
            source,
            cls,
            instruct("write_interface", context.rng, interface=name, **slots(cls)),
            fence(code.interface_code(module, cls, name)),
            input=fence(code.excerpt(module, cls, limit=MAX_CODE)),
        )
