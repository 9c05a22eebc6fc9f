"""Pages of the house: runs and health."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from web4site import runs
from web4site.models import Run
from web4site.roles import REVIEWER, role_required

STOP_POLLING = 286


def run_list(request: HttpRequest) -> HttpResponse:
    found = Run.objects.select_related("actor").filter(parent=None)
    if kind := request.GET.get("kind"):
        found = found.filter(kind=kind)
    if status := request.GET.get("status"):
        found = found.filter(status=status)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {"page": page, "kinds": Run.Kind.values, "statuses": Run.Status.values}
    return render(request, "web4site/run_list.html", context)


def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.select_related("actor", "parent"), pk=pk)
    return render(request, "web4site/run_detail.html", {"run": run, "children": run.children.order_by("pk")})


def run_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment polled while the run is active; 286 tells htmx to stop."""
    run = get_object_or_404(Run, pk=pk)
    status = 200 if run.is_active else STOP_POLLING
    return render(request, "web4site/_run_status.html", {"run": run}, status=status)


@require_POST
@role_required(REVIEWER)
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run, pk=pk)
    run.request_cancel()
    return redirect(run)


@require_POST
@role_required(REVIEWER)
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.exclude(job=""), pk=pk, status__in=(Run.Status.FAILED, Run.Status.CANCELLED))
    return redirect(runs.run_retry(run, actor=request.user))


@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """For the supervisor and load balancers: 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
