"""The list of samples with plan and tokens, one sample, and the start of a generation."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from samples import selectors, selectors_datasets, selectors_review
from samples.forms import FilterForm, GenerateForm
from samples.models import Sample
from samples.services.reviews import REASONS
from web4site.exports import export
from web4site.models import Run
from web4site.roles import REVIEWER, has_role, role_required
from web4site.runs import run_enqueue

PAGE_SIZE = 50


def sample_list(request: HttpRequest) -> HttpResponseBase:
    dataset = selectors.dataset_shown(request.GET.get("dataset"))
    form = FilterForm(request.GET)
    context: dict[str, Any] = {
        "dataset": dataset,
        "datasets": selectors.dataset_options(),
        "filters": form,
        "generate": GenerateForm(),
        "may_act": has_role(request.user, REVIEWER),
        "run": Run.objects.filter(kind=Run.Kind.GENERATE, status__in=Run.ACTIVE).first(),
        "unfinished": selectors_datasets.interrupted(),
    }
    if dataset is None:
        return render(request, "samples/sample_list.html", context)
    filters = form.filters()
    samples = selectors.samples_filtered(dataset, filters)
    if file_format := request.GET.get("export"):
        return export(selectors.export_rows(samples), selectors.EXPORT_COLUMNS, file_format, "samples")
    rows = selectors.sample_rows(samples, filters.get("sort", ""))
    context |= {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "progress": selectors.plan_progress(dataset),
        "tasks": selectors.task_types(dataset),
        "sorts": selectors.SORTS,
    }
    return render(request, "samples/sample_list.html", context)


def token_plot(request: HttpRequest) -> JsonResponse:
    dataset = selectors.dataset_shown(request.GET.get("dataset"))
    return JsonResponse(selectors.token_figure(dataset) if dataset else {"data": [], "layout": {}})


def sample_detail(request: HttpRequest, pk: int) -> HttpResponse:
    sample = get_object_or_404(Sample.objects.select_related("dataset", "document"), pk=pk)
    context = {
        "seen": selectors_review.newest_decision(),
        "sample": sample,
        "passages": selectors_review.source_passages(sample),
        "differences": selectors_review.edit_differences(sample) if sample.edited else [],
        "decisions": sample.decisions.select_related("actor"),
        "may_act": has_role(request.user, REVIEWER),
        "reasons": REASONS,
    }
    return render(request, "samples/sample_detail.html", context)


@require_POST
@role_required(REVIEWER)
def generation_start(request: HttpRequest) -> HttpResponse:
    form = GenerateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The scale must be above 0 and at most 100, the seed a whole number.")
        return redirect("samples:sample_list")
    params = form.params()
    run = run_enqueue(
        kind=Run.Kind.GENERATE,
        title=f"Generate samples, scale {params['scale']:g}",
        job="samples.jobs.generate_job",
        queue="default",
        params=params,
        actor=request.user,
    )
    return redirect(run)
