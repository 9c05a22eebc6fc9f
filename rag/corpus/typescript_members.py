"""Classes and interfaces of TypeScript with their members, read from syntax nodes."""

from __future__ import annotations

from tree_sitter import Node

from rag.corpus.typescript_constructor import constructor_faults, constructor_logic
from rag.corpus.typescript_nodes import (
    FUNCTION_VALUES,
    Offsets,
    Placed,
    children_of,
    doc_of,
    has_token,
    parameters_of,
    text_of,
    type_names,
)
from rag.corpus.typescript_types import TsClass, TsConstructor, TsField, TsInterface, TsMethod


def read_class(placed: Placed, offsets: Offsets) -> TsClass:
    node = placed.node
    extends, implements = _heritage(node)
    body = node.child_by_field_name("body")
    members = children_of(Placed(body, node, None)) if body is not None else []
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
        doc=doc_of(placed.comment),
    )


def _class_name(placed: Placed) -> str:
    """The class's own name, or that of the variable a class expression is assigned to, or ""."""
    own = placed.node.child_by_field_name("name")
    if own is None and placed.parent is not None and placed.parent.type == "variable_declarator":
        own = placed.parent.child_by_field_name("name")
    return text_of(own)


def _heritage(node: Node) -> tuple[str | None, tuple[str, ...]]:
    extends: str | None = None
    implements: tuple[str, ...] = ()
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    for clause in heritage.named_children if heritage is not None else []:
        if clause.type == "extends_clause":
            extends = text_of(clause.child_by_field_name("value")) or None
        elif clause.type == "implements_clause":
            implements = type_names(clause)
    return extends, implements


def _is_constructor(member: Node) -> bool:
    is_method = member.type == "method_definition" and not has_token(member, "static")
    return is_method and _member_name(member) == "constructor"


def _member_name(member: Node) -> str:
    name = member.child_by_field_name("name")
    if name is None and member.type == "public_field_definition":
        name = next((child for child in member.named_children if child.type == "property_identifier"), None)
    return text_of(name).strip("'\"") if name is not None and name.type == "string" else text_of(name)


def _read_constructor(member: Node, offsets: Offsets) -> TsConstructor:
    start, end = offsets.span(member)
    faults = constructor_faults(member)
    return TsConstructor(
        start=start,
        end=end,
        parameters=parameters_of(member),
        faults=faults,
        has_parameter_property=any(fault.startswith("parameter property") for fault in faults),
        has_logic=bool(constructor_logic(member)),
    )


def _read_method(placed: Placed, offsets: Offsets) -> TsMethod | None:
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
        is_static=has_token(member, "static"),
        is_async=function is not None and has_token(function, "async"),
        is_private=_is_private(member),
        parameters=parameters_of(function) if function is not None else (),
        doc=doc_of(placed.comment),
    )


def _method_kind(member: Node) -> str | None:
    if member.type == "method_definition":
        if _is_constructor(member):
            return None
        return "getter" if has_token(member, "get") else "setter" if has_token(member, "set") else "method"
    if member.type == "method_signature":
        return None if _member_name(member) == "constructor" else "signature"
    if member.type == "abstract_method_signature":
        return "abstract"
    return "arrow" if member.type == "public_field_definition" and _is_arrow(member) else None


def _is_arrow(member: Node) -> bool:
    value = member.child_by_field_name("value")
    return value is not None and value.type in FUNCTION_VALUES


def _read_field(member: Node, offsets: Offsets) -> TsField:
    start, end = offsets.span(member)
    return TsField(
        name=_member_name(member),
        start=start,
        end=end,
        is_static=has_token(member, "static"),
        is_private=_is_private(member),
        type=text_of(member.child_by_field_name("type")).removeprefix(":").strip(),
    )


def _is_private(member: Node) -> bool:
    if any(child.type == "private_property_identifier" for child in member.named_children):
        return True
    access = next((child for child in member.named_children if child.type == "accessibility_modifier"), None)
    return text_of(access) in ("private", "protected")


def read_interface(placed: Placed, offsets: Offsets) -> TsInterface:
    node = placed.node
    start, end = offsets.span(node)
    clause = next((child for child in node.named_children if child.type == "extends_type_clause"), None)
    body = node.child_by_field_name("body")
    names = [text_of(m.child_by_field_name("name")) for m in body.named_children] if body is not None else []
    return TsInterface(
        name=text_of(node.child_by_field_name("name")),
        start=start,
        end=end,
        extends=type_names(clause) if clause is not None else (),
        members=tuple(name for name in names if name),
        doc=doc_of(placed.comment),
    )
