"""Turns a working constructor into an empty one and an `init`, statement by statement, where that is safe."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from rag.corpus.typescript import TsClass
from samples.generators import code
from samples.generators.sources import Source
from samples.generators.text import fence
from samples.generators.views import is_clean
from samples.judges import judge

MAX_BEFORE = 2200
_PROPERTY = re.compile(r"^((?:public|private|protected|readonly|override)\s+)+")
_NAME = re.compile(r"^(\w+)(\??)\s*(?::\s*(.+?))?(?:\s*=\s*(.+))?$", re.DOTALL)


def converted(source: Source, cls: TsClass) -> tuple[str, str] | None:
    """(before, after) of the fields and the constructor of a class; None where a mechanical move could be wrong."""
    constructor, module = cls.constructor, source.module
    if constructor is None or not constructor.faults or cls.extends or code.init_of(cls):
        return None
    if any(m.name == "init" for m in cls.methods) or any(f.name.startswith("#") for f in cls.fields):
        return None
    statements = source.facts.constructor_body(cls)
    others = [(m.start, m.end) for m in cls.methods]
    before = code.cut(module, cls, others)
    fields, parameters, assigned = [], [], []
    for parameter in constructor.parameters:
        plain = _PROPERTY.sub("", parameter)
        named = _NAME.match(plain)
        if named is None or not named[3]:
            return None
        parameters.append(plain)
        if plain != parameter:
            modifier = "private " if "private" in parameter else "protected " if "protected" in parameter else "public "
            optional = " | undefined" if named[2] else ""
            fields.append(f"{modifier}{named[1]}!: {named[3]}{optional};")
            assigned.append(f"this.{named[1]} = {named[1]};")
    declared = [_declaration(source, field.start, field.end) for field in cls.fields]
    body = "\n".join([*assigned, *(textwrap.dedent(s) for s in statements), "return this;"])
    head = before[: before.index("{") + 1]
    init = f"init({', '.join(parameters)}): this {{\n{textwrap.indent(body, '  ')}\n}}"
    after = "\n\n".join(
        part for part in ("\n".join([*(d for d in declared if d), *fields]), "constructor() {}", init) if part
    )
    after = f"{head}\n{textwrap.indent(after, '  ')}\n}}"
    if len(before) > MAX_BEFORE or not is_clean(after) or re.search(r"\breturn\b(?! this;)", body):
        return None
    good = judge("empty_constructor", fence(after)).passed and judge("empty_constructor", fence(before)).passed is False
    return (before, after) if good else None


def _declaration(source: Source, start: int, end: int) -> str:
    """A field that `init` may assign: not readonly, and without a value it says that it comes later."""
    text = code.member_code(source.module, start, end).rstrip(";")
    is_static = re.match(r"(?:(?:public|private|protected)\s+)?static\b", text)
    if not is_static:
        text = re.sub(r"\breadonly\s+", "", text, count=1)
        if not source.facts.initial(start, end):
            text = re.sub(r"^((?:\w+\s+)*\w+)(?=\s*:)", r"\1!", text, count=1)
    return f"{text};"


def creation_in_caller(source: Source, cls: TsClass) -> Iterator[tuple[str, str]]:
    """(line as it is, line with `new X().init(...)`) where this file creates an object of the class on one line."""
    seen: set[str] = set()
    for start, end in source.facts.created.get(cls.name, ()):
        written = source.text[start:end]
        line_start, line_end = source.text.rfind("\n", 0, start) + 1, source.text.find("\n", end)
        line = source.text[line_start : line_end if line_end >= 0 else None]
        arguments = written.partition("(")[2]
        if "\n" in written or not arguments.strip(") ") or line.strip() in seen or not line.strip().endswith(";"):
            continue
        seen.add(line.strip())
        after = line.replace(written, f"new {cls.name}().init({arguments}", 1)
        yield line.strip(), after.strip()
