"""The graph store on a real FalkorDB."""

from typing import Any

import pytest
from django.conf import settings

from rag.stores.graph import GraphStore, Step, get_graph
from web4site.errors import UserError


def row(key: int, **fields: object) -> dict[str, object]:
    defaults = {"path": f"journal/{key}.md", "title": f"Entry {key}", "kind": "pdca", "day": "", "corpus": 1}
    groups = {"session": [], "agent": [], "sprint": [], "components": []}
    return {"id": key, **defaults, **groups, **fields}


def edge(source: int, target: int, relation: str = "PRECEDES") -> dict[str, object]:
    return {"source": source, "target": target, "relation": relation, "how": "relative"}


@pytest.fixture
def graph(stores: None) -> GraphStore:
    return get_graph()


def depths(steps: list[Step]) -> list[tuple[int, int, int]]:
    return [(step.source, step.target, step.depth) for step in steps]


def test_documents_know_their_people_and_components(graph: GraphStore) -> None:
    graph.write_documents([row(1, agent=["Vesna"], components=["Kiln", "Wheel"]), row(2, agent=["Vesna"])])
    counts = graph.counts()
    assert (counts["Document"], counts["PDCA"], counts["Agent"], counts["Component"]) == (2, 2, 1, 2)
    graph.write_documents([row(1, agent=["Tilo"])])
    assert graph.counts()["BY"] == 2
    assert "TOUCHES" not in graph.counts()


def test_walks_go_one_way_and_stop_at_their_depth(graph: GraphStore) -> None:
    graph.write_documents([row(key) for key in range(5)])
    graph.write_edges([edge(key, key + 1) for key in range(4)])
    assert depths(graph.walk(1, 2, "after")) == [(1, 2, 1), (2, 3, 2)]
    assert depths(graph.walk(1, 9, "before")) == [(0, 1, 1)]
    assert {step[:2] for step in depths(graph.walk(1, 1, "both"))} == {(0, 1), (1, 2)}


def test_cycles_and_self_links_end(graph: GraphStore) -> None:
    graph.write_documents([row(key) for key in range(3)])
    graph.write_edges([edge(0, 1), edge(1, 2), edge(2, 0), edge(1, 1)])
    assert len(graph.walk(0, 50, "after")) == 4


class CountingStore(GraphStore):
    """Counts its queries: the time they take depends on what else the machine does."""

    asked = 0

    def _query(self, text: str, **params: Any) -> list[list[Any]]:
        self.asked += 1
        return super()._query(text, **params)


def test_a_hub_and_a_long_chain_are_ordinary(graph: GraphStore) -> None:
    """3,000 entries in a row, and one that tracks them all: far fewer queries than steps."""
    graph.write_documents([row(key) for key in range(3002)])
    graph.write_edges([edge(key, key + 1) for key in range(3000)])
    graph.write_edges([edge(3001, key, "TRACKING") for key in range(3000)])
    store = CountingStore(settings.GRAPH_URL, settings.GRAPH_NAME)
    assert store.walk(0, 5000, "after")[-1].depth == 3000
    assert [step.depth for step in store.walk(3000, 5000, "before")] == list(range(1, 3001))
    assert store.asked < 210
    store.asked = 0
    assert len(store.path(0, 3000)) == 3000
    assert store.asked < 210
    store.asked = 0
    assert len(store.walk(3001, 1, "after", ("TRACKING",))) == 3000
    assert len(store.path(5, 2900, ("TRACKING",))) == 2
    assert store.asked < 8


def test_a_path_keeps_the_direction_of_its_links(graph: GraphStore) -> None:
    graph.write_documents([row(key) for key in range(6)])
    graph.write_edges([edge(0, 1), edge(1, 2), edge(3, 2), edge(2, 0), edge(4, 4)])
    assert depths(graph.path(1, 3)) == [(1, 2, 1), (3, 2, 2)]
    assert depths(graph.path(3, 1)) == [(3, 2, 1), (1, 2, 2)]
    assert graph.path(0, 4) == graph.path(4, 4) == graph.path(0, 999) == []
    assert graph.path(0, 1)[0].how == "relative"


def test_many_ways_between_two_documents_are_not_all_tried(graph: GraphStore) -> None:
    """Each of 60 diamonds in a row doubles the ways: 2**60 of them, one answer."""
    graph.write_documents([row(key) for key in range(181)])
    diamonds = [(3 * n, 3 * n + side, 3 * n + 3) for n in range(60) for side in (1, 2)]
    graph.write_edges([edge(*pair) for first, side, last in diamonds for pair in ((first, side), (side, last))])
    assert len(graph.path(0, 180)) == 120
    assert graph.walk(0, 500, "after")[-1].depth == 120


def test_edges_can_be_removed_and_documents_take_theirs_with_them(graph: GraphStore) -> None:
    graph.write_documents([row(key) for key in range(3)])
    graph.write_edges([edge(0, 1), edge(1, 2)])
    graph.delete_edges([edge(0, 1)])
    assert graph.walk(0, 3, "after") == []
    graph.delete_documents([2])
    assert graph.walk(1, 3, "after") == []
    assert graph.document_ids() == {0, 1}


def test_values_are_never_read_as_cypher(graph: GraphStore) -> None:
    hostile = "x'}) DETACH DELETE n //"
    graph.write_documents([row(1, path=hostile, title=hostile, agent=[hostile]), row(2)])
    assert graph.document_ids() == {1, 2}


def test_a_silent_server_is_one_clear_line() -> None:
    with pytest.raises(UserError, match="graph server does not answer"):
        GraphStore("redis://127.0.0.1:9/0", "none").counts()
