"""Reads TypeScript with tree-sitter: classes, constructors, methods, layers and Web4 code patterns.

Tree-sitter counts bytes; everything handed out here counts characters of the source string.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from rag.corpus.typescript_constructor import constructor_faults, constructor_logic
from rag.corpus.typescript_types import (
    Module,
    TsClass,
    TsConstructor,
    TsField,
    TsFunction,
    TsImport,
    TsInterface,
    TsMethod,
)

__all__ = [
    "Module",
    "TsClass",
    "TsConstructor",
    "TsField",
    "TsFunction",
    "TsImport",
    "TsInterface",
    "TsMethod",
    "has_init",
    "is_init",
    "layer_of",
    "parse_typescript",
    "patterns_of",
]

CLASS_TYPES = ("class_declaration", "abstract_class_declaration", "class")
FUNCTION_VALUES = ("arrow_function", "function_expression", "generator_function")
_WRAPPERS = ("export_statement", "lexical_declaration", "variable_declarator", "ambient_declaration")
_NAMESPACES = ("internal_module", "module")
_SCOPES = (
    *("program", "export_statement", "expression_statement", "ambient_declaration"),
    *("lexical_declaration", "variable_declaration", *_NAMESPACES),
)
_LAYER = re.compile(r"(?:^|[/\\])layer[-_]?([1-5])(?=[/\\])", re.IGNORECASE)


def parse_typescript(source: str) -> Module:
    """Read `source` as TS, or as TSX where only that parses. Never raises; `has_errors` tells of broken syntax."""
    data = source.encode("utf-8", "replace")
    tree = _parser("ts").parse(data)
    if tree.root_node.has_error:
        as_tsx = _parser("tsx").parse(data)
        if not as_tsx.root_node.has_error:
            tree = as_tsx
    found = _find_declarations(tree.root_node)
    offsets = _Offsets(data)
    return Module(
        source=source,
        classes=tuple(_read_class(placed, offsets) for placed in found.classes),
        interfaces=tuple(_read_interface(placed, offsets) for placed in found.interfaces),
        functions=tuple(_read_functions(tree.root_node, offsets)),
        imports=tuple(_read_import(node) for node in found.imports),
        uses_jest_global=found.uses_jest,
        has_errors=tree.root_node.has_error,
        tree=tree,
    )


def layer_of(path: str) -> int | None:
    """The layer, 1 to 5, that a path's innermost `layerN` folder names; None outside any layer."""
    layers = _LAYER.findall(path)
    return int(layers[-1]) if layers else None


def patterns_of(module: Module) -> tuple[str, ...]:
    """The Web4 patterns and violations a module shows, in a fixed order."""
    return tuple(name for name, shows in _PATTERNS.items() if shows(module))


def has_init(cls: TsClass, module_classes: Mapping[str, TsClass]) -> bool:
    """Whether instances of `cls` have an `init` method: its own, abstract, or inherited within the module."""
    seen: set[str] = set()
    current: TsClass | None = cls
    while current is not None:
        if any(is_init(method) for method in current.methods):
            return True
        seen.add(current.name)
        parent = current.extends
        current = module_classes.get(parent) if parent and parent not in seen else None
    return False


def is_init(method: TsMethod) -> bool:
    """A non-static `init` with a body or declared abstract; an accessor or a bare signature is none."""
    return method.name == "init" and not method.is_static and method.kind in ("method", "arrow", "abstract")


@cache
def _language(dialect: str) -> Language:
    grammar = tree_sitter_typescript.language_tsx if dialect == "tsx" else tree_sitter_typescript.language_typescript
    return Language(grammar())


def _parser(dialect: str) -> Parser:
    """A parser of its own for each call: parsers are not safe to share between threads."""
    return Parser(_language(dialect))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A node with what stands around it: asking a node for parent or sibling costs time in proportion to its depth."""

    node: Node
    parent: Node | None
    comment: Node | None


@dataclass(slots=True)
class _Declarations:
    classes: list[_Placed] = field(default_factory=list)
    interfaces: list[_Placed] = field(default_factory=list)
    imports: list[Node] = field(default_factory=list)
    uses_jest: bool = False


def _find_declarations(root: Node) -> _Declarations:
    """One walk in document order, in time linear in the tree: tree-sitter's queries are not, on hostile text."""
    found = _Declarations()
    waiting = [_Placed(root, None, None)]
    while waiting:
        placed = waiting.pop()
        node = placed.node
        if node.type in CLASS_TYPES:
            found.classes.append(placed)
        elif node.type == "interface_declaration":
            found.interfaces.append(placed)
        elif node.type == "import_statement":
            found.imports.append(node)
        elif node.type == "identifier" and node.end_byte - node.start_byte == 4 and node.text == b"jest":
            found.uses_jest = True
        if node.child_count:
            waiting.extend(reversed(_children(placed)))
    return found


