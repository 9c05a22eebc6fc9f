"""Git's history as fields of documents."""

from datetime import date
from pathlib import Path

import pytest

from rag.models import Document
from rag.services.indexing import index_root
from rag.services.tiers import tiers_compare
from rag.stores import get_vectors
from tests.rag.corpus.test_history import START, Repository

pytestmark = pytest.mark.usefixtures("stores")
PROCESS = "roles/Potter/process.md"


@pytest.fixture
def repository(corpus: Path) -> Repository:
    return Repository(corpus)


def stored(path: str) -> dict[str, object]:
    row = Document.objects.get(path=path)
    uid = row.chunks.values_list("uid", flat=True)[0]
    return get_vectors().get(row.collection, [uid])[uid]


def test_history_becomes_fields_and_a_date_for_those_without_one(repository: Repository) -> None:
    sha = repository.commit({"journal/own.md": "# Own\n\n**Commit:** 0123abc4567\n\nclay\n"}, author="Timo")
    index_root(root=repository.folder)
    row = Document.objects.get(path=PROCESS)
    assert row.metadata["commit_sha"] == {"value": sha, "origin": "git"}
    assert (row.field("commit_author"), row.field("commit_state")) == ("Timo", "")
    assert row.date == date.fromtimestamp(START)
    assert row.metadata["date"]["origin"] == "git"
    assert stored(PROCESS)["commit_sha"] == sha
    glaze = Document.objects.get(path__contains="glaze")
    assert glaze.date == date(2026, 3, 3), "what a document says of itself counts"
    own = Document.objects.get(path="journal/own.md")
    assert own.field("commit_sha") == "0123abc4567"
    assert own.metadata["commit_sha"]["origin"] != "git"


def test_a_commit_of_an_unchanged_file_is_followed(repository: Repository) -> None:
    repository.commit({})
    repository.write({PROCESS: "# Potter\n\nThe potter weighs the clay thrice.\n"})
    index_root(root=repository.folder)
    assert Document.objects.get(path=PROCESS).field("commit_state") == "modified since"
    sha = repository.commit({})
    result = index_root(root=repository.folder)
    assert result["unchanged"] == result["found"]
    row = Document.objects.get(path=PROCESS)
    assert (row.field("commit_sha"), row.field("commit_state")) == (sha, "")
    assert row.date == date.fromtimestamp(START + 86_400)
    assert stored(PROCESS)["commit_sha"] == sha
    assert stored(PROCESS)["day"] == int(row.date.strftime("%Y%m%d"))
    assert index_root(root=repository.folder, full=True)["indexed"] == 5
    assert tiers_compare() == []


def test_without_a_repository_the_git_fields_go(repository: Repository) -> None:
    repository.commit({})
    index_root(root=repository.folder)
    (repository.folder / ".git").rename(repository.folder / "dist")
    index_root(root=repository.folder)
    row = Document.objects.get(path=PROCESS)
    assert row.date is None and row.field("commit_sha") == ""
    assert stored(PROCESS)["day"] == 0
