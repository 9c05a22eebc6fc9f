"""Monitoring: production against its targets."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from monitoring import selectors
from monitoring.models import Alert, Query
from web4site.exports import export
from web4site.roles import REVIEWER, role_required
from web4site.row_numbers import row_number

WINDOWS = (1, 7, 30)
COLUMNS = (
    "id", "created_at", "channel", "query_type", "status", "question", "answer", "total_ms", "prompt_tokens",
    "answer_tokens", "used_history", "used_tools", "used_process", "deployment_id", "error",
)  # fmt: skip


def _days(request: HttpRequest) -> int:
    days = row_number(request.GET.get("days"))
    return days if days in WINDOWS else 7


def dashboard(request: HttpRequest) -> HttpResponse:
    days = _days(request)
    context = {
        "report": selectors.report(days),
        "days": days,
        "windows": WINDOWS,
        "hot": selectors.hot_documents(days),
        "alerts": Alert.objects.select_related("acknowledged_by")[:10],
        "queries": Query.objects.select_related("user")[:10],
    }
    return render(request, "monitoring/dashboard.html", context)


def latency_plot(request: HttpRequest) -> JsonResponse:
    """Distribution of answer times by query type, as a Plotly figure."""
    days = _days(request)
    since = timezone.now() - timedelta(days=days)
    rows = (
        Query.objects.filter(created_at__gte=since, status=Query.Status.ANSWERED)
        .order_by("-pk")
        .values_list("query_type", "total_ms")[:5000]
    )
    by_type: dict[str, list[float]] = {}
    for query_type, total in rows:
        by_type.setdefault(query_type, []).append((total or 0) / 1000)
    data = [
        {"type": "histogram", "x": values, "name": name, "nbinsx": 40, "opacity": 0.8}
        for name, values in sorted(by_type.items())
    ]
    layout = {
        "barmode": "stack",
        "xaxis": {"title": {"text": "seconds to the whole answer"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": "questions"}, **({"dtick": 1} if len(rows) < 10 else {})},
        "height": 260,
    }
    return JsonResponse({"data": data, "layout": layout})


def query_list(request: HttpRequest) -> HttpResponseBase:
    queries = Query.objects.select_related("user")
    if query_type := request.GET.get("type"):
        queries = queries.filter(query_type=query_type)
    if status := request.GET.get("status"):
        queries = queries.filter(status=status)
    if text := request.GET.get("q"):
        queries = queries.filter(Q(question__icontains=text) | Q(answer__icontains=text))
    if file_format := request.GET.get("export"):
        return export(queries.values(*COLUMNS).iterator(), COLUMNS, file_format, "queries")
    page = Paginator(queries, 50).get_page(request.GET.get("page"))
    context = {"page": page, "types": Query.Type.choices, "statuses": Query.Status.values}
    return render(request, "monitoring/query_list.html", context)


@require_POST
@role_required(REVIEWER)
def alert_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    alert = get_object_or_404(Alert, pk=pk)
    Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(
        acknowledged_at=timezone.now(), acknowledged_by=request.user
    )
    return redirect("monitoring:dashboard")
