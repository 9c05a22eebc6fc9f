"""Near-duplicates by MinHash LSH, and decontamination of the hold-out against training."""

from __future__ import annotations

import re
from collections import defaultdict
from zlib import crc32

import numpy as np
from datasketch import MinHash, MinHashLSH

PERMUTATIONS = 64
SHINGLE = 3
JACCARD = 0.8
# MinHash of 64 permutations errs by about 0.06: the index looks a little lower, so that little above 0.8 slips.
INDEX_THRESHOLD = 0.72
SHORT_OUTPUT = 30
NGRAM = 13
_WORD = re.compile(r"\w+")
_FIRST = MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=crc32)


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def shingles(found: list[str]) -> set[str]:
    """Word triples; the words themselves where there are fewer."""
    if len(found) < SHINGLE:
        return set(found)
    return {" ".join(found[index : index + SHINGLE]) for index in range(len(found) - SHINGLE + 1)}


def min_hash(found: list[str]) -> MinHash:
    # Drawing the permutations costs more than the hashing, so all signatures share one draw.
    signature = _FIRST.copy()
    signature.update_batch([shingle.encode() for shingle in shingles(found)])
    return signature


def ngrams(found: list[str]) -> set[int]:
    """Hashes of all runs of 13 words."""
    return {hash(tuple(found[index : index + NGRAM])) for index in range(len(found) - NGRAM + 1)}


class NearDuplicates:
    """Remembers every accepted sample; memory grows by the signatures only, not by the texts.

    Two samples are too alike when their whole texts have an estimated Jaccard similarity of word triples of 0.8 or
    more, or, within one category, their outputs of at least 30 words have.
    """

    def __init__(self) -> None:
        self._whole = _Index()
        self._outputs: dict[str, _Index] = defaultdict(_Index)

    def is_new(self, key: str, category: str, prompt: str, output: str) -> bool:
        """False when something too alike was accepted before; a new one is remembered under `key`."""
        output_words = words(output)
        whole = min_hash(words(prompt) + output_words)
        if self._whole.has(whole):
            return False
        if len(output_words) >= SHORT_OUTPUT:
            signature = min_hash(output_words)
            if self._outputs[category].has(signature):
                return False
            self._outputs[category].add(key, signature)
        self._whole.add(key, whole)
        return True


class _Index:
    def __init__(self) -> None:
        self._lsh = MinHashLSH(threshold=INDEX_THRESHOLD, num_perm=PERMUTATIONS)
        self._signatures: dict[str, np.ndarray] = {}

    def has(self, signature: MinHash) -> bool:
        return any(
            np.count_nonzero(self._signatures[key] == signature.hashvalues) / PERMUTATIONS >= JACCARD - 0.05
            for key in self._lsh.query(signature)
        )

    def add(self, key: str, signature: MinHash) -> None:
        self._lsh.insert(key, signature)
        self._signatures[key] = signature.hashvalues.astype(np.uint32)


class HoldOut:
    """The hold-out's runs of 13 words; training samples are held against them as they stream by."""

    def __init__(self) -> None:
        self._owners: dict[int, set[str]] = defaultdict(set)
        self.hit: set[str] = set()

    def add(self, key: str, output: str) -> None:
        for gram in ngrams(words(output)):
            self._owners[gram].add(key)

    def meet(self, output: str) -> None:
        """Mark the hold-out samples that share a run of 13 words with this training output."""
        for gram in ngrams(words(output)):
            owners = self._owners.get(gram)
            if owners:
                self.hit |= owners
