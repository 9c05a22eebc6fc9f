"""Pages of lineage: from a model down to the journals that taught it, and from a journal up to the models."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render

from evaluation import lineage
from evaluation.lineage_facts import document_facts, origin_facts
from evaluation.models import Deployment
from evaluation.selectors import live_deployment
from rag.models import Document
from samples.models import Dataset, Sample
from training.models import Adapter, Build
from training.selectors import adapter_lineage
from web4site.exports import export

PAGE_SIZE = 50
SAMPLE_COLUMNS = ("sample_id", "dataset", "category", "document", "commit", "chunks", "review", "judged_by")
SHOWN = ("documents", "samples")


def lineage_list(request: HttpRequest) -> HttpResponse:
    """Where to begin: what is live, what was deployed, and any document by its name."""
    text = request.GET.get("q", "").strip()
    deployments = Deployment.objects.select_related("build__adapter").order_by("-created_at", "-pk")
    context = {
        "text": text,
        "live": live_deployment(),
        "deployments": deployments[:8],
        "page": Paginator(lineage.documents_found(text), PAGE_SIZE).get_page(request.GET.get("page")) if text else None,
    }
    return render(request, "evaluation/lineage_list.html", context)


def lineage_detail(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """Deployment, build, adapter or dataset: what it rests on, and what came of it."""
    subject = _subject(kind, pk)
    samples = lineage.taught(_chosen_datasets(request, subject))
    text, show = request.GET.get("q", "").strip(), request.GET.get("show", SHOWN[0])
    if show not in SHOWN:
        raise Http404(f"There is no list {show}.")
    found = lineage.samples_found(samples, text=text, document=request.GET.get("document", ""))
    if file_format := request.GET.get("export"):
        if file_format == "json":
            return _download(origin_facts(subject, _reach(subject)), f"lineage-{kind}-{pk}")
        return export(lineage.sample_facts(found), SAMPLE_COLUMNS, file_format, f"lineage-{kind}-{pk}-samples")
    reach = _reach(subject)
    context = {
        "subject": subject,
        "totals": lineage.totals(lineage.taught(subject.datasets)),
        "reviewers": lineage.reviewers(subject.datasets),
        "reach": reach,
        "knowers": lineage.knowers(reach.adapters[:PAGE_SIZE], {}) if reach else [],
        "show": show,
        "text": text,
        **(_samples_page(request, found) if show == "samples" else _sources_page(request, samples, text)),
    }
    return render(request, "evaluation/lineage_detail.html", context)


def lineage_document(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A document: which samples, datasets, adapters, builds and deployments learned from it."""
    document = get_object_or_404(Document.objects.select_related("corpus"), pk=pk)
    uses = lineage.document_uses(document)
    learned = {use.dataset.pk: use.learned for use in uses if use.learned}
    reach = lineage.reach_of(lineage.trained_on(learned))
    samples = lineage.samples_found(Sample.objects.filter(document=document).order_by("-dataset_id", "pk"))
    if file_format := request.GET.get("export"):
        if file_format == "json":
            return _download(document_facts(document, uses, reach, learned), f"lineage-document-{pk}")
        return export(lineage.sample_facts(samples), SAMPLE_COLUMNS, file_format, f"lineage-document-{pk}-samples")
    page = Paginator(reach.adapters, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "document": document,
        "uses": uses,
        "learned": sum(learned.values()),
        "reach": reach,
        "page": page,
        "knowers": lineage.knowers(page.object_list, learned),
        "chunks": lineage.document_chunks(document),
        "samples": Paginator(samples, PAGE_SIZE).get_page(request.GET.get("samples")),
    }
    return render(request, "evaluation/lineage_document.html", context)


def _subject(kind: str, pk: int) -> lineage.Subject:
    """The row and the trainings it rests on."""
    if kind == "datasets":
        dataset = get_object_or_404(Dataset, pk=pk)
        return lineage.Subject(kind, dataset, None, None, [], [lineage.dataset_step(dataset)])
    deployment = build = None
    row: Deployment | Build | Adapter
    if kind == "deployments":
        row = deployment = get_object_or_404(Deployment.objects.select_related("build__adapter"), pk=pk)
        build = deployment.build
    elif kind == "builds":
        row = build = get_object_or_404(Build.objects.select_related("adapter"), pk=pk)
    elif kind == "adapters":
        row = get_object_or_404(Adapter, pk=pk)
    else:
        raise Http404(f"There is no lineage of {kind}.")
    adapter = build.adapter if build else row if isinstance(row, Adapter) else None
    adapters = adapter_lineage(adapter) if adapter else []
    return lineage.Subject(kind, row, deployment, build, adapters, lineage.chain_steps(adapters))


def _chosen_datasets(request: HttpRequest, subject: lineage.Subject) -> list[int]:
    """All of the chain, or the one that the page is narrowed to."""
    asked = request.GET.get("dataset", "")
    return [key for key in subject.datasets if not asked or str(key) == asked]


def _reach(subject: lineage.Subject) -> lineage.Reach | None:
    """What came of an adapter or a dataset; of a build or deployment its own page tells."""
    if isinstance(subject.row, Adapter):
        return lineage.reach_of([subject.row.pk])
    return lineage.reach_of(lineage.trained_on([subject.row.pk])) if isinstance(subject.row, Dataset) else None


def _sources_page(request: HttpRequest, samples: QuerySet[Sample], text: str) -> dict[str, Any]:
    page = Paginator(lineage.sources(samples, text=text), PAGE_SIZE).get_page(request.GET.get("page"))
    return {"page": page, "sources": lineage.source_rows(list(page.object_list), samples)}


def _samples_page(request: HttpRequest, found: QuerySet[Sample]) -> dict[str, Any]:
    return {"page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))}


def _download(facts: dict[str, Any], name: str) -> JsonResponse:
    response = JsonResponse(facts, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
