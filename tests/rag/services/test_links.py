"""Edges in SQL and graph: in line with each other, rebuilt from SQL, and nothing left over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.models import Corpus, Link
from rag.services.indexing import index_root
from rag.services.links import links_compare, links_repair
from rag.services.tiers import tiers_compare, tiers_repair
from rag.stores import get_graph
from tests.rag.conftest import pdca

pytestmark = pytest.mark.usefixtures("stores")
Write = Callable[[str, str | bytes], Path]


def test_edges_that_the_graph_lost_or_kept_are_found_and_repaired(corpus: Path) -> None:
    index_root(root=corpus)
    assert links_compare() == (set(), set())
    graph = get_graph()
    before = {edge.how for edge in graph.edges_at(sorted(graph.document_ids()), "after")}
    source, target, relation = min(graph.edges())
    graph.delete_edges([{"source": source, "target": target, "relation": relation}])
    graph.write_edges([{"source": target, "target": source, "relation": "TRACKING", "how": "nowhere"}])
    assert links_compare() == ({(source, target, relation)}, {(target, source, "TRACKING")})
    assert tiers_compare() == ["graph: 1 links missing, 1 too many"]
    links_repair()
    assert tiers_compare() == []
    assert {edge.how for edge in graph.edges_at(sorted(graph.document_ids()), "after")} == before


def test_a_lost_graph_is_rebuilt_from_sql(corpus: Path) -> None:
    index_root(root=corpus)
    graph = get_graph()
    edges, counts = graph.edges(), graph.counts()
    graph.clear()
    tiers_repair()
    assert (graph.edges(), graph.counts()) == (edges, counts)


def test_agents_without_documents_leave_the_graph(corpus: Path, write: Write) -> None:
    write("journal/2026-03-07-UTC-0900-guest.md", pdca("A guest", "2026-03-07", "watch").replace("Vesna", "Tilo"))
    index_root(root=corpus)
    agents = get_graph().counts()["Agent"]
    write("journal/2026-03-07-UTC-0900-guest.md", pdca("A guest", "2026-03-07", "watch"))
    index_root(root=corpus)
    assert get_graph().counts()["Agent"] == agents - 1
    assert get_graph().members("Agent", ["Tilo"]) == []


def test_indexing_twice_gives_the_same_edges(corpus: Path) -> None:
    def edges() -> list[tuple[str, str | None, str, str]]:
        return sorted(Link.objects.values_list("source__path", "target__path", "relation", "how"), key=str)

    index_root(root=corpus)
    first = edges()
    index_root(root=corpus, full=True)
    assert edges() == first
    Corpus.objects.all().delete()
    get_graph().clear()
    index_root(root=corpus)
    assert edges() == first
