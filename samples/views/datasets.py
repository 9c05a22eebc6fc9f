"""Datasets: the list, one of them with its manifest and exports, and freezing."""

import json
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from samples import selectors
from samples.models import Dataset
from samples.records import FORMATS
from samples.services.datasets import MANIFEST, dataset_freeze, file_names, stream
from web4site.errors import UserError
from web4site.exports import export
from web4site.roles import REVIEWER, has_role, role_required

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
    suffix = FORMATS[file_format][2]
    response = StreamingHttpResponse(stream(dataset, name, file_format), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response
