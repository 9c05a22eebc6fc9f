"""Pages of the index: what they show, who may act, and how many queries they take."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rag.jobs import index_job
from rag.models import Corpus, Document, IndexedFile, QuarantineEntry
from rag.services.indexing import index_root
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
    assert "leak.md" in text(client.get(url, {"state": "quarantined"}))


def test_documents_are_exported(client: Client, indexed: Path) -> None:
    csv = text(client.get(reverse("rag:corpus_detail"), {"export": "csv", "kind": "pdca"}))
    assert csv.splitlines()[0].startswith("path,kind")
    assert len(csv.splitlines()) == 5
    assert client.get(reverse("rag:corpus_detail"), {"export": "exe"}).status_code == 404


def test_a_document_shows_chunks_metadata_and_neighbours(
    client: Client, indexed: Path, django_assert_max_num_queries: Any
) -> None:
    document = Document.objects.get(path__contains="glaze")
    with django_assert_max_num_queries(20):
        page = text(client.get(document.get_absolute_url()))
    assert "thin the glaze" in page
    assert "Cracks in the lid" in page and "Fire at night" in page and "<svg" in page
    assert "header" in page  # where a field was found
    leak = text(client.get(Document.objects.get(path__contains="leak").get_absolute_url()))
    assert "not used for training" in leak
    assert SECRET not in leak and "<script>alert" not in leak
    assert client.get(reverse("rag:document_detail", args=[10**9])).status_code == 404


def test_search_shows_hits_reasons_and_latency(client: Client, indexed: Path) -> None:
    url = reverse("rag:search")
    assert "Try one of these" in text(client.get(url))
    page = text(client.get(url, {"q": "What happened on 2026-03-03?"}))
    assert "Glaze runs off" in page and "dated 2026-03-03" in page and "ms" in page
    assert "1 hit " in page and "Read as: by time; dated 2026-03-03" in page
    nothing = text(client.get(url, {"q": "What happened on 1999-01-01?"}))
    assert "Nothing in the index is good enough" in nothing and "No document dated 1999-01-01" in nothing
    filtered = text(client.get(url, {"q": "What happened on 2026-03-03?", "min_quality": 100, "agent": "Tilo"}))
    assert "take a filter away" in filtered and "Ask without filters" in filtered
    assert "<mark>glaze</mark>" in text(client.get(url, {"q": "thin glaze on 2026-03-03"})).lower()
    assert "since:" in text(client.get(url, {"q": "clay", "since": "soon"}))
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


def test_strangers_are_asked_to_sign_in() -> None:
    for name in ("corpus_detail", "search", "quarantine"):
        response = Client().get(reverse(f"rag:{name}"))
        assert response.status_code == 302 and "/sign-in/" in response["Location"]
