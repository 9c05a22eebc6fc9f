"""The outline of a very large markdown text, by one pass over its lines.

A full parser costs some ten microseconds a line, whatever is on it. Here only headings, fences and
paragraphs are told apart: enough to chunk a text that no person wrote by hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

FENCE_LINE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]|$)")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind` is heading, fence or paragraph; lines are half-open from 0; `text` is a heading's, or a fence's info."""

    kind: str
    first: int
    last: int
    level: int = 0
    text: str = ""


@dataclass(slots=True)
class LargeOutline:
    """Pieces in order, and the lines of fences that are never closed: those are read as text."""

    pieces: list[Piece] = field(default_factory=list)
    open_fences: list[int] = field(default_factory=list)


def large_outline(lines: Sequence[str]) -> LargeOutline:
    """Read the lines of a text, in time linear in their number."""
    found = LargeOutline()
    hopeless: dict[str, int] = {}
    paragraph = number = 0
    while number < len(lines):
        line = lines[number]
        piece = _fence(lines, number, hopeless, found) or _heading(lines, number, paragraph)
        if piece or not line.strip():
            until = piece.first if piece else number
            if paragraph < until:
                found.pieces.append(Piece("paragraph", paragraph, until))
            found.pieces.extend([piece] if piece else [])
            number = paragraph = piece.last if piece else number + 1
        else:
            number += 1
    if paragraph < len(lines):
        found.pieces.append(Piece("paragraph", paragraph, len(lines)))
    return found


def _fence(lines: Sequence[str], number: int, hopeless: dict[str, int], found: LargeOutline) -> Piece | None:
    """The fence that opens in a line. `hopeless` remembers which markers are not closed any more."""
    opening = FENCE_LINE.match(lines[number])
    if opening is None:
        return None
    marker = opening[1]
    if len(marker) < hopeless.get(marker[0], len(marker) + 1):
        for last in range(number + 1, len(lines)):
            closing = FENCE_LINE.match(lines[last])
            if closing and closing[1].startswith(marker) and not closing[2].strip():
                return Piece("fence", number, last + 1, 0, opening[2].strip())
        hopeless[marker[0]] = len(marker)
    found.open_fences.append(number)
    return None


def _heading(lines: Sequence[str], number: int, paragraph: int) -> Piece | None:
    """A heading with hashes, or a line of the paragraph above with a rule below it."""
    line = lines[number]
    if atx := _ATX.match(line):
        return Piece("heading", number, number + 1, len(atx[1]), line[atx.end() :].strip().rstrip("#").strip())
    if paragraph == number - 1 and (setext := _SETEXT.match(line)):
        return Piece("heading", paragraph, number + 1, 1 if "=" in setext[1] else 2, lines[paragraph].strip())
    return None
