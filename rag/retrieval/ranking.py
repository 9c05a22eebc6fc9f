"""Ranked lists from every tier, fused by weighted reciprocal ranks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

RANK_OFFSET = 60


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each list counts in the fusion."""

    words: float = 1.0
    meaning: float = 1.0
    exact: float = 0.8
    topic: float = 0.5
    people: float = 0.8
    named: float = 3.0
    period: float = 0.3
    second_chunk: float = 0.2
    template: float = 0.6


@dataclass(slots=True)
class Candidate:
    """A chunk with its fused score, the similarity to the question, and why it was found."""

    uid: str
    document: int
    score: float = 0.0
    similarity: float | None = None
    why: list[str] = field(default_factory=list)


class Fusion:
    """Collects ranked lists; a chunk's score is the sum of weight / (60 + rank) over them, 1.0 at most."""

    def __init__(self) -> None:
        self.candidates: dict[str, Candidate] = {}
        self.total_weight = 0.0

    def add(self, name: str, weight: float, ranked: Iterable[tuple[str, int]]) -> None:
        """`ranked`: (chunk uid, document) from best to worst."""
        self.total_weight += weight
        for rank, (uid, document) in enumerate(ranked, start=1):
            candidate = self.candidates.setdefault(uid, Candidate(uid, document))
            candidate.score += weight * (RANK_OFFSET + 1) / (RANK_OFFSET + rank)
            candidate.why.append(f"{name} #{rank}")

    def ranked(self) -> list[Candidate]:
        """All candidates, best first, with scores between 0 and 1."""
        scale = self.total_weight or 1.0
        for candidate in self.candidates.values():
            candidate.score /= scale
        return sorted(self.candidates.values(), key=lambda c: (-c.score, c.uid))


def best_per_document(candidates: Sequence[Candidate], same: dict[int, object], second_chunk: float) -> list[Candidate]:
    """One chunk per group of `same` (documents with equal text share a value; None keeps every chunk).

    A document whose other chunks match as well gets a share of the second one's score.
    """
    groups: dict[object, list[Candidate]] = {}
    for candidate in candidates:
        key = same[candidate.document]
        groups.setdefault(candidate.uid if key is None else key, []).append(candidate)
    for group in groups.values():
        second = group[1].score if len(group) > 1 else 0.0
        group[0].score = (group[0].score + second_chunk * second) / (1 + second_chunk)
    return sorted((group[0] for group in groups.values()), key=lambda c: (-c.score, c.uid))