def _children(placed: _Placed) -> list[_Placed]:
    """Named children, each with the comment directly above it; decorators may stand between."""
    comment = placed.comment if placed.node.type in _WRAPPERS else None
    children: list[_Placed] = []
    for child in placed.node.named_children:
        if child.type == "comment":
            comment = child
            continue
        children.append(_Placed(child, placed.node, comment))
        if child.type != "decorator":
            comment = None
    return children


class _Offsets:
    """Translates tree-sitter's byte offsets into character offsets."""

    def __init__(self, data: bytes) -> None:
        self._continuations = [] if data.isascii() else [m.start() for m in re.finditer(rb"[\x80-\xbf]", data)]

    def span(self, node: Node) -> tuple[int, int]:
        return self._of(node.start_byte), self._of(node.end_byte)

    def _of(self, byte: int) -> int:
        return byte - bisect_left(self._continuations, byte)


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def _read_class(placed: _Placed, offsets: _Offsets) -> TsClass:
    node = placed.node
    extends, implements = _heritage(node)
    body = node.child_by_field_name("body")
    members = _children(_Placed(body, node, None)) if body is not None else []
    nodes = [member.node for member in members]
    constructors = [member for member in nodes if _is_constructor(member)]
    methods = [method for method in (_read_method(member, offsets) for member in members) if method is not None]
    fields = [_read_field(m, offsets) for m in nodes if m.type == "public_field_definition" and not _is_arrow(m)]
    start, end = offsets.span(node)
    return TsClass(
        name=_class_name(placed),
        start=start,
        end=end,
        extends=extends,
        implements=implements,
        constructor=_read_constructor(constructors[0], offsets) if constructors else None,
        methods=tuple(methods),
        fields=tuple(fields),
        is_abstract=node.type == "abstract_class_declaration",
        doc=_doc(placed.comment),
    )


def _class_name(placed: _Placed) -> str:
    """The class's own name, or that of the variable a class expression is assigned to, or ""."""
    own = placed.node.child_by_field_name("name")
    if own is None and placed.parent is not None and placed.parent.type == "variable_declarator":
        own = placed.parent.child_by_field_name("name")
    return _text(own)


def _heritage(node: Node) -> tuple[str | None, tuple[str, ...]]:
    extends: str | None = None
    implements: tuple[str, ...] = ()
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    for clause in heritage.named_children if heritage is not None else []:
        if clause.type == "extends_clause":
            extends = _text(clause.child_by_field_name("value")) or None
        elif clause.type == "implements_clause":
            implements = _type_names(clause)
    return extends, implements


def _type_names(clause: Node) -> tuple[str, ...]:
    """The names in an extends or implements list, type arguments left out."""
    types = (child for child in clause.named_children if child.type != "comment")
    return tuple(_text(t.child_by_field_name("name") if t.type == "generic_type" else t) for t in types)


def _is_constructor(member: Node) -> bool:
    is_method = member.type == "method_definition" and not _has_token(member, "static")
    return is_method and _member_name(member) == "constructor"


def _member_name(member: Node) -> str:
    name = member.child_by_field_name("name")
    if name is None and member.type == "public_field_definition":
        name = next((child for child in member.named_children if child.type == "property_identifier"), None)
    return _text(name).strip("'\"") if name is not None and name.type == "string" else _text(name)


def _read_constructor(member: Node, offsets: _Offsets) -> TsConstructor:
    start, end = offsets.span(member)
    faults = constructor_faults(member)
    return TsConstructor(
        start=start,
        end=end,
        parameters=_parameters(member),
        faults=faults,
        has_parameter_property=any(fault.startswith("parameter property") for fault in faults),
        has_logic=bool(constructor_logic(member)),
    )


def _read_method(placed: _Placed, offsets: _Offsets) -> TsMethod | None:
    member = placed.node
    kind = _method_kind(member)
    if kind is None:
        return None
    function = member.child_by_field_name("value") if kind == "arrow" else member
    start, end = offsets.span(member)
    return TsMethod(
        name=_member_name(member),
        kind=kind,
        start=start,
        end=end,
        is_static=_has_token(member, "static"),
        is_async=function is not None and _has_token(function, "async"),
        is_private=_is_private(member),
        parameters=_parameters(function) if function is not None else (),
        doc=_doc(placed.comment),
    )


def _method_kind(member: Node) -> str | None:
    if member.type == "method_definition":
        if _is_constructor(member):
            return None
        return "getter" if _has_token(member, "get") else "setter" if _has_token(member, "set") else "method"
    if member.type == "method_signature":
        return None if _member_name(member) == "constructor" else "signature"
    if member.type == "abstract_method_signature":
        return "abstract"
    return "arrow" if member.type == "public_field_definition" and _is_arrow(member) else None


def _is_arrow(member: Node) -> bool:
    value = member.child_by_field_name("value")
    return value is not None and value.type in FUNCTION_VALUES


def _read_field(member: Node, offsets: _Offsets) -> TsField:
    start, end = offsets.span(member)
    return TsField(
        name=_member_name(member),
        start=start,
        end=end,
        is_static=_has_token(member, "static"),
        is_private=_is_private(member),
        type=_text(member.child_by_field_name("type")).removeprefix(":").strip(),
    )


