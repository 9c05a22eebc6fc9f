"""Turns a working constructor into an empty one and an `init`, statement by statement, where that is safe."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from functools import lru_cache

from rag.corpus.typescript import TsClass
from samples.generators import code
from samples.generators.sources import Source
from samples.generators.text import fence
from samples.generators.views import is_clean
from samples.judges import judge

MAX_BEFORE = 2200
_PROPERTY = re.compile(r"^((?:public|private|protected|readonly|override)\s+)+")
_NAME = re.compile(r"^(\w+)(\??)\s*(?::\s*(.+?))?(?:\s*=\s*(.+))?$", re.DOTALL)


Edit = tuple[int, int, str]


def converted(source: Source, cls: TsClass) -> tuple[str, str] | None:
    """(before, after) of the fields and the constructor of a class; None where a mechanical move could be wrong."""
    if _edits(source, cls) is None:
        return None
    good = repaired(source)
    after_cls = next((found for found in good.module.classes if found.name == cls.name), None)
    if after_cls is None or code.init_of(after_cls) is None:
        return None
    before = code.cut(source.module, cls, [(m.start, m.end) for m in cls.methods])
    after = code.cut(good.module, after_cls, [(m.start, m.end) for m in after_cls.methods if m.name != "init"])
    if len(before) > MAX_BEFORE or judge("empty_constructor", fence(before)).passed is not False:
        return None
    return (before, after) if judge("empty_constructor", fence(after)).passed else None


@lru_cache(maxsize=1024)
def repaired(source: Source) -> Source:
    """The file with every constructor that can be moved safely moved into `init`; the same file where there is none."""
    if source.module.has_errors:
        return source
    edits = [edit for cls in source.module.classes for edit in _edits(source, cls) or ()]
    if not edits:
        return source
    text, spans = source.text, list(source.spans)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
        grown = len(new) - (end - start)
        spans = [(uid, s + grown if s >= end else s, e + grown if e >= end else e) for uid, s, e in spans]
    made = replace(source, text=text, spans=tuple(spans))
    return source if made.module.has_errors else made


def _edits(source: Source, cls: TsClass) -> list[Edit] | None:
    """What to replace in the file: field declarations and the constructor. None where a move could be wrong."""
    constructor = cls.constructor
    if constructor is None or not constructor.faults or cls.extends or any(m.name == "init" for m in cls.methods):
        return None
    if any(f.name.startswith("#") for f in cls.fields):
        return None
    parameters, fields, assigned = [], [], []
    for parameter in constructor.parameters:
        plain = _PROPERTY.sub("", parameter)
        named = _NAME.match(plain)
        if named is None or not named[3]:
            return None
        parameters.append(plain)
        if plain != parameter:
            modifier = "private" if "private" in parameter else "protected" if "protected" in parameter else "public"
            fields.append(f"{modifier} {named[1]}!: {named[3]}{' | undefined' if named[2] else ''};")
            assigned.append(f"this.{named[1]} = {named[1]};")
    statements = [_flush(source, statement) for statement in source.facts.constructor_body(cls)]
    body = "\n".join([*assigned, *statements, "return this;"])
    if re.search(r"\breturn\b(?! this;)", body) or not is_clean(f"{body}\n{', '.join(parameters)}"):
        return None
    init = f"init({', '.join(parameters)}): this {{\n{textwrap.indent(body, '  ')}\n}}"
    edits = [(f.start, f.end, _declaration(source, f.start, f.end)) for f in cls.fields]
    if edits and fields:
        start, end, last = max(edits)
        edits[-1] = (start, end, "\n  ".join([f"{last};", *fields]).removesuffix(";"))
        fields = []
    members = [*("\n".join(fields) for _ in fields[:1]), "constructor() {}", init]
    made = textwrap.indent("\n\n".join(members), "  ").strip()
    return [*edits, (constructor.start, constructor.end, made)]


def _flush(source: Source, statement: str) -> str:
    """A statement without the indentation that its later lines have from the constructor."""
    at = source.text.find(statement)
    return code.dedent(statement, source.text, at) if at >= 0 else textwrap.dedent(statement)


def _declaration(source: Source, start: int, end: int) -> str:
    """A field that `init` may assign: not readonly, and without a value it says that it comes later."""
    text = code.member_code(source.module, start, end).rstrip(";")
    is_static = re.match(r"(?:(?:public|private|protected)\s+)?static\b", text)
    if not is_static:
        text = re.sub(r"\breadonly\s+", "", text, count=1)
        if not source.facts.initial(start, end):
            text = re.sub(r"^((?:\w+\s+)*\w+)(?=\s*:)", r"\1!", text, count=1)
    return text
