"""Reads TypeScript with tree-sitter: classes, interfaces, functions and imports of a module.

Tree-sitter counts bytes; everything handed out here counts characters of the source string.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from rag.corpus.typescript_members import read_class, read_interface
from rag.corpus.typescript_nodes import FUNCTION_VALUES, Offsets, Placed, children_of, doc_of, parameters_of, text_of
from rag.corpus.typescript_patterns import has_init, is_init, layer_of, patterns_of
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
_FUNCTIONS = ("function_declaration", "generator_function_declaration")
_NAMESPACES = ("internal_module", "module")
_SCOPES = (
    *("program", "export_statement", "expression_statement", "ambient_declaration"),
    *("lexical_declaration", "variable_declaration", *_NAMESPACES),
)


def parse_typescript(source: str) -> Module:
    """Read `source` as TS, or as TSX where only that parses. Never raises; `has_errors` tells of broken syntax."""
    data = source.encode("utf-8", "replace")
    tree = _parser("ts").parse(data)
    if tree.root_node.has_error:
        as_tsx = _parser("tsx").parse(data)
        if not as_tsx.root_node.has_error:
            tree = as_tsx
    found = _find_declarations(tree.root_node)
    offsets = Offsets(data)
    return Module(
        source=source,
        classes=tuple(read_class(placed, offsets) for placed in found.classes),
        interfaces=tuple(read_interface(placed, offsets) for placed in found.interfaces),
        functions=tuple(_read_functions(tree.root_node, offsets)),
        imports=tuple(_read_import(node) for node in found.imports),
        uses_jest_global=found.uses_jest,
        has_errors=tree.root_node.has_error,
        tree=tree,
    )


@cache
def _language(dialect: str) -> Language:
    grammar = tree_sitter_typescript.language_tsx if dialect == "tsx" else tree_sitter_typescript.language_typescript
    return Language(grammar())


def _parser(dialect: str) -> Parser:
    """A parser of its own for each call: parsers are not safe to share between threads."""
    return Parser(_language(dialect))


@dataclass(slots=True)
class _Declarations:
    classes: list[Placed] = field(default_factory=list)
    interfaces: list[Placed] = field(default_factory=list)
    imports: list[Node] = field(default_factory=list)
    uses_jest: bool = False


def _find_declarations(root: Node) -> _Declarations:
    """One walk in document order, in time linear in the tree: tree-sitter's queries are not, on hostile text."""
    found = _Declarations()
    waiting = [Placed(root, None, None)]
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
            waiting.extend(reversed(children_of(placed)))
    return found


def _read_functions(root: Node, offsets: Offsets) -> Iterator[TsFunction]:
    """Functions outside any class or function: those of the module and of its namespaces."""
    waiting = [Placed(root, None, None)]
    while waiting:
        placed = waiting.pop()
        node = placed.node
        around = placed.parent.type if placed.parent is not None else ""
        if node.type in _SCOPES or (node.type == "statement_block" and around in _NAMESPACES):
            waiting.extend(reversed(children_of(placed)))
        elif node.type in _FUNCTIONS or (node.type in FUNCTION_VALUES and around == "export_statement"):
            yield _function(placed, node, offsets)
        elif node.type == "variable_declarator":
            value = node.child_by_field_name("value")
            if value is not None and value.type in FUNCTION_VALUES:
                yield _function(placed, value, offsets)


def _function(placed: Placed, function: Node, offsets: Offsets) -> TsFunction:
    start, end = offsets.span(placed.node)
    name = text_of(placed.node.child_by_field_name("name")) or "default"
    return TsFunction(name, start, end, parameters_of(function), doc_of(placed.comment))


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
            names.extend(text_of(spec.child_by_field_name("name")) for spec in part.named_children)
    return TsImport(text_of(source).strip("'\"`"), tuple(name for name in names if name))
