"""Which vanished document a new file used to be, so that it keeps its row and what training knows of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rag.models import Document
from rag.services.preparing import PreparedFile

# As git has it: half of the bytes, by whole lines.
SIMILAR = 0.5
MAX_COMPARED = 1000


class Renames:
    """Documents whose file is gone, each given to at most one new path."""

    def __init__(self, gone: Sequence[Document], new_hashes: Mapping[str, str]) -> None:
        """`gone` needs pk, path and sha256; `new_hashes` holds the hash of each new path's file."""
        self._waiting = {row.pk: row for row in gone}
        self._sources: dict[str, int] = {}
        self._lines: dict[int, Counter[str]] = {}
        by_hash = {row.sha256: row.pk for row in gone if row.sha256}
        for path, digest in new_hashes.items():
            if key := by_hash.pop(digest, None):
                self._give(path, key)

    @property
    def left(self) -> dict[int, str]:
        """Paths of the documents that nothing replaces, by primary key."""
        return {key: row.path for key, row in self._waiting.items()}

    def source(self, file: PreparedFile) -> int | None:
        """The document that a new file continues: the same bytes, else the one with the most lines in common."""
        if file.path not in self._sources and file.document and self._waiting:
            lines = _lines(file.document.text)
            best, key = max((_similarity(lines, self._text(key)), key) for key in list(self._waiting)[:MAX_COMPARED])
            if best >= SIMILAR:
                self._give(file.path, key)
        return self._sources.get(file.path)

    def _give(self, path: str, key: int) -> None:
        self._sources[path] = key
        del self._waiting[key]

    def _text(self, key: int) -> Counter[str]:
        if key not in self._lines:
            self._lines[key] = _lines(Document.objects.values_list("text", flat=True).get(pk=key))
        return self._lines[key]


def _lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def _similarity(one: Counter[str], other: Counter[str]) -> float:
    """Characters in common lines, as a share of the longer text (0-1)."""
    longer = max(_size(one), _size(other))
    return _size(one & other) / longer if longer else 0.0


def _size(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())
