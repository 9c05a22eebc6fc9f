"""What survives a re-index, what follows a renamed file, and what an interrupted run leaves to the next."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError

from rag.models import Chunk, Collection, Document, IndexPart, StagedFile
from rag.services import staging, switching
from rag.services.documents import documents_mark_trained
from rag.services.indexing import index_root
from rag.services.tiers import tiers_compare, tiers_repair
from rag.stores import get_graph, get_lexical, get_vectors
from samples.models import Dataset, Sample
from tests.rag.conftest import pdca
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress

pytestmark = pytest.mark.usefixtures("stores")
Write = Callable[[str, str | bytes], Path]

GLAZE = "journal/2026-03-03-UTC-0900-glaze.md"


def chunks_of(path: str) -> dict[str, int]:
    return dict(Chunk.objects.filter(document__path=path).values_list("text", "pk"))


def sections(names: list[str]) -> str:
    """Each section is long enough to be a chunk of its own."""
    return "# Kiln book\n\n" + "\n".join(
        f"## {name}\n\n{f'About the {name} and its clay. ' * 90}\n" for name in ("Preface", *names)
    )


def test_samples_keep_the_chunks_whose_text_did_not_change(corpus: Path) -> None:
    index_root(root=corpus)
    dataset = Dataset.objects.create(name="kiln")
    sample = Sample.objects.create(dataset=dataset, sample_id="s1", category="c", instruction="i", output="o")
    sample.chunks.set(Chunk.objects.filter(document__path=GLAZE))
    before = chunks_of(GLAZE)
    file = corpus / GLAZE
    file.write_text(file.read_text().replace("verified by two tests", "verified by three tests"))
    for full in (False, True):
        index_root(root=corpus, full=full)
        after = chunks_of(GLAZE)
        assert len(after) == len(before)
        kept = {text for text in before if "two tests" not in text}
        assert {text: after[text] for text in kept} == {text: before[text] for text in kept}
        assert set(sample.chunks.values_list("text", flat=True)) == kept
    assert tiers_compare() == []


@pytest.mark.parametrize("seed", range(4))
def test_sections_in_another_order_keep_their_rows(corpus: Path, write: Write, seed: int) -> None:
    names = ["Door", "Roof", "Door", "Floor", "Fire", "Ash"]
    write("book.md", sections(names))
    index_root(root=corpus)
    before = sorted(Chunk.objects.filter(document__path="book.md").values_list("pk", flat=True))
    random.Random(seed).shuffle(names)
    write("book.md", sections(names))
    index_root(root=corpus)
    rows = list(Chunk.objects.filter(document__path="book.md").order_by("index"))
    assert sorted(row.pk for row in rows) == before
    assert [row.index for row in rows] == list(range(len(rows)))
    text = Document.objects.get(path="book.md").text
    assert all(text[row.start : row.end] == row.text for row in rows)
    assert tiers_compare() == []


def test_a_file_renamed_and_edited_in_one_go_keeps_its_row(corpus: Path) -> None:
    index_root(root=corpus)
    old = Document.objects.get(path=GLAZE)
    documents_mark_trained(documents=Document.objects.filter(pk=old.pk), adapter="evening-1", batch="b")
    text = (corpus / GLAZE).read_text().replace("thin the glaze", "thin the glaze with water")
    (corpus / GLAZE).unlink()
    (corpus / "journal/2026-03-03-UTC-0900-runny-glaze.md").write_text(text)
    assert index_root(root=corpus)["deleted"] == 0
    new = Document.objects.get(path__contains="runny")
    assert (new.pk, new.trained_in_adapter) == (old.pk, "evening-1")
    assert get_lexical().search(["water"], 5)
    assert tiers_compare() == []


@pytest.mark.parametrize("full", [False, True])
def test_a_renamed_folder_and_another_case_keep_their_rows(corpus: Path, full: bool) -> None:
    index_root(root=corpus)
    before = dict(Document.objects.values_list("sha256", "pk"))
    (corpus / "journal").rename(corpus / "diary")
    (corpus / "roles/Potter/process.md").rename(corpus / "roles/Potter/Process.md")
    result = index_root(root=corpus, full=full)
    assert result["deleted"] == 0
    assert dict(Document.objects.values_list("sha256", "pk")) == before
    assert sorted(Document.objects.filter(path__startswith="diary/").values_list("path", flat=True))
    assert Document.objects.filter(path="roles/Potter/Process.md").exists()
    assert result["edges_by_relation"]["PRECEDES"] == 2
    assert tiers_compare() == []


def test_a_folder_in_place_of_a_file(corpus: Path, write: Write) -> None:
    write("notes.md", "# Notes\n\nclay\n")
    index_root(root=corpus)
    (corpus / "notes.md").unlink()
    write("notes.md/inner.md", "# Inner\n\nanother matter: porcelain\n")
    result = index_root(root=corpus)
    assert (result["deleted"], result["indexed"]) == (1, 1)
    assert get_lexical().search(["porcelain"], 5)
    assert tiers_compare() == []


def test_a_file_that_is_no_document_any_more_leaves_and_is_not_read_again(corpus: Path, write: Write) -> None:
    index_root(root=corpus)
    write(GLAZE, "")
    first, second = index_root(root=corpus), index_root(root=corpus)
    assert (first["skipped"], second["skipped"]) == (5, 5)
    assert second["workers"] == {}, "nothing was read"
    assert not Document.objects.filter(path=GLAZE).exists()
    assert tiers_compare() == []


@pytest.mark.parametrize("full", [False, True])
def test_a_silent_vector_store_ends_the_run_and_nothing_is_embedded_twice(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    def silent() -> None:
        raise UserError("The vector store (Chroma) does not answer")

    monkeypatch.setattr(switching, "get_vectors", silent)
    with pytest.raises(UserError, match="does not answer"):
        index_root(root=corpus, full=full)
    assert StagedFile.objects.count() == 5
    assert not Chunk.objects.exists()
    monkeypatch.undo()
    result = index_root(root=corpus, full=full)
    assert (result["indexed"], result["workers"]) == (5, {})
    assert tiers_compare() == []


def test_a_full_disk_is_one_clear_line(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_root(root=corpus)

    def full(*arguments: object, **options: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(StagedFile.objects, "bulk_create", full)
    with pytest.raises(UserError, match="disk is full"):
        index_root(root=corpus, full=True)
    monkeypatch.undo()
    assert Chunk.objects.exists()
    assert index_root(root=corpus, full=True)["indexed"] == 5
    assert tiers_compare() == []


def test_a_root_that_vanishes_takes_no_document_with_it(corpus: Path) -> None:
    index_root(root=corpus)

    def unmount(progress: Progress) -> None:
        if progress.message == "Reading documents":
            shutil.rmtree(corpus)

    with pytest.raises(UserError, match="not there any more"):
        index_root(root=corpus, full=True, listener=unmount)
    assert Document.objects.count() == 5
    assert tiers_compare() == []


def test_a_cancelled_run_leaves_the_index_as_it_was(corpus: Path) -> None:
    index_root(root=corpus)
    before = dict(Chunk.objects.values_list("pk", "uid"))

    def cancel(progress: Progress) -> None:
        Run.objects.filter(status=Run.Status.RUNNING).update(cancel_requested=True)

    with pytest.raises(UserError, match="cancelled"):
        index_root(root=corpus, full=True, listener=cancel)
    assert dict(Chunk.objects.values_list("pk", "uid")) == before
    assert not IndexPart.objects.exists()
    assert index_root(root=corpus)["unchanged"] == 5


def test_a_switch_cut_off_before_it_was_settled_is_settled_by_the_next_run(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_root(root=corpus)
    text = (corpus / GLAZE).read_text().replace("thin the glaze", "scrape it off")
    (corpus / GLAZE).write_text(text)
    settle = switching.staged_settle
    monkeypatch.setattr(switching, "staged_settle", lambda **given: (_ for _ in ()).throw(UserError("cut off")))
    with pytest.raises(UserError, match="cut off"):
        index_root(root=corpus)
    monkeypatch.setattr(switching, "staged_settle", settle)
    assert any("staging: 1 file" in line for line in tiers_compare())
    assert index_root(root=corpus)["unchanged"] == 5
    assert tiers_compare() == []


def test_the_doctor_clears_what_interrupted_runs_left(corpus: Path, write: Write) -> None:
    index_root(root=corpus)
    uids = list(Chunk.objects.filter(document__path=GLAZE).values_list("uid", flat=True))
    get_vectors().delete(Collection.PDCA_HISTORICAL, uids)
    get_vectors().copy([Chunk.objects.filter(document__kind="typescript")[0].uid], "components", "process_docs")
    get_lexical().delete(uids[:1])
    get_graph().delete_documents([Document.objects.get(path=GLAZE).pk])
    place = Document.objects.get(path=GLAZE).corpus
    Document.objects.create(corpus=place, path="never/finished.md", kind="pdca")
    prepared = staging.PreparedFile("left/over.md", skipped="empty file")
    staging.staged_row(corpus=place, version="v", staged=staging.Staged(prepared, {})).save()
    assert len(tiers_compare()) == 6
    tiers_repair()
    assert tiers_compare() == []
    assert not StagedFile.objects.exists()
    assert get_lexical().search(["glaze"], 5)


def test_the_doctor_waits_for_a_running_index_run(corpus: Path) -> None:
    index_root(root=corpus)
    run = Run.objects.create(kind=Run.Kind.INDEX, title="busy")
    run.claim()
    assert Document.objects.first().corpus.claim(run)
    assert "run is writing" in tiers_compare()[0]
    with pytest.raises(UserError, match="wait for it"):
        tiers_repair()


def test_old_and_new_pdca_links_survive_a_full_run(corpus: Path, write: Write) -> None:
    index_root(root=corpus)
    write("journal/2026-03-05-UTC-0900-cool.md", pdca("Cool", "2026-03-05", "wait", previous=Path(GLAZE).name))
    index_root(root=corpus, full=True)
    assert Document.objects.get(path=GLAZE).field("prev_pdca").endswith("crack.md")
    assert tiers_compare() == []
