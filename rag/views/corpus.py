"""The corpus: runs, documents, faults, tiers."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from rag import selectors
from rag.corpus.types import DocumentKind, Severity
from rag.forms import IndexForm
from rag.models import Collection, IndexedFile
from web4site.exports import export
from web4site.models import Run
from web4site.roles import APPROVER, REVIEWER, has_role, role_required
from web4site.runs import run_enqueue

PAGE_SIZE = 50
FILTERS = ("search", "kind", "collection", "corpus", "state", "sort")
FAULT_COLUMNS = ("path", "kind", "severity", "line", "message")
FILE_COLUMNS = ("path", "status", "reason")


def corpus_detail(request: HttpRequest) -> HttpResponseBase:
    found = selectors.documents_found(**{name: request.GET.get(name, "") for name in FILTERS})
    if file_format := request.GET.get("export"):
        rows = found.values(*selectors.EXPORT_COLUMNS).iterator()
        return export(rows, selectors.EXPORT_COLUMNS, file_format, "documents")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    form = IndexForm(initial={"root": settings.CORPUS_DIR})
    return render(request, "rag/corpus_detail.html", _corpus_context(request, form, page))


def _corpus_context(request: HttpRequest, form: IndexForm, page: Page) -> dict[str, Any]:
    return {
        "page": page,
        "chunk_counts": selectors.chunk_counts(page),
        "overview": selectors.index_overview(),
        "runs": selectors.index_runs()[:5],
        "shares": selectors.metadata_shares(),
        "corpora": selectors.corpora(),
        "kinds": [kind.value for kind in DocumentKind],
        "collections": Collection.values,
        "states": selectors.STATES,
        "form": form,
        "may_index": has_role(request.user, REVIEWER),
    }


@require_POST
@role_required(REVIEWER)
def index_start(request: HttpRequest) -> HttpResponse:
    form = IndexForm(request.POST)
    if not form.is_valid():
        page = Paginator(selectors.documents_found(), PAGE_SIZE).get_page(1)
        return render(request, "rag/corpus_detail.html", _corpus_context(request, form, page), status=422)
    root = form.cleaned_data["root"]
    # Any folder of the server can be named here, and what is indexed can be read by everybody signed in.
    if not (selectors.is_known_root(root) or has_role(request.user, APPROVER)):
        raise PermissionDenied(f"{root} was never indexed: an approver has to index it first.")
    _enqueue(request, f"Index {root.name}", {"root": str(root), "full": form.cleaned_data["full"]})
    return redirect("rag:corpus_detail")


def _enqueue(request: HttpRequest, title: str, params: dict[str, Any]) -> Run:
    return run_enqueue(
        kind=Run.Kind.INDEX, title=title, job="rag.jobs.index_job", queue="index", params=params, actor=request.user
    )


def index_files(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What one run did with each file."""
    run = get_object_or_404(Run.objects.select_related("actor"), pk=pk, kind=Run.Kind.INDEX)
    found = IndexedFile.objects.filter(run=run).order_by("status", "path")
    if status := request.GET.get("status"):
        found = found.filter(status=status)
    if search := request.GET.get("search"):
        found = found.filter(path__icontains=search) | found.filter(reason__icontains=search)
    if file_format := request.GET.get("export"):
        return export(found.values(*FILE_COLUMNS).iterator(), FILE_COLUMNS, file_format, f"index-run-{run.pk}")
    context = {
        **_progress(run),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_index": has_role(request.user, REVIEWER),
    }
    return render(request, "rag/index_files.html", context)


def index_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment, polled while the run goes on; when it is over the page is loaded anew."""
    run = get_object_or_404(Run, pk=pk, kind=Run.Kind.INDEX)
    response = render(request, "rag/_index_progress.html", _progress(run))
    if not run.is_active:
        response["HX-Refresh"] = "true"
    return response


def _progress(run: Run) -> dict[str, Any]:
    counts = dict(IndexedFile.objects.filter(run=run).order_by().values_list("status").annotate(Count("pk")))
    return {
        "run": run,
        "counts": {status: counts.get(status, 0) for status in IndexedFile.Status.values},
        "parts": selectors.run_parts(run) if run.is_active else [],
    }


@require_POST
@role_required(REVIEWER)
def index_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the failed files of a run once more: a run that is not full reads these and whatever changed."""
    run = get_object_or_404(Run, pk=pk, kind=Run.Kind.INDEX)
    if run.is_active or not run.params.get("root"):
        messages.error(request, "This run is not over yet: wait for it or cancel it.")
        return redirect("rag:index_files", pk)
    again = _enqueue(request, run.title, {**run.params, "full": False})
    return redirect("rag:index_files", again.pk)


def fault_list(request: HttpRequest) -> HttpResponseBase:
    """What the reader guessed, missed or found odd, file by file."""
    severity = request.GET.get("severity", "")
    found = selectors.faults_found(
        severity=severity, kind=request.GET.get("kind", ""), search=request.GET.get("search", "")
    )
    if file_format := request.GET.get("export"):
        return export(selectors.fault_rows(found, severity), FAULT_COLUMNS, file_format, "faults")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "kinds": [kind.value for kind in DocumentKind],
        "severities": [severity.value for severity in Severity],
    }
    return render(request, "rag/fault_list.html", context)


def tiers(request: HttpRequest) -> HttpResponse:
    """Fragment: how much each tier holds. Asked for apart, because a store may be slow or away."""
    return render(request, "rag/_tiers.html", {"tiers": selectors.tier_states()})
