"""The embedder: true to the packaged model, independent of batches, prepared once and atomically."""

from pathlib import Path

import numpy as np
import pytest

from rag.bert_graph import source_folder
from rag.embedding import CONTENT_TOKENS, DIMENSIONS, HashEmbedder, MiniLmEmbedder, embedder_prepare
from rag.prepare_embedder import prepare
from web4site.errors import UserError

TEXTS = [
    "The kiln cracked because it cooled too fast.",
    "Which glaze did we choose, and why?",
    "export class DefaultKiln { constructor() {} }",
    "",
]


@pytest.fixture(scope="module")
def embedder(real_embedder_dir: Path) -> MiniLmEmbedder:
    return MiniLmEmbedder(real_embedder_dir)


def reference(texts: list[str]) -> np.ndarray:
    """Vectors of the packaged model by transformers, as its card defines them."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source_folder())
    model = AutoModel.from_pretrained(source_folder()).eval()
    rows = []
    for text in texts:
        inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=CONTENT_TOKENS + 2)
        with torch.no_grad():
            mean = model(**inputs).last_hidden_state[0].mean(dim=0)
        rows.append(torch.nn.functional.normalize(mean, dim=0).numpy())
    return np.stack(rows)


@pytest.mark.slow
def test_queries_are_exact_and_documents_close_to_the_reference(embedder: MiniLmEmbedder) -> None:
    expected = reference(TEXTS[:3])
    queries = np.stack([embedder.embed_query(text) for text in TEXTS[:3]])
    assert np.abs(queries - expected).max() < 1e-5
    assert ((embedder.embed_documents(TEXTS[:3]) * expected).sum(axis=1) > 0.98).all()


def test_vectors_are_unit_length_and_do_not_depend_on_their_neighbours(embedder: MiniLmEmbedder) -> None:
    together = embedder.embed_documents(TEXTS)
    assert together.shape == (len(TEXTS), DIMENSIONS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([embedder.embed_documents([text]) for text in TEXTS])
    assert np.array_equal(together, alone)


def test_a_text_beyond_the_window_is_embedded_to_its_end(embedder: MiniLmEmbedder) -> None:
    start = "The kiln cracked in the cold night. " * 60
    assert embedder.counter(start) > CONTENT_TOKENS
    end = start + "A violin concerto was played for the queen of Denmark. " * 40
    start_vector, end_vector = embedder.embed_documents([start, end])
    query = embedder.embed_query("violin concert")
    assert end_vector @ query > start_vector @ query + 0.1


def test_no_texts_give_no_vectors(embedder: MiniLmEmbedder) -> None:
    assert embedder.embed_documents([]).shape == (0, DIMENSIONS)
    assert HashEmbedder().embed_documents([]).shape == (0, DIMENSIONS)


def test_preparing_again_changes_nothing_and_leaves_no_drafts(real_embedder_dir: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in real_embedder_dir.iterdir()}
    prepare(real_embedder_dir)
    assert {file.name: file.stat().st_mtime_ns for file in real_embedder_dir.iterdir()} == before
    assert [item.name for item in real_embedder_dir.parent.iterdir() if item.name.startswith(".")] == []


def test_a_folder_that_cannot_be_made_is_one_clear_line(settings: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.EMBEDDER_DIR = tmp_path / "file" / "embedder"  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="could not be prepared") as caught:
        embedder_prepare()
    assert "\n" not in str(caught.value)


def test_hash_embedder_is_deterministic_and_counts_words() -> None:
    embedder = HashEmbedder()
    assert np.array_equal(embedder.embed_query("clay and glaze"), embedder.embed_query("glaze and clay"))
    assert embedder.embed_query("clay") @ embedder.embed_query("clay twice") > 0.5
    assert embedder.counter("weigh the clay") == 3
