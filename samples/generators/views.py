"""What a sample shows of the code around its question: the class with related members, types, interfaces."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from rag.corpus.typescript import TsClass, TsMethod, is_init
from samples.generators import code
from samples.generators.base import Context
from samples.generators.sources import Source
from samples.generators.text import fence

# Characters of code around a question; with question and answer this makes 500 to 600 tokens.
AROUND = 1900
_TYPE_NAME = re.compile(r"\b[A-Z][A-Za-z0-9]+\b")
_BUILT_IN = frozenset((
    "Promise", "Array", "Map", "Set", "Record", "Partial", "Date", "Error", "Iterable", "IterableIterator", "JSON",
    "Math", "Readonly", "ReadonlyArray", "ReadonlyMap", "ReadonlySet", "Required", "Pick", "Omit", "RegExp", "Buffer",
    "Uint8Array", "URL", "TypeError", "RangeError", "Object", "String", "Number", "Boolean", "WeakMap", "WeakSet",
    "Symbol", "Function",
))  # fmt: skip
_TYPE_USED = re.compile(r"(?:[:<,|]|\bas|\bnew)\s*(?:readonly )?([A-Z][A-Za-z0-9]+)\b")
_TEXT = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`]*`|/\*.*?\*/|//[^\n]*", re.DOTALL)
_MEMBER_USED = re.compile(r"\bthis\.(#?\w+)")
_TYPE_DECLARED = re.compile(r"\b(?:interface|class|type|enum)\s+([A-Z]\w+)")
MAX_PRINTS = 3
_HOUSE_FAULTS = re.compile(
    r"\bany\b|\brequire\b|@ts-|\beval\(|TODO|FIXME|[Pp]laceholder|[Ss]imulat|[Mm]ock|In production|process\.exit"
    r"|\bjest\b|[Ss]implifi|for simplicity|[Ff]or now|[Hh]ardcoded|\b[Ss]tub"
)


def is_clean(text: str) -> bool:
    """Code fit to be copied: typed, no escape hatches, no long printouts, nothing that says it is unfinished."""
    return not _HOUSE_FAULTS.search(text) and text.count("console.") <= MAX_PRINTS


def is_sound(cls: TsClass) -> bool:
    """A class whose constructor, if it has one, does nothing."""
    return cls.constructor is None or not cls.constructor.faults


def names_known(wanted: str, shown: str) -> bool:
    """Whether every type name and every literal type in `wanted` stands in what is shown."""
    if not all(literal in shown for literal in re.findall(r"['\"][^'\"\n]+['\"]", wanted)):
        return False
    return set(_TYPE_NAME.findall(wanted)) - _BUILT_IN <= set(_TYPE_NAME.findall(shown))


def teachable(source: Source, cls: TsClass) -> list[TsMethod]:
    """Methods that may stand as model answers: of sound classes, typed, and working on an object."""
    if not is_sound(cls):
        return []
    return [
        method
        for method in cls.methods
        if method.has_body
        and method.kind != "arrow"
        and not method.is_static
        and is_clean(source.text[method.start : method.end])
    ]


def method_code(source: Source, method: TsMethod) -> str:
    return code.member_code(source.module, method.start, method.end)


def with_comment(source: Source, method: TsMethod) -> str:
    """The method with the comment above it."""
    start, end = code.with_comment(source.text, method.start, method.end)
    return code.member_code(source.module, start, end)


def related(source: Source, cls: TsClass, methods: Collection[TsMethod]) -> list[TsMethod]:
    """Other methods by nearness: called by these, calling these, set-up, sharing fields; then the rest in order."""
    facts = {id(m): source.facts.method(cls, m) for m in cls.methods}
    mine = {m.name for m in methods}
    called = {name for m in methods for name in facts[id(m)].calls}
    fields = {name for m in methods for name in (*facts[id(m)].reads, *facts[id(m)].writes)}

    def nearness(method: TsMethod) -> int:
        its = facts[id(method)]
        if method.name in called:
            return 0
        if mine & set(its.calls):
            return 1
        if is_init(method):
            return 2
        return 3 if fields & {*its.reads, *its.writes} else 4

    others = [m for m in cls.methods if m not in methods and m.has_body]
    return sorted(others, key=lambda m: (nearness(m), m.start))


def class_view(
    source: Source,
    cls: TsClass,
    *,
    shown: Collection[TsMethod] = (),
    hidden: Collection[TsMethod] = (),
    limit: int = AROUND,
) -> str:
    """The class with `shown` in full, without `hidden`, and as many related methods as fit.

    The constructor is left out where it breaks the rule; what else is left out is named in a comment.
    """
    anchor = list(shown) or list(hidden)
    rest = [m for m in related(source, cls, anchor) if m not in hidden]
    kept = list(shown)
    size = sum(m.end - m.start for m in kept) + sum(f.end - f.start for f in cls.fields)
    for method in rest:
        if size + (method.end - method.start) > limit:
            continue
        kept.append(method)
        size += method.end - method.start
    gone = [m for m in cls.methods if m not in kept and m not in shown]
    spans = [(m.start, m.end) for m in gone]
    if cls.constructor and cls.constructor.faults:
        spans.append((cls.constructor.start, cls.constructor.end))
    text = code.cut(source.module, cls, spans)
    named = [m.name for m in gone if m not in hidden and m.has_body]
    return with_note(text, f"also here: {', '.join(dict.fromkeys(named))}") if named else text


def with_note(text: str, note: str) -> str:
    """A class text with a comment line before its closing brace."""
    return f"{text[: text.rindex('}')].rstrip()}\n\n  // {note}\n}}"


def with_helpers(source: Source, cls: TsClass, kept: Iterable[TsMethod]) -> list[TsMethod]:
    """The methods and those of the class that they call, and that `init` calls; in the order of the class."""
    chosen = {m.name for m in (*kept, *filter(is_init, cls.methods))}
    pending = [m for m in cls.methods if m.name in chosen]
    while pending:
        method = pending.pop()
        static = re.findall(rf"\b{cls.name}\.(\w+)", source.text[method.start : method.end])
        called = {*source.facts.method(cls, method).calls, *static} - chosen
        chosen |= called
        pending += [m for m in cls.methods if m.name in called]
    return [m for m in cls.methods if m.name in chosen and m.has_body]


def is_whole(text: str, cls: TsClass) -> bool:
    """Whether a class text declares every member of its own that it uses; what it inherits may stand elsewhere."""
    own = {field.name for field in cls.fields} | {method.name for method in cls.methods}
    used = own & {*_MEMBER_USED.findall(text), *re.findall(rf"\b{cls.name}\.(\w+)", text)}
    return all(re.search(rf"^  [^=(\n]*(?<![\w#]){re.escape(name)}\b", text, re.MULTILINE) for name in used)


def types_for(source: Source, context: Context, text: str, limit: int = 900) -> list[tuple[Source, str]]:
    """Interfaces and classes that the text names, as far as seen from here and as they fit: (where, declaration)."""
    found: list[tuple[Source, str]] = []
    for name in dict.fromkeys(_TYPE_NAME.findall(text)):
        seen = _declaration(source, context, name)
        if seen is None or f"class {name}" in text:
            continue
        where, declared = seen
        if len(declared) <= limit:
            found.append((where, declared))
            limit -= len(declared)
    return found


def _declaration(source: Source, context: Context, name: str) -> tuple[Source, str] | None:
    """(where, text) of an interface as declared or of a class in outline, if this file sees one of the name."""
    project = context.library.project
    if interface := project.interface_of(source, name):
        return interface[0], code.declared_interface(interface[0].module, interface[1])
    if cls := project.seen_class(source, name):
        return cls[0], code.outline(cls[0].module, cls[1])
    return None


def undeclared(text: str, given: str) -> set[str]:
    """Types that the text uses and that what is given does not declare: nobody could know their members."""
    used = set(_TYPE_USED.findall(_TEXT.sub("", text))) - _BUILT_IN
    return used - set(_TYPE_DECLARED.findall(f"{given}\n{text}"))


def shown_code(source: Source, *pieces: str, path: bool = True) -> str:
    """Pieces of code in one fence, the file's path above."""
    head = [f"// {source.path}"] if path else []
    return fence("\n".join([*head, "\n\n".join(piece for piece in pieces if piece)]))


