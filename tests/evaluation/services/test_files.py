"""The file that is asked, tested, served and gone back to is the file that was built, byte for byte."""

from pathlib import Path

import pytest

from evaluation.models import Case, Deployment
from evaluation.services.activation import deployment_activate, deployment_rollback
from evaluation.services.deployments import baseline_ensure, deployment_approve, deployment_create
from evaluation.services.evaluations import evaluation_create_run, evaluation_run
from evaluation.services.smoke import smoke_test
from tests.evaluation.scripted import FakeRuntime, all_perfect
from web4site.errors import UserError
from web4site.models import Run

Status = Deployment.Status
pytestmark = pytest.mark.django_db


def exchange(deployment: Deployment) -> None:
    Path(deployment.build.gguf).write_bytes(b"another model")


@pytest.fixture
def approved(make_evaluation, people, demo_counts):
    def approve(name: str) -> Deployment:
        deployment = deployment_create(evaluation=make_evaluation(name=name))
        return deployment_approve(deployment=deployment, actor=people.approver, comment="Looked at all gates.")

    return approve


@pytest.fixture
def go_live(approved):
    return lambda name: deployment_activate(deployment=approved(name), runtime=FakeRuntime(all_perfect()))


def test_another_file_is_not_evaluated_in_the_name_of_the_build(make_build) -> None:
    build = make_build("candidate")
    run = evaluation_create_run(build=build, profile="demo")
    Path(build.gguf).write_bytes(b"a better model")
    done = evaluation_run(run=run)
    assert done.status == Run.Status.FAILED and "is not the file that was built" in done.error
    assert not Case.objects.exists()


def test_another_file_does_not_go_live(approved) -> None:
    deployment = approved("first")
    exchange(deployment)
    with pytest.raises(UserError, match="not the file that was built"):
        deployment_activate(deployment=deployment, runtime=FakeRuntime(all_perfect()))
    deployment.refresh_from_db()
    assert deployment.status == Status.APPROVED


def test_another_file_passes_no_smoke_tests(approved) -> None:
    deployment = approved("first")
    exchange(deployment)
    with pytest.raises(UserError, match="not the file that was built"):
        smoke_test(deployment=deployment)


def test_a_roll_back_passes_over_a_file_that_has_changed(go_live, people) -> None:
    baseline = baseline_ensure()
    first, second = go_live("first"), go_live("second")
    exchange(first)
    assert deployment_rollback(actor=people.approver, reason="Klingon") == baseline
    event = baseline.events.last()
    assert event is not None and f"Deployment {first.pk} was passed over: " in event.comment
    second.refresh_from_db()
    assert second.status == Status.ROLLED_BACK


def test_without_a_sound_file_a_roll_back_changes_nothing(go_live, people) -> None:
    first, second = go_live("first"), go_live("second")
    exchange(first)
    with pytest.raises(UserError, match=r"no earlier deployment.*not the file that was built"):
        deployment_rollback(actor=people.approver, reason="Klingon")
    second.refresh_from_db()
    assert second.status == Status.LIVE
