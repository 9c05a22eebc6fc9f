"""How rare words are in the index, and which of its words a misspelt one may mean."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rag.stores import get_lexical

# A misspelt word must be this similar to a word of the index (share of letters that need no edit).
SIMILAR = 0.8
SHORTEST = 5
MAX_KNOWN = 20_000
MAX_CORRECTED = 3
_ENDING = re.compile(r"(?:ations?|i?on|ings?|ed|es|s|e)$")
_PLAIN = re.compile(r"[^\W\d_]+")


class Lexicon:
    """One state of the index; look-ups are kept."""

    def __init__(self) -> None:
        self.chunks = get_lexical().count()
        self._frequency: dict[str, int] = {}
        self._corrected: dict[str, str] = {}
        self._words: list[str] | None = None

    def weigh(self, terms: Sequence[str]) -> tuple[dict[str, float], dict[str, str]]:
        """Worth of each term by rarity (a word of all chunks 0, an unknown one 1), and corrections of unknown ones."""
        worth: dict[str, float] = {}
        corrections: dict[str, str] = {}
        for term in dict.fromkeys(terms):
            frequency = self._count(term)
            if not frequency and len(corrections) < MAX_CORRECTED and (better := self._correct(term)):
                corrections[term] = better
                frequency = self._count(better)
            worth[term] = 1 - math.log(frequency + 1) / math.log(self.chunks + 2)
        return worth, corrections

    def _count(self, term: str) -> int:
        if term not in self._frequency:
            if len(self._frequency) > MAX_KNOWN:
                self._frequency.clear()
            self._frequency[term] = get_lexical().frequency(term)
        return self._frequency[term]

    def _correct(self, term: str) -> str:
        """The word of the index that a misspelt one most likely is; '' when none is near."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if len(term) < SHORTEST or not _PLAIN.fullmatch(term):
            return ""
        if term not in self._corrected:
            if self._words is None:
                self._words = [word for word in get_lexical().vocabulary() if len(word) >= SHORTEST - 1]
            best: tuple[float, str] = (0.0, "")
            for form in {term.lower(), _ENDING.sub("", term.lower())}:
                found: Any = process.extractOne(
                    form, self._words, scorer=OSA.normalized_similarity, score_cutoff=SIMILAR
                )
                if found and found[0][0] == form[0]:
                    best = max(best, (found[1], found[0]))
            self._corrected[term] = best[1]
        return self._corrected[term]


@lru_cache(maxsize=1)
def get_lexicon(version: object) -> Lexicon:
    """The lexicon of this state of the index; an older one is forgotten."""
    return Lexicon()
