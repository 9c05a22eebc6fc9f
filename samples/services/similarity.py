"""Instructions that mean the same, by the embedder of retrieval: a pass of its own, switched on where it is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from samples.models import Sample
from web4site.progress import Progress, Report

ALIKE = 0.95
BATCH = 64
BLOCK = 512
HEAD = 300
MAX_PAIRS = 2000


@dataclass
class Similarity:
    """`nearest` counts samples by the similarity to their nearest neighbour, in steps of 0.05; `pairs` are the closest.

    `same` and `different` count the pairs from 0.95 on whose outputs are equal, and are not. A pair is
    (pk, pk, similarity, whether the outputs are equal).
    """

    samples: int = 0
    crowded: int = 0
    same: int = 0
    different: int = 0
    nearest: dict[str, int] = field(default_factory=dict)
    pairs: list[tuple[int, int, float, bool]] = field(default_factory=list)


def instruction_similarity(included: Any, report: Report) -> Similarity:
    """Compare what is asked (instruction and the head of the input) of all training samples with each other."""
    rows = included.filter(split=Sample.Split.TRAIN).order_by("sample_id")
    pks, outputs, vectors = _embed(rows, report)
    found = Similarity(samples=len(pks))
    if len(pks) < 2:
        return found
    nearest = np.full(len(pks), -1.0, dtype=np.float32)
    for start in range(0, len(pks), BLOCK):
        likeness = vectors[start : start + BLOCK] @ vectors.T
        lines = np.arange(len(likeness))
        likeness[lines, lines + start] = -1
        nearest[start : start + BLOCK] = likeness.max(axis=1)
        # Each pair once: the second one lies behind the first.
        first, second = np.nonzero(np.triu(likeness >= ALIKE, k=start + 1))
        equal = outputs[first + start] == outputs[second]
        found.same += int(equal.sum())
        found.different += int((~equal).sum())
        for a, b, alike in zip(first[:MAX_PAIRS], second, equal, strict=False):
            found.pairs.append((pks[a + start], pks[b], float(likeness[a, b]), bool(alike)))
    found.pairs = sorted(found.pairs, key=lambda pair: (-pair[2], pair[0]))[:MAX_PAIRS]
    found.crowded = int((nearest >= ALIKE).sum())
    counts, edges = np.histogram(nearest, bins=np.arange(0, 1.051, 0.05))
    found.nearest = {f"{low:.2f}": int(count) for low, count in zip(edges, counts, strict=False) if count}
    return found


def _embed(rows: Any, report: Report) -> tuple[list[int], Any, Any]:
    """Primary keys, hashes of outputs, and unit vectors of what is asked, in one order."""
    from rag.embedding import get_embedder

    embedder = get_embedder()
    total = rows.count()
    pks: list[int] = []
    outputs: list[int] = []
    vectors: list[Any] = []
    waiting: list[str] = []
    for pk, instruction, given, output in rows.values_list("pk", "instruction", "input", "output").iterator(500):
        pks.append(pk)
        outputs.append(crc32(output.encode()))
        waiting.append(f"{instruction}\n{given[:HEAD]}")
        if len(waiting) == BATCH or len(pks) == total:
            vectors.append(np.asarray(embedder.embed_documents(waiting), dtype=np.float32))
            waiting = []
            report(Progress(len(pks), total, "Embedding instructions"))
    if not vectors:
        return pks, np.array(outputs), np.empty((0, 0), dtype=np.float32)
    found = np.concatenate(vectors)
    return pks, np.array(outputs), found / np.linalg.norm(found, axis=1, keepdims=True)
