"""Entries that a question calls by their title, in quotes or not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.retrieval.ways import MARK

_WORD = re.compile(r"[^\W_]+")
# `PDCA Cycle: Glaze Trials - 2026-03-03` is called "Glaze Trials".
_KIND = re.compile(r"^\W*pdca\b[\w ]*[:—–-]\s*", re.IGNORECASE)
_REST = re.compile(r"\s[-–—]\s")
# A part of a path or of a file's name is not a title.
_INSIDE = re.compile(r"(?<=[\w./-])(?=\w)|(?<=\w)(?=[/-]|\.\w)")
LONGEST = 14
SHORTEST = 12
LEAST_WORDS = 2
# A title of more documents names none of them.
FEW = 3


@dataclass(frozen=True, slots=True)
class Called:
    """A title in a question: where it stands, and the documents that have it."""

    at: tuple[int, int]
    documents: tuple[int, ...]


class Titles:
    """Look-up of titles by their words in lower case."""

    def __init__(self, titles: Iterable[tuple[int, str]] = ()) -> None:
        self._documents: dict[str, list[int]] = {}
        for document, title in titles:
            for key in {_key(form) for form in _forms(title)}:
                if len(key) >= SHORTEST and key.count(" ") >= LEAST_WORDS - 1:
                    self._documents.setdefault(key, []).append(document)

    def called(self, text: str) -> list[Called]:
        """The titles in a text, in its order; of overlapping ones the longest."""
        words = list(_WORD.finditer(text)) if self._documents else []
        found: list[Called] = []
        taken: set[int] = set()
        for size in range(min(LONGEST, len(words)), LEAST_WORDS - 1, -1):
            for start in range(len(words) - size + 1):
                span = words[start : start + size]
                documents = self._documents.get(" ".join(word[0].lower() for word in span), [])
                at = span[0].start(), span[-1].end()
                inside = any(_INSIDE.match(text, place) for place in at)
                if 0 < len(documents) <= FEW and not inside and not taken & set(range(start, start + size)):
                    taken |= set(range(start, start + size))
                    found.append(Called(at, tuple(documents)))
        return sorted(found, key=lambda called: called.at)


def marked(text: str, called: Iterable[Called]) -> str:
    """The text with a mark and blanks in the place of titles, so that all other words stay where they are."""
    for start, end in (one.at for one in called):
        text = text[:start] + MARK.ljust(end - start) + text[end:]
    return text


def _forms(title: str) -> tuple[str, str, str]:
    bare = _KIND.sub("", title)
    return title, bare, _REST.split(bare)[0]


def _key(title: str) -> str:
    return " ".join(_WORD.findall(title.lower()))
