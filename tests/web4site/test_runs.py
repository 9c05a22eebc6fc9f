"""The life of a run row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress
from web4site.runs import RunCancelled, run_create, run_enqueue, run_execute, run_result, runs_sweep

pytestmark = pytest.mark.django_db


def make(**values):
    return run_create(kind=Run.Kind.OTHER, title="Try", **values)


def test_a_run_is_claimed_once():
    run = make()
    twin = Run.objects.get(pk=run.pk)
    assert run.claim() and not twin.claim()


def test_work_that_ends_is_succeeded_with_its_result():
    run = run_execute(make(), lambda run, report: {"answer": 42})
    assert (run.status, run_result(run)) == ("succeeded", {"answer": 42})


def test_a_user_error_is_the_error_of_the_run_as_written():
    def work(run, report):
        raise UserError("The folder is empty: put a file in.")

    run = run_execute(make(), work)
    assert (run.status, run.error) == ("failed", "The folder is empty: put a file in.")
    with pytest.raises(UserError, match="folder is empty"):
        run_result(run)


def test_a_bug_fails_the_run_and_never_leaves_it_running():
    run = run_execute(make(), lambda run, report: {}["missing"])
    assert run.status == "failed" and "KeyError" in run.error


def test_progress_reaches_the_row_and_cancel_reaches_the_work():
    def work(run, report):
        report(Progress(1, 2, "half"))
        Run.objects.filter(pk=run.pk).update(cancel_requested=True)
        report(Progress(2, 2, "whole"))
        raise AssertionError("cancelled work must not come here")

    run = run_execute(make(), work)
    assert (run.status, run.done, run.percent, run.message) == ("cancelled", 2, 100, "whole")


def test_work_that_saves_first_asks_instead_of_being_interrupted():
    def work(run, report):
        Run.objects.filter(pk=run.pk).update(cancel_requested=True)
        report(Progress(2, 2))
        assert report.should_stop()
        raise RunCancelled

    assert run_execute(make(), work, raises=False).status == "cancelled"


def test_the_sweeper_fails_runs_without_heartbeat_only():
    dead, alive = make(), make()
    for run in (dead, alive):
        run.claim()
    Run.objects.filter(pk=dead.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=31))
    assert runs_sweep() == 1
    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.status, alive.status) == ("failed", "running")


def test_a_run_that_was_swept_stays_failed_when_its_process_comes_back():
    run = make()
    run.claim()
    Run.objects.filter(pk=run.pk).update(status=Run.Status.FAILED)
    run.succeed({"late": True})
    assert run.status == "failed" and run.result == {}


def test_a_queued_run_is_cancelled_at_once():
    run = make()
    run.request_cancel()
    assert run.status == "cancelled" and not run.claim()


@pytest.mark.django_db(transaction=True)
def test_a_job_that_the_queue_lost_is_delivered_again(services):
    import django_rq

    queue = django_rq.get_queue("default")
    queue.empty()
    run = run_enqueue(kind=Run.Kind.OTHER, title="Sweep", job="web4site.jobs.runs_sweep_job", queue="default")
    assert queue.job_ids == [f"run-{run.pk}"]
    queue.empty()
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    assert runs_sweep() == 1
    assert queue.job_ids == [f"run-{run.pk}"]
    assert runs_sweep() == 0, "a job the queue still has is not delivered twice"
    queue.empty()


@pytest.mark.django_db(transaction=True)
def test_a_job_that_ends_before_it_begins_fails_its_run(services):
    import django_rq
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    queue = django_rq.get_queue("default")
    queue.empty()
    run = run_enqueue(kind=Run.Kind.OTHER, title="Gone", job="tests.jobs.no_such_job", queue="default")
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    runs_sweep()
    run.refresh_from_db()
    assert run.status == "failed" and "before it began" in run.error
