"""Facts about methods and classes, read off the syntax tree: what is read, assigned, called, created, thrown.

Everything here is said literally by the code; nothing is concluded. Offsets count characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from tree_sitter import Node

from rag.corpus.typescript import Module, TsClass, TsMethod

MUTATORS = frozenset(
    ("push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "set", "add", "delete", "clear")
)
_ASSIGNMENTS = ("assignment_expression", "augmented_assignment_expression")
_PATTERNS = ("array_pattern", "object_pattern")
_REBINDS_THIS = ("function_expression", "function_declaration", "generator_function", "class", "class_declaration")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Throw:
    """`what` as written after `throw`; `conditions` are those of the `if`s around it, outermost first."""

    what: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What the body of one method does with its object. `opaque` when `this` is used in ways not followed here.

    `guards` are (condition, what is returned) of the leading exits; `result` is the last expression returned.
    `throws` leaves out what a `try` of the method itself catches.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    calls: tuple[str, ...]
    creates: tuple[str, ...]
    throws: tuple[Throw, ...]
    guards: tuple[tuple[str, str], ...]
    result: str
    returns: str
    statements: tuple[tuple[int, int], ...]
    awaits: int
    branches: int
    loops: int
    opaque: bool


@dataclass
class _Found:
    reads: dict[str, None] = field(default_factory=dict)
    writes: dict[str, None] = field(default_factory=dict)
    calls: dict[str, None] = field(default_factory=dict)
    creates: dict[str, None] = field(default_factory=dict)
    throws: list[Throw] = field(default_factory=list)
    awaits: int = 0
    branches: int = 0
    loops: int = 0
    opaque: bool = False


class ModuleFacts:
    """The facts of one module, each computed when first asked for."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._data = module.source.encode("utf-8", "replace")
        self._ascii = self._data.isascii()
        self._methods: dict[tuple[int, int], MethodFacts] = {}

    def method(self, cls: TsClass, method: TsMethod) -> MethodFacts:
        key = (method.start, method.end)
        if key not in self._methods:
            self._methods[key] = self._read(cls, method)
        return self._methods[key]

    def node(self, start: int, end: int) -> Node | None:
        return self.module.root.descendant_for_byte_range(self._byte(start), self._byte(end))

    def initial(self, start: int, end: int) -> str:
        """The initial value in a field declaration, as written, or ''."""
        node = self.node(start, end)
        return text_of(node.child_by_field_name("value")) if node is not None else ""

    def constructor_body(self, cls: TsClass) -> list[str]:
        """The statements of the constructor as written."""
        if cls.constructor is None:
            return []
        body = _body(self.node(cls.constructor.start, cls.constructor.end))
        return [text_of(child) for child in body.named_children if child.type != "comment"] if body is not None else []

    @cached_property
    def created(self) -> dict[str, list[tuple[int, int]]]:
        """{class name: places where `new Name(...)` stands}."""
        found: dict[str, list[tuple[int, int]]] = {}
        for node in walk(self.module.root):
            if node.type == "new_expression" and (name := node.child_by_field_name("constructor")) is not None:
                found.setdefault(text_of(name), []).append((self.char(node.start_byte), self.char(node.end_byte)))
        return found

    def _read(self, cls: TsClass, method: TsMethod) -> MethodFacts:
        node = self.node(method.start, method.end)
        body = _body(node)
        found = _Found()
        if body is not None:
            methods = {m.name for m in cls.methods}
            for inner in walk(body):
                _note(inner, body, methods, found)
        statements = [c for c in body.named_children if c.type != "comment"] if body is not None else []
        return MethodFacts(
            reads=tuple(found.reads),
            writes=tuple(found.writes),
            calls=tuple(found.calls),
            creates=tuple(found.creates),
            throws=tuple(found.throws),
            guards=tuple(_guards(statements)),
            result=_result(statements[-1]) if statements else "",
            returns=_return_type(node),
            statements=tuple((self.char(s.start_byte), self.char(s.end_byte)) for s in statements),
            awaits=found.awaits,
            branches=found.branches,
            loops=found.loops,
            opaque=found.opaque,
        )

    def _byte(self, char: int) -> int:
        return char if self._ascii else len(self.module.source[:char].encode("utf-8", "replace"))

    def char(self, byte: int) -> int:
        """The character offset of a byte offset."""
        return byte if self._ascii else len(self._data[:byte].decode("utf-8", "replace"))


def text_of(node: Node | None) -> str:
    """The source text of a node; '' for none."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def walk(root: Node) -> Iterator[Node]:
    """All named nodes below `root` in document order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def _function(node: Node | None) -> Node | None:
    """The function of a method, or that of a field whose value is one."""
    if node is None or node.child_by_field_name("body") is not None:
        return node
    return node.child_by_field_name("value")


def _body(node: Node | None) -> Node | None:
    function = _function(node)
    body = function.child_by_field_name("body") if function is not None else None
    return body if body is not None and body.type == "statement_block" else None


def _return_type(node: Node | None) -> str:
    function = _function(node)
    kind = function.child_by_field_name("return_type") if function is not None else None
    return one_line(text_of(kind).removeprefix(":"))


