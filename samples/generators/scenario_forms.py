"""Members of interfaces, and object literals of the code whose interface is known."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from rag.corpus.typescript import TsInterface
from samples.generators import code
from samples.generators.base import Context
from samples.generators.facts import one_line, text_of
from samples.generators.sources import Source

_PLAIN_TYPE = re.compile(r"^[A-Z]\w*$")


@dataclass(frozen=True, slots=True)
class Member:
    """A property or method of an interface; `type` of a method is its parameters and result."""

    name: str
    type: str
    optional: bool
    is_method: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Given:
    """An object literal in the code and the interface it is meant to fit, declared in `where`."""

    literal: str
    span: tuple[int, int]
    interface: TsInterface
    where: Source
    declared: str
    members: tuple[Member, ...]


def members_of(source: Source, interface: TsInterface) -> tuple[Member, ...]:
    """The interface's own members in order."""
    node = source.facts.node(interface.start, interface.end)
    body = node.child_by_field_name("body") if node is not None else None
    found: list[Member] = []
    doc = ""
    for child in body.named_children if body is not None else []:
        if child.type == "comment":
            doc = _comment(text_of(child))
            continue
        name = text_of(child.child_by_field_name("name"))
        if child.type in ("property_signature", "method_signature") and name:
            is_method = child.type == "method_signature"
            optional = any(part.type == "?" for part in child.children)
            kind = (
                text_of(child)[len(name) :]
                if is_method
                else text_of(child.child_by_field_name("type")).removeprefix(":")
            )
            found.append(Member(name, one_line(kind), optional, is_method, doc))
        doc = ""
    return tuple(found)


def _comment(text: str) -> str:
    """The one line a short comment says, else ''."""
    said = one_line(re.sub(r"^/\*\*?|\*/$|^//|^\s*\*", "", text, flags=re.MULTILINE))
    return said if 3 < len(said) < 120 and "`" not in said else ""


def given_scenarios(source: Source, context: Context) -> Iterator[Given]:
    """Object literals of a file that stand where an interface of the corpus is declared or passed to `init`."""
    if source.module.has_errors:
        return
    waiting = [source.module.root]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.named_children)
        for name, literal in _typed(node, source, context):
            found = _given(name, literal, source, context)
            if found is not None:
                yield found


def _typed(node: Node, source: Source, context: Context) -> Iterator[tuple[str, Node]]:
    """(interface name, literal) of `const x: Name = {...}`, of typed fields, and of `new Class().init({...})`."""
    if node.type in ("variable_declarator", "public_field_definition"):
        kind = text_of(node.child_by_field_name("type")).removeprefix(":").strip()
        value = node.child_by_field_name("value")
        if _PLAIN_TYPE.match(kind) and value is not None and value.type == "object":
            yield kind, value
    elif node.type == "call_expression":
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or text_of(function.child_by_field_name("property")) != "init":
            return
        created = function.child_by_field_name("object")
        if created is None or created.type != "new_expression" or not arguments.named_children:
            return
        seen = context.library.project.seen_class(source, text_of(created.child_by_field_name("constructor")))
        init = code.init_of(seen[1]) if seen else None
        kind = init.parameters[0].partition(":")[2].strip() if init and init.parameters else ""
        if _PLAIN_TYPE.match(kind) and arguments.named_children[0].type == "object":
            yield kind, arguments.named_children[0]


def _given(name: str, literal: Node, source: Source, context: Context) -> Given | None:
    project = context.library.project
    seen = project.interface_of(source, name) or _through_imports(source, name, context)
    if seen is None or seen[1].extends:
        return None
    where, interface = seen
    members = members_of(where, interface)
    keys = {text_of(child.child_by_field_name("key")) for child in literal.named_children if child.type == "pair"}
    keys |= {text_of(child) for child in literal.named_children if child.type == "shorthand_property_identifier"}
    plain = all(c.type in ("pair", "shorthand_property_identifier", "comment") for c in literal.named_children)
    wanted = {m.name for m in members if not m.optional}
    if not plain or len(keys) < 2 or not wanted <= keys <= {m.name for m in members}:
        return None
    start, end = source.facts.char(literal.start_byte), source.facts.char(literal.end_byte)
    text = f"const given: {name} = {code.dedent(text_of(literal), source.text, start)};"
    if not 60 < len(text) < 1400:
        return None
    return Given(text, (start, end), interface, where, code.declared_interface(where.module, interface), members)


def _through_imports(source: Source, name: str, context: Context) -> tuple[Source, TsInterface] | None:
    """An interface that an imported file sees: tests use scenarios without naming their type."""
    for imported in context.library.project.imports.get(source.path, ()):
        if imported.target is not None and (seen := context.library.project.interface_of(imported.target, name)):
            return seen
    return None


def spoiled(given: Given, rng: random.Random) -> Iterator[tuple[str, str]]:
    """(literal, what is wrong with it): as it is, with a required member left out, with one member misspelt."""
    yield given.literal, ""
    pairs = list(re.finditer(r"(?m)(?<=[{,\n])\s*(\w+): [^{}\[\]\n,]+,", given.literal))
    top = {m.name: m for m in given.members if not m.optional and given.literal.count(f"{m.name}:") == 1}
    lines = [p for p in pairs if p[1] in top]
    if lines:
        gone = rng.choice(lines)
        text = given.literal[: gone.start()] + given.literal[gone.end() :]
        yield text, f"`{gone[1]}`, which `{given.interface.name}` requires as `{top[gone[1]].type}`, is missing"
    if top:
        name = rng.choice(sorted(top))
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        wrong = rng.choice([w for w in (snake, f"{name}s", name[:-1], name.capitalize(), f"{name}Name") if w != name])
        if any(wrong == member.name for member in given.members):
            return
        text = given.literal.replace(f"{name}:", f"{wrong}:", 1)
        yield text, f"`{given.interface.name}` has no member `{wrong}`; it is called `{name}`"
