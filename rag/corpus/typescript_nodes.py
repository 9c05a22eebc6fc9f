"""Syntax nodes of TypeScript: what stands around them, their text, and their place in characters."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from tree_sitter import Node

FUNCTION_VALUES = ("arrow_function", "function_expression", "generator_function")
WRAPPERS = ("export_statement", "lexical_declaration", "variable_declarator", "ambient_declaration")


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with what stands around it: asking a node for parent or sibling costs time in proportion to its depth."""

    node: Node
    parent: Node | None
    comment: Node | None


def children_of(placed: Placed) -> list[Placed]:
    """Named children, each with the comment directly above it; decorators may stand between."""
    comment = placed.comment if placed.node.type in WRAPPERS else None
    children: list[Placed] = []
    for child in placed.node.named_children:
        if child.type == "comment":
            comment = child
            continue
        children.append(Placed(child, placed.node, comment))
        if child.type != "decorator":
            comment = None
    return children


class Offsets:
    """Translates tree-sitter's byte offsets into character offsets."""

    def __init__(self, data: bytes) -> None:
        self._continuations = [] if data.isascii() else [m.start() for m in re.finditer(rb"[\x80-\xbf]", data)]

    def span(self, node: Node) -> tuple[int, int]:
        return self._of(node.start_byte), self._of(node.end_byte)

    def _of(self, byte: int) -> int:
        return byte - bisect_left(self._continuations, byte)


def text_of(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def type_names(clause: Node) -> tuple[str, ...]:
    """The names in an extends or implements list, type arguments left out."""
    types = (child for child in clause.named_children if child.type != "comment")
    return tuple(text_of(t.child_by_field_name("name") if t.type == "generic_type" else t) for t in types)


def has_token(node: Node, token: str) -> bool:
    return any(child.type == token for child in node.children)


def parameters_of(function: Node) -> tuple[str, ...]:
    """Parameters as written, decorators and all."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return (text_of(single),)
    listed = function.child_by_field_name("parameters")
    named = listed.named_children if listed is not None else []
    return tuple(text_of(child) for child in named if child.type != "comment")


def doc_of(comment: Node | None) -> str:
    """The text of a `/** ... */` comment, stars removed; "" for any other comment."""
    text = text_of(comment)
    if not text.startswith("/**"):
        return ""
    lines = (line.strip().lstrip("*").strip() for line in text[3:-2].splitlines())
    return "\n".join(line for line in lines if line)
