"""Morning validation: questions as data, honest scoring, and what happens when the model is weak or away."""

import json

import pytest
from django.core.management import call_command

from monitoring.evening.loop import evening_execute
from monitoring.evening.morning import HardQuestion, read_questions
from monitoring.models import Alert, Query
from monitoring.selectors import report
from samples.judges import judge
from tests.monitoring.evening.small import index_day
from web4site.errors import UserError

QUESTIONS = """
[[question]]
id = "vitest"
question = "Which test framework do we use?"
terms = ["vitest", "not jest|never jest"]

[[question]]
id = "oven"
question = "Why did the oven timer ring twice when a tray was swapped?"
cites = ["oven-timer"]

[[question]]
id = "elsewhere"
question = "What did we decide about the lighthouse?"
cites = ["lighthouse"]
"""


@pytest.fixture(autouse=True)
def home(settings, tmp_path, stores):
    settings.WEB4_HOME = tmp_path
    index_day(tmp_path / "corpus", range(3))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "questions.toml"
    path.write_text(QUESTIONS)
    return path


def validate(file):
    return evening_execute("validate_morning", params={"questions": str(file)})


def test_right_answers_with_citations_pass(file, model, baseline):
    model.says("Vitest, ", "never Jest.")
    result = validate(file)
    assert (result["outcome"], result["passed"], result["asked"], result["skipped"]) == ("passed", 2, 2, 1)
    assert not Alert.objects.exists()
    sent = [request["messages"][-1]["content"] for request in model.requests]
    assert "Sources" in sent[1] and "oven timer" in sent[1]
    assert Query.objects.filter(channel="validation", status="answered").count() == 2
    assert report()["queries"] == 0, "test questions are no production"


def test_below_the_target_an_alert_says_what_was_missed(file, model, baseline, tmp_path):
    model.says("Jest.")
    result = validate(file)
    assert (result["outcome"], result["rate"]) == ("below_target", 0.5)
    assert result["questions"][0]["why"] == "lacks 'vitest'; lacks 'not jest|never jest'"
    alert = Alert.objects.get()
    assert "missed its target" in alert.title and "vitest" in alert.body
    incident = next((tmp_path / "incidents").glob("*-Web4Agent.MorningValidation.pdca.md"))
    verdict = judge("pdca_template", incident.read_text())
    assert verdict.passed, verdict.why


def test_a_model_that_is_away_fails_the_run(file, settings, baseline):
    result = validate(file)
    assert result["outcome"] == "failed" and "None of 2 questions was answered" in result["error"]
    assert Query.objects.filter(status="failed").count() == 2


def test_questions_about_nothing_indexed_are_no_success(tmp_path, model, baseline):
    file = tmp_path / "q.toml"
    file.write_text('[[question]]\nid = "x"\nquestion = "Where?"\ncites = ["lighthouse"]\n')
    assert "run `manage.py index` first" in validate(file)["error"]


def test_a_wrong_citation_is_a_fault():
    query = Query(status="answered", answer="x", citations=[{"path": "a/b.md"}])
    assert HardQuestion("q", "?", cites=("c.md",)).faults(query) == ["does not cite c.md"]
    assert HardQuestion("q", "?", cites=("c.md", "b.md")).faults(query) == []


def test_the_bundled_questions_are_many_and_sound():
    questions = read_questions()
    assert len(questions) >= 20 and len({one.id for one in questions}) == len(questions)
    assert sum(bool(one.cites) for one in questions) >= 10
    assert all(one.terms for one in questions), "a citation beside nonsense is no right answer"


def test_every_cited_path_of_the_bundled_questions_is_in_the_sample_corpus(settings):
    from django.conf import settings as original

    root = original.PROJECT_DIR / "rag" / "sample_corpus"
    paths = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    unknown = [wanted for one in read_questions() for wanted in one.cites if not any(wanted in path for path in paths)]
    assert not unknown


@pytest.mark.parametrize(
    "text", ["", "question = 1", "[[question]]\nid = 'x'", "[[question]]\nid = 'x'\nquestion = 'y'", "[["]
)
def test_a_wrong_question_file_is_refused_in_one_line(tmp_path, text):
    file = tmp_path / "q.toml"
    file.write_text(text)
    with pytest.raises(UserError, match=r"q\.toml"):
        read_questions(file)


def test_the_command_says_when_nothing_is_live(settings, tmp_path, capsys):
    settings.RUN_DIR = tmp_path / "run"
    with pytest.raises(SystemExit) as left:
        call_command("validate_morning", "--json")
    assert left.value.code == 1
    assert "No model is live yet" in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
