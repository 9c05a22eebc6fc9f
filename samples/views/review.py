"""The review room: one sample after the other, judged by key."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from samples import selectors, selectors_review
from samples.forms import AlikeForm, BulkForm, EditForm, FilterForm, RejectForm
from samples.models import Dataset, Sample
from samples.services import reviews
from web4site.errors import UserError
from web4site.roles import REVIEWER, has_role, role_required
from web4site.row_numbers import row_number


def review_queue(request: HttpRequest) -> HttpResponse:
    dataset = selectors.dataset_shown(request.GET.get("dataset"))
    context: dict[str, Any] = {"dataset": dataset, "datasets": selectors.dataset_options()}
    if dataset is None:
        return render(request, "samples/review.html", context)
    at, seen = (row_number(request.GET.get(name)) for name in ("at", "seen"))
    context |= _card(request, dataset, at, seen=seen)
    context["tasks"] = selectors.task_types(dataset)
    template = "samples/_review_card.html" if request.htmx else "samples/review.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _card(request: HttpRequest, dataset: Dataset, at: int | None, *, seen: int | None = None) -> dict[str, Any]:
    """What the card shows; the filters travel in the address.

    `seen`: what the person knew of when they began to reject the sample `at`; showing it again is no look at it.
    """
    newest = selectors_review.newest_decision()
    form = FilterForm(request.GET)
    filters = form.filters()
    queue = selectors.samples_filtered(dataset, filters)
    second = request.GET.get("second") == "1"
    position = selectors_review.queue_position(queue, at, actor=request.user, second=second)
    kept = {"dataset": dataset.pk, **filters, **({"second": 1} if second else {})}
    may_act = has_role(request.user, REVIEWER) and dataset.status == Dataset.Status.DRAFT
    sample = position.sample
    same = sample is not None and at in (None, sample.pk)
    claimed = reviews.sample_claim(sample=sample, actor=request.user) if sample and may_act else True
    return {
        "dataset": dataset,
        "filters": form,
        "position": position,
        "sample": sample,
        "seen": seen if same and seen is not None else newest,
        "newest": newest,
        "second": second,
        "claimed_by": None if claimed or sample is None else sample.claimed_by,
        "passages": selectors_review.source_passages(sample) if sample else [],
        "differences": selectors_review.edit_differences(sample) if sample and sample.edited and not second else [],
        "reasons": list(enumerate(reviews.REASONS, 1)),
        "rejecting": same and request.GET.get("rejecting") == "1",
        "may_act": may_act and claimed,
        "kept": urlencode(kept),
    }


@require_POST
@role_required(REVIEWER)
def sample_approve(request: HttpRequest, pk: int) -> HttpResponse:
    sample, seen = _sample(pk), _seen(request)
    if request.GET.get("second") == "1":
        return _after(
            request,
            sample,
            lambda: reviews.review_second(sample=sample, actor=request.user, approve=True, seen=seen),
        )
    return _after(request, sample, lambda: reviews.review_approve(sample=sample, actor=request.user, seen=seen))


@require_POST
@role_required(REVIEWER)
def sample_reject(request: HttpRequest, pk: int) -> HttpResponse:
    sample, seen = _sample(pk), _seen(request)
    form = RejectForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if request.GET.get("second") == "1":
        return _after(
            request,
            sample,
            lambda: reviews.review_second(sample=sample, actor=request.user, approve=False, reason=reason, seen=seen),
        )
    return _after(
        request, sample, lambda: reviews.review_reject(sample=sample, actor=request.user, reason=reason, seen=seen)
    )


@role_required(REVIEWER)
def sample_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET gives the form into the card, POST saves it and goes on."""
    sample = _sample(pk)
    if request.method != "POST":
        seen = row_number(request.GET.get("seen"))
        return _edit_form(request, sample, EditForm(instance=sample), seen)
    form = EditForm(request.POST, instance=Sample(pk=sample.pk))
    try:
        reviews.review_edit(
            sample=sample,
            actor=request.user,
            values={name: request.POST.get(name, "") for name in reviews.EDITABLE},
            seen=_seen(request),
        )
    except reviews.JudgedMeanwhile as error:
        form.add_error(None, f"{error} Your text is still here: save it all the same, or leave the sample as it is.")
        return _edit_form(request, sample, form, error.decision.pk)
    except UserError as error:
        form.add_error(None, str(error))
        return _edit_form(request, sample, form, _seen(request))
    return _shown(request, sample.dataset, sample.pk)


def _edit_form(request: HttpRequest, sample: Sample, form: EditForm, seen: int | None) -> HttpResponse:
    context = {"sample": sample, "form": form, "kept": _kept(request)}
    context["seen"] = selectors_review.newest_decision() if seen is None else seen
    template = "samples/_review_edit.html" if request.htmx else "samples/review_edit.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@role_required(REVIEWER)
def review_undo_last(request: HttpRequest) -> HttpResponse:
    """Take back the person's own last decision and show that sample again."""
    dataset = get_object_or_404(Dataset, pk=row_number(request.GET.get("dataset")))
    decision = selectors_review.last_decision_of(request.user, dataset)
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
    dataset = get_object_or_404(Dataset, pk=row_number(request.GET.get("dataset")))
    form = BulkForm(request.POST)
    samples = selectors.samples_filtered(dataset, FilterForm(request.GET).filters())
    pending = samples.filter(review=Sample.Review.PENDING).count()
    if not form.is_valid() or form.cleaned_data["expected"] != pending:
        messages.warning(request, f"Nothing was changed: {pending} samples match now. Look again and repeat.")
    else:
        values = form.cleaned_data
        try:
            done = reviews.review_bulk(
                samples=samples,
                actor=request.user,
                action=values["action"],
                reason=values["reason"],
                seen=_seen(request),
            )
            messages.success(request, f"{done} samples: {values['action']}.{_left_alone(pending - done)}")
        except UserError as error:
            messages.error(request, str(error))
    return redirect(f"{reverse('samples:review')}?{request.GET.urlencode()}")


