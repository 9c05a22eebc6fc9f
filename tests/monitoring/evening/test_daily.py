"""The day's work goes to the buffer: every known corpus, in the part it was indexed with, once."""

from datetime import date
from pathlib import Path

import pytest

from monitoring.evening.daily import corpus_roots, indexed_part
from monitoring.evening.loop import evening_execute
from monitoring.models import Alert
from rag.models import Corpus, Document
from rag.services.indexing import index_root
from tests.monitoring.evening.small import DAY, write_day

EARLIER = date(2026, 11, 18)
PARAMS = {"date": DAY.isoformat()}


@pytest.fixture(autouse=True)
def bundled(settings, tmp_path: Path, stores: None) -> Path:
    settings.WEB4_HOME = tmp_path
    settings.CORPUS_DIR = tmp_path / "bundled"
    write_day(settings.CORPUS_DIR, range(2), EARLIER)
    return settings.CORPUS_DIR


def buffered() -> set[str]:
    return {
        Path(path).name[:10]
        for path in Document.objects.filter(collection="daily_buffer").values_list("path", flat=True)
    }


def test_only_the_days_documents_go_to_the_buffer(bundled):
    write_day(bundled, range(2, 5))
    result = evening_execute("index_daily", params=PARAMS)
    assert result["outcome"] == "indexed" and (result["found"], result["indexed"], result["buffered"]) == (5, 5, 3)
    assert buffered() == {DAY.isoformat()}
    again = evening_execute("index_daily", params=PARAMS)
    assert (again["unchanged"], again["buffered"]) == (5, 3)


def test_every_known_corpus_is_indexed(bundled, tmp_path):
    other = tmp_path / "other"
    write_day(other, range(4, 5), EARLIER)
    index_root(root=other)
    write_day(other, range(2, 4))
    result = evening_execute("index_daily", params=PARAMS)
    assert result["roots"] == corpus_roots() == [str(bundled), str(other)]
    assert result["buffered"] == 2
    assert [row["status"] for row in result["steps"]] == ["succeeded"] * 2


def test_a_corpus_that_is_gone_does_not_keep_the_others_waiting(bundled, tmp_path):
    Corpus.objects.create(name="gone", root=str(tmp_path / "gone"))
    write_day(bundled, range(2, 4))
    result = evening_execute("index_daily", params=PARAMS)
    assert result["outcome"] == "failed" and str(tmp_path / "gone") in result["error"]
    assert [row["status"] for row in result["steps"]] == ["succeeded", "failed"]
    assert buffered() == {DAY.isoformat()}
    assert Alert.objects.get().run_id == result["run"]


def test_a_corpus_of_which_a_part_was_indexed_stays_that_part(bundled):
    (bundled / "roles").mkdir()
    (bundled / "roles" / "process.md").write_text("# How we bake\n\n- Weigh every batch before the dough rests.\n")
    index_root(root=bundled, only=["roles/"])
    assert indexed_part(str(bundled)) == ["roles/"]
    result = evening_execute("index_daily", params=PARAMS)
    assert result["found"] == 1 and not Document.objects.filter(path__startswith="journal/").exists()
