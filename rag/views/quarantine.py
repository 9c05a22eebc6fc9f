"""Findings of the scan, and verdicts on them."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from rag import selectors
from rag.forms import BulkForm, VerdictForm
from rag.models import QuarantineEntry
from rag.services.quarantine import quarantine_decide, quarantine_decide_many, quarantine_undo
from web4site.errors import UserError
from web4site.exports import export
from web4site.roles import REVIEWER, has_role, role_required

PAGE_SIZE = 50
FILTERS = ("decision", "kind", "search", "sort")
COLUMNS = ("document__path", "kind", "line", "excerpt", "decision", "decided_by__username", "created_at")


def quarantine(request: HttpRequest) -> HttpResponseBase:
    found = selectors.quarantine_found(**{name: request.GET.get(name, "") for name in FILTERS})
    if file_format := request.GET.get("export"):
        return export(found.values(*COLUMNS).iterator(), COLUMNS, file_format, "quarantine")
    may_decide = has_role(request.user, REVIEWER)
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "counts": selectors.quarantine_counts(),
        "decisions": QuarantineEntry.Decision.values,
        "may_decide": may_decide,
        "last": selectors.quarantine_last(request.user) if may_decide else [],
    }
    return render(request, "rag/quarantine.html", context)


@require_POST
@role_required(REVIEWER)
def quarantine_verdict(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(QuarantineEntry.objects.select_related("document"), pk=pk)
    try:
        quarantine_decide(entry=entry, decision=request.POST.get("decision", ""), by=request.user)
    except UserError as error:
        messages.error(request, str(error))
        return _back(request)
    if request.headers.get("HX-Request"):
        return render(request, "rag/_quarantine_entry.html", {"entry": entry, "may_decide": True})
    return redirect("rag:quarantine")


def _back(request: HttpRequest) -> HttpResponse:
    """To the list, which shows the message; a row that was to be replaced asks for the whole page instead."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("rag:quarantine")


@role_required(REVIEWER)
def quarantine_bulk(request: HttpRequest) -> HttpResponse:
    """A look at many open findings, and with POST one verdict on them all."""
    if request.method == "POST":
        return _decide_many(request)
    form = BulkForm(request.GET)
    filters = form.cleaned_data if form.is_valid() else {}
    found = selectors.quarantine_found(decision=QuarantineEntry.Decision.OPEN, **filters)
    context = {
        "filters": filters,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "documents": found.order_by().values("document").distinct().count(),
    }
    return render(request, "rag/quarantine_bulk.html", context)


def _decide_many(request: HttpRequest) -> HttpResponse:
    form = VerdictForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A verdict on many findings is given on the page that shows them.")
        return redirect("rag:quarantine")
    values = form.cleaned_data
    found = selectors.quarantine_found(
        decision=QuarantineEntry.Decision.OPEN, kind=values["kind"], search=values["search"]
    )
    if found.count() != values["seen"]:
        messages.warning(request, "The findings have changed since you looked: look again.")
        query = urlencode({"kind": values["kind"], "search": values["search"]})
        return redirect(f"{reverse('rag:quarantine_bulk')}?{query}")
    try:
        decided = quarantine_decide_many(entries=found, decision=values["decision"], by=request.user)
    except UserError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{decided.findings} findings decided; {decided.effect}.")
    return redirect("rag:quarantine")


@require_POST
@role_required(REVIEWER)
def quarantine_undo_last(request: HttpRequest) -> HttpResponse:
    try:
        count = quarantine_undo(by=request.user)
    except UserError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{count} finding{'' if count == 1 else 's'} open again.")
    return redirect("rag:quarantine")
