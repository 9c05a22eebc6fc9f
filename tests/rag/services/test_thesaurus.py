"""The thesaurus follows the words of the index."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.services.indexing import index_root
from rag.services.thesaurus import thesaurus_update
from rag.stores import get_thesaurus
from rag.stores.thesaurus import Thesaurus, thesaurus_file
from tests.rag.conftest import pdca

pytestmark = pytest.mark.usefixtures("stores")


def test_indexing_embeds_the_words_that_more_than_one_chunk_has(corpus: Path, write: Any) -> None:
    index_root(root=corpus)
    first = get_thesaurus()
    assert {"lesson", "vesna", "glaze"} <= first.places.keys() and "weighs" not in first.places
    assert first.vectors.shape == (len(first.places), 384)
    write("journal/2026-03-08-UTC-0900-clay.md", pdca("Weighs of clay", "2026-03-08", "weighs the clay"))
    index_root(root=corpus)
    second = get_thesaurus()
    assert "weighs" in second.places, "a new file is noticed"
    place, before = second.places["lesson"], first.places["lesson"]
    assert np.array_equal(second.vectors[place], first.vectors[before])
    (corpus / "journal/2026-03-08-UTC-0900-clay.md").unlink()
    index_root(root=corpus)
    assert get_thesaurus().places == first.places


def test_a_run_without_changes_makes_a_missing_thesaurus_and_leaves_a_present_one(corpus: Path) -> None:
    index_root(root=corpus)
    thesaurus_file().unlink()
    assert not get_thesaurus().places
    index_root(root=corpus)
    written = thesaurus_file().stat().st_mtime_ns
    assert get_thesaurus().places
    index_root(root=corpus)
    assert thesaurus_file().stat().st_mtime_ns == written


def test_vectors_of_another_embedder_are_made_again(corpus: Path) -> None:
    index_root(root=corpus)
    made = get_thesaurus()
    Thesaurus(list(made.places), np.zeros_like(made.vectors), "other").save(thesaurus_file())
    assert thesaurus_update() == len(made.places)
    assert np.array_equal(get_thesaurus().vectors, made.vectors)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_no_thesaurus(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "thesaurus.npz"
    file.write_bytes(content)
    assert not Thesaurus.load(file).places
    assert not Thesaurus.load(tmp_path / "missing.npz").places


def test_the_nearest_word_of_a_text_counts() -> None:
    thesaurus = Thesaurus(["kiln", "oven"], np.array([[1, 0], [0.8, 0.6]], np.float32))
    assert thesaurus.nearest("Kiln", thesaurus.words_of("An Oven, cold")) == pytest.approx(0.8)
    assert thesaurus.nearest("kiln", thesaurus.words_of("nothing of it")) == 0.0


def test_two_words_may_be_one_in_the_index() -> None:
    thesaurus = Thesaurus(["cleanup", "devcontainer", "login", "into"], np.zeros((4, 2), np.float32))
    assert thesaurus.joined("Clean", "up") == ["cleanup"]
    assert thesaurus.joined("development", "containers") == ["devcontainer"]
    assert thesaurus.joined("logging", "in") == [] and thesaurus.joined("in", "to") == []
