"""The Web4 rule of the empty constructor, on tree-sitter nodes.

A constructor may hold comments and at most one `super(...)` with plain arguments: set-up lives in `init()`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

PROPERTY_MODIFIERS = ("accessibility_modifier", "override_modifier", "readonly")
CALLS = ("call_expression", "new_expression", "await_expression", "yield_expression")
ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression", "update_expression")
PLAIN_LEAVES = frozenset(
    (
        *("identifier", "this", "number", "string", "true", "false", "null", "undefined", "regex", "comment"),
        *("property_identifier", "private_property_identifier", "shorthand_property_identifier"),
        *("string_fragment", "escape_sequence"),
    )
)
PLAIN_SHAPES = frozenset(
    (
        *("member_expression", "subscript_expression", "parenthesized_expression", "non_null_expression"),
        *("array", "object", "pair", "spread_element", "computed_property_name"),
        *("template_string", "template_substitution"),
    )
)
TYPE_WRAPPERS = frozenset(("as_expression", "satisfies_expression", "type_assertion"))


def constructor_faults(constructor: Node) -> tuple[str, ...]:
    """What a `method_definition` of a constructor does beyond an optional plain `super(...)`, in words."""
    return (*_parameter_properties(constructor), *constructor_logic(constructor))


def constructor_logic(constructor: Node) -> tuple[str, ...]:
    """The faults other than parameter properties: work in parameter defaults or in the body."""
    return (*_working_defaults(constructor), *_body_faults(constructor))


def _parameters(constructor: Node) -> list[Node]:
    listed = constructor.child_by_field_name("parameters")
    return [p for p in listed.named_children if p.type.endswith("_parameter")] if listed is not None else []


def _parameter_properties(constructor: Node) -> Iterator[str]:
    for parameter in _parameters(constructor):
        if any(child.type in PROPERTY_MODIFIERS for child in parameter.children):
            yield f"parameter property `{_shorten(parameter)}`"


def _working_defaults(constructor: Node) -> Iterator[str]:
    """Defaults that call or assign; those inside a destructuring pattern count as well."""
    for parameter in _parameters(constructor):
        parts = (parameter.child_by_field_name("value"), parameter.child_by_field_name("pattern"))
        work = (*CALLS, *ASSIGNMENTS)
        if any(node.type in work for part in parts if part is not None for node in _descend(part)):
            yield f"call in the default of `{_shorten(parameter)}`"


def _body_faults(constructor: Node) -> Iterator[str]:
    body = constructor.child_by_field_name("body")
    supers = 0
    for statement in body.named_children if body is not None else []:
        if statement.type in ("comment", "empty_statement"):
            continue
        arguments = _super_arguments(statement)
        if arguments is None:
            yield f"statement in the constructor: `{_shorten(statement)}`"
            continue
        supers += 1
        if supers > 1:
            yield "more than one super(...) in the constructor"
        if not all(_is_plain(argument) for argument in arguments.named_children):
            yield f"super(...) with more than plain arguments: `{_shorten(statement)}`"


def _super_arguments(statement: Node) -> Node | None:
    """The arguments of a statement that is exactly `super(...)`, else None."""
    if statement.type != "expression_statement" or statement.named_child_count != 1:
        return None
    call = statement.named_children[0]
    function = call.child_by_field_name("function") if call.type == "call_expression" else None
    arguments = call.child_by_field_name("arguments")
    is_super = function is not None and function.type == "super"
    return arguments if is_super and arguments is not None and arguments.type == "arguments" else None


def _is_plain(argument: Node) -> bool:
    """Names, literals, member access and structures of them: nothing that computes, calls or creates."""
    waiting = [argument]
    while waiting:
        node = waiting.pop()
        if node.type in TYPE_WRAPPERS:
            waiting.extend(node.named_children[-1:] if node.type == "type_assertion" else node.named_children[:1])
        elif node.type == "unary_expression":
            waiting.extend(child for child in node.named_children if child.type == "number")
            if not any(child.type == "number" for child in node.named_children):
                return False
        elif node.type in PLAIN_SHAPES or node.type == "string":
            waiting.extend(node.named_children)
        elif node.type not in PLAIN_LEAVES:
            return False
    return True


def _descend(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(current.named_children)


def _shorten(node: Node) -> str:
    text = " ".join((node.text or b"").decode("utf-8", "replace").split())
    return text if len(text) <= 60 else text[:57] + "..."
