"""The review room: one sample after the other, judged by key."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from samples import selectors
from samples.forms import BulkForm, EditForm, FilterForm, RejectForm
from samples.models import Dataset, Sample
from samples.services import reviews
from web4site.errors import UserError
from web4site.roles import REVIEWER, has_role, role_required


def review_queue(request: HttpRequest) -> HttpResponse:
    dataset = selectors.dataset_shown(request.GET.get("dataset"))
    context: dict[str, Any] = {"dataset": dataset, "datasets": selectors.dataset_options()}
    if dataset is None:
        return render(request, "samples/review.html", context)
    at = request.GET.get("at", "")
    context |= _card(request, dataset, int(at) if at.isdigit() else None)
    context["tasks"] = selectors.task_types(dataset)
    template = "samples/_review_card.html" if request.htmx else "samples/review.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _card(request: HttpRequest, dataset: Dataset, at: int | None) -> dict[str, Any]:
    """What the card shows; the filters travel in the address."""
    form = FilterForm(request.GET)
    filters = form.filters()
    queue = selectors.samples_filtered(dataset, filters)
    position = selectors.queue_position(queue, at)
    kept = {"dataset": dataset.pk, **filters}
    return {
        "dataset": dataset,
        "filters": form,
        "position": position,
        "sample": position.sample,
        "passages": selectors.source_passages(position.sample) if position.sample else [],
        "reasons": list(enumerate(reviews.REASONS, 1)),
        "rejecting": request.GET.get("rejecting") == "1",
        "may_act": has_role(request.user, REVIEWER) and dataset.status == Dataset.Status.DRAFT,
        "kept": urlencode(kept),
    }


@require_POST
@role_required(REVIEWER)
def sample_approve(request: HttpRequest, pk: int) -> HttpResponse:
    sample = _sample(pk)
    return _after(request, sample, lambda: reviews.review_approve(sample=sample, actor=request.user))


@require_POST
@role_required(REVIEWER)
def sample_reject(request: HttpRequest, pk: int) -> HttpResponse:
    sample = _sample(pk)
    form = RejectForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    return _after(request, sample, lambda: reviews.review_reject(sample=sample, actor=request.user, reason=reason))


@role_required(REVIEWER)
def sample_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET gives the form into the card, POST saves it and goes on."""
    sample = _sample(pk)
    if request.method != "POST":
        return _edit_form(request, sample, EditForm(instance=sample))
    form = EditForm(request.POST, instance=Sample(pk=sample.pk))
    try:
        reviews.review_edit(
            sample=sample, actor=request.user, values={n: request.POST.get(n, "") for n in reviews.EDITABLE}
        )
    except UserError as error:
        form.add_error(None, str(error))
        return _edit_form(request, sample, form)
    return _shown(request, sample.dataset, sample.pk)


def _edit_form(request: HttpRequest, sample: Sample, form: EditForm) -> HttpResponse:
    context = {"sample": sample, "form": form, "kept": request.GET.urlencode()}
    template = "samples/_review_edit.html" if request.htmx else "samples/review_edit.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@role_required(REVIEWER)
def review_undo_last(request: HttpRequest) -> HttpResponse:
    """Take back the person's own last decision and show that sample again."""
    dataset = get_object_or_404(Dataset, pk=request.GET.get("dataset") or 0)
    decision = selectors.last_decision_of(request.user, dataset)
    if decision is None:
        messages.warning(request, "There is no decision of yours to undo in this dataset.")
        return _shown(request, dataset, None)
    try:
        reviews.review_undo(sample=decision.sample, actor=request.user)
    except UserError as error:
        messages.error(request, str(error))
    return _shown(request, dataset, decision.sample_id)


@require_POST
@role_required(REVIEWER)
def review_many(request: HttpRequest) -> HttpResponse:
    """All pending samples of the filter at once; `expected` is the number the preview showed."""
    dataset = get_object_or_404(Dataset, pk=request.GET.get("dataset") or 0)
    form = BulkForm(request.POST)
    samples = selectors.samples_filtered(dataset, FilterForm(request.GET).filters())
    pending = samples.filter(review=Sample.Review.PENDING).count()
    if not form.is_valid() or form.cleaned_data["expected"] != pending:
        messages.warning(request, f"Nothing was changed: {pending} samples match now. Look again and repeat.")
    else:
        values = form.cleaned_data
        try:
            done = reviews.review_bulk(
                samples=samples, actor=request.user, action=values["action"], reason=values["reason"]
            )
            messages.success(request, f"{done} samples: {values['action']}.")
        except UserError as error:
            messages.error(request, str(error))
    return redirect(f"{reverse('samples:review')}?{request.GET.urlencode()}")


def _sample(pk: int) -> Sample:
    return get_object_or_404(Sample.objects.select_related("dataset"), pk=pk)


def _after(request: HttpRequest, sample: Sample, decide: Any) -> HttpResponse:
    """Decide, then show the next one; a refusal is shown on the same card."""
    try:
        decide()
    except UserError as error:
        messages.error(request, str(error))
        return _shown(request, sample.dataset, sample.pk)
    queue = selectors.samples_filtered(sample.dataset, FilterForm(request.GET).filters())
    return _shown(request, sample.dataset, selectors.next_pending(queue, sample.pk))


def _shown(request: HttpRequest, dataset: Dataset, at: int | None) -> HttpResponse:
    """The card for htmx, a redirect to it for a plain form."""
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "samples/_review_card.html", _card(request, dataset, at))
    query = request.GET.copy()
    query["dataset"] = str(dataset.pk)
    query.pop("at", None)
    if at is not None:
        query["at"] = str(at)
    return redirect(f"{reverse('samples:review')}?{query.urlencode()}")
