"""Which words mean nearly the same: a vector for every word of the index, in a file made from the chunks."""

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from django.conf import settings

from rag.embedding import DIMENSIONS, Vectors, get_embedder

FILE = "thesaurus.npz"
MAX_REMEMBERED = 1000
# Words of this cosine may stand for each other, the nearest few of a word.
RELATED = 0.65
MOST_RELATED = 2
LOOKED_AT = 20
# The first of two words that are written as one may be shortened to so many letters.
SHORTENED = 3
# So many letters at its beginning make a word another form of one that begins with them.
SAME = 5
_ENDING = re.compile(r"(?:ations?|ion|ings?|ed|ers?|es|e|s|ly)$")
_WORD = re.compile(r"[^\W\d_]{3,24}")


class Thesaurus:
    """Words in lower case with the embedder's vector of each."""

    def __init__(self, words: Sequence[str] = (), vectors: Vectors | None = None, embedder: str = "") -> None:
        self.places = {word: place for place, word in enumerate(words)}
        self.vectors = np.zeros((0, DIMENSIONS), np.float32) if vectors is None else vectors
        self.embedder = embedder
        self.words = list(words)
        self._remembered = lru_cache(maxsize=MAX_REMEMBERED)(self._similar)
        self._related = lru_cache(maxsize=MAX_REMEMBERED)(self._find_related)

    def words_of(self, text: str) -> list[int]:
        """Places of the known words in a text, once each."""
        return [self.places[word] for word in words_of(text) if word in self.places]

    def nearest(self, word: str, places: Sequence[int]) -> float:
        """Cosine of a word and the nearest one of those; 0 where there is none."""
        return float(self._remembered(word.lower())[places].max()) if len(places) else 0.0

    def related(self, word: str) -> list[str]:
        """The few words nearest in meaning, nearest first, other forms of the word left out."""
        return self._related(word.lower())

    def joined(self, first: str, second: str) -> list[str]:
        """Words of the index that two in a row may be: "clean up" cleanup, "developer console" devconsole."""
        first, second = first.lower(), second.lower()
        least = SHORTENED if len(second) > SHORTENED else len(first)
        ends = dict.fromkeys((second, second.removesuffix("s")))
        found = (first[:size] + end for size in range(len(first), least - 1, -1) for end in ends)
        return [word for word in found if word in self.places and len(first) >= SHORTENED]

    def _find_related(self, word: str) -> list[str]:
        near = self._remembered(word)
        found: dict[str, str] = {}
        for place in np.argsort(-near)[:LOOKED_AT]:
            other = self.words[place]
            if near[place] < RELATED or len(found) == MOST_RELATED:
                break
            stem = _ENDING.sub("", other)[:SAME]
            if stem != _ENDING.sub("", word)[:SAME]:
                found.setdefault(stem, other)
        return list(found.values())

    def _similar(self, word: str) -> Vectors:
        place = self.places.get(word)
        return self.vectors @ (get_embedder().embed_query(word) if place is None else self.vectors[place])

    def save(self, file: Path) -> None:
        """Write it in one step; vectors in half precision, which moves a cosine by a thousandth at most."""
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.stem}.{os.getpid()}.npz.tmp")
        with draft.open("wb") as stream:
            np.savez(
                stream,
                words=np.array(list(self.places), dtype=np.str_),
                vectors=self.vectors.astype(np.float16),
                embedder=np.array(self.embedder),
            )
        draft.replace(file)

    @classmethod
    def load(cls, file: Path) -> "Thesaurus":
        """As it was saved; an empty one where the file is missing or damaged, since it can be made again."""
        try:
            with np.load(file, allow_pickle=False) as stored:
                words = [str(word) for word in stored["words"]]
                return cls(words, stored["vectors"].astype(np.float32), str(stored["embedder"]))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return cls()


def words_of(text: str) -> set[str]:
    """The words of a text in lower case, without numbers, names in camel case as one."""
    return set(_WORD.findall(text.lower()))


def thesaurus_file() -> Path:
    return Path(settings.WEB4_HOME) / FILE


def get_thesaurus() -> Thesaurus:
    """The thesaurus of this installation; a new file is noticed at once."""
    try:
        return _loaded(thesaurus_file(), thesaurus_file().stat().st_mtime_ns)
    except OSError:
        return _loaded(thesaurus_file(), 0)


@lru_cache(maxsize=1)
def _loaded(file: Path, changed: int) -> Thesaurus:
    return Thesaurus.load(file)
