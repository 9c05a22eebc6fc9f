"""Pages of lineage: from a model down to the journals that taught it, and from a journal up to the models."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render

from evaluation.lineage.facts import document_facts, origin_facts
from evaluation.lineage.origin import (
    Subject,
    reviewers,
    sample_facts,
    samples_found,
    source_rows,
    sources,
    subject_of,
    taught,
    totals,
    with_origin,
)
from evaluation.lineage.reach import (
    Reach,
    document_chunks,
    document_uses,
    documents_found,
    knowers,
    reach_of,
    trained_on,
)
from evaluation.models import Deployment
from evaluation.selectors import live_deployment
from rag.models import Document
from samples.models import Dataset, Sample
from training.models import Adapter, Build
from training.selectors import adapter_lineage
from web4site.exports import export

PAGE_SIZE = 25
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
        "page": Paginator(documents_found(text), PAGE_SIZE).get_page(request.GET.get("page")) if text else None,
    }
    return render(request, "evaluation/lineage_list.html", context)


def lineage_detail(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """Deployment, build, adapter or dataset: what it rests on, and what came of it."""
    subject = _subject(kind, pk)
    show = request.GET.get("show", SHOWN[0])
    if show not in SHOWN:
        raise Http404(f"There is no list {show}.")
    reach = _reach(subject)
    if request.GET.get("export") == "json":
        return _download(origin_facts(subject, reach), f"lineage-{kind}-{pk}")
    if file_format := request.GET.get("export"):
        rows = sample_facts(_samples_asked(request, subject))
        return export(rows, SAMPLE_COLUMNS, file_format, f"lineage-{kind}-{pk}-samples")
    context = {
        "subject": subject,
        "totals": totals(subject.groups),
        "reviewers": reviewers(subject.datasets),
        "reach": reach,
        "knowers": knowers(reach.adapters[:PAGE_SIZE], {}) if reach else [],
        "show": show,
        "text": request.GET.get("q", "").strip(),
        **(_samples_page(request, subject) if show == "samples" else _sources_page(request, subject)),
    }
    return render(request, "evaluation/lineage_detail.html", context)


def lineage_document(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A document: which samples, datasets, adapters, builds and deployments learned from it."""
    document = get_object_or_404(Document.objects.select_related("corpus", "duplicate_of"), pk=pk)
    uses = document_uses(document)
    learned = {use.dataset.pk: use.learned for use in uses if use.learned}
    reach = reach_of(trained_on(learned))
    made = Sample.objects.filter(document=document).order_by("-dataset_id", "pk")
    if request.GET.get("export") == "json":
        return _download(document_facts(document, uses, reach, learned), f"lineage-document-{pk}")
    if file_format := request.GET.get("export"):
        return export(sample_facts(made), SAMPLE_COLUMNS, file_format, f"lineage-document-{pk}-samples")
    page = Paginator(reach.adapters, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "document": document,
        "uses": uses,
        "learned": sum(learned.values()),
        "reach": reach,
        "page": page,
        "knowers": knowers(page.object_list, learned),
        "chunks": document_chunks(document),
        "samples": Paginator(with_origin(made), PAGE_SIZE).get_page(request.GET.get("samples")),
    }
    return render(request, "evaluation/lineage_document.html", context)


def _subject(kind: str, pk: int) -> Subject:
    """The row and the trainings it rests on."""
    if kind == "datasets":
        return subject_of(kind, get_object_or_404(Dataset, pk=pk))
    if kind == "adapters":
        adapter = get_object_or_404(Adapter, pk=pk)
        return subject_of(kind, adapter, lineage=adapter_lineage(adapter))
    if kind == "builds":
        build = get_object_or_404(Build.objects.select_related("adapter"), pk=pk)
        return subject_of(kind, build, build=build, lineage=_lineage(build))
    if kind == "deployments":
        deployment = get_object_or_404(Deployment.objects.select_related("build__adapter"), pk=pk)
        build = deployment.build
        return subject_of(kind, deployment, deployment=deployment, build=build, lineage=_lineage(build))
    raise Http404(f"There is no lineage of {kind}.")


def _lineage(build: Build) -> list[Adapter]:
    return adapter_lineage(build.adapter) if build.adapter else []


def _chosen_datasets(request: HttpRequest, subject: Subject) -> list[int]:
    """All of the chain, or the one that the page is narrowed to."""
    asked = request.GET.get("dataset", "")
    return [key for key in subject.datasets if not asked or str(key) == asked]


def _reach(subject: Subject) -> Reach | None:
    """What came of an adapter or a dataset; of a build or deployment its own page tells."""
    if isinstance(subject.row, Adapter):
        return reach_of([subject.row.pk])
    return reach_of(trained_on([subject.row.pk])) if isinstance(subject.row, Dataset) else None


def _sources_page(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    datasets = _chosen_datasets(request, subject)
    groups = [group for group in subject.groups if group.dataset in datasets]
    found = sources(groups, text=request.GET.get("q", "").strip())
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return {"page": page, "sources": source_rows(list(page.object_list), datasets)}


def _samples_asked(request: HttpRequest, subject: Subject) -> Any:
    learned = taught(_chosen_datasets(request, subject))
    document, text = request.GET.get("document", ""), request.GET.get("q", "").strip()
    return samples_found(learned, text=text, document=document)


def _samples_page(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    """Pages over keys alone: sorting whole samples would move their texts about."""
    keys = Paginator(_samples_asked(request, subject).values_list("pk", flat=True), PAGE_SIZE)
    page = keys.get_page(request.GET.get("page"))
    shown = Sample.objects.filter(pk__in=list(page.object_list)).order_by("-dataset_id", "pk")
    return {"page": page, "samples": with_origin(shown)}


def _download(facts: dict[str, Any], name: str) -> JsonResponse:
    response = JsonResponse(facts, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response
