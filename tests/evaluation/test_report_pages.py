"""What can be taken from an evaluation: plot, print, incident draft, and the diff against the live model."""

import json
import time

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from evaluation.diffs import word_diff
from evaluation.services.deployments import baseline_ensure
from evaluation.services.incidents import incident_name, incident_text
from samples.judges import judge
from tests.evaluation.scripted import FakeRuntime, all_perfect


def url(name: str, pk: int) -> str:
    return reverse(f"evaluation:{name}", args=[pk])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer", ["I do not know.", "| a | b |\n# Act\n``` TBD ... {{x}} password=hunter2hunter2", ""]
)
def test_missed_gates_leave_an_incident_in_our_own_format(make_evaluation, answer: str) -> None:
    evaluation = make_evaluation(runtime=FakeRuntime(lambda question: answer))
    text = incident_text(evaluation)
    for name in ("pdca_template", "tron_format"):
        verdict = judge(name, text)
        assert verdict.passed, verdict.why
    assert "PDCA schema" in text and "canaries" in text and "hunter2" not in text
    file = settings.ARTIFACTS_DIR / "evaluations" / str(evaluation.pk) / incident_name(evaluation)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.django_db
def test_an_incident_is_offered_where_there_is_one(client_for, people, make_evaluation) -> None:
    good, bad = make_evaluation(), make_evaluation(name="bad", runtime=FakeRuntime(lambda question: "no"))
    client = client_for(people.outsider)
    assert "Incident PDCA" not in client.get(good.get_absolute_url()).content.decode()
    assert client.get(url("evaluation_incident", good.pk)).status_code == 404
    assert "Incident PDCA" in client.get(bad.get_absolute_url()).content.decode()
    response = client.get(url("evaluation_incident", bad.pk))
    assert response["Content-Type"].startswith("text/markdown") and ".pdca.md" in response["Content-Disposition"]


@pytest.mark.django_db
def test_the_report_prints_and_plots(client_for, people, make_evaluation) -> None:
    live = baseline_ensure()
    make_evaluation(name=live.build.name)
    bad = make_evaluation(name="bad", runtime=FakeRuntime(lambda question: "<b>no</b>"))
    client = client_for(people.outsider)
    page = client.get(url("evaluation_print", bad.pk)).content.decode()
    assert "passed before, fails now" in page and "&lt;b&gt;no" in page and bad.build.sha256 in page
    figure = json.loads(client.get(url("evaluation_plot", bad.pk)).content)
    assert [trace["name"] for trace in figure["data"]] == ["rate, 95 % interval", "threshold", "baseline", "live"]
    assert "Substance" in figure["data"][0]["y"]


@pytest.mark.django_db
def test_a_case_shows_what_the_live_model_said_differently(client_for, people, make_evaluation) -> None:
    live = baseline_ensure()
    make_evaluation(name=live.build.name, runtime=FakeRuntime(lambda question: "We use Jest here."))
    other = make_evaluation(name="new", runtime=FakeRuntime(lambda question: "We use Vitest here."))
    case = other.cases.get(case_id="pattern-vitest-only")
    page = client_for(people.outsider).get(url("case_detail", case.pk)).content.decode()
    assert "<ins>Vitest </ins>" in page and "<del>Jest </del>" in page

    case.prompt = "Worded anew since the live model was asked."
    case.save()
    assert "<del>" not in client_for(people.outsider).get(url("case_detail", case.pk)).content.decode()


@pytest.mark.django_db
def test_an_evaluation_under_way_prints_nothing_wrong(client_for, people, make_build, make_evaluation) -> None:
    evaluation = make_evaluation(profile="canaries", runtime=FakeRuntime(all_perfect()))
    client = client_for(people.outsider)
    assert client.get(url("evaluation_print", evaluation.pk)).status_code == 200
    assert client.get(url("evaluation_incident", evaluation.pk)).status_code == 404


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_diff_holds_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "removed").split() == after.split()
    assert sum(piece.kind == "removed" for piece in pieces) <= len(before.split()) + 1


def test_texts_that_repeat_themselves_cost_little_to_compare() -> None:
    before, after = "a b " * 2000, "b a c " * 1500
    began = time.process_time()
    pieces = word_diff(before, after)
    assert time.process_time() - began < 5
    for kind, text in (("removed", before), ("added", after)):
        assert "".join(piece.text for piece in pieces if piece.kind in (kind, "same")).split() == text.split()[:3000]
    assert [piece.kind for piece in word_diff("a " * 500, "a " * 500)] == ["same"]
    assert word_diff("", "") == []