def setting(
    source: Source,
    cls: TsClass,
    context: Context,
    *,
    shown: Collection[TsMethod] = (),
    hidden: Collection[TsMethod] = (),
    limit: int = AROUND,
) -> tuple[str, dict[str, Any]]:
    """(fenced code around the question, what a draft must say about the other files it draws on)."""
    named = "\n".join(source.text[m.start : m.end] for m in (*shown, *hidden))
    heads = "\n".join(source.text[f.start : f.end] for f in cls.fields)
    types = types_for(source, context, f"{named}\n{heads}", limit // 2)
    view = class_view(source, cls, shown=shown, hidden=hidden, limit=limit - sum(len(t) for _, t in types))
    return shown_code(source, *(text for _, text in types), view), drawn_on(source, (where for where, _ in types))


def drawn_on(source: Source, others: Iterable[Source]) -> dict[str, Any]:
    """`facts` and `others` of a draft for the files it draws on beside its own."""
    found = {other.key: other.text for other in others if other.key != source.key}
    return {"facts": tuple(found.values()), "others": tuple(found)}


def mentions(user: Source, name: str, limit: int = 4) -> str:
    """The lines of a file that name something, as they stand, under its path."""
    lines = [line.strip() for line in user.text.splitlines() if re.search(rf"\b{re.escape(name)}\b", line)]
    kept = [line for line in lines if not line.startswith(("*", "//", "/*")) and len(line) < 200][:limit]
    return f"`{user.path}`:\n{fence(chr(10).join(kept))}" if kept else ""


def listed(names: Iterable[str], limit: int = 8) -> str:
    """`a`, `b` and `c`."""
    marked = [f"`{name}`" for name in names]
    if len(marked) > limit:
        return f"{', '.join(marked[:limit])} and {len(marked) - limit} more"
    return f"{', '.join(marked[:-1])} and {marked[-1]}" if len(marked) > 1 else "".join(marked)


def say(rng: random.Random, *variants: str) -> str:
    """One of several ways to say the same."""
    return rng.choice(variants)


def groups(items: list[TsMethod], size: int) -> Iterator[list[TsMethod]]:
    """Neighbouring items in groups of `size`, none twice."""
    for start in range(0, len(items) - size + 1, size):
        yield items[start : start + size]
