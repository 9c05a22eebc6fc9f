"""Near-duplicates by MinHash LSH, and decontamination of the hold-out against training."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from samples.fingerprint import PERMUTATIONS, Fingerprint, Hashes, Signature

JACCARD = 0.8
# Signatures err by about 0.05 at this similarity: looking a little lower lets next to nothing above 0.8 slip.
ESTIMATE = JACCARD - 0.05
# How many training samples may be refused for one held-out sample.
STRIKES = 8
BANDS = 16
ROWS = PERMUTATIONS // BANDS


class SignatureIndex:
    """Finds the signatures that may be alike: 16 bands of 4 find 99.98 % of the pairs at 0.8 (Leskovec, ch. 3).

    `datasketch.MinHashLSH` keeps a set for each band and text, some 6 kB a text at these bands; here a band is one
    number and a text one row: about 2 kB.
    """

    def __init__(self) -> None:
        self._bands: list[dict[bytes, int | list[int]]] = [{} for _ in range(BANDS)]
        self._rows = np.empty((1024, PERMUTATIONS), dtype=np.uint32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, signature: Signature) -> int:
        """Remember a signature; returns its row."""
        row = self._count
        if row == len(self._rows):
            self._rows = np.concatenate((self._rows, np.empty_like(self._rows)))
        self._rows[row] = signature
        self._count += 1
        for band, key in zip(self._bands, _keys(signature), strict=True):
            known = band.get(key)
            if known is None:
                band[key] = row
            elif isinstance(known, int):
                band[key] = [known, row]
            else:
                known.append(row)
        return row

    def alike(self, signature: Signature, least: float = ESTIMATE) -> list[int]:
        """Rows whose estimated similarity is at least `least`, in order of their coming."""
        found: set[int] = set()
        for band, key in zip(self._bands, _keys(signature), strict=True):
            known = band.get(key)
            if known is not None:
                found.update((known,) if isinstance(known, int) else known)
        if not found:
            return []
        rows = np.fromiter(sorted(found), dtype=np.int64, count=len(found))
        agreeing = np.count_nonzero(self._rows[rows] == signature, axis=1)
        return [int(row) for row in rows[agreeing >= least * PERMUTATIONS]]


def _keys(signature: Signature) -> Iterator[bytes]:
    data = signature.tobytes()
    width = ROWS * signature.itemsize
    return (data[start : start + width] for start in range(0, len(data), width))


class NearDuplicates:
    """Remembers every accepted sample; memory grows by the signatures only, not by the texts.

    Two samples are too alike when their whole texts have an estimated Jaccard similarity of word triples of 0.8 or
    more, or, within one category, their outputs of at least 30 words have.
    """

    def __init__(self) -> None:
        self._whole = SignatureIndex()
        self._outputs: dict[str, SignatureIndex] = defaultdict(SignatureIndex)

    def is_new(self, category: str, print_: Fingerprint) -> bool:
        """False when something too alike was accepted before; a new one is remembered."""
        if self._whole.alike(print_.whole):
            return False
        if print_.output is not None:
            outputs = self._outputs[category]
            if outputs.alike(print_.output):
                return False
            outputs.add(print_.output)
        self._whole.add(print_.whole)
        return True


class HoldOut:
    """Keeps hold-out and training apart: no run of 13 words of a held-out answer stands in training.

    A training sample that shares one is refused, a few times for each held-out sample. One that still meets training
    then is made of words that are said everywhere: it is contaminated, is dropped, and stands in nobody's way any more.
    All of the hold-out is added before the first training sample is met.
    """

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._added: list[Hashes] = []
        self._grams: Hashes = np.empty(0, dtype=np.uint64)
        self._owners: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._stale = False
        self.strikes: Counter[str] = Counter()

    @property
    def contaminated(self) -> set[str]:
        return {key for key, count in self.strikes.items() if count >= STRIKES}

    def add(self, key: str, sample: Fingerprint) -> None:
        self._keys.append(key)
        self._added.append(sample.answer_grams)
        self._stale = True

    def admits(self, sample: Fingerprint) -> bool:
        """False when a training sample must stay out for the sake of the hold-out."""
        near = [key for key in self.meets(sample) if self.strikes[key] < STRIKES]
        self.strikes.update(near)
        return not near

    def meets(self, sample: Fingerprint) -> list[str]:
        """The held-out samples whose answers share a run of 13 words with this sample's input or output."""
        if self._stale:
            self._sort()
        owners: set[int] = set()
        for grams in (sample.answer_grams, sample.input_grams):
            first = np.searchsorted(self._grams, grams, side="left")
            last = np.searchsorted(self._grams, grams, side="right")
            for at in np.flatnonzero(last > first):
                owners.update(self._owners[first[at] : last[at]].tolist())
        return [self._keys[owner] for owner in sorted(owners)]

    def _sort(self) -> None:
        grams = np.concatenate(self._added)
        owners = np.repeat(np.arange(len(self._added)), [len(added) for added in self._added])
        order = np.argsort(grams, kind="stable")
        self._grams, self._owners = grams[order], owners[order]
        self._stale = False