def _member_of_this(node: Node | None) -> str:
    """The name in `this.name`, or ''."""
    if node is None or node.type != "member_expression":
        return ""
    target = node.child_by_field_name("object")
    return text_of(node.child_by_field_name("property")) if target is not None and target.type == "this" else ""


def _root_member(node: Node | None) -> str:
    """The name of the own member that a chain like `this.name.a[0].b` starts from, or ''."""
    while node is not None:
        if name := _member_of_this(node):
            return name
        if node.type not in ("member_expression", "subscript_expression", "non_null_expression"):
            return ""
        node = node.child_by_field_name("object") or (node.named_children[0] if node.named_children else None)
    return ""


def _note(node: Node, body: Node, methods: set[str], found: _Found) -> None:
    """Whatever is reached as `this.name` and is no method of the class counts as state, inherited or not."""
    kind = node.type
    if kind in _ASSIGNMENTS or kind == "update_expression":
        target = node.child_by_field_name("argument" if kind == "update_expression" else "left")
        parts = target.named_children if target is not None and target.type in _PATTERNS else [target]
        for part in parts:
            value = part.child_by_field_name("value") if part is not None and part.type == "pair_pattern" else part
            if (name := _root_member(value)) and name not in methods:
                found.writes[name] = None
    elif kind == "call_expression":
        _note_call(node.child_by_field_name("function"), methods, found)
    elif kind == "member_expression" and (name := _member_of_this(node)):
        if name in methods or _is_called(node):
            found.calls[name] = None
        elif not _is_only_target(node):
            found.reads[name] = None
    elif kind == "new_expression":
        found.creates[text_of(node.child_by_field_name("constructor"))] = None
    elif kind == "throw_statement" and not _is_caught(node, body):
        found.throws.append(Throw(one_line(text_of(node)[len("throw") :].rstrip(";")), _conditions(node, body)))
    elif kind == "this":
        found.opaque |= _is_loose(node)
    elif kind in _REBINDS_THIS:
        found.opaque = True
    found.awaits += kind == "await_expression"
    found.branches += kind in ("if_statement", "ternary_expression", "switch_case")
    found.loops += kind in ("for_statement", "for_in_statement", "while_statement", "do_statement")


def _note_call(function: Node | None, methods: set[str], found: _Found) -> None:
    """`this.list.push(...)` changes the list."""
    if function is not None and function.type == "member_expression":
        root = _root_member(function.child_by_field_name("object"))
        if root and root not in methods and text_of(function.child_by_field_name("property")) in MUTATORS:
            found.writes[root] = None


def _is_called(member: Node) -> bool:
    parent = member.parent
    return parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == member


def _guards(statements: list[Node]) -> Iterator[tuple[str, str]]:
    """Leading-level `if (condition) return ...` without `else`: where a method ends early."""
    for statement in statements[:-1]:
        if statement.type != "if_statement" or statement.child_by_field_name("alternative") is not None:
            continue
        then = statement.child_by_field_name("consequence")
        inner = then.named_children if then is not None and then.type == "statement_block" else [then]
        if len(inner) == 1 and inner[0] is not None and inner[0].type == "return_statement":
            yield one_line(text_of(statement.child_by_field_name("condition")))[1:-1], _result(inner[0])


def _result(statement: Node) -> str:
    if statement.type != "return_statement":
        return ""
    return one_line(text_of(statement)[len("return") :].rstrip(";"))


def _is_only_target(member: Node) -> bool:
    """Whether `this.name` stands left of `=`, alone or in a pattern, and is thus only assigned."""
    child, parent = member, member.parent
    while parent is not None and parent.type in (*_PATTERNS, "pair_pattern"):
        child, parent = parent, parent.parent
    return parent is not None and parent.type == "assignment_expression" and parent.child_by_field_name("left") == child


def _is_loose(this: Node) -> bool:
    """`this` other than in `this.name` and `return this`: what is done with it then is not followed."""
    parent = this.parent
    return parent is not None and parent.type not in ("member_expression", "return_statement")


def _is_caught(node: Node, body: Node) -> bool:
    """Whether a `try` of the same method, with a `catch`, stands around it: then nothing leaves the method there."""
    child, parent = node, node.parent
    while parent is not None and child != body:
        if parent.type == "try_statement" and parent.child_by_field_name("handler") not in (None, child):
            return True
        child, parent = parent, parent.parent
    return False


def _conditions(node: Node, body: Node) -> tuple[str, ...]:
    """Conditions of the `if`s a statement stands in, outermost first; a negated one for `else`."""
    found: list[str] = []
    child, parent = node, node.parent
    while parent is not None and child != body:
        if parent.type == "if_statement":
            condition = one_line(text_of(parent.child_by_field_name("condition")))[1:-1]
            negated = parent.child_by_field_name("alternative") == child
            found.append(f"not ({condition})" if negated else condition)
        elif parent.type == "catch_clause":
            found.append("an error was caught")
        elif parent.type in ("switch_case", "switch_default"):
            found.append("the switch reaches this case")
        child, parent = parent, parent.parent
    return tuple(reversed(found))
