"""The vector store on a real Chroma."""

import numpy as np
import pytest

from rag.embedding import DIMENSIONS
from rag.models import Collection
from rag.stores.vectors import VectorRecord, VectorStore, get_vectors
from web4site.errors import UserError

HISTORY, BUFFER = Collection.PDCA_HISTORICAL, Collection.DAILY_BUFFER


def record(uid: str, axis: int, **metadata: str | int) -> VectorRecord:
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[axis] = 1
    return VectorRecord(uid, vector, f"text of {uid}", {"axis": axis, **metadata})


@pytest.fixture
def store(stores: None) -> VectorStore:
    return get_vectors()


def test_query_ranks_over_collections_by_cosine(store: VectorStore) -> None:
    store.upsert(HISTORY, [record("a", 0), record("b", 1)])
    store.upsert(BUFFER, [record("c", 0)])
    hits = store.query([HISTORY, BUFFER], record("q", 0).vector, 5)
    assert [hit.uid for hit in hits] == ["a", "c", "b"]
    assert hits[0].similarity == pytest.approx(1, abs=1e-4)
    assert hits[-1].similarity == pytest.approx(0, abs=1e-4)


def test_upsert_replaces_and_conditions_filter(store: VectorStore) -> None:
    store.upsert(HISTORY, [record("a", 0, day=1), record("b", 0, day=2)])
    store.upsert(HISTORY, [record("a", 3, day=1)])
    assert store.count(HISTORY) == 2
    hits = store.query([HISTORY], record("q", 0).vector, 5, {"day": {"$gte": 2}})
    assert [hit.uid for hit in hits] == ["b"]


def test_move_carries_vector_text_and_metadata_and_can_be_repeated(store: VectorStore) -> None:
    store.upsert(BUFFER, [record("a", 5, agent="Vesna")])
    store.move(["a"], BUFFER, HISTORY)
    store.move(["a"], BUFFER, HISTORY)
    assert store.uids(BUFFER) == set()
    assert store.get(HISTORY, ["a"])["a"]["agent"] == "Vesna"
    assert store.query([HISTORY], record("q", 5).vector, 1)[0].similarity == pytest.approx(1, abs=1e-4)


def test_update_metadata_keeps_other_keys(store: VectorStore) -> None:
    store.upsert(HISTORY, [record("a", 1, agent="Vesna")])
    store.update_metadata(HISTORY, {"a": {"trained_in_adapter": "evening-1"}})
    assert store.get(HISTORY, ["a"])["a"] == {"axis": 1, "agent": "Vesna", "trained_in_adapter": "evening-1"}


def test_deleting_unknown_chunks_is_no_error(store: VectorStore) -> None:
    store.delete(HISTORY, ["never there"])
    store.delete(HISTORY, [])


def test_a_silent_server_is_one_clear_line() -> None:
    with pytest.raises(UserError, match=r"does not answer at http://127\.0\.0\.1:9"):
        VectorStore("http://127.0.0.1:9")
