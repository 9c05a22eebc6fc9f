"""What a text is compared by: MinHash signatures of word triples, and hashes of its runs of 13 words. Pure.

Everything is computed in numpy from one hash a word, and is the same in every process: no `hash()`, whose seed differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datasketch import MinHash

PERMUTATIONS = 64
SHINGLE = 3
NGRAM = 13
# Outputs shorter than this many words are alike by nature (a tool call, a refusal): only the whole sample is compared.
SHORT_OUTPUT = 30
_WORD = re.compile(r"\w+")
_ODD = 0x9E3779B97F4A7C15
_SHIFT = np.uint64(32)

Hashes = NDArray[np.uint64]
Signature = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`whole` and `output` are signatures of 64 numbers; `output` is None for a short one.

    `answer_grams` and `input_grams` are the unique hashes of the runs of 13 words of output and input.
    """

    whole: Signature
    output: Signature | None
    answer_grams: Hashes
    input_grams: Hashes


def fingerprint(instruction: str, given: str, output: str) -> Fingerprint:
    """The fingerprint of a sample; `given` is its input."""
    asked, context, answer = (word_hashes(words(text)) for text in (instruction, given, output))
    own = signature(shingles(answer)) if len(answer) >= SHORT_OUTPUT else None
    if own is None:
        whole = signature(shingles(np.concatenate((asked, context, answer))))
    else:
        # The signature of a union is the minimum of both: what the answer gave is not hashed again.
        before = shingles(np.concatenate((asked, context, answer[: SHINGLE - 1])))
        whole = np.minimum(own, signature(before))
    return Fingerprint(whole, own, np.unique(ngrams(answer)), np.unique(ngrams(context)))


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def word_hashes(found: list[str]) -> Hashes:
    return np.fromiter(map(_word_hash, found), dtype=np.uint64, count=len(found))


def shingles(hashes: Hashes) -> Hashes:
    """32-bit hashes of all word triples; of the words themselves where there are fewer."""
    size = min(SHINGLE, len(hashes)) or 1
    return _runs(hashes, size) >> _SHIFT


def ngrams(hashes: Hashes) -> Hashes:
    """Hashes of all runs of 13 words; none for a shorter text."""
    return _runs(hashes, NGRAM)


def signature(found: Hashes) -> Signature:
    """MinHash of some shingles."""
    # Drawing the permutations costs more than the hashing, so all signatures share one draw.
    minhash = _blank().copy()
    minhash.update_batch(found.tolist())
    return np.asarray(minhash.hashvalues, dtype=np.uint32)


def likeness(one: Signature, other: Signature) -> float:
    """Estimated Jaccard similarity, 0-1; its standard error is at most 0.06."""
    return float(np.count_nonzero(one == other)) / PERMUTATIONS


def jaccard(one: Hashes, other: Hashes) -> float:
    """Exact similarity of two sets of shingles, 0-1."""
    first, second = np.unique(one), np.unique(other)
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / max(1, len(first) + len(second) - shared)


def _runs(hashes: Hashes, size: int) -> Hashes:
    """One 64-bit hash for each run of `size` neighbours: a polynomial in an odd number, then mixed."""
    count = len(hashes) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    mixed = np.zeros(count, dtype=np.uint64)
    for start in range(size):
        mixed = mixed * np.uint64(_ODD) + hashes[start : start + count]
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> _SHIFT)


@lru_cache(maxsize=200_000)
def _word_hash(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


@cache
def _blank() -> MinHash:
    from datasketch import MinHash  # brings scipy along, half a second that no page waits for

    # The shingles are hashes already: `int` leaves them as they are.
    return MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=int)