def _has_token(node: Node, token: str) -> bool:
    return any(child.type == token for child in node.children)


def _is_private(member: Node) -> bool:
    if any(child.type == "private_property_identifier" for child in member.named_children):
        return True
    access = next((child for child in member.named_children if child.type == "accessibility_modifier"), None)
    return _text(access) in ("private", "protected")


def _parameters(function: Node) -> tuple[str, ...]:
    """Parameters as written, decorators and all."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return (_text(single),)
    listed = function.child_by_field_name("parameters")
    named = listed.named_children if listed is not None else []
    return tuple(_text(child) for child in named if child.type != "comment")


def _doc(comment: Node | None) -> str:
    """The text of a `/** ... */` comment, stars removed; "" for any other comment."""
    text = _text(comment)
    if not text.startswith("/**"):
        return ""
    lines = (line.strip().lstrip("*").strip() for line in text[3:-2].splitlines())
    return "\n".join(line for line in lines if line)


def _read_interface(placed: _Placed, offsets: _Offsets) -> TsInterface:
    node = placed.node
    start, end = offsets.span(node)
    clause = next((child for child in node.named_children if child.type == "extends_type_clause"), None)
    body = node.child_by_field_name("body")
    names = [_text(m.child_by_field_name("name")) for m in body.named_children] if body is not None else []
    return TsInterface(
        name=_text(node.child_by_field_name("name")),
        start=start,
        end=end,
        extends=_type_names(clause) if clause is not None else (),
        members=tuple(name for name in names if name),
        doc=_doc(placed.comment),
    )


def _read_functions(root: Node, offsets: _Offsets) -> Iterator[TsFunction]:
    """Functions outside any class or function: those of the module and of its namespaces."""
    waiting = [_Placed(root, None, None)]
    while waiting:
        placed = waiting.pop()
        node = placed.node
        in_namespace = placed.parent is not None and placed.parent.type in _NAMESPACES
        if node.type in _SCOPES or (node.type == "statement_block" and in_namespace):
            waiting.extend(reversed(_children(placed)))
        elif node.type in ("function_declaration", "generator_function_declaration"):
            yield _function(placed, node, offsets)
        elif node.type == "variable_declarator":
            value = node.child_by_field_name("value")
            if value is not None and value.type in FUNCTION_VALUES:
                yield _function(placed, value, offsets)


def _function(placed: _Placed, function: Node, offsets: _Offsets) -> TsFunction:
    start, end = offsets.span(placed.node)
    name = _text(placed.node.child_by_field_name("name"))
    return TsFunction(name, start, end, _parameters(function), _doc(placed.comment))


def _read_import(node: Node) -> TsImport:
    source = node.child_by_field_name("source")
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    names: list[str] = []
    for part in clause.named_children if clause is not None else []:
        if part.type == "identifier":
            names.append("default")
        elif part.type == "namespace_import":
            names.append("*")
        elif part.type == "named_imports":
            names.extend(_text(spec.child_by_field_name("name")) for spec in part.named_children)
    return TsImport(_text(source).strip("'\"`"), tuple(name for name in names if name))


def _instance_fields(module: Module) -> list[TsField]:
    return [f for cls in module.classes for f in cls.fields if not f.is_static]


def _has_private_state(module: Module) -> bool:
    fields = _instance_fields(module)
    return bool(fields) and all(f.is_private for f in fields)


def _has_scenario_state(module: Module) -> bool:
    methods = [m for cls in module.classes for m in cls.methods if not m.is_static]
    takes_scenario = any(is_init(m) and any("scenario" in p.lower() for p in m.parameters) for m in methods)
    return takes_scenario or any(m.name == "toScenario" for m in methods)


def _constructors(module: Module) -> list[TsConstructor]:
    return [cls.constructor for cls in module.classes if cls.constructor is not None]


def _imports_from(module: Module, *packages: str) -> bool:
    return any(imported.source in packages for imported in module.imports)


_PATTERNS: Mapping[str, Callable[[Module], bool]] = {
    "empty_constructor": lambda m: bool(m.classes) and not any(c.faults for c in _constructors(m)),
    "init_method": lambda m: any(is_init(method) for cls in m.classes for method in cls.methods),
    "scenario_state": _has_scenario_state,
    "private_state": _has_private_state,
    "radical_oop": lambda m: bool(m.classes) and not m.functions and all(f.is_private for f in _instance_fields(m)),
    "inheritance": lambda m: any(cls.extends for cls in m.classes),
    "implements_interface": lambda m: any(cls.implements for cls in m.classes),
    "abstract_class": lambda m: any(cls.is_abstract for cls in m.classes),
    "interface": lambda m: bool(m.interfaces),
    "vitest": lambda m: _imports_from(m, "vitest"),
    "constructor_logic": lambda m: any(c.has_logic for c in _constructors(m)),
    "parameter_property": lambda m: any(c.has_parameter_property for c in _constructors(m)),
    "free_function": lambda m: bool(m.functions),
    "jest": lambda m: m.uses_jest_global or _imports_from(m, "@jest/globals", "jest", "ts-jest"),
}
