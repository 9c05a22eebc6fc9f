"""Commands of evaluation, as people and programs call them."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from evaluation.models import Case, Deployment
from evaluation.services.canaries import canary_save, canary_set_current
from evaluation.services.deployments import baseline_ensure, deployment_approve, deployment_create
from samples.models import Dataset, Sample
from tests.training.tiny import write_tiny_model
from training.ml.gguf_export import export_gguf

pytestmark = pytest.mark.django_db


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:
    """Exit code and the JSON object on stdout."""
    code = 0
    try:
        call_command(*arguments, "--json")
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_deploy_ensures_the_baseline(capsys) -> None:
    code, result = run(capsys, "deploy")
    assert (code, result["kind"], result["status"], result["alias"]) == (0, "baseline", "live", "web4-agent:latest")


def test_approve_needs_an_approver(capsys, people, make_evaluation, demo_counts) -> None:
    deployment = deployment_create(evaluation=make_evaluation())
    words = ("approve", str(deployment.pk), "--comment", "fine", "--as")
    assert run(capsys, *words, "nobody") == (2, {"error": "There is no user 'nobody'."})
    code, result = run(capsys, *words, "reviewer")
    assert code == 2 and "no approver" in result["error"]
    code, result = run(capsys, *words, "approver")
    assert (code, result["status"]) == (0, "approved")


def test_unapproved_deployments_do_not_go_live(capsys, make_evaluation) -> None:
    deployment = deployment_create(evaluation=make_evaluation())
    code, result = run(capsys, "deploy", str(deployment.pk))
    assert code == 1 and "not approved" in result["error"]
    assert run(capsys, "deploy", "999")[0] == 2


def test_rollback_says_when_there_is_nothing_to_go_back_to(capsys, people) -> None:
    baseline_ensure()
    code, result = run(capsys, "rollback", "--as", "approver", "--reason", "bad")
    assert code == 2 and "no earlier deployment" in result["error"]


def test_a_file_that_is_no_model_cannot_be_deployed(capsys, people, make_evaluation, demo_counts) -> None:
    baseline = baseline_ensure()
    deployment = deployment_create(evaluation=make_evaluation())
    deployment_approve(deployment=deployment, actor=people.approver, comment="fine")
    code, result = run(capsys, "deploy", str(deployment.pk))
    assert code == 1 and "could not load" in result["error"]
    deployment.refresh_from_db()
    baseline.refresh_from_db()
    assert (deployment.status, baseline.status) == (Deployment.Status.ROLLED_BACK, Deployment.Status.LIVE)


def test_smoke_of_the_real_base_model(capsys) -> None:
    baseline_ensure()
    code, result = run(capsys, "smoke")
    assert code == 0 and result["smoke"]["passed"]
    assert [check["name"] for check in result["smoke"]["checks"] if check["required"]] == ["serving"]


@pytest.fixture(scope="module")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of two layers: it says nonsense, fast."""
    folder = tmp_path_factory.mktemp("tiny")
    return export_gguf(write_tiny_model(folder / "model"), folder / "tiny.F16.gguf", name="tiny")


def test_evaluate_and_canaries_on_a_file(capsys, tiny_gguf: Path) -> None:
    code, result = run(capsys, "evaluate", str(tiny_gguf), "--profile", "demo", "--propose")
    assert code == 1 and not result["cleared"] and result["status"] == "candidate"
    assert {"cleared", "overall", "gates", "harnesses", "canaries", "deployment"} <= set(result)
    assert [set(row) for row in result["harnesses"]] == [{"name", "rate", "n", "passed", "invalid"}] * 6
    assert Case.objects.filter(evaluation=result["evaluation"]).count() == 41
    build = result["build"]
    code, result = run(capsys, "canaries", build)
    assert code == 1 and result["total"] == 20 and result["passed"] < 20 and result["regressions"] == []
    assert len(result["cases"]) == 20


def test_an_unknown_build_is_wrong_usage(capsys) -> None:
    code, result = run(capsys, "evaluate", "nothing.gguf")
    assert code == 2 and "path of a .gguf file" in result["error"]


def test_check_prompts_compares_with_the_canaries_as_they_hold(capsys, people) -> None:
    dataset = Dataset.objects.create(name="lamps", status="frozen")
    question = "Tell the harbour master in one sentence why the green lamp of the third pier never goes out at night."
    Sample.objects.create(dataset=dataset, sample_id="s1", instruction=question, output="It is a leading light.")
    assert run(capsys, "check_prompts", "lamps")[0] == 0
    record = next(one for one in canary_set_current().records if one["id"] == "decision-jest")
    canary_save(record={**record, "prompt": question}, author=people.approver, reason="A harder one.")
    code, result = run(capsys, "check_prompts", "lamps")
    assert code == 1 and {overlap["prompt"] for overlap in result["overlaps"]} == {"canary-decision-jest"}
