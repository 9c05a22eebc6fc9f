"""How good answers to labelled questions are: hit@k, nDCG, MRR, and silence where nothing is right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

UNANSWERABLE = "unanswerable"
CUT = 10
FEW = 5


@dataclass(frozen=True, slots=True)
class Score:
    """One answer against its labels; `silent` when nothing was handed out."""

    kind: str
    silent: bool
    hit1: float = 0.0
    hit5: float = 0.0
    ndcg: float = 0.0
    rr: float = 0.0


def score(kind: str, answer: Sequence[int], grades: dict[int, int]) -> Score:
    """`answer`: documents, best first; `grades`: document to 1-3, copies with the same number counted once before."""
    found = [grades.get(document, 0) for document in answer[:CUT]]
    first = next((place for place, grade in enumerate(found, 1) if grade), 0)
    best = sorted(grades.values(), reverse=True)[:CUT]
    return Score(
        kind,
        silent=not answer,
        hit1=float(first == 1),
        hit5=float(0 < first <= FEW),
        ndcg=_gain(found) / _gain(best) if best else 0.0,
        rr=1 / first if first else 0.0,
    )


def _gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain with exponential grades (Burges et al., 2005)."""
    return sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))


def summary(scores: Sequence[Score]) -> dict[str, dict[str, float]]:
    """Means by kind and over all answerable questions; of unanswerable ones the share of silence."""
    kinds: dict[str, list[Score]] = {}
    for entry in scores:
        kinds.setdefault(entry.kind, []).append(entry)
    answerable = [entry for entry in scores if entry.kind != UNANSWERABLE]
    table = {kind: _means(found) for kind, found in sorted(kinds.items()) if kind != UNANSWERABLE}
    if answerable:
        table["all"] = _means(answerable)
    if silence := kinds.get(UNANSWERABLE):
        table[UNANSWERABLE] = {"questions": len(silence), "silent": _mean([entry.silent for entry in silence])}
    return table


def _means(scores: Sequence[Score]) -> dict[str, float]:
    return {
        "questions": len(scores),
        "hit@1": _mean([entry.hit1 for entry in scores]),
        "hit@5": _mean([entry.hit5 for entry in scores]),
        "ndcg@10": _mean([entry.ndcg for entry in scores]),
        "mrr": _mean([entry.rr for entry in scores]),
        "silent": _mean([entry.silent for entry in scores]),
    }


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)
