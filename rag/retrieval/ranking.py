"""Ranked lists from every tier, fused by weighted reciprocal ranks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rag.models import Collection
from rag.retrieval.parameters import Parameters
from rag.retrieval.search import Search

# Documents made of many independent pieces: each piece is a hit of its own.
PIECEWISE = (Collection.TOOL_EXAMPLES, Collection.PROCESS_FRAMEWORK)


@dataclass(slots=True)
class Candidate:
    """A chunk with its fused score, the similarity to the question, and why it was found."""

    uid: str
    document: int
    score: float = 0.0
    similarity: float | None = None
    why: list[str] = field(default_factory=list)


class Fusion:
    """Collects ranked lists; a chunk's score is the sum of weight / (offset + rank) over them, 1.0 at most.

    Where a list says how good its places are, that counts as well, for the share `mix` of the list's weight.
    """

    def __init__(self, offset: int, mix: float = 0.0) -> None:
        self.offset = offset
        self.mix = mix
        self.candidates: dict[str, Candidate] = {}
        self.total_weight = 0.0

    def add(self, name: str, weight: float, ranked: Iterable[tuple[str, int]], worth: Sequence[float] = ()) -> None:
        """`ranked`: (chunk uid, document) from best to worst; `worth`: 0-1 for each of them, or nothing."""
        mix = self.mix if worth else 0.0
        self.total_weight += weight
        for rank, (uid, document) in enumerate(ranked, start=1):
            candidate = self.candidates.setdefault(uid, Candidate(uid, document))
            value = (self.offset + 1) / (self.offset + rank)
            candidate.score += weight * (value if not mix else (1 - mix) * value + mix * worth[rank - 1])
            candidate.why.append(f"{name} #{rank}")

    def ranked(self) -> list[Candidate]:
        """All candidates, best first, with scores between 0 and 1."""
        scale = self.total_weight or 1.0
        for candidate in self.candidates.values():
            candidate.score /= scale
        return sorted(self.candidates.values(), key=lambda c: (-c.score, c.uid))


def fuse(search: Search, parameters: Parameters) -> list[Candidate]:
    """One chunk per document, best first: templates count less, forbidden documents not at all, and equal ones once."""
    fusion = Fusion(parameters.rank_offset, parameters.mix)
    weights = parameters.weights({entry.weight for entry in search.lists})
    for entry in search.lists:
        fusion.add(entry.name, weights[entry.weight], entry.ranked[: parameters.depth], entry.worth)
    kept: list[Candidate] = []
    for candidate in fusion.ranked():
        facts = search.facts.get(candidate.document)
        if facts is None or not facts.ok_to_retrieve or facts.collection not in search.collections:
            continue
        if search.permitted is not None and candidate.uid not in search.permitted:
            continue
        candidate.similarity = search.similarity.get(candidate.uid)
        if facts.kind == "template":
            candidate.score *= parameters.template
        kept.append(candidate)
    kept.sort(key=lambda candidate: (-candidate.score, candidate.uid))
    same: dict[int, object] = {
        key: None if facts.collection in PIECEWISE else facts.sha256 or key for key, facts in search.facts.items()
    }
    return best_per_document(kept, same, parameters.second_chunk)


def best_per_document(candidates: Sequence[Candidate], same: dict[int, object], second_chunk: float) -> list[Candidate]:
    """One chunk per group of `same` (documents with equal text share a value; None keeps every chunk).

    A document whose other chunks match as well gets a share of the second one's score.
    """
    groups: dict[object, list[Candidate]] = {}
    for candidate in candidates:
        key = same[candidate.document]
        groups.setdefault(candidate.uid if key is None else key, []).append(candidate)
    for group in groups.values():
        second = next((other.score for other in group[1:] if other.document == group[0].document), 0.0)
        group[0].score = (group[0].score + second_chunk * second) / (1 + second_chunk)
    return sorted((group[0] for group in groups.values()), key=lambda c: (-c.score, c.uid))
