"""Pages of the index: what they show, who may act, and how many queries they take."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rag.jobs import index_job
from rag.models import Corpus, Document, IndexedFile, IndexPart, Link, QuarantineEntry
from rag.selectors import documents_found
from rag.services.indexing import index_root
from rag.stores import get_graph, get_lexical, get_vectors
from tests.rag.conftest import pdca
from web4site.models import Run

pytestmark = pytest.mark.usefixtures("stores")
SECRET = "AKIA" + "Q3EGRZ7KXM5T2VWN"


@pytest.fixture
def client(people: Any, client_for: Callable[[Any], Client]) -> Client:
    return client_for(people.reviewer)


@pytest.fixture
def indexed(corpus: Path, write: Any) -> Path:
    leak = pdca("A key <script>alert(1)</script>", "2026-03-06", f"use {SECRET}")
    write("journal/2026-03-06-UTC-0900-leak.md", leak)
    index_root(root=corpus)
    return corpus


def text(response: Any) -> str:
    return b"".join(response).decode() if response.streaming else response.content.decode()


def test_the_empty_corpus_page_says_what_to_do(client: Client) -> None:
    page = text(client.get(reverse("rag:corpus_detail")))
    assert "manage.py index DIR" in page
    assert "No documents here" in page


def test_the_corpus_page_lists_filters_and_sorts(
    client: Client, indexed: Path, django_assert_max_num_queries: Any
) -> None:
    url = reverse("rag:corpus_detail")
    with django_assert_max_num_queries(22):
        page = text(client.get(url))
    assert "Glaze runs off" in page and "DefaultKiln" in page
    assert "<script>alert" not in page
    assert "Glaze runs off" not in text(client.get(url, {"kind": "typescript"}))
    found = text(client.get(url, {"search": "potter"}))
    assert "roles/Potter/process.md" in found and "Glaze" not in found
    by_date = text(client.get(url, {"sort": "-date", "kind": "pdca"}))
    assert by_date.index("Fire at night") < by_date.index("Cracks in the lid")
    assert text(client.get(url, {"sort": "password", "corpus": "x", "state": "y", "page": "zz"}))
    assert text(client.get(url, {"corpus": "9" * 24}))
    leak = Document.objects.get(path__contains="leak")
    QuarantineEntry.objects.create(document=leak, kind="email", line=99, excerpt="[REDACTED:email]")
    found = documents_found(state="quarantined", sort="chunk_count").get()
    assert (found, found.chunk_count) == (leak, leak.chunks.count()), "two findings do not double the chunks"
    glaze = Document.objects.get(path__contains="glaze")
    Document.objects.filter(pk=glaze.pk).update(date="2026-03-30")
    Link.objects.create(source=leak, relation="PARENT", written="lost.md", how="unresolved")
    assert "Fire at night" in text(client.get(url, {"state": "dated backwards"}))
    assert [row.pk for row in documents_found(state="broken links")] == [leak.pk]


def test_documents_are_exported(client: Client, indexed: Path) -> None:
    csv = text(client.get(reverse("rag:corpus_detail"), {"export": "csv", "kind": "pdca"}))
    assert csv.splitlines()[0].startswith("path,kind")
    assert len(csv.splitlines()) == 5
    assert client.get(reverse("rag:corpus_detail"), {"export": "exe"}).status_code == 404


def test_a_document_shows_chunks_metadata_and_neighbours(
    client: Client, indexed: Path, django_assert_max_num_queries: Any
) -> None:
    document = Document.objects.get(path__contains="glaze")
    for other in Document.objects.exclude(pk=document.pk):
        Link.objects.create(source=document, target=other, relation="TOUCHES", written=other.path, how="relative")
        Link.objects.create(source=other, target=document, relation="TOUCHES", written=document.path, how="relative")
    Link.objects.create(source=document, relation="PRECEDES", written="lost.md", how="unresolved")
    document.metadata |= {"commit_sha": {"value": "9b2f" * 10, "origin": "git"}}
    document.save()
    with django_assert_max_num_queries(19):
        page = text(client.get(document.get_absolute_url()))
    assert "lost.md" in page and "leads nowhere" in page
    assert "<h2>Git</h2>" in page and f'data-copy="{"9b2f" * 10}"' in page
    assert "Missing" in page and "cmm_level" in page
    assert "thin the glaze" in page
    assert "Cracks in the lid" in page and "Fire at night" in page and "<svg" in page
    assert "header" in page  # where a field was found
    leak = text(client.get(Document.objects.get(path__contains="leak").get_absolute_url()))
    assert "not used for training" in leak
    assert SECRET not in leak and "<script>alert" not in leak
    assert client.get(reverse("rag:document_detail", args=[10**9])).status_code == 404


def test_search_shows_hits_reasons_and_latency(
    client: Client, indexed: Path, django_assert_max_num_queries: Any
) -> None:
    url = reverse("rag:search")
    assert "Try one of these" in text(client.get(url))
    client.get(url, {"q": "glaze"})
    with django_assert_max_num_queries(12):
        page = text(client.get(url, {"q": "What happened on 2026-03-03?"}))
    assert "Glaze runs off" in page and "dated 2026-03-03" in page and "ms" in page
    assert "1 hit " in page and "Read as: by time; dated 2026-03-03" in page
    nothing = text(client.get(url, {"q": "What happened on 1999-01-01?"}))
    assert "Nothing in the index is good enough" in nothing and "No document dated 1999-01-01" in nothing
    assert "Nearest" not in nothing, "no document is of that day"
    unsure = text(client.get(url, {"q": "zeppelin maintenance of the kiln"}))
    assert unsure.index("Nothing in the index is good enough") < unsure.index("Nearest, not certain")
    assert unsure.count('<li class="hit"') == 3
    assert "zeppelin" not in text(client.get(url, {"q": "zeppelin maintenance of the kiln", "export": "jsonl"}))
    filtered = text(client.get(url, {"q": "What happened on 2026-03-03?", "min_quality": 100, "agent": "Tilo"}))
    assert "take a filter away" in filtered and "Ask without filters" in filtered
    assert "<mark>glaze</mark>" in text(client.get(url, {"q": "thin glaze on 2026-03-03"})).lower()
    assert "From: Enter a valid date" in text(client.get(url, {"q": "clay", "since": "soon"}))
    lines = text(client.get(url, {"q": "What happened on 2026-03-03?", "export": "jsonl"})).splitlines()
    assert len(lines) == 1
    hostile = "<script>alert(1)</script>"
    assert hostile not in text(client.get(url, {"q": hostile}))


def test_people_with_the_role_start_an_index_run(
    client: Client, corpus: Path, people: Any, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    url = reverse("rag:index_start")
    assert client_for(people.outsider).post(url, {"root": str(corpus)}).status_code == 403
    assert client.get(url).status_code == 405
    page = text(client.post(url, {"root": str(corpus / "nowhere")}, follow=True))
    assert "There is no folder" in page
    assert client.post(url, {"root": str(corpus)}).status_code == 403, "a new folder needs an approver"
    Corpus.objects.create(name="kiln", root=str(corpus))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url, {"root": str(corpus), "full": "on"}).status_code == 302
    run = Run.objects.get(kind=Run.Kind.INDEX)
    assert (run.queue, run.params["full"], run.actor) == ("index", True, people.reviewer)
    index_job(run.pk)
    run.refresh_from_db()
    assert (run.status, run.result["indexed"]) == ("succeeded", 5)
    files = text(client.get(reverse("rag:index_files", args=[run.pk])))
    assert "roles/Potter/process.md" in files
    assert IndexedFile.objects.filter(run=run).count() == 5


def test_reviewers_decide_about_findings(client: Client, indexed: Path, people: Any, client_for: Any) -> None:
    page = text(client.get(reverse("rag:quarantine")))
    assert "[REDACTED:" in page and SECRET not in page
    entry = QuarantineEntry.objects.first()
    url = reverse("rag:quarantine_verdict", args=[entry.pk])
    assert client_for(people.outsider).post(url, {"decision": "confirmed"}).status_code == 403
    row = text(client.post(url, {"decision": "false_alarm"}, headers={"HX-Request": "true"}))
    assert row.strip().startswith("<tr") and "false alarm" in row and "reviewer" in row
    entry.refresh_from_db()
    assert (entry.decision, entry.decided_by) == ("false_alarm", people.reviewer)
    client.post(url, {"decision": "open"})
    assert client.get(reverse("rag:quarantine"), {"decision": "open", "kind": entry.kind}).status_code == 200
    refused = text(client.post(url, {"decision": "maybe"}, follow=True))
    assert "A finding is one of" in refused
    assert "Confirm</button>" not in text(client_for(people.outsider).get(reverse("rag:quarantine")))


def test_an_invalid_folder_is_told_beside_its_field(client: Client) -> None:
    response = client.post(reverse("rag:index_start"), {"root": "/no/such/folder"})
    assert response.status_code == 422
    assert 'role="alert">There is no folder /no/such/folder' in text(response)


def test_a_run_shows_its_parts_while_it_goes_on_and_reloads_when_it_is_over(
    client: Client, indexed: Path, django_assert_max_num_queries: Any
) -> None:
    run = Run.objects.create(kind=Run.Kind.INDEX, title="Index kiln", status=Run.Status.RUNNING, params={"root": "x"})
    IndexPart.objects.create(run=run, number=0, paths=["a.md"], version="1", status="claimed", worker="pot:12:ab")
    IndexPart.objects.create(run=run, number=1, paths=["b.md", "c.md"], version="1")
    with django_assert_max_num_queries(9):
        page = text(client.get(reverse("rag:index_files", args=[run.pk])))
    assert "2 parts" in page and "pot reads part 1" in page and "2 files: waiting" in page and "Cancel" in page
    progress = reverse("rag:index_progress", args=[run.pk])
    assert "HX-Refresh" not in client.get(progress)
    assert client.post(reverse("rag:index_again", args=[run.pk])).status_code == 302
    run.mark_cancelled()
    assert client.get(progress)["HX-Refresh"] == "true"
    assert Run.objects.count() == 2, "a run that was still going on is not started again"


def test_failed_files_are_read_again_by_a_run_of_what_changed(
    client: Client, corpus: Path, write: Any, people: Any, client_for: Any
) -> None:
    bad = write("journal/2026-03-09-UTC-0900-bad.md", pdca("Unreadable", "2026-03-09", "wait"))
    bad.write_bytes(b"")
    index_root(root=corpus)
    run = Run.objects.get()
    IndexedFile.objects.create(run=run, path="journal/lost.md", status="failed", reason="could not be stored")
    page = text(client.get(reverse("rag:index_files", args=[run.pk]), {"search": "could not"}))
    assert "journal/lost.md" in page and "glaze" not in page and "Read the 1 failed file again" in page
    again = reverse("rag:index_again", args=[run.pk])
    assert client_for(people.outsider).post(again).status_code == 403
    assert client.post(again).status_code == 302
    new = Run.objects.latest("pk")
    assert (new.params, new.title) == ({**run.params, "full": False}, "Index kiln")
    assert new.params["root"] == str(corpus)
    lines = text(client.get(reverse("rag:index_files", args=[run.pk]), {"export": "jsonl", "status": "failed"}))
    assert [json.loads(line)["path"] for line in lines.splitlines()] == ["journal/lost.md"]


def test_faults_are_listed_filtered_and_exported(
    client: Client, indexed: Path, django_assert_max_num_queries: Any
) -> None:
    glaze = Document.objects.get(path__contains="glaze")
    glaze.faults = [
        {"severity": "warning", "message": "the fence is never closed", "line": 7},
        {"severity": "note", "message": "=cmd|a guessed date", "line": 0},
    ]
    glaze.save()
    url = reverse("rag:fault_list")
    with django_assert_max_num_queries(6):
        page = text(client.get(url))
    assert "the fence is never closed" in page and "line 7" in page
    assert "glaze" in text(client.get(url, {"search": "NEVER closed", "severity": "warning", "kind": "pdca"}))
    assert "No faults here" in text(client.get(url, {"search": "nothing like it"}))
    assert "glaze" not in text(client.get(url, {"kind": "typescript"}))
    rows = text(client.get(url, {"export": "csv", "severity": "warning", "search": "glaze"})).splitlines()
    assert rows[1:] == [f"{glaze.path},pdca,warning,7,the fence is never closed"]
    assert "'=cmd" in text(client.get(url, {"export": "csv", "search": "guessed date"}))


def test_the_tiers_are_counted_side_by_side(client: Client, indexed: Path, settings: Any) -> None:
    url = reverse("rag:tiers")
    page = text(client.get(url))
    assert page.count("agrees") == 4 and "differs" not in page
    get_lexical().clear()
    assert "differs" in text(client.get(url))
    assert reverse("rag:tiers") in text(client.get(reverse("rag:corpus_detail")))


def test_the_path_between_two_documents(client: Client, indexed: Path, django_assert_max_num_queries: Any) -> None:
    url = reverse("rag:path_detail")
    with django_assert_max_num_queries(8):
        page = text(client.get(url, {"from": "fire.md", "to": "crack.md"}))
    assert "2 steps" in page and page.index("Fire at night") < page.index("Glaze runs off") < page.index("Cracks")
    assert page.count("↑ follows") == 2
    assert "↓ precedes" in text(client.get(url, {"from": "crack.md", "to": "glaze.md"}))
    assert "No breadcrumbs connect these two" in text(client.get(url, {"from": "crack.md", "to": "process.md"}))
    refused = text(client.get(url, {"from": "2026-03", "to": "<b>nowhere</b>"}))
    assert "is not unique" in refused and "No indexed document has" in refused and "<b>nowhere" not in refused
    assert "required" in text(client.get(url, {"from": "crack.md"}))


def test_agents_and_what_they_wrote(client: Client, indexed: Path, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):
        page = text(client.get(reverse("rag:agent_list")))
    assert "Vesna" in page
    assert "Nobody here" in text(client.get(reverse("rag:agent_list"), {"search": "tilo"}))
    url = reverse("rag:agent_detail", args=["Vesna"])
    with django_assert_max_num_queries(5):
        page = text(client.get(url))
    assert page.index("Cracks in the lid") < page.index("Glaze runs off") < page.index("Fire at night")
    assert "2 breadcrumbs among them" in page and "sprint 4" in page
    some = text(client.get(url, {"since": "2026-03-04", "until": "2026-03-05"}))
    assert "Fire at night" in some and "Glaze runs off" not in some
    assert "Enter a valid date" in text(client.get(url, {"since": "soon"}))
    assert len(text(client.get(url, {"export": "jsonl"})).splitlines()) == 4
    missing = text(client.get(reverse("rag:agent_detail", args=["Nobody/At all"]), follow=True))
    assert "names an agent" in missing and "Nobody here" in missing


def test_pages_without_a_graph_say_so(client: Client, indexed: Path, settings: Any) -> None:
    document = Document.objects.get(path__contains="glaze")
    there, settings.GRAPH_URL = settings.GRAPH_URL, "redis://127.0.0.1:9/0"
    get_graph.cache_clear()
    try:
        pages = [
            text(client.get(document.get_absolute_url())),
            text(client.get(reverse("rag:path_detail"), {"from": "fire.md", "to": "crack.md"})),
            text(client.get(reverse("rag:agent_detail", args=["Vesna"]))),
            text(client.get(reverse("rag:tiers"))),
        ]
    finally:
        settings.GRAPH_URL = there
        get_graph.cache_clear()
    assert all("graph server does not answer" in page for page in pages)


def test_findings_are_decided_together_after_a_look_and_undone_as_one(
    client: Client, indexed: Path, people: Any, client_for: Any
) -> None:
    leak = Document.objects.get(path__contains="leak")
    kinds = set(leak.quarantine_entries.values_list("kind", flat=True))
    assert not leak.ok_to_train and kinds
    url, kind = reverse("rag:quarantine_bulk"), kinds.pop()
    look = text(client.get(url, {"kind": kind}))
    assert "Nothing has been decided yet" in look and "[REDACTED:" in look and SECRET not in look
    count = QuarantineEntry.objects.filter(kind=kind).count()
    verdict = {"kind": kind, "search": "", "decision": "false_alarm", "seen": count}
    assert client_for(people.outsider).post(url, verdict).status_code == 403
    assert "changed since you looked" in text(client.post(url, {**verdict, "seen": count + 1}, follow=True))
    assert not QuarantineEntry.objects.exclude(decision="open").exists()
    done = text(client.post(url, verdict, follow=True))
    assert f"{count} findings decided; training may use 1 more and 0 fewer documents" in done
    leak.refresh_from_db()
    assert leak.ok_to_train
    uid = leak.chunks.values_list("uid", flat=True)[0]
    assert get_vectors().get(leak.collection, [uid])[uid]["ok_to_train"] is True
    undone = text(client.post(reverse("rag:quarantine_undo"), follow=True))
    assert f"{count} finding" in undone and "open again" in undone
    leak.refresh_from_db()
    assert not leak.ok_to_train
    assert "nothing that could be undone" in text(client.post(reverse("rag:quarantine_undo"), follow=True))
    assert "shows them" in text(client.post(url, {"decision": "maybe"}, follow=True))


def test_nothing_is_decided_where_the_vectors_cannot_be_told(client: Client, indexed: Path, settings: Any) -> None:
    entries = QuarantineEntry.objects.all()
    there, settings.CHROMA_URL = settings.CHROMA_URL, "http://127.0.0.1:9"
    get_vectors.cache_clear()
    try:
        for entry in entries:
            url = reverse("rag:quarantine_verdict", args=[entry.pk])
            answer = client.post(url, {"decision": "false_alarm"}, headers={"HX-Request": "true"})
        verdict = {"decision": "false_alarm", "seen": entries.filter(decision="open").count()}
        page = text(client.post(reverse("rag:quarantine_bulk"), verdict, follow=True))
    finally:
        settings.CHROMA_URL = there
        get_vectors.cache_clear()
    assert answer["HX-Refresh"] == "true" and "(Chroma) does not answer" in page
    assert not Document.objects.get(path__contains="leak").ok_to_train
    assert entries.filter(decision="open").exists()


def test_the_quarantine_sorts_and_counts(client: Client, indexed: Path, django_assert_max_num_queries: Any) -> None:
    leak = Document.objects.get(path__contains="leak")
    for line, kind in enumerate(("email", "phone"), start=90):
        QuarantineEntry.objects.create(document=leak, kind=kind, line=line, excerpt=f"[REDACTED:{kind}]")
    url = reverse("rag:quarantine")
    with django_assert_max_num_queries(8):
        page = text(client.get(url, {"sort": "kind"}))
    assert page.index("[REDACTED:email]") < page.index("[REDACTED:phone]")
    assert "[REDACTED:email]" not in text(client.get(url, {"search": "REDACTED:phone"}))
    assert text(client.get(url, {"sort": "password"}))
    assert len(text(client.get(url, {"export": "csv", "kind": "email"})).splitlines()) == 2


def test_strangers_are_asked_to_sign_in() -> None:
    for name in ("corpus_detail", "search", "quarantine", "path_detail", "agent_list", "fault_list", "tiers"):
        response = Client().get(reverse(f"rag:{name}"))
        assert response.status_code == 302 and "/sign-in/" in response["Location"]
