"""The way into production: who may do what, what can never be overridden, and how to get back."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from evaluation.models import Deployment, Evaluation
from evaluation.services.activation import deployment_activate, deployment_rollback, deployments_prune, last_good
from evaluation.services.deployments import (
    baseline_ensure,
    deployment_admit_nightly,
    deployment_approve,
    deployment_clear,
    deployment_create,
    deployment_reject,
)
from evaluation.services.evaluations import evaluation_create_run
from evaluation.services.live_file import live_file
from tests.evaluation.scripted import FakeRuntime, all_perfect
from training.models import Adapter
from web4site.errors import UserError

Status = Deployment.Status
pytestmark = pytest.mark.django_db


def served() -> int:
    return json.loads(live_file().read_text())["deployment"]


@pytest.fixture
def go_live(make_evaluation, people, demo_counts):
    """Take a new build all the way."""

    def go(name: str) -> Deployment:
        deployment = deployment_create(evaluation=make_evaluation(name=name))
        deployment_approve(deployment=deployment, actor=people.approver, comment="Looked at all gates.")
        return deployment_activate(deployment=deployment, actor=people.approver, runtime=FakeRuntime(all_perfect()))

    return go


def test_good_evidence_is_cleared_at_once(make_evaluation, demo_counts) -> None:
    assert deployment_create(evaluation=make_evaluation()).status == Status.CLEARED


def test_demo_counts_are_not_enough_for_production(make_evaluation) -> None:
    deployment = deployment_create(evaluation=make_evaluation())
    assert deployment.status == Status.CANDIDATE
    with pytest.raises(UserError, match="demo counts, not enough for a gate"):
        deployment_clear(deployment=deployment)


def test_ship_gates_can_never_be_overridden(make_evaluation, people, demo_counts) -> None:
    perfect = all_perfect()
    runtime = FakeRuntime(lambda question: "no" if "PDCA" in question else perfect(question))
    deployment = deployment_create(evaluation=make_evaluation(runtime=runtime))
    assert deployment.status == Status.CANDIDATE
    Deployment.objects.filter(pk=deployment.pk).update(status=Status.CLEARED)
    deployment.refresh_from_db()
    with pytest.raises(UserError, match=r"PDCA schema 0\.0 % is below 95 %"):
        deployment_approve(deployment=deployment, actor=people.admin, comment="go", justification="because")
    deployment.refresh_from_db()
    assert deployment.status == Status.CLEARED


def test_a_missed_quality_gate_needs_a_written_justification(make_evaluation, people, demo_counts) -> None:
    perfect = all_perfect()
    # One of three tool calls wrong: below the quality gate, above the overall threshold.
    runtime = FakeRuntime(lambda question: "no" if "DefaultLoomPlanner" in question else perfect(question))
    evaluation = make_evaluation(runtime=runtime)
    missed = [gate["name"] for gate in evaluation.report["gates"] if not gate["passed"]]
    assert missed == ["tool_success"]
    deployment = deployment_create(evaluation=evaluation)
    assert deployment.status == Status.CLEARED
    with pytest.raises(UserError, match="written justification: Tool success"):
        deployment_approve(deployment=deployment, actor=people.approver, comment="fine", justification="  ")
    deployment_approve(deployment=deployment, actor=people.approver, comment="fine", justification="no tools used yet")
    event = deployment.events.last()
    assert event is not None
    assert (event.actor, event.after) == (people.approver, Status.APPROVED)
    assert "no tools used yet" in event.comment


@pytest.mark.parametrize("who", ["reviewer", "outsider", "approver", None])
def test_only_approvers_decide(make_evaluation, people, demo_counts, who: str | None) -> None:
    people.approver.is_active = False  # somebody who has left
    deployment = deployment_create(evaluation=make_evaluation())
    actor = getattr(people, who) if who else None
    with pytest.raises(UserError, match="no approver"):
        deployment_approve(deployment=deployment, actor=actor, comment="go")
    with pytest.raises(UserError, match="no approver"):
        deployment_reject(deployment=deployment, actor=actor, comment="no")
    deployment.refresh_from_db()
    assert deployment.status == Status.CLEARED


def test_approval_and_rejection_need_words(make_evaluation, people, demo_counts) -> None:
    deployment = deployment_create(evaluation=make_evaluation())
    with pytest.raises(UserError, match="Write a comment"):
        deployment_approve(deployment=deployment, actor=people.approver, comment=" ")
    with pytest.raises(UserError, match="Write why"):
        deployment_reject(deployment=deployment, actor=people.approver, comment="")
    assert deployment_reject(deployment=deployment, actor=people.approver, comment="no").status == Status.REJECTED
    with pytest.raises(UserError, match="is rejected, not cleared"):
        deployment_approve(deployment=deployment, actor=people.approver, comment="yes")


def test_a_newer_evaluation_takes_over_the_waiting_proposal(make_evaluation) -> None:
    first = deployment_create(evaluation=make_evaluation())
    again = make_evaluation()
    second = deployment_create(evaluation=again)
    assert (second.pk, second.evaluation) == (first.pk, again)
    assert [event.comment for event in second.events.all()] == [
        f"Proposed with evaluation {one.pk} (demo)." for one in (first.evaluation, again)
    ]


def test_what_has_no_results_is_not_proposed(make_build) -> None:
    build = make_build("waiting")
    run = evaluation_create_run(build=build, profile="demo")
    evaluation = Evaluation.objects.create(build=build, run=run, profile="demo")
    with pytest.raises(UserError, match="has no results yet"):
        deployment_create(evaluation=evaluation)
    assert not Deployment.objects.exists()


@pytest.mark.parametrize("nothing", [" ", "\u200b\u2060", "...", "\n\t-", ""])
def test_decisions_need_words(make_evaluation, go_live, people, nothing: str) -> None:
    baseline_ensure()
    go_live("live")
    deployment = deployment_create(evaluation=make_evaluation())
    with pytest.raises(UserError, match="Write a comment"):
        deployment_approve(deployment=deployment, actor=people.approver, comment=nothing)
    with pytest.raises(UserError, match="Write why it is rejected"):
        deployment_reject(deployment=deployment, actor=people.approver, comment=nothing)
    with pytest.raises(UserError, match="Write why you roll back"):
        deployment_rollback(actor=people.approver, reason=nothing)


def test_live_replaces_the_baseline_and_can_go_back(go_live, people) -> None:
    baseline = baseline_ensure()
    first = go_live("first")
    baseline.refresh_from_db()
    assert (first.status, baseline.status, served()) == (Status.LIVE, Status.RETIRED, first.pk)
    second = go_live("second")
    assert deployment_rollback(actor=people.approver, reason="answers in Klingon") == first
    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.status, first.status, first.ended_at, served()) == (Status.ROLLED_BACK, Status.LIVE, None, first.pk)
    assert last_good() == baseline
    event = second.events.last()
    assert event is not None and event.comment == "answers in Klingon"


def test_a_rolled_back_model_is_never_gone_back_to(go_live, people) -> None:
    baseline = baseline_ensure()
    go_live("first")
    deployment_rollback(actor=people.approver, reason="bad")
    go_live("second")
    assert deployment_rollback(actor=people.approver, reason="bad too") == baseline
    with pytest.raises(UserError, match="no earlier deployment"):
        deployment_rollback(actor=people.approver, reason="again")
    assert served() == baseline.pk


@pytest.mark.parametrize("who", ["reviewer", "outsider"])
def test_rolling_back_needs_an_approver(go_live, people, who: str) -> None:
    baseline_ensure()
    live = go_live("first")
    with pytest.raises(UserError, match="no approver"):
        deployment_rollback(actor=getattr(people, who), reason="I dislike it")
    assert served() == live.pk


def test_failed_smoke_tests_leave_the_live_model_alone(make_evaluation, people, demo_counts) -> None:
    baseline = baseline_ensure()
    deployment = deployment_create(evaluation=make_evaluation())
    deployment_approve(deployment=deployment, actor=people.approver, comment="fine")
    with pytest.raises(UserError, match="did not pass its smoke tests"):
        deployment_activate(deployment=deployment, runtime=FakeRuntime(lambda question: "grmpf"))
    deployment.refresh_from_db()
    assert (deployment.status, deployment.smoke["passed"], served()) == (Status.ROLLED_BACK, False, baseline.pk)
    assert [check["name"] for check in deployment.smoke["checks"] if not check["passed"]] == [
        "trained-knowledge",
        "history-with-citation",
        "tool-call",
    ]


@pytest.mark.parametrize("status", [Status.CANDIDATE, Status.CLEARED, Status.REJECTED, Status.RETIRED])
def test_only_the_approved_goes_live(make_evaluation, demo_counts, status: str) -> None:
    deployment = deployment_create(evaluation=make_evaluation())
    Deployment.objects.filter(pk=deployment.pk).update(status=status)
    deployment.refresh_from_db()
    with pytest.raises(UserError, match="not approved"):
        deployment_activate(deployment=deployment, runtime=FakeRuntime(all_perfect()))


def test_the_last_five_files_are_kept(make_build, db: None) -> None:
    settings.ARTIFACTS_DIR.mkdir(parents=True, exist_ok=True)
    old = []
    for number in range(7):
        deployment = Deployment.objects.create(build=make_build(f"old-{number}", settings.ARTIFACTS_DIR))
        for before, after in ((Status.CANDIDATE, Status.LIVE), (Status.LIVE, Status.RETIRED)):
            deployment.move(after, allowed_from=(before,))
        old.append(deployment)
    assert set(deployments_prune()) == set(old[:2])
    assert [Path(one.build.gguf).exists() for one in old] == [False, False, True, True, True, True, True]
    assert last_good() == old[-1]


def test_nightly_increments_continue_an_approved_adapter(go_live, make_build, make_evaluation) -> None:
    def adapter(name: str, parent: Adapter | None = None) -> Adapter:
        return Adapter.objects.create(name=name, parent=parent, base_model="b", folder="f", sha256="0", bytes=1)

    def nightly(name: str, parent: Adapter) -> Deployment:
        build = make_build(name)
        build.adapter = adapter(f"adapter-{name}", parent)
        build.save()
        return deployment_create(evaluation=make_evaluation(name=name, profile="canaries"))

    day, foreign = adapter("day"), adapter("foreign")
    baseline_ensure()
    with pytest.raises(UserError, match="the first trained model needs gates"):
        deployment_admit_nightly(deployment=nightly("too-early", day))
    build = make_build("by-day")
    build.adapter = day
    build.save()
    go_live("by-day")
    with pytest.raises(UserError, match="does not continue the live one"):
        deployment_admit_nightly(deployment=nightly("by-strangers", foreign))
    assert deployment_admit_nightly(deployment=nightly("by-night", day)).status == Status.APPROVED
    bad = deployment_create(
        evaluation=make_evaluation(name="by-night", profile="canaries", runtime=FakeRuntime(lambda question: "no"))
    )
    with pytest.raises(UserError, match="of 20 canaries passed: all of them"):
        deployment_admit_nightly(deployment=bad)


def test_a_roll_back_never_ends_at_the_same_file(go_live, make_evaluation, people) -> None:
    baseline = baseline_ensure()
    go_live("first")
    again = go_live("first")
    assert deployment_rollback(actor=people.approver, reason="bad") == baseline
    again.refresh_from_db()
    assert again.status == Status.ROLLED_BACK


def test_a_roll_back_means_the_deployment_that_was_looked_at(go_live, people) -> None:
    baseline_ensure()
    first, second = go_live("first"), go_live("second")
    deployment_rollback(actor=people.approver, reason="bad", live=second.pk)
    with pytest.raises(UserError, match=rf"Deployment {second.pk} is no longer live"):
        deployment_rollback(actor=people.approver, reason="bad", live=second.pk)
    assert served() == first.pk
