"""Evaluation runs with a scripted model: what they store, score and refuse."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from evaluation.comparability import comparable_gates
from evaluation.forms import EvaluationForm
from evaluation.models import Case, Deployment, Evaluation
from evaluation.runtimes.base import RuntimeFailure
from evaluation.selectors import canary_rows
from evaluation.services.builds import baseline_build, build_find
from evaluation.services.canaries import canary_save, canary_set_current
from evaluation.services.deployments import baseline_ensure
from evaluation.services.evaluations import evaluation_create_run, evaluation_enqueue, evaluation_run
from evaluation.services.evidence import blockers
from tests.evaluation.scripted import FakeRuntime, all_perfect
from training.models import Adapter, Build
from web4site.errors import UserError
from web4site.models import Run


@pytest.mark.django_db
def test_a_perfect_model_passes_every_gate_at_full_counts(make_evaluation) -> None:
    evaluation = make_evaluation(profile="full")
    gates = {gate["name"]: gate for gate in evaluation.report["gates"]}
    assert {name for name, gate in gates.items() if not gate["passed"]} == set()
    assert set(gates) == {
        "pdca_schema", "pdca_template", "tron_format", "empty_constructor", "tool_success", "refusal",
        "overall", "canaries", "substance",
    }  # fmt: skip
    assert gates["refusal"]["n"] == 200
    assert evaluation.report["substance"]["parts"]["meaning"] > 0.9
    assert evaluation.cases.count() == 720
    assert (evaluation.cleared, evaluation.overall, evaluation.canaries_passed) == (True, 1.0, 20)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer", ["", "I do not know.", "Sure! " * 50, "No. I will not do this: it is against our rules."]
)
def test_a_bad_model_fails_every_gate(make_evaluation, answer: str) -> None:
    evaluation = make_evaluation(runtime=FakeRuntime(lambda question: answer))
    assert [gate["name"] for gate in evaluation.report["gates"] if gate["passed"]] == []
    assert not evaluation.cleared


@pytest.mark.django_db
def test_every_case_is_stored_and_the_report_file_holds_them(make_evaluation) -> None:
    evaluation = make_evaluation()
    report = json.loads((settings.ARTIFACTS_DIR / "evaluations" / str(evaluation.pk) / "report.json").read_text())
    assert len(report["cases"]) == 41 == evaluation.cases.count()
    assert all(case["output"] and case["why"] for case in report["cases"])
    assert report["sampling"]["temperature"] == 0
    assert report["sampling"]["gguf_sha256"] == evaluation.build.sha256
    assert report["counts"] == {
        "profile": "demo",
        "required": "full",
        "enough": False,
        "note": "demo counts, not enough for a gate: run the profile full",
    }


@pytest.mark.django_db
def test_one_bad_case_does_not_end_the_run(make_evaluation) -> None:
    runtime = FakeRuntime(all_perfect())
    runtime.enqueue(RuntimeFailure("the model server died"))
    evaluation = make_evaluation(runtime=runtime)
    case = evaluation.cases.get(outcome=Case.Outcome.INVALID)
    assert case.why == "no answer: the model server died"
    assert evaluation.run.status == Run.Status.SUCCEEDED
    assert evaluation.report["gates"][0]["invalid"] == 1
    assert evaluation.cases.count() == 41


@pytest.mark.django_db
def test_too_many_invalid_cases_fail_the_run_and_keep_the_rows(make_evaluation) -> None:
    runtime = FakeRuntime(all_perfect())
    runtime.enqueue(*[RuntimeFailure("no")] * 3)
    evaluation = make_evaluation(runtime=runtime)
    assert evaluation.run.status == Run.Status.FAILED
    assert evaluation.run.error.startswith("3 of 41 cases could not be judged")
    assert evaluation.cases.count() == 41


@pytest.mark.django_db
def test_a_judge_that_crashes_makes_an_invalid_case(make_evaluation) -> None:
    runtime = FakeRuntime(all_perfect())
    runtime.enqueue("x" * 2_000_001)
    case = make_evaluation(runtime=runtime).cases.get(outcome=Case.Outcome.INVALID)
    assert "characters" in case.why


@pytest.mark.django_db
def test_cancel_stops_between_two_cases(make_build) -> None:
    run = evaluation_create_run(build=make_build("slow"), profile="demo")

    def cancel_then_answer(question: str) -> str:
        Run.objects.filter(pk=run.pk).update(cancel_requested=True)
        return "x"

    evaluation_run(run=run, runtime=FakeRuntime(cancel_then_answer))
    assert run.status == Run.Status.CANCELLED
    assert Evaluation.objects.get(run=run).overall is None


@pytest.mark.django_db
def test_baseline_delta_and_regressions_by_name(make_evaluation) -> None:
    live = baseline_ensure()
    make_evaluation(name=live.build.name, runtime=FakeRuntime(all_perfect()))
    bad_at_one = all_perfect()
    runtime = FakeRuntime(lambda question: "yes" if question.startswith("One of twenty") else bad_at_one(question))
    report = make_evaluation(name="worse", runtime=runtime).report
    assert report["canaries"]["regressions"] == ["decision-red-canary"]
    assert report["baseline"]["delta"]["canaries"] == -0.05
    assert report["baseline"]["delta"]["pdca_schema"] == 0
    assert report["live"]["build"] == live.build.name


@pytest.mark.django_db
def test_rates_over_other_prompts_are_not_compared(make_evaluation) -> None:
    live = baseline_ensure()
    before = make_evaluation(name=live.build.name)
    before.cases.filter(case_id=before.cases.filter(harness="tool_success")[0].case_id).update(prompt="Another task.")
    evaluation = make_evaluation(name="newer")
    report = evaluation.report
    for reference in ("baseline", "live"):
        assert {"tool_success", "overall"}.isdisjoint(report[reference]["rates"] | report[reference]["delta"])
        assert report[reference]["delta"]["pdca_schema"] == 0
        assert report[reference]["changed"] == ["Tool success", "Overall"]
    before.cases.filter(harness="pdca_template").update(prompt="Another task.")
    assert {"pdca_template", "substance"}.isdisjoint(comparable_gates(before, evaluation))


@pytest.mark.django_db
def test_rates_drawn_otherwise_are_not_compared(make_evaluation) -> None:
    before, evaluation = make_evaluation(name="one"), make_evaluation(name="two")
    before.run.params["sampling"] = {"samples": 1, "temperature": 0.7, "seed": 0}
    assert comparable_gates(before, evaluation) == {"canaries"}


@pytest.mark.django_db
@pytest.mark.parametrize("gate", ["refusal", "tool_success", "canaries"])
def test_a_gate_that_nobody_asked_about_has_not_been_passed(make_evaluation, demo_counts, gate: str) -> None:
    evaluation = make_evaluation()
    assert blockers(evaluation) == []
    evaluation.report["gates"] = [one for one in evaluation.report["gates"] if one["name"] != gate]
    assert len(blockers(evaluation)) == 1 and "was not asked" in blockers(evaluation)[0]


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["prompt", "contains"])
def test_an_edited_canary_is_neither_won_nor_lost(make_evaluation, people, part: str) -> None:
    live = baseline_ensure()
    make_evaluation(name=live.build.name, runtime=FakeRuntime(all_perfect()))
    record = dict(canary_set_current().records[0])
    edits = {"prompt": record["prompt"] + " Answer today.", "contains": ["Ljubljana"]}
    canary_save(record=record | {part: edits[part]}, author=people.approver, reason="Ask for more.")
    evaluation = make_evaluation(name="newer", runtime=FakeRuntime(lambda question: ""))
    canaries = evaluation.report["canaries"]
    assert canaries["changed"] == [record["id"]]
    assert record["id"] not in canaries["regressions"]
    flips = {row.case.case_id: row.flip for row in canary_rows(evaluation)}
    assert flips.pop(record["id"]) == "changed"
    assert {name for name, flip in flips.items() if flip == "lost"} == set(canaries["regressions"]) != set()
    assert "won" not in flips.values()


@pytest.mark.django_db
def test_canaries_alone_clear_nothing(make_evaluation) -> None:
    evaluation = make_evaluation(profile="canaries")
    assert (evaluation.canaries_passed, evaluation.canaries_total) == (20, 20)
    assert evaluation.overall is None
    assert not evaluation.cleared


def test_unknown_profile_and_build_say_what_there_is(db: None) -> None:
    with pytest.raises(UserError, match="demo, quick, full"):
        evaluation_create_run(build=Build(pk=1, name="x"), profile="huge")
    with pytest.raises(UserError, match="no build 'nothing'"):
        build_find("nothing")


def test_latest_is_the_newest_trained_build(make_build) -> None:
    trained, _baseline = make_build("trained"), make_build("baseline")
    with pytest.raises(UserError, match="no build 'latest'"):
        build_find("latest")
    trained.adapter = Adapter.objects.create(name="a", base_model="tiny", folder="a", bytes=1)
    trained.save()
    assert build_find("latest") == trained


def test_a_build_that_says_something_else_than_its_model_is_not_evaluated(make_build) -> None:
    good, bad = make_build("good"), make_build("bad")
    adapter = Adapter.objects.create(name="a", base_model="tiny", folder="a", bytes=1)
    Build.objects.update(adapter=adapter)
    bad.parity = {"passed": False}
    bad.save(update_fields=["parity"])
    assert build_find("latest") == good
    assert list(EvaluationForm().fields["build"].queryset) == [good]
    for start in (evaluation_create_run, evaluation_enqueue):
        with pytest.raises(UserError, match="bad does not say what its trained model says"):
            start(build=bad, profile="quick")


def test_builds_are_found_by_number_name_and_file(make_build, tmp_path: Path) -> None:
    build = make_build("one")
    assert build_find(str(build.pk)) == build == build_find("one") == build_find(build.gguf)
    stranger = tmp_path / "other.Q5_K_M.gguf"
    stranger.write_bytes(b"another model")
    found = build_find(str(stranger))
    assert (found.name, found.quantization, found.bytes) == ("other.Q5_K_M", "Q5_K_M", 13)
    assert build_find(str(stranger)) == found


def test_baseline_goes_live_once_and_is_not_gated(db: None) -> None:
    first = baseline_ensure()
    assert (first.kind, first.status, first.is_gated) == ("baseline", "live", False)
    assert first.build == baseline_build()
    assert json.loads((settings.RUN_DIR / "live.json").read_text()) == {
        "deployment": first.pk,
        "gguf": first.build.gguf,
        "sha256": first.build.sha256,
        "alias": "web4-agent:latest",
    }
    (settings.RUN_DIR / "live.json").unlink()
    assert baseline_ensure() == first
    assert (settings.RUN_DIR / "live.json").is_file()
    assert Deployment.objects.count() == 1


def test_baseline_follows_its_file_to_a_new_place(db: None) -> None:
    live = baseline_ensure()
    Build.objects.filter(pk=live.build_id).update(gguf="/gone/model.gguf")
    assert Path(baseline_ensure().build.gguf).is_file()
    assert json.loads((settings.RUN_DIR / "live.json").read_text())["gguf"] != "/gone/model.gguf"


@pytest.mark.django_db
def test_a_misspelt_gate_profile_is_named(make_evaluation, monkeypatch) -> None:
    monkeypatch.setattr(settings, "GATE_PROFILE", "huge")
    assert "WEB4_GATE_PROFILE is 'huge'" in make_evaluation().run.error
