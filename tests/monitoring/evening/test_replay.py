"""Past days, one evening after the other."""

import json
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core.management import call_command

from tests.monitoring.evening.small import DAY, write_day

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture(autouse=True)
def corpus(settings, tmp_path):
    settings.WEB4_HOME = tmp_path
    settings.CORPUS_DIR = tmp_path / "corpus"
    write_day(settings.CORPUS_DIR, range(2), DAY)
    return settings.CORPUS_DIR


def replay(capsys, first, last):
    with pytest.raises(SystemExit) if last < first else nullcontext():
        call_command("replay", "--from", str(first), "--to", str(last), "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_days_without_work_end_early_and_are_all_visited(capsys):
    result = replay(capsys, DAY - timedelta(days=9), DAY - timedelta(days=8))
    assert [step["status"] for step in result["steps"]] == ["no_data", "no_data"]
    assert result["outcome"] == "no_data"


def test_a_span_that_ends_before_it_begins_is_refused(capsys):
    assert "is before" in replay(capsys, DAY, DAY - timedelta(days=1))["error"]
