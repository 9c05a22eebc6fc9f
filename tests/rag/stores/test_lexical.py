"""The full-text index."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.stores.lexical import LexicalRecord, LexicalStore, symbols


def record(key: int, body: str, *, path: str = "a.md", heading: str = "", collection: str = "c") -> LexicalRecord:
    return LexicalRecord(f"u{key}", key, collection, path, heading, body)


@pytest.fixture
def store(tmp_path: Path) -> LexicalStore:
    return LexicalStore(tmp_path / "lexical.sqlite3")


def found(store: LexicalStore, *terms: str, **options: object) -> list[str]:
    return [hit.uid for hit in store.search(terms, 10, **options)]  # type: ignore[arg-type]


def test_words_are_stemmed_and_headings_count_more(store: LexicalStore) -> None:
    store.write([record(1, "the kilns were cooling"), record(2, "nothing", heading="Kiln"), record(3, "a violin")])
    assert found(store, "kiln") == ["u2", "u1"]
    assert found(store, "cooled") == ["u1"]


def test_camel_case_names_are_found_by_their_words(store: LexicalStore) -> None:
    store.write([record(1, "class DefaultKilnDoor {}"), record(2, "x", path="layer2/GlazeMixer.ts")])
    assert found(store, "DefaultKilnDoor") == ["u1"]
    assert found(store, "door") == ["u1"]
    assert found(store, "mixer") == ["u2"]
    assert symbols("HTTPServer and toScenario") == "HTTP Server to Scenario"


def test_several_words_are_a_phrase(store: LexicalStore) -> None:
    store.write([record(1, "slow cooling of the kiln"), record(2, "cooling was slow")])
    assert found(store, "slow cooling") == ["u1"]


def test_collections_and_documents_restrict(store: LexicalStore) -> None:
    store.write([record(1, "clay", collection="x"), record(2, "clay", collection="y")])
    assert found(store, "clay", collections=["y"]) == ["u2"]
    assert found(store, "clay", documents=[1]) == ["u1"]
    assert found(store, "clay", documents=[]) == []
    store.move(["u1"], "y")
    assert sorted(found(store, "clay", collections=["y"])) == ["u1", "u2"]


def test_writing_again_replaces_and_deleting_forgets(store: LexicalStore) -> None:
    store.write([record(1, "clay"), record(2, "clay")])
    store.write([record(1, "glaze")])
    assert found(store, "clay") == ["u2"]
    store.delete(["u2", "u99"])
    assert store.uids() == {"u1"}
    store.clear()
    assert store.count() == 0


def test_a_reader_in_another_thread_sees_what_was_written(store: LexicalStore) -> None:
    store.write([record(1, "clay")])
    seen: list[list[str]] = []
    thread = threading.Thread(target=lambda: seen.append(found(store, "clay")))
    thread.start()
    thread.join()
    assert seen == [["u1"]]


@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40), max_size=5))
def test_no_term_is_ever_syntax(store: LexicalStore, terms: list[str]) -> None:
    store.search(terms, 3)
    store.search([*terms, '" OR clay NEAR(', "col:clay", "clay*", "NOT", "\0"], 3)
