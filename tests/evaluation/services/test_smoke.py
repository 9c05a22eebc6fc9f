"""Smoke tests over a real index: history is found, cited, and told from what was found."""

from pathlib import Path

import pytest

from evaluation.models import Deployment
from evaluation.services.history import history_ask
from evaluation.services.smoke import HISTORY, smoke_test
from rag.models import Document
from rag.retrieval import retrieve
from rag.services.indexing import index_root
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.samples.corpus import ENTRIES, entry_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def deployment(make_build) -> Deployment:
    return Deployment.objects.create(build=make_build("smoked"))


@pytest.fixture
def journal(services: None, tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    for index in range(3):
        (tmp_path / "journal" / f"{ENTRIES[index][0]}.pdca.md").write_text(entry_text(index), encoding="utf-8")
    index_root(root=tmp_path)


def history(deployment: Deployment, runtime: FakeRuntime) -> dict:
    result = smoke_test(deployment=deployment, runtime=runtime)
    return next(check for check in result["checks"] if check["name"] == HISTORY)


def test_history_is_answered_through_retrieval_with_a_citation(deployment, journal) -> None:
    runtime = FakeRuntime(all_perfect())
    check = history(deployment, runtime)
    assert check["passed"] and check["required"]
    assert any(path in check["why"] for path in Document.objects.values_list("path", flat=True))
    assert "What was the objective of" in runtime.questions[-1] and ".pdca.md" in runtime.questions[-1]


@pytest.mark.parametrize(("streamed", "passes"), [("Good morning, team.", True), ("Good evening.", False)])
def test_a_server_repeats_itself_once_the_prompt_is_in_its_cache(deployment, services, streamed, passes) -> None:
    runtime = FakeRuntime(all_perfect())
    runtime.enqueue("Good morning to the team.", "Good morning, team.", streamed)
    serving = smoke_test(deployment=deployment, runtime=runtime)["checks"][0]
    assert serving["passed"] is passes, serving["why"]


def test_whichever_part_of_an_entry_was_found_it_is_quoted_with_its_objective(journal) -> None:
    hits = [hit for entry in Document.objects.all() for hit in retrieve(f"How was {entry.title} verified?", k=3).hits]
    assert all(hit.objective and hit.objective in hit.quoted for hit in hits)
    assert any(hit.objective not in hit.text for hit in hits)
    entry = Document.objects.get(pk=hits[0].document_id)
    asked = history_ask(f"How was {entry.title} verified?", entry)
    assert entry.objective in asked.prompt and entry.objective in asked.told


def test_an_answer_that_ignores_what_was_found_fails(deployment, journal) -> None:
    perfect = all_perfect()
    evasive = FakeRuntime(lambda question: "I don't know." if question.startswith("Sources") else perfect(question))
    check = history(deployment, evasive)
    assert not check["passed"] and "tells nothing of it" in check["why"]
    assert deployment.smoke["passed"] is False


def test_without_a_journal_nothing_is_asked_about_it(deployment, services) -> None:
    result = smoke_test(deployment=deployment, runtime=FakeRuntime(all_perfect()))
    assert result["passed"] and HISTORY not in [check["name"] for check in result["checks"]]
