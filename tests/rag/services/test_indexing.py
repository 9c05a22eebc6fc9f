"""Index runs on a small corpus of our own: incremental, complete, and not stopped by bad files."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rag.models import Chunk, Collection, Corpus, Document, IndexedFile, Link, QuarantineEntry
from rag.services import switching
from rag.services.documents import documents_mark_trained, documents_move_to_history
from rag.services.drafts import Draft
from rag.services.indexing import index_root
from rag.services.quarantine import quarantine_decide
from rag.services.tiers import tiers_compare, tiers_repair
from rag.stores import get_graph, get_lexical, get_vectors
from tests.rag.conftest import pdca
from web4site.errors import UserError
from web4site.models import Run

pytestmark = pytest.mark.usefixtures("stores")
Write = Callable[[str, str | bytes], Path]

SECRET = "AKIA" + "Q3EGRZ7KXM5T2VWN"
SPEC_METADATA = {
    "pdca_id", "chunk_type", "chunk_index", "date", "timestamp", "session", "sprint", "agent_name", "agent_role",
    "branch", "commit_sha", "prev_pdca", "next_pdca", "objective", "task_type", "components_affected", "cmm_level",
    "template_version", "qa_decisions_pending", "verification_status", "quality_score", "trained_in_adapter",
    "training_batch", "training_date", "ok_to_train", "ok_to_retrieve", "license", "pii_flags", "security_level",
}  # fmt: skip


def statuses(result: dict[str, Any]) -> dict[str, tuple[str, str]]:
    rows = IndexedFile.objects.filter(run=result["run"])
    return {row.path: (row.status, row.reason) for row in rows}


def stored_metadata() -> list[dict[str, Any]]:
    found = []
    for collection in Collection.values:
        uids = sorted(get_vectors().uids(collection))
        found += get_vectors().get(collection, uids).values() if uids else []
    return found


def test_a_corpus_is_in_all_three_tiers(corpus: Path) -> None:
    result = index_root(root=corpus)
    assert (result["found"], result["indexed"], result["skipped"], result["failed"]) == (5, 5, 0, 0)
    assert result["kinds"] == {"pdca": 3, "process": 1, "typescript": 1}
    assert result["edges_by_relation"]["PRECEDES"] == 2
    assert result["chunks"] == Chunk.objects.count() > 5
    assert tiers_compare() == []
    first = Document.objects.get(path__contains="crack")
    assert (first.agent_name, first.sprint, first.date) == ("Vesna", "4", date(2026, 3, 2))
    assert len(get_graph().walk(first.pk, 5, "after")) == 2
    assert get_vectors().count(Collection.COMPONENTS) == Chunk.objects.filter(document__kind="typescript").count()


def test_every_chunk_carries_the_whole_metadata(corpus: Path) -> None:
    index_root(root=corpus)
    rows = stored_metadata()
    assert len(rows) == Chunk.objects.count()
    for row in rows:
        assert row.keys() >= SPEC_METADATA
    middle = next(row for row in rows if "glaze" in row["path"])
    assert middle["prev_pdca"].endswith("crack.md")
    assert middle["next_pdca"].endswith("fire.md")
    assert middle["day"] == 20260303


def test_unchanged_files_are_not_read_again(corpus: Path) -> None:
    index_root(root=corpus)
    before = set(Chunk.objects.values_list("pk", flat=True))
    again = index_root(root=corpus)
    assert (again["indexed"], again["skipped"], again["unchanged"]) == (0, 5, 5)
    assert set(Chunk.objects.values_list("pk", flat=True)) == before
    assert again["edges_by_relation"]["PRECEDES"] == 2
    full = index_root(root=corpus, full=True)
    assert (full["indexed"], full["unchanged"]) == (5, 0)
    assert tiers_compare() == []


def test_changes_deletions_and_renames_are_followed(corpus: Path, write: Write) -> None:
    index_root(root=corpus)
    fire = Document.objects.get(path__contains="fire")
    documents_mark_trained(documents=Document.objects.filter(pk=fire.pk), adapter="evening-1", batch="b")
    (corpus / fire.path).rename(corpus / "journal" / "2026-03-04-UTC-0900-night.md")
    (corpus / "roles/Potter/process.md").unlink()
    write("components/Kiln/src/layer2/DefaultKiln.ts", "export class ColdKiln {}\n")
    result = index_root(root=corpus)
    assert (result["indexed"], result["unchanged"], result["deleted"]) == (2, 2, 1)
    renamed = Document.objects.get(path__contains="night")
    assert (renamed.pk, renamed.trained_in_adapter) == (fire.pk, "evening-1")
    assert "ColdKiln" in Document.objects.get(kind="typescript").text
    assert get_lexical().search(["ColdKiln"], 5)
    assert not get_lexical().search(["weighs"], 5)
    assert tiers_compare() == []


def test_bad_files_are_named_and_stop_nothing(corpus: Path, write: Write, tmp_path: Path) -> None:
    write("journal/binary.md", b"\x00\x01\x02" * 500)
    write("journal/empty.md", b"")
    write("journal/latin.md", "# Grüße\n\nSchön ist es.\n".encode("latin-1"))
    write("journal/fence.md", "# Open\n\n```text\n## Plan\nnever closed")
    write("journal/script.md", "# <script>alert(1)</script>\n\n'); DROP TABLE rag_document; --\n")
    write("journal/bomb.md", "---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\n# Bomb\n")
    write("binary.ts", bytes(range(256)) * 20)
    (tmp_path / "outside.md").write_text("# Outside\n\nnot ours\n")
    (corpus / "journal" / "link.md").symlink_to(tmp_path / "outside.md")
    (corpus / "loop").symlink_to(corpus, target_is_directory=True)
    result = index_root(root=corpus)
    assert result["indexed"] + result["skipped"] + result["failed"] == result["found"] == 14
    rows = statuses(result)
    assert rows["journal/binary.md"] == ("failed", "binary content")
    assert rows["binary.ts"][0] == "failed"
    assert rows["journal/empty.md"] == ("skipped", "empty file")
    for name in ("latin", "fence", "script", "bomb"):
        assert rows[f"journal/{name}.md"][0] == "indexed"
    assert rows["journal/link.md"] == rows["loop"] == ("skipped", "symbolic link, not followed")
    assert not Document.objects.filter(text__contains="not ours").exists()
    assert "Grüße" in Document.objects.get(path="journal/latin.md").title
    assert tiers_compare() == []


def test_a_file_that_cannot_be_stored_fails_alone(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = switching._write_rows

    def picky(drafts: Sequence[Draft]) -> None:
        if any("glaze" in draft.row.path for draft in drafts):
            raise ValueError("no room for this one")
        write(drafts)

    monkeypatch.setattr(switching, "_write_rows", picky)
    result = index_root(root=corpus)
    assert (result["indexed"], result["failed"]) == (4, 1)
    [(path, reason)] = [(p, r) for p, (s, r) in statuses(result).items() if s == "failed"]
    assert "glaze" in path and "see the log" in reason
    assert Document.objects.count() == 4
    monkeypatch.undo()
    assert index_root(root=corpus)["indexed"] == 1
    assert tiers_compare() == []


def test_an_interrupted_document_is_indexed_again(corpus: Path) -> None:
    index_root(root=corpus)
    Document.objects.filter(path__contains="glaze").update(sha256="")  # as the first half of storing leaves it
    result = index_root(root=corpus)
    assert (result["indexed"], result["unchanged"]) == (1, 4)


def test_secrets_reach_no_tier(corpus: Path, write: Write) -> None:
    write("journal/2026-03-05-UTC-0900-leak.md", pdca(f"Key {SECRET} leaked", "2026-03-05", f"rotate {SECRET}"))
    index_root(root=corpus)
    row = Document.objects.get(path__contains="leak")
    everything = [row.text, row.title, row.objective, str(row.metadata), str(row.sections), str(row.faults)]
    everything += [f"{chunk.text} {chunk.heading_path}" for chunk in row.chunks.all()]
    everything += [str(entry.excerpt) for entry in QuarantineEntry.objects.all()]
    everything += [str(item) for item in stored_metadata()]
    assert not any(SECRET in text for text in everything)
    assert not get_lexical().search([SECRET], 5)
    assert "[REDACTED:" in row.text
    assert (row.ok_to_train, row.security_level) == (False, "restricted")
    assert row.quarantine_entries.count() >= 2


def test_verdicts_decide_about_training_and_survive_a_reindex(corpus: Path, write: Write, people: Any) -> None:
    write("journal/2026-03-05-UTC-0900-leak.md", pdca("A key", "2026-03-05", f"use {SECRET}"))
    index_root(root=corpus)
    row = Document.objects.get(path__contains="leak")
    for entry in row.quarantine_entries.all():
        quarantine_decide(entry=entry, decision="false_alarm", by=people.reviewer)
    row.refresh_from_db()
    assert row.ok_to_train
    uid = row.chunks.first().uid
    assert get_vectors().get(row.collection, [uid])[uid]["ok_to_train"] is True
    index_root(root=corpus, full=True)
    row.refresh_from_db()
    assert row.ok_to_train
    assert set(row.quarantine_entries.values_list("decision", flat=True)) == {"false_alarm"}
    with pytest.raises(UserError, match="one of"):
        quarantine_decide(entry=row.quarantine_entries.first(), decision="perhaps", by=people.reviewer)


def test_the_day_goes_to_the_buffer_and_then_to_history(corpus: Path) -> None:
    result = index_root(root=corpus, daily=date(2026, 3, 3))
    buffered = Document.objects.filter(collection=Collection.DAILY_BUFFER)
    assert result["buffered"] == 1
    assert [row.date for row in buffered] == [date(2026, 3, 3)]
    later = index_root(root=corpus, daily=date(2026, 3, 4))
    assert later["buffered"] == 2, "what was indexed before belongs to the day as well"
    assert tiers_compare() == []
    documents_mark_trained(documents=buffered, adapter="evening-7", batch="2026-03-04")
    assert documents_move_to_history() == 2
    assert not get_vectors().uids(Collection.DAILY_BUFFER)
    trained = [row for row in stored_metadata() if row["trained_in_adapter"] == "evening-7"]
    assert {row["day"] for row in trained} == {20260303, 20260304}
    assert index_root(root=corpus, daily=date(2026, 3, 4))["buffered"] == 0, "trained work does not come back"
    assert tiers_compare() == []


def test_equal_files_point_to_the_first(corpus: Path, write: Write) -> None:
    write("copies/b.md", "# Same\n\ntext\n")
    write("copies/a.md", "# Same\n\ntext\n")
    index_root(root=corpus)
    first, second = Document.objects.filter(path__startswith="copies/").order_by("pk")
    assert second.duplicate_of == first and first.duplicate_of is None
    (corpus / "copies/a.md").write_text("# Other\n")
    index_root(root=corpus)
    assert not Document.objects.exclude(duplicate_of=None).exists()


def test_links_that_lead_nowhere_are_kept_as_written(corpus: Path, write: Write) -> None:
    write("journal/2026-03-09-UTC-1000-lost.md", pdca("Lost", "2026-03-09", "find it", previous="gone/nowhere.md"))
    index_root(root=corpus)
    link = Link.objects.get(source__path__contains="lost")
    assert (link.target, link.written, link.how) == (None, "gone/nowhere.md", "unresolved")


def test_only_a_part_can_be_indexed(corpus: Path) -> None:
    assert index_root(root=corpus, only=("components/", "roles/"))["found"] == 2


def test_differences_between_tiers_are_seen_and_repaired(corpus: Path) -> None:
    index_root(root=corpus)
    chunk = Chunk.objects.filter(document__kind="pdca").first()
    get_vectors().delete(Collection.PDCA_HISTORICAL, [chunk.uid])
    get_lexical().delete([chunk.uid])
    get_graph().clear()
    assert len(tiers_compare()) == 3
    tiers_repair()
    assert tiers_compare() == []
    first = Document.objects.get(path__contains="crack")
    assert len(get_graph().walk(first.pk, 5, "after")) == 2


@pytest.mark.parametrize("place", ["", "missing", "file.md", "empty"])
def test_wrong_roots_are_one_clear_line(tmp_path: Path, place: str) -> None:
    (tmp_path / "file.md").write_text("# x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError) as caught:
        index_root(root=tmp_path / place if place else "")
    assert "\n" not in str(caught.value)


def test_many_files_are_prepared_by_child_processes(corpus: Path, write: Write) -> None:
    for number in range(110):
        write(f"notes/{number:03}.md", f"# Note {number}\n\nclay {number}\n")
    result = index_root(root=corpus)
    assert result["indexed"] == result["found"] == 115
    assert Run.objects.get(pk=result["run"]).done == 115


def test_one_root_is_indexed_by_one_run_at_a_time(corpus: Path) -> None:
    index_root(root=corpus)
    other = Run.objects.create(kind=Run.Kind.INDEX, title="other", params={"root": f"{corpus}/."})
    other.claim()
    assert Corpus.objects.get().claim(other)

    with pytest.raises(UserError, match=f"indexed by run {other.pk}"):
        index_root(root=corpus, listener=lambda progress: other.beat())


def test_a_run_killed_a_moment_ago_is_waited_for_and_taken_over(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_root(root=corpus)
    killed = Run.objects.create(kind=Run.Kind.INDEX, title="killed")
    killed.claim()
    assert Corpus.objects.get().claim(killed)
    monkeypatch.setattr("web4site.models.STALE_AFTER", timedelta(seconds=0.3))
    assert index_root(root=corpus)["unchanged"] == 5
    assert Corpus.objects.get().run is None
