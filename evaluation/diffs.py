"""Two answers word by word: what only the one says, what only the other, and what both do; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_WORDS = 3_000


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind` is "same", "removed" (the other's only) or "added" (ours only)."""

    kind: str
    text: str


def word_diff(other: str, ours: str) -> list[Piece]:
    """How `ours` came from `other`; beyond 3,000 words the rest is left out, so that hostile text costs little."""
    before, after = _words(other), _words(ours)
    if before == after:
        return [Piece("same", "".join(after))] if after else []
    # Words that repeat without end are no anchors (autojunk): two of them in alternation would take minutes.
    matcher = SequenceMatcher(None, before, after)
    return [piece for code in matcher.get_opcodes() for piece in _pieces(code, before, after) if piece.text]


def _pieces(code: tuple[str, int, int, int, int], before: list[str], after: list[str]) -> Iterator[Piece]:
    kind, left, left_end, right, right_end = code
    if kind == "equal":
        yield Piece("same", "".join(after[right:right_end]))
        return
    yield Piece("removed", "".join(before[left:left_end]))
    yield Piece("added", "".join(after[right:right_end]))


def _words(text: str) -> list[str]:
    """Words with the space behind them: joined again, they are the text."""
    return re.findall(r"\S+\s*|^\s+", text)[:MAX_WORDS]
