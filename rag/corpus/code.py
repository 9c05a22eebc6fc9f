"""TypeScript documents: their fields, and the pieces that chunks are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rag.corpus.typescript import Module, layer_of, parse_typescript, patterns_of

BLANK_LINE = 7
METHOD = 3
MAX_NAMES = 20
_BLANK = re.compile(r"\n[ \t]*\n")
_LEADING = re.compile(r"\s*(?://|/\*|\*|@|export\b|$)")


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A class, interface or function with what stands above it, or the rest of the module."""

    kind: str
    name: str
    start: int
    end: int


@lru_cache(maxsize=1)
def read_module(source: str) -> Module:
    """The parsed source; fields, pieces and marks of one document ask for it one after the other."""
    return parse_typescript(source)


def code_fields(path: str, module: Module) -> dict[str, str]:
    """Layer, patterns, and the names of classes, interfaces, functions and imports, comma separated."""
    layer = layer_of(path)
    names = {
        "layer": str(layer) if layer else "",
        "patterns": ", ".join(patterns_of(module)),
        "class_names": _names(cls.name for cls in module.classes),
        "interface_names": _names(interface.name for interface in module.interfaces),
        "function_names": _names(function.name for function in module.functions),
        "method_names": _names(method.name for cls in module.classes for method in cls.methods),
        "imports": _names(found.source for found in module.imports),
    }
    return {key: value for key, value in names.items() if value}


def _names(found: Iterable[str]) -> str:
    return ", ".join(list(dict.fromkeys(filter(None, found)))[:MAX_NAMES])


def code_pieces(source: str) -> list[CodePiece]:
    """The module cut before each of its classes, interfaces and functions; the pieces cover the source.

    What is declared inside another declaration stays with it.
    """
    module = read_module(source)
    declared = sorted(
        [("class", d.name, d.start, d.end) for d in module.classes]
        + [("interface", d.name, d.start, d.end) for d in module.interfaces]
        + [("function", d.name, d.start, d.end) for d in module.functions],
        key=lambda piece: (piece[2], -piece[3]),
    )
    pieces: list[CodePiece] = []
    position = 0
    for kind, name, start, end in declared:
        begin = _with_leading_lines(source, start, position)
        if begin < position or start < position:
            continue
        if source[position:begin].strip():
            pieces.append(CodePiece("module", "", position, begin))
            position = begin
        stop = _line_end(source, end)
        pieces.append(CodePiece(kind, name, position, stop))
        position = stop
    if position < len(source):
        pieces.append(CodePiece("module", "", position, len(source)))
    return pieces


def code_marks(source: str) -> list[tuple[int, int]]:
    """Where a chunk may start: at a constructor or method with its comment, else after a blank line."""
    module = read_module(source)
    marks = {found.end(): BLANK_LINE for found in _BLANK.finditer(source)}
    for cls in module.classes:
        starts = [method.start for method in cls.methods]
        starts += [cls.constructor.start] if cls.constructor else []
        marks.update({_with_leading_lines(source, start, cls.start + 1): METHOD for start in starts})
    return sorted(marks.items())


def _with_leading_lines(source: str, start: int, floor: int) -> int:
    """Offset of the first comment or decorator line directly above a declaration, not before `floor`."""
    begin = source.rfind("\n", 0, start) + 1
    if begin < floor or source[begin:start].strip() not in ("", "export", "export default"):
        return start if not source[begin:start].strip() or begin < floor else max(begin, floor)
    while begin > floor:
        above = source.rfind("\n", 0, begin - 1) + 1
        line = source[above : begin - 1]
        if above < floor or not line.strip() or not _LEADING.match(line):
            break
        begin = above
    return max(begin, floor)


def _line_end(source: str, end: int) -> int:
    """Just past the line that holds `end`, when nothing but punctuation follows on it."""
    newline = source.find("\n", end)
    stop = len(source) if newline < 0 else newline + 1
    return stop if not source[end:stop].strip().strip(";,)}") else end
