"""Evening: the nightly loop, its steps, the buffer, the next run."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from monitoring.evening.schedule import next_runs
from rag.models import Collection, Document
from web4site.models import Run
from web4site.roles import REVIEWER, has_role, role_required
from web4site.runs import run_enqueue

KINDS = (Run.Kind.EVENING, Run.Kind.VALIDATE)


def evening_list(request: HttpRequest) -> HttpResponse:
    runs = Run.objects.filter(kind__in=KINDS, parent=None)
    context = {
        "page": Paginator(runs, 14).get_page(request.GET.get("page")),
        "buffer": Document.objects.filter(collection=Collection.DAILY_BUFFER).defer("text")[:50],
        "schedule": next_runs(),
        "may_start": has_role(request.user, REVIEWER),
    }
    return render(request, "monitoring/evening_list.html", context)


@require_POST
@role_required(REVIEWER)
def evening_start(request: HttpRequest) -> HttpResponse:
    if Run.objects.filter(kind=Run.Kind.EVENING, status__in=Run.ACTIVE).exists():
        messages.warning(request, "The evening loop is already running.")
        return redirect("monitoring:evening_list")
    run = run_enqueue(
        kind=Run.Kind.EVENING,
        title="Evening loop, started by hand",
        job="monitoring.jobs.evening_loop_job",
        queue="train",
        params={"step": "evening_loop"},
        actor=request.user,
    )
    return redirect(run)
