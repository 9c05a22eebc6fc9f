"""Pages of the canaries: the set that holds, its history, and editing one of them."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from evaluation.canaries import record_faults
from evaluation.forms import CanaryForm, ReasonForm
from evaluation.models import CanarySet
from evaluation.services import canaries
from evaluation.views import decision
from web4site.errors import UserError
from web4site.roles import APPROVER, has_role, role_required

PAGE_SIZE = 30


def with_canaries(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Says what is wrong with the file canaries.toml where it cannot be read."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as error:
            messages.error(request, str(error))
            return redirect("evaluation:evaluation_list")

    return told


@with_canaries
def canary_list(request: HttpRequest) -> HttpResponse:
    current = canaries.canary_set_current()
    context = {
        "current": current,
        "rows": [(record, _asserted(record)) for record in current.records],
        "page": Paginator(CanarySet.objects.select_related("author"), PAGE_SIZE).get_page(request.GET.get("page")),
        "can_edit": has_role(request.user, APPROVER),
    }
    return render(request, "evaluation/canary_list.html", context)


@with_canaries
def canary_set_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: who, when, why, and what it changed."""
    canary_set = get_object_or_404(CanarySet.objects.select_related("author"), pk=pk)
    before = CanarySet.objects.filter(pk__lt=pk).first()
    context = {
        "set": canary_set,
        "before": before,
        "diff": canaries.canary_set_diff(before, canary_set),
        "evaluations": canary_set.evaluations.select_related("build")[:10],
        "current": canaries.canary_set_current(),
        "can_edit": has_role(request.user, APPROVER),
    }
    return render(request, "evaluation/canary_set_detail.html", context)


def canary_set_export(request: HttpRequest, pk: int) -> HttpResponse:
    text = canaries.canary_set_export(get_object_or_404(CanarySet, pk=pk))
    response = HttpResponse(text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="canaries-{pk}.toml"'
    return response


@decision
def canary_set_restore(request: HttpRequest, pk: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    try:
        made = canaries.canary_set_restore(
            canary_set=get_object_or_404(CanarySet, pk=pk),
            author=request.user,
            reason=form.cleaned_data["comment"] if form.is_valid() else "",
        )
    except UserError as error:
        messages.error(request, str(error))
        return redirect("evaluation:canary_set_detail", pk)
    messages.success(request, f"Version {pk} holds again, as version {made.pk}.")
    return redirect(made)


@role_required(APPROVER)
@with_canaries
def canary_edit(request: HttpRequest, name: str = "") -> HttpResponse:
    """The form of one canary, filled as it holds now; `name` empty is a new one."""
    current = canaries.canary_set_current()
    record = next((one for one in current.records if one["id"] == name), None)
    if name and record is None:
        raise Http404(f"There is no canary '{name}'.")
    form = CanaryForm(initial=CanaryForm.initial_of(record or {}, base=current.pk))
    return _edit_page(request, form, name)


@decision
def canary_save(request: HttpRequest) -> HttpResponse:
    """Try an edited canary on the live model's last answer; the same again with "save" stores it."""
    form = CanaryForm(request.POST)
    name = request.POST.get("id", "")
    if not form.is_valid():
        return _edit_page(request, form, name)
    record = form.record()
    if request.POST.get("action") != "save":
        if faults := record_faults(record):
            form.add_error(None, "; ".join(faults).capitalize() + ".")
            return _edit_page(request, form, name)
        return _edit_page(request, form, name, canaries.canary_try(record))
    try:
        made = canaries.canary_save(
            record=record,
            author=request.user,
            reason=form.cleaned_data["reason"],
            base=CanarySet.objects.filter(pk=form.cleaned_data["base"]).first(),
        )
    except UserError as error:
        form.add_error(None, str(error))
        return _edit_page(request, form, name)
    messages.success(request, f"Saved as version {made.pk}: it holds from the next evaluation on.")
    return redirect(made)


def _edit_page(request: HttpRequest, form: CanaryForm, name: str, trial: dict[str, Any] | None = None) -> HttpResponse:
    case = canaries.last_live_case(name) if name else None
    context = {"form": form, "name": name, "trial": trial, "case": case}
    return render(request, "evaluation/canary_edit.html", context, status=422 if form.errors else 200)


def _asserted(record: dict[str, Any]) -> str:
    """The assertions in one line."""
    skipped = {"id", "kind", "prompt", "max_tokens", "frame", "case"}
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in record.items() if key not in skipped)
