"""TypeScript classes taken apart and put together again: excerpts, outlines, and mutations into known violations."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from rag.corpus.typescript import Module, TsClass, TsInterface, TsMethod, is_init

Spans = Sequence[tuple[int, int]]
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_LITERAL_TYPES = ((r"-?\d[\d._]*", "number"), (r"\"[^\"]*\"|'[^']*'", "string"), ("true|false", "boolean"))
_THIS_RETURN = re.compile(r"\n?[ \t]*return this;[ \t]*")


def words(identifier: str) -> str:
    """'toScenario' reads 'to scenario'."""
    return " ".join(_WORDS.findall(identifier)).lower()


def class_code(module: Module, cls: TsClass) -> str:
    return f"export {_dedent(module.source, cls.start, cls.end)}"


def member_code(module: Module, start: int, end: int) -> str:
    return _dedent(module.source, start, end)


def _dedent(source: str, start: int, end: int) -> str:
    return dedent(source[start:end], source, start)


def dedent(text: str, source: str, start: int) -> str:
    """`text`, which begins at `start` of the source, with the indentation of that line taken off its other lines."""
    line = source[source.rfind("\n", 0, start) + 1 : start]
    margin = line[: len(line) - len(line.lstrip())] if line.strip() else line
    return textwrap.dedent(margin + re.sub(rf"(?m)^{margin}" if line.strip() else r"(?!)", "", text)).strip()


def indent(text: str) -> str:
    """The text two columns to the right."""
    return textwrap.indent(text, "  ")


def excerpt(module: Module, cls: TsClass, *, keep: Iterable[TsMethod] | None = None, limit: int = 2200) -> str:
    """The class with its fields, constructor and `init`, and of the other methods those kept, as far as they fit."""
    others = [method for method in cls.methods if not is_init(method)]
    kept = list(others if keep is None else keep)
    while True:
        dropped = [(m.start, m.end) for m in others if m not in kept]
        text = cut(module, cls, dropped)
        if len(text) <= limit or not kept:
            return text
        kept.pop()


def cut(module: Module, cls: TsClass, spans: Iterable[tuple[int, int]]) -> str:
    """The class without the members at these offsets, their doc comments included."""
    source = module.source
    pieces, position = [], cls.start
    for start, end in sorted(with_comment(source, start, end) for start, end in spans):
        pieces.append(source[position:start])
        position = end
    pieces.append(source[position : cls.end])
    text = _BLANK_LINES.sub("\n\n", "".join(pieces))
    return "export " + re.sub(r"\n\s*\n(\s*\})$", r"\n\1", text).strip()


def with_comment(source: str, start: int, end: int) -> tuple[int, int]:
    """The span of a member together with the comment directly above it and the semicolon after it."""
    line = source.rfind("\n", 0, start) + 1
    if not source[line:start].strip():
        start = line
        while start and (above := source[(before := source.rfind("\n", 0, start - 1) + 1) : start].strip()):
            if above.endswith("*/") and (opened := source.rfind("/*", 0, start)) >= 0:
                start = source.rfind("\n", 0, opened) + 1
                break
            if not above.startswith("//"):
                break
            start = before
    if end < len(source) and source[end] == ";":
        end += 1
    return start, end


def signature(module: Module, method: TsMethod) -> str:
    """`async load(path: string): Promise<void>` without modifiers and body."""
    head, _ = split_body(module, method)
    head = re.sub(r"^\s*(?:@\w+(?:\([^)]*\))?\s*)*", "", head)
    head = re.sub(r"\b(?:public|private|protected|override|abstract|readonly|static)\s+", "", head)
    return re.sub(r"[\s;]*(?:=>)?[\s;]*$", "", re.sub(r"\s+", " ", head)).strip()


def split_body(module: Module, method: TsMethod) -> tuple[str, str]:
    """(head, statements) of a method; statements without the outer braces, '' when it has none."""
    data = module.source.encode()
    first, last = len(module.source[: method.start].encode()), len(module.source[: method.end].encode())
    node = module.root.descendant_for_byte_range(first, last)
    body = node.child_by_field_name("body") if node is not None else None
    if body is None and node is not None and (value := node.child_by_field_name("value")) is not None:
        body = value.child_by_field_name("body")
    if body is None or body.type != "statement_block":
        return module.source[method.start : method.end], ""
    head = data[first : body.start_byte].decode()
    return head, textwrap.dedent(data[body.start_byte + 1 : body.end_byte - 1].decode().strip("\n")).strip()


def public_methods(cls: TsClass) -> list[TsMethod]:
    return [m for m in cls.methods if m.has_body and not m.is_private and m.kind in ("method", "arrow")]


def init_of(cls: TsClass) -> TsMethod | None:
    return next((m for m in cls.methods if is_init(m) and m.has_body), None)


def interface_code(module: Module, cls: TsClass, name: str, methods: Sequence[TsMethod]) -> str:
    """An interface with these methods of the class; a parameter with a default is an optional one there."""
    lines = [f"  {_without_defaults(signature(module, m))};" for m in methods]
    return f"export interface {name} {{\n" + "\n".join(lines) + "\n}"


def _without_defaults(head: str) -> str:
    head = re.sub(r"^async\s+", "", head)
    head = re.sub(r"(\w+): ([\w.<>\[\]| ]+?) = [^,)]+(?=[,)])", r"\1?: \2", head)
    for literal, kind in _LITERAL_TYPES:
        head = re.sub(rf"(\w+) = (?:{literal})(?=[,)])", rf"\1?: {kind}", head)
    return head


def declared_interface(module: Module, interface: TsInterface) -> str:
    return f"export {_dedent(module.source, interface.start, interface.end)}"


def outline_fields(module: Module, cls: TsClass) -> str:
    """The head of the class and its fields, without constructor and methods; '' for a class without fields."""
    fields = [f"  {module.source[f.start : f.end].strip().rstrip(';')};" for f in cls.fields]
    return f"{_heading(cls)} {{\n" + "\n".join([*fields, "  // ..."]) + "\n}" if fields else ""


def _heading(cls: TsClass) -> str:
    heading = f"class {cls.name}" + (f" extends {cls.extends}" if cls.extends else "")
    return heading + (f" implements {', '.join(cls.implements)}" if cls.implements else "")


def outline(module: Module, cls: TsClass) -> str:
    """The class as its fields and signatures, bodies left out."""
    fields = [f"  {module.source[f.start : f.end].strip().rstrip(';')};" for f in cls.fields]
    methods = [f"  {signature(module, method)};" for method in cls.methods if method.has_body]
    return f"{_heading(cls)} {{\n" + "\n".join([*fields, *methods]) + "\n}"


def with_constructor_logic(module: Module, cls: TsClass, dropped: Spans = ()) -> str:
    """The same class done wrong: what `init` does moved into the constructor. '' where that cannot be written."""
    init = init_of(cls)
    if init is None or init.is_async or cls.extends or (cls.constructor and cls.constructor.faults):
        return ""
    _, body = split_body(module, init)
    body = _THIS_RETURN.sub("", body).strip()
    if not body or "return " in body or "super." in body:
        return ""
    parameters = ", ".join(init.parameters)
    constructor = f"constructor({parameters}) {{\n{textwrap.indent(body, '  ')}\n}}"
    spans = [*dropped, (init.start, init.end)]
    if cls.constructor:
        spans.append((cls.constructor.start, cls.constructor.end))
    return _insert_after_fields(cut(module, cls, spans), module, cls, constructor)


def with_parameter_properties(module: Module, cls: TsClass, dropped: Spans = ()) -> str:
    """The same class done wrong: its private fields as parameter properties, their first values as defaults."""
    fields = [f for f in cls.fields if f.is_private and not f.is_static and f.type and not f.name.startswith("#")]
    texts = [" ".join(module.source[f.start : f.end].rstrip(";").split()) for f in fields]
    if not fields or cls.extends or (cls.constructor and cls.constructor.faults) or any("!" in text for text in texts):
        return ""
    listed = ", ".join(texts) if len(texts) < 3 else "\n  " + ",\n  ".join(texts) + ",\n"
    spans = [*dropped, *((field.start, field.end) for field in fields)]
    if cls.constructor:
        spans.append((cls.constructor.start, cls.constructor.end))
    return _insert_after_fields(cut(module, cls, spans), module, cls, f"constructor({listed}) {{}}")


def with_init_call(module: Module, cls: TsClass, dropped: Spans = ()) -> str:
    """The same class done wrong: a constructor that takes the data and calls `init` with it."""
    init = init_of(cls)
    if (
        init is None
        or init.is_async
        or cls.extends
        or not init.parameters
        or (cls.constructor and cls.constructor.faults)
    ):
        return ""
    names = [re.match(r"(\w+)", parameter) for parameter in init.parameters]
    if not all(names):
        return ""
    passed = ", ".join(name[1] for name in names if name)
    constructor = f"constructor({', '.join(init.parameters)}) {{\n  this.init({passed});\n}}"
    spans = list(dropped)
    if cls.constructor:
        spans.append((cls.constructor.start, cls.constructor.end))
    return _insert_after_fields(cut(module, cls, spans), module, cls, constructor)


def with_assigned_fields(module: Module, cls: TsClass, dropped: Spans = ()) -> str:
    """The same class done wrong: first values of its fields assigned in the constructor."""
    declared = [(f, module.source[f.start : f.end]) for f in cls.fields if not f.is_static and f.type]
    valued = [(f, text, text.partition(" = ")[2].rstrip(";")) for f, text in declared if " = " in text]
    if not valued or cls.extends or (cls.constructor and cls.constructor.faults):
        return ""
    body = "\n".join(f"  this.{field.name} = {value};" for field, _, value in valued)
    spans = list(dropped)
    if cls.constructor:
        spans.append((cls.constructor.start, cls.constructor.end))
    text = _insert_after_fields(cut(module, cls, spans), module, cls, f"constructor() {{\n{body}\n}}")
    for _, declaration, value in valued:
        text = text.replace(declaration, declaration.replace(f" = {value}", "", 1), 1)
    return text


def with_public_state(module: Module, cls: TsClass, dropped: Spans = ()) -> str:
    """The same class done wrong: private fields made public."""
    code = right = cut(module, cls, dropped)
    for field in cls.fields:
        if field.is_private and not field.is_static:
            code = re.sub(rf"\bprivate (readonly )?{re.escape(field.name)}\b", rf"public \1{field.name}", code)
    return code if code != right else ""


def as_functions(module: Module, cls: TsClass, methods: Sequence[TsMethod]) -> str:
    """The methods as free functions over an open state object. '' where a field has no type to declare."""
    bodies = "\n".join(module.source[m.start : m.end] for m in methods)
    used = [f for f in cls.fields if re.search(rf"\bthis\.{re.escape(f.name)}\b", bodies)]
    types = [(f.name, f.type or literal_type(module.source[f.start : f.end])) for f in used]
    if not used or any(f.is_static for f in used) or not all(kind for _, kind in types):
        return ""
    state = f"{cls.name}State"
    declared = f"interface {state} {{\n" + "\n".join(f"  {name}: {kind};" for name, kind in types) + "\n}"
    functions = []
    for method in methods:
        head, body = split_body(module, method)
        if not body or "<" in head.split("(")[0]:
            return ""
        head = re.sub(r"\b(?:public|private|protected|override)\s+", "", head).strip()
        is_async, head = head.startswith("async "), head.removeprefix("async ")
        parameters = ", " if method.parameters else ""
        head = head.replace(f"{method.name}(", f"{method.name}(state: {state}{parameters}", 1)
        inner = textwrap.indent(re.sub(r"\bthis\.", "state.", body), "  ")
        functions.append(f"export {'async ' if is_async else ''}function {head} {{\n{inner}\n}}")
    return "\n\n".join([declared, *functions])


def literal_type(declaration: str) -> str:
    """The type of a field that is declared by its first value alone, where that is a plain literal; else ''."""
    value = declaration.partition("=")[2].strip().rstrip(";")
    return next((kind for literal, kind in _LITERAL_TYPES if re.fullmatch(literal, value)), "")


def _insert_after_fields(code: str, module: Module, cls: TsClass, member: str) -> str:
    """Put a member behind the last field that is still there, else behind the opening brace."""
    at = code.index("{") + 1
    for field in cls.fields:
        text = module.source[field.start : field.end]
        if (found := code.find(text)) >= 0:
            at = max(at, found + len(text) + (1 if code[found + len(text) : found + len(text) + 1] == ";" else 0))
    return f"{code[:at]}\n\n{textwrap.indent(member, '  ')}{code[at:]}"


def fields_of(cls: TsClass) -> list[str]:
    return [field.name for field in cls.fields if not field.is_static]


def purpose(cls: TsClass) -> str:
    """What a class is for: the first sentence of its comment, else what it offers."""
    first = re.split(r"(?<=[.!?])\s", cls.doc.replace("\n", " "), maxsplit=1)[0].strip()
    first = re.sub(r"^@\w+.*", "", first)
    if len(first.split()) >= 3:
        return first.rstrip(".")
    offered = [f"`{method.name}`" for method in public_methods(cls)][:4]
    return f"offers {', '.join(offered)}" if offered else f"stands for {words(cls.name)}"
