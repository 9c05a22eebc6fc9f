"""Overview: the loop as a picture, what runs, what waits for a human."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from monitoring import selectors
from web4site.models import Run
from web4site.roles import REVIEWER, has_role, role_required
from web4site.runs import run_enqueue


def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/overview.html", _state(request))


def overview_state(request: HttpRequest) -> HttpResponse:
    """The moving part of the page, polled every few seconds."""
    return render(request, "monitoring/_overview_state.html", _state(request))


def _state(request: HttpRequest) -> dict[str, Any]:
    return {
        "stations": selectors.stations(),
        "running": selectors.running_runs(),
        "waiting": selectors.waiting_tasks(),
        "recent": Run.objects.filter(parent=None).exclude(status__in=Run.ACTIVE)[:6],
        "may_start": has_role(request.user, REVIEWER),
    }


@require_POST
@role_required(REVIEWER)
def cycle_start(request: HttpRequest) -> HttpResponse:
    if Run.objects.filter(kind=Run.Kind.CYCLE, status__in=Run.ACTIVE).exists():
        messages.warning(request, "A cycle is already running.")
        return redirect("monitoring:overview")
    run = run_enqueue(
        kind=Run.Kind.CYCLE,
        title="One cycle of the loop",
        job="monitoring.jobs.cycle_job",
        queue="train",
        params={"corpus": str(settings.CORPUS_DIR), "profile": "demo"},
        actor=request.user,
    )
    return redirect(run)
