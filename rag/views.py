"""Pages of the index: corpus, document, search, quarantine."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from rag import selectors
from rag.corpus.types import DocumentKind
from rag.drawing import draw, timeline
from rag.forms import IndexForm, SearchForm
from rag.models import Collection, Document, IndexedFile, QuarantineEntry
from rag.services.quarantine import quarantine_decide
from web4site.errors import UserError
from web4site.exports import export
from web4site.models import Run
from web4site.roles import APPROVER, REVIEWER, has_role, role_required
from web4site.runs import run_enqueue

PAGE_SIZE = 50
CHUNKS_SHOWN = 30
FILTERS = ("search", "kind", "collection", "corpus", "state", "sort")
STATES = ("faults", "quarantined", "trained", "untrained", "duplicates")
QUARANTINE_COLUMNS = ("document__path", "kind", "line", "excerpt", "decision", "decided_by__username", "created_at")
HIT_COLUMNS = ("path", "pdca_id", "collection", "score", "why", "chunk", "title", "date", "text")


def corpus_detail(request: HttpRequest) -> HttpResponseBase:
    found = selectors.documents_found(**{name: request.GET.get(name, "") for name in FILTERS})
    if file_format := request.GET.get("export"):
        rows = found.values(*selectors.EXPORT_COLUMNS).iterator()
        return export(rows, selectors.EXPORT_COLUMNS, file_format, "documents")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "rag/corpus_detail.html", {"page": page, **_corpus_context()})


def _corpus_context() -> dict[str, Any]:
    return {
        "overview": selectors.index_overview(),
        "runs": Run.objects.filter(kind=Run.Kind.INDEX)[:5],
        "corpora": selectors.corpora(),
        "kinds": [kind.value for kind in DocumentKind],
        "collections": Collection.values,
        "states": STATES,
        "form": IndexForm(initial={"root": settings.CORPUS_DIR}),
    }


@require_POST
@role_required(REVIEWER)
def index_start(request: HttpRequest) -> HttpResponse:
    form = IndexForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("rag:corpus_detail")
    root = form.cleaned_data["root"]
    # Any folder of the server can be named here, and what is indexed can be read by everybody signed in.
    if not (selectors.is_known_root(root) or has_role(request.user, APPROVER)):
        raise PermissionDenied(f"{root} was never indexed: an approver has to index it first.")
    run_enqueue(
        kind=Run.Kind.INDEX,
        title=f"Index {root.name}",
        job="rag.jobs.index_job",
        queue="index",
        params={"root": str(root), "full": form.cleaned_data["full"]},
        actor=request.user,
    )
    return redirect("rag:corpus_detail")


def index_files(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What one run did with each file."""
    run = get_object_or_404(Run, pk=pk, kind=Run.Kind.INDEX)
    found = IndexedFile.objects.filter(run=run).order_by("status", "path")
    if status := request.GET.get("status"):
        found = found.filter(status=status)
    if file_format := request.GET.get("export"):
        columns = ("path", "status", "reason")
        return export(found.values(*columns).iterator(), columns, file_format, f"index-run-{run.pk}")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"run": run, "page": page, "statuses": IndexedFile.Status.values}
    return render(request, "rag/index_files.html", context)


def document_detail(request: HttpRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document.objects.select_related("corpus", "duplicate_of"), pk=pk)
    chunks = Paginator(document.chunks.all(), CHUNKS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "document": document,
        "page": chunks,
        "links_out": document.links_out.select_related("target").defer("target__text"),
        "links_in": document.links_in.exclude(target=None).select_related("source").defer("source__text"),
        "findings": document.quarantine_entries.select_related("decided_by"),
        **_neighbourhood(document),
    }
    return render(request, "rag/document_detail.html", context)


def _neighbourhood(document: Document) -> dict[str, Any]:
    """The drawing, or one line that says why there is none."""
    try:
        found = selectors.breadcrumbs(document, depth=2)
    except UserError as error:
        return {"graph_error": str(error)}
    return {"drawing": draw(found)} if len(found.nodes) > 1 else {}


def search(request: HttpRequest) -> HttpResponseBase:
    form = SearchForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "collections": Collection.choices}
    if form.is_bound and form.is_valid() and form.cleaned_data["q"]:
        context |= _found(form)
    if (file_format := request.GET.get("export")) and "result" in context:
        rows = context["result"].as_dict()["hits"]
        return export(rows, HIT_COLUMNS, file_format, "hits")
    return render(request, "rag/search.html", context)


def _found(form: SearchForm) -> dict[str, Any]:
    from rag.retrieval import retrieve
    from rag.retrieval.facts import hot_documents

    values = form.cleaned_data
    try:
        result = retrieve(
            values["q"],
            k=values["k"] or 10,
            today=values["today"],
            filters=form.filters,
            collections=[values["collection"]] if values["collection"] else None,
        )
    except UserError as error:
        return {"error": str(error)}
    stages = {name: spent for name, spent in result.latency_ms.items() if name != "total"}
    days = timeline(date.fromisoformat(hit.date) for hit in result.hits if hit.date)
    return {"result": result, "stages": stages, "days": days, "cache": hot_documents.statistics()}


def quarantine(request: HttpRequest) -> HttpResponseBase:
    found = selectors.quarantine_found(
        decision=request.GET.get("decision", ""), kind=request.GET.get("kind", ""), search=request.GET.get("search", "")
    )
    if file_format := request.GET.get("export"):
        return export(found.values(*QUARANTINE_COLUMNS).iterator(), QUARANTINE_COLUMNS, file_format, "quarantine")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "decisions": QuarantineEntry.Decision.values,
        "kinds": QuarantineEntry.objects.order_by("kind").values_list("kind", flat=True).distinct(),
        "may_decide": has_role(request.user, REVIEWER),
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
        return redirect("rag:quarantine")
    if request.headers.get("HX-Request"):
        return render(request, "rag/_quarantine_entry.html", {"entry": entry, "may_decide": True})
    return redirect("rag:quarantine")
