"""Search is prepared while nobody waits."""

import threading
from pathlib import Path

import pytest

from rag import warming
from rag.retrieval.facts import hot_documents
from rag.services.indexing import index_root


@pytest.mark.usefixtures("stores")
def test_warming_reads_the_index(corpus: Path) -> None:
    index_root(root=corpus)
    hot_documents.__init__()  # type: ignore[misc]
    warming.warm_up()
    assert "Vesna" in dict(hot_documents.names.mentioned("Vesna")).values()


def test_silent_stores_are_no_failure(settings: object, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Without the database's permission a query raises; the hook itself returns at once."""
    settings.EMBEDDER = "hash"  # type: ignore[attr-defined]
    monkeypatch.setattr(hot_documents, "refresh", lambda: 1 / 0)
    warming.post_worker_init(None)
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(10)
            assert not thread.is_alive()
