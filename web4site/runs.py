"""Start, execute and sweep runs."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from rq import get_current_job

from web4site.errors import UserError
from web4site.machine import describe_machine_error
from web4site.models import HEARTBEAT_SECONDS, Run
from web4site.progress import Progress, Report, silent

logger = logging.getLogger(__name__)
REPORT_INTERVAL = 0.5
POLL_SECONDS = 0.5


class RunCancelled(Exception):
    """Raised inside work whose run was asked to stop."""


class RunReporter:
    """The progress callback of a run: throttled to the row, and passed on (to a progress bar, say).

    Raises RunCancelled from the reporting call when somebody pressed Cancel, unless `raises` is False: work that
    must save a checkpoint first asks `should_stop()` instead.
    """

    def __init__(self, run: Run, listener: Report | None = None, *, raises: bool = True) -> None:
        self.run = run
        self.listener = listener
        self.raises = raises
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        if self.listener:
            self.listener(progress)
        finished = bool(progress.total) and progress.done >= progress.total
        if not finished and time.monotonic() - self._last < REPORT_INTERVAL:
            return
        self._last = time.monotonic()
        self.run.record(progress)
        if self.raises and self.should_stop():
            raise RunCancelled

    def should_stop(self) -> bool:
        return Run.objects.filter(pk=self.run.pk).values_list("cancel_requested", flat=True).get()


Work = Callable[[Run, RunReporter], dict[str, Any]]


def run_enqueue(
    *, kind: Run.Kind, title: str, job: str, queue: str, params: dict[str, Any] | None = None, actor: Any = None
) -> Run:
    """Create the row, then enqueue `job` (dotted path of a `*_job(run_pk)`) once the row is committed."""
    with transaction.atomic():
        run = Run.objects.create(kind=kind, title=title, queue=queue, job=job, params=params or {}, actor=actor)
        transaction.on_commit(lambda: _deliver(run))
    return run


def run_retry(run: Run, *, actor: Any = None) -> Run:
    """The same work once more, as a new row."""
    return run_enqueue(
        kind=Run.Kind(run.kind), title=run.title, job=run.job, queue=run.queue, params=run.params, actor=actor
    )


def _deliver(run: Run) -> None:
    """Put the run's job on its queue. When Redis is away the row stays queued, and the sweeper delivers it later."""
    import django_rq
    from redis.exceptions import RedisError

    try:
        django_rq.get_queue(run.queue).enqueue(
            run.job, run.pk, job_id=f"run-{run.pk}", job_timeout=24 * 3600, result_ttl=0
        )
    except RedisError:
        logger.warning("The job queue does not answer; %s waits for it", run)


def run_create(*, kind: Run.Kind, title: str, params: dict[str, Any] | None = None, parent: Run | None = None) -> Run:
    """A row for work that this process does itself, at once (commands, steps of a cycle)."""
    return Run.objects.create(kind=kind, title=title, params=params or {}, parent=parent)


def run_execute(run: Run, work: Work, *, listener: Report | None = None, raises: bool = True) -> Run:
    """Claim the run and do its work; the row ends as succeeded, failed or cancelled whatever happens.

    Errors are stored, not raised: look at `run.status`. Anything that is not a UserError is logged with traceback.
    """
    if not run.claim():
        logger.info("%s is already taken or over (%s)", run, run.status)
        return run
    with _heartbeat(run):
        try:
            run.succeed(work(run, RunReporter(run, listener, raises=raises)))
        except RunCancelled:
            run.mark_cancelled()
        except UserError as error:
            run.fail(str(error))
        except (OSError, OperationalError) as error:
            logger.exception("%s failed", run)
            run.fail(describe_machine_error(error))
        except Exception as error:
            logger.exception("%s failed", run)
            run.fail(f"{type(error).__name__}: {error}")
        except BaseException:
            run.fail("Stopped from outside before it was finished.")
            raise
    return run


def run_result(run: Run) -> dict[str, Any]:
    """The result of an executed run; raises UserError with its error when it did not succeed."""
    if run.status == Run.Status.SUCCEEDED:
        return run.result
    raise UserError(run.error or f"{run} was {run.status}", exit_code=1)


def run_is_silent(run: Run, report: Report) -> bool:
    """Wait until a run has shown whether its process lives: False at its next heartbeat, True when it is over.

    Whoever starts again right after a kill need not know how long a silence has to be: at most `STALE_AFTER`.
    """
    heard = run.heartbeat_at
    while run.status == Run.Status.RUNNING and not Run.stale().filter(pk=run.pk).exists():
        report(Progress(message=f"Waiting for a sign of run {run.pk}"))
        run.refresh_from_db()
        if run.heartbeat_at != heard:
            return False
        time.sleep(POLL_SECONDS)
    return run.status != Run.Status.QUEUED


def run_is_over(run: Run, *, wait: bool) -> bool:
    """Whether an active run's process is gone; a page does not wait for that, a command does."""
    return run_is_silent(run, silent) if wait else Run.stale().filter(pk=run.pk).exists()


def runs_sweep() -> int:
    """Mark runs without a heartbeat as failed, and deliver queued ones the queue has lost; returns how many."""
    swept = Run.stale().update(
        status=Run.Status.FAILED,
        finished_at=timezone.now(),
        error="The process doing this work went away (killed, out of memory, or the machine stopped). Retry it.",
    )
    if swept:
        logger.warning("Marked %d run(s) without heartbeat as failed", swept)
    return swept + sum(_redeliver(run) for run in Run.undelivered())


def _redeliver(run: Run) -> bool:
    """Deliver again unless the queue still has the job; a job delivered twice is claimed once."""
    import django_rq
    from rq.exceptions import NoSuchJobError
    from rq.job import Job

    queue = django_rq.get_queue(run.queue)
    try:
        job = Job.fetch(f"run-{run.pk}", connection=queue.connection, serializer=queue.serializer)
    except NoSuchJobError:
        _deliver(run)
        return True
    if not job.is_failed:
        return False
    # It ended before it could claim its run: an import error, a worker killed in its first instant.
    if run.claim():
        run.fail("The job ended before it began; the worker's log says why. Retry it.")
    return True


@contextmanager
def _heartbeat(run: Run) -> Iterator[None]:
    """Beat from a thread of its own, so that long silent work (loading a model) stays visibly alive."""
    stop = threading.Event()
    worker = os.getppid() if get_current_job() else None

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT_SECONDS):
                try:
                    if worker and os.getppid() != worker:
                        # RQ's worker was killed; nobody would collect, limit or stop this process any more.
                        run.fail("The worker process doing this was killed. Retry it.")
                        os._exit(1)
                    run.beat()
                except Exception:
                    logger.warning("Heartbeat of %s was not stored", run, exc_info=True)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=HEARTBEAT_SECONDS)
