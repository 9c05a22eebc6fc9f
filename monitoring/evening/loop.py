"""Carry out what the clock, a page or a command asks for, and speak up when it goes wrong."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from monitoring.evening.daily import index_day
from monitoring.evening.incidents import incident_write
from monitoring.evening.learning import learn
from monitoring.evening.means import Means
from monitoring.evening.morning import validate_morning
from monitoring.services.alerts import alert_raise
from web4site.models import Run
from web4site.progress import Report
from web4site.runs import RunReporter, run_create, run_execute

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing the clock does."""

    kind: Run.Kind
    title: str
    work: Callable[..., dict[str, Any]]


TASKS = {
    "index_daily": Task(Run.Kind.INDEX, "Index the day's work", index_day),
    "evening_loop": Task(Run.Kind.EVENING, "Evening loop", learn),
    "validate_morning": Task(Run.Kind.VALIDATE, "Morning validation", validate_morning),
}
TROUBLE = {"rolled_back": "was rolled back", "below_target": "missed its target"}
FAILED = "failed"
LATE = timedelta(days=2)


def evening_execute(
    step_name: str,
    run_pk: int | None = None,
    *,
    params: dict[str, Any] | None = None,
    listener: Report | None = None,
    means: Means | None = None,
) -> dict[str, Any]:
    """Do `index_daily`, `evening_loop` or `validate_morning`; `run_pk` None makes a run of its own (the clock).

    Returns {run, outcome, steps, ...}; outcome `failed` with `error` when it could not be done. Never raises for
    failing work: that is written to the run, to an alert and to an incident draft.
    """
    _speak_up_late()
    task = TASKS[step_name]
    run = Run.objects.get(pk=run_pk) if run_pk else run_create(kind=task.kind, title=task.title, params=params)
    if run.status != Run.Status.QUEUED:
        logger.info("%s was delivered twice", run)
        return run_summary(run)
    work: Callable[[Run, RunReporter], dict[str, Any]] = partial(task.work, means=means) if means else task.work
    run_execute(run, work, listener=listener)
    _speak_up(run)
    return run_summary(run)


def run_summary(run: Run) -> dict[str, Any]:
    """What commands print of a run."""
    outcome = run.result.get("outcome") or (FAILED if run.status == Run.Status.FAILED else run.status)
    return {**run.result, "run": run.pk, "outcome": outcome, "steps": run.steps, "error": run.error}


def _speak_up_late() -> None:
    """Speak up for runs whose process was killed: they could not do it themselves."""
    kinds = {task.kind for task in TASKS.values() if task.kind != Run.Kind.INDEX}
    recent = timezone.now() - LATE
    silent = Run.objects.filter(kind__in=kinds, parent=None, status=Run.Status.FAILED, finished_at__gte=recent)
    for run in silent.filter(alert=None).order_by("pk"):
        _speak_up(run)


def _speak_up(run: Run) -> None:
    """Alert and incident draft for what failed, was rolled back, or missed its target."""
    if run.status == Run.Status.FAILED:
        what, why = "failed", run.error
    elif (outcome := run.result.get("outcome")) in TROUBLE:
        what, why = TROUBLE[outcome], run.result.get("why", "")
    else:
        return
    try:
        draft = f"Incident draft: {incident_write(run=run, why=why)}"
    except OSError as error:
        # A full disk may be the very reason; the alert must go out all the same.
        draft = f"No incident draft could be written: {error}"
    page = f"http://{settings.WEB_HOST}:{settings.WEB_PORT}{reverse('run_detail', args=[run.pk])}"
    alert_raise(title=f"{run.title} {what}", body=f"{why}\n\nRun {run.pk}: {page}\n{draft}", run=run)