@role_required(REVIEWER)
def review_alike(request: HttpRequest, pk: int) -> HttpResponse:
    """A rejection carried over to the samples that share its fault: GET shows them, POST rejects what was shown."""
    sample = _sample(pk)
    form = AlikeForm(request.POST or request.GET)
    values: dict[str, Any] = {"task": True, "document": False, "phrase": "", "reason": ""}
    if form.is_valid():
        values = form.cleaned_data
    found = selectors_review.samples_alike(
        sample, task=values["task"], document=values["document"], phrase=values["phrase"]
    )
    count = found.count()
    if request.method == "POST":
        if values.get("expected") != count:
            messages.warning(request, f"Nothing was changed: {count} samples match now. Look again and repeat.")
        else:
            return _reject_alike(request, sample, found, values["reason"], count)
    context = {
        "seen": selectors_review.newest_decision(),
        "sample": sample, "form": form, "values": values, "count": count, "reasons": reviews.REASONS,
        "found": found.order_by("pk")[: selectors_review.ALIKE_SHOWN],
    }  # fmt: skip
    return render(request, "samples/review_alike.html", context)


def _reject_alike(
    request: HttpRequest, sample: Sample, found: QuerySet[Sample], reason: str, count: int
) -> HttpResponse:
    try:
        done = reviews.review_bulk(
            samples=found, actor=request.user, action="reject", reason=reason, seen=_seen(request)
        )
        messages.success(request, f"{done} samples rejected: {reason}.{_left_alone(count - done)}")
    except UserError as error:
        messages.error(request, str(error))
    return _shown(request, sample.dataset, None)


def _left_alone(count: int) -> str:
    return f" {count} left alone: somebody else judges them now, or did meanwhile." if count else ""


@require_POST
@role_required(REVIEWER)
def decision_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last decision on a sample, whoever made it; the audit keeps both."""
    sample = _sample(pk)
    try:
        reviews.review_undo(sample=sample, actor=request.user, seen=_seen(request))
    except UserError as error:
        messages.error(request, str(error))
    return redirect(sample)


def review_progress(request: HttpRequest) -> HttpResponse:
    """Fragment: who judged how much, and how far second opinions agree; loaded when it is opened."""
    dataset = get_object_or_404(Dataset, pk=row_number(request.GET.get("dataset")))
    context = {"people": selectors_review.reviewers(dataset), "agreement": selectors_review.agreement(dataset)}
    return render(request, "samples/_review_progress.html", context)


def _sample(pk: int) -> Sample:
    return get_object_or_404(Sample.objects.select_related("dataset"), pk=pk)


def _seen(request: HttpRequest) -> int | None:
    """The newest decision that the page with this form knew of."""
    return row_number(request.POST.get("seen"))


def _kept(request: HttpRequest) -> str:
    """The queue's address, without what belongs to one sample of it."""
    query = request.GET.copy()
    for name in ("at", "rejecting", "seen"):
        query.pop(name, None)
    return query.urlencode()


def _after(request: HttpRequest, sample: Sample, decide: Any) -> HttpResponse:
    """Decide, then show the next one; a refusal is shown on the same card."""
    try:
        decide()
    except reviews.JudgedMeanwhile as error:
        return _judged_meanwhile(request, sample, error)
    except UserError as error:
        messages.error(request, str(error))
        return _shown(request, sample.dataset, sample.pk)
    return _shown(request, sample.dataset, _next(request, sample))


def _next(request: HttpRequest, sample: Sample) -> int | None:
    queue = selectors.samples_filtered(sample.dataset, FilterForm(request.GET).filters())
    if request.GET.get("second") == "1":
        queue = selectors_review.second_opinions(queue, request.user)
    else:
        queue = queue.filter(review=Sample.Review.PENDING)
    return selectors_review.next_to_judge(queue, sample.pk, request.user)


def _judged_meanwhile(request: HttpRequest, sample: Sample, error: reviews.JudgedMeanwhile) -> HttpResponse:
    """Both verdicts on one sample: the other person's stands until this person, who knows of it now, decides again."""
    sample.refresh_from_db()
    second = request.GET.get("second") == "1"
    rejection = RejectForm(request.POST)
    context = {
        "sample": sample,
        "told": "This sample was judged again meanwhile." if second else str(error),
        "seen": error.decision.pk,
        "reason": rejection.cleaned_data["reason"] if rejection.is_valid() else "",
        "kept": _kept(request),
        "following": _next(request, sample),
        "passages": selectors_review.source_passages(sample),
        "differences": selectors_review.edit_differences(sample) if sample.edited and not second else [],
    }
    page = "samples/_review_conflict.html" if request.htmx else "samples/review_conflict.html"  # type: ignore[attr-defined]
    return render(request, page, context)


def _shown(request: HttpRequest, dataset: Dataset, at: int | None) -> HttpResponse:
    """The card for htmx, a redirect to it for a plain form."""
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "samples/_review_card.html", _card(request, dataset, at))
    query = request.GET.copy()
    query["dataset"] = str(dataset.pk)
    query.pop("at", None)
    query.pop("rejecting", None)
    if at is not None:
        query["at"] = str(at)
    return redirect(f"{reverse('samples:review')}?{query.urlencode()}")
