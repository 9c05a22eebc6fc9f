"""How much each tier holds, side by side."""

from collections.abc import Callable
from dataclasses import dataclass

from rag.models import Chunk, Collection, Document, Link
from rag.selectors.documents import BREADCRUMBS
from rag.stores import get_graph, get_lexical, get_vectors
from web4site.errors import UserError


@dataclass(frozen=True, slots=True)
class TierState:
    """What a tier holds of what it should hold. `error` says why it could not be asked."""

    name: str
    unit: str
    count: int
    expected: int
    error: str = ""

    @property
    def agrees(self) -> bool:
        return not self.error and self.count == self.expected


def tier_states() -> list[TierState]:
    """Counts of the derived tiers beside those of SQL; `manage.py doctor` compares them row by row."""
    chunks = Chunk.objects.count()
    edges = Link.objects.filter(target__isnull=False, relation__in=BREADCRUMBS).count()
    graph: dict[str, int] = {}

    def nodes() -> int:
        graph.update(get_graph().counts())
        return graph.get("Document", 0)

    return [
        _state("Meaning", "vectors", chunks, lambda: sum(get_vectors().count(name) for name in Collection.values)),
        _state("Words", "chunks", chunks, lambda: get_lexical().count()),
        _state("Graph", "documents", Document.objects.count(), nodes),
        _state("Graph", "breadcrumbs", edges, lambda: sum(graph.get(name, 0) for name in BREADCRUMBS)),
    ]


def _state(name: str, unit: str, expected: int, count: Callable[[], int]) -> TierState:
    try:
        return TierState(name, unit, count(), expected)
    except UserError as error:
        return TierState(name, unit, 0, expected, str(error))
