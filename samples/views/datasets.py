"""Datasets: the list, one of them with its checks, manifest and exports, comparing, and freezing."""

import json
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from samples import selectors, selectors_datasets
from samples.models import Dataset
from samples.plan import load_plan
from samples.records import FORMATS
from samples.services.comparison import dataset_compare
from samples.services.datasets import MANIFEST, dataset_discard, dataset_freeze, file_names, stream
from samples.services.generation import generation_resume
from web4site.errors import UserError
from web4site.exports import export
from web4site.models import Run
from web4site.roles import REVIEWER, has_role, role_required
from web4site.row_numbers import row_number
from web4site.runs import run_enqueue

VALIDATE_JOB = "samples.jobs.validate_job"
ESTIMATE_JOB = "samples.jobs.estimate_job"
COLUMNS = (
    "pk",
    "name",
    "status",
    "sha256",
    "counts",
    "tokens",
    "near_duplicates",
    "contaminated",
    "created_at",
    "frozen_at",
)


def dataset_list(request: HttpRequest) -> HttpResponseBase:
    status = request.GET.get("status", "")
    datasets = selectors.datasets_listed(status if status in Dataset.Status.values else "")
    if file_format := request.GET.get("export"):
        return export(datasets.values(*COLUMNS), COLUMNS, file_format, "datasets")
    page = Paginator(datasets.order_by("-created_at", "-pk"), 30).get_page(request.GET.get("page"))
    return render(request, "samples/dataset_list.html", {"page": page, "statuses": Dataset.Status.values})


def dataset_detail(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset.objects.select_related("run"), pk=pk)
    context = {
        "dataset": dataset,
        "progress": selectors.plan_progress(dataset),
        "files": file_names(dataset),
        "formats": FORMATS,
        "manifest": _manifest(dataset),
        "parts": selectors_datasets.plan_parts(dataset),
        "others": selectors.dataset_options(),
        "checking": Run.objects.filter(
            kind=Run.Kind.VALIDATE, status__in=Run.ACTIVE, params__dataset=dataset.pk, job=VALIDATE_JOB
        ).first(),
        "may_act": has_role(request.user, REVIEWER),
    }
    return render(request, "samples/dataset_detail.html", context)


def _manifest(dataset: Dataset) -> str:
    file = Path(dataset.folder) / MANIFEST
    if not dataset.folder or not file.is_file():
        return ""
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest.pop("plan", None)
    return json.dumps(manifest, indent=2)


def dataset_checks(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """What stands behind the number of one check."""
    dataset = get_object_or_404(Dataset, pk=pk)
    check = next((row for row in dataset.checks.get("checks", ()) if row["name"] == name), None)
    if check is None:
        raise Http404("This dataset was not checked for that.")
    findings = selectors_datasets.findings_listed(dataset, name)
    if file_format := request.GET.get("export"):
        return export(findings, selectors_datasets.FINDING_COLUMNS, file_format, "findings")
    page = Paginator(findings, 50).get_page(request.GET.get("page"))
    return render(request, "samples/dataset_checks.html", {"dataset": dataset, "check": check, "page": page})


def dataset_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """This dataset beside an older one; by default the one it came from, else the one made before it."""
    dataset = get_object_or_404(Dataset, pk=pk)
    number = row_number(request.GET.get("with"))
    others = Dataset.objects.exclude(pk=pk)
    older = others.filter(pk=number).first() if number else dataset.parent or others.filter(pk__lt=pk).first()
    context = {
        "dataset": dataset,
        "others": [option for option in selectors.dataset_options() if option[0] != pk],
        "comparison": dataset_compare(before=older, after=dataset) if older else None,
    }
    return render(request, "samples/dataset_comparison.html", context)


def dataset_plan(request: HttpRequest) -> HttpResponse:
    """The plan as it is written, with the newest estimate of what the index can yield of it."""
    runs = Run.objects.filter(job=ESTIMATE_JOB)
    context = {
        "plan": load_plan(),
        "running": runs.filter(status__in=Run.ACTIVE).first(),
        "estimate": runs.filter(status=Run.Status.SUCCEEDED).order_by("-pk").first(),
        "may_act": has_role(request.user, REVIEWER),
    }
    return render(request, "samples/dataset_plan.html", context)


@require_POST
@role_required(REVIEWER)
def estimate_start(request: HttpRequest) -> HttpResponse:
    run_enqueue(kind=Run.Kind.OTHER, title="Estimate the plan", job=ESTIMATE_JOB, queue="default", actor=request.user)
    return redirect("samples:dataset_plan")


@require_POST
@role_required(REVIEWER)
def dataset_check(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset, pk=pk)
    run_enqueue(
        kind=Run.Kind.VALIDATE,
        title=f"Check {dataset.name}",
        job=VALIDATE_JOB,
        queue="default",
        params={"dataset": dataset.pk, "similarity": "similarity" in request.POST},
        actor=request.user,
    )
    return redirect(dataset)


@require_POST
@role_required(REVIEWER)
def dataset_resume(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset, pk=pk)
    try:
        return redirect(generation_resume(dataset=dataset, enqueue=True, actor=request.user))
    except UserError as error:
        messages.error(request, str(error))
        return redirect(dataset)


@require_POST
@role_required(REVIEWER)
def dataset_drop(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset, pk=pk)
    try:
        dataset_discard(dataset=dataset)
        messages.success(request, f"{dataset.name} is gone.")
        return redirect("samples:dataset_list")
    except UserError as error:
        messages.error(request, str(error))
        return redirect(dataset)


@require_POST
@role_required(REVIEWER)
def dataset_close(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset, pk=pk)
    try:
        dataset_freeze(dataset=dataset)
        messages.success(request, f"{dataset.name} is frozen under {dataset.sha256[:12]}.")
    except UserError as error:
        messages.error(request, str(error))
    return redirect(dataset)


def dataset_download(request: HttpRequest, pk: int, name: str, file_format: str) -> StreamingHttpResponse:
    """One file of an export, streamed."""
    dataset = get_object_or_404(Dataset, pk=pk)
    if file_format not in FORMATS or name not in file_names(dataset):
        raise Http404("There is no such file in this dataset.")
    suffix = FORMATS[file_format].suffix
    response = StreamingHttpResponse(stream(dataset, name, file_format), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response
