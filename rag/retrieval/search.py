"""One question on its way through the stages, and what the tiers said to it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rag.retrieval.breadcrumbs import Neighbour
from rag.retrieval.facts import Facts
from rag.retrieval.question import Question

Ranked = list[tuple[str, int]]
"""(chunk uid, document), best first."""


@dataclass(frozen=True, slots=True)
class RankedList:
    """What one tier gives; `weight` names the parameter that says how much it counts.

    `worth`: how good each place is, 1 for the best and towards 0, where the tier has scores that can say so.
    """

    name: str
    weight: str
    ranked: Ranked
    worth: tuple[float, ...] = ()


@dataclass(slots=True)
class Search:
    """The question, who asks for what, and everything found for it; independent of weights and thresholds."""

    question: Question
    collections: Sequence[str]
    filters: Mapping[str, Any]
    depth: int
    allowed: list[int] | None = None
    anchors: list[int] = field(default_factory=list)
    lists: list[RankedList] = field(default_factory=list)
    similarity: dict[str, float] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)
    permitted: set[str] | None = None
    corrections: dict[str, str] = field(default_factory=dict)
    rarity: dict[str, float] = field(default_factory=dict)
    chunks: int = 0
    covered: dict[str, float] = field(default_factory=dict)
    understood: dict[str, float] = field(default_factory=dict)
    first_chunks: dict[int, str] = field(default_factory=dict)
    around: dict[tuple[int, ...], list[Neighbour]] = field(default_factory=dict)
    latency: dict[str, float] = field(default_factory=dict)
    margin: float = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the milliseconds of what is done inside."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.spent(name, start)

    def spent(self, name: str, start: float) -> None:
        self.latency[name] = round(self.latency.get(name, 0.0) + (time.perf_counter() - start) * 1000, 2)
