"""Pages of evaluation and deployment."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from evaluation import selectors
from evaluation.comparison import changes
from evaluation.diffs import word_diff
from evaluation.forms import ApprovalForm, EvaluationForm, ReasonForm, RollbackForm
from evaluation.models import Case, Deployment, Evaluation
from evaluation.services import activation, deployments, evaluations
from evaluation.services.evidence import blockers
from web4site.errors import UserError
from web4site.exports import export
from web4site.models import Run
from web4site.roles import APPROVER, REVIEWER, has_role, role_required

PAGE_SIZE = 50
EVALUATION_COLUMNS = (
    "id", "build__name", "profile", "overall", "cleared", "canaries_passed", "canaries_total", "created_at",
)  # fmt: skip
CASE_COLUMNS = ("harness", "case_id", "outcome", "why", "prompt", "output", "seconds", "tokens")
EVENT_COLUMNS = (
    "deployment_id",
    "deployment__build__name",
    "before",
    "after",
    "actor__username",
    "comment",
    "created_at",
)
DEPLOYMENT_COLUMNS = (
    "id", "build__name", "kind", "status", "runtime", "evaluation_id", "created_at", "live_at", "ended_at",
)  # fmt: skip


def decision(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """What a person with the role approver decides, signed in in a browser: a key decides nothing, whoever owns it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "Authorization" in request.headers or "X-Api-Key" in request.headers:
            raise PermissionDenied("A key cannot decide this: sign in in a browser.")
        return view(request, *args, **kwargs)

    return require_POST(role_required(APPROVER)(guarded))


def evaluation_list(request: HttpRequest) -> HttpResponseBase:
    asked = {key: request.GET.get(key, "") for key in ("profile", "cleared", "text", "sort")}
    found = selectors.evaluations(**asked)
    if file_format := request.GET.get("export"):
        return export(found.values(*EVALUATION_COLUMNS).iterator(), EVALUATION_COLUMNS, file_format, "evaluations")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "profiles": Evaluation.Profile.values,
        "sorts": selectors.EVALUATION_SORTS,
        "active": Run.objects.filter(kind=Run.Kind.EVALUATE, status__in=Run.ACTIVE),
        "failed": selectors.failed_run(),
        "form": EvaluationForm(initial={"build": request.GET.get("build")}),
        "can_start": has_role(request.user, REVIEWER),
    }
    return render(request, "evaluation/evaluation_list.html", context)


@require_POST
@role_required(REVIEWER)
def evaluation_start(request: HttpRequest) -> HttpResponse:
    form = EvaluationForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a build and a profile.")
        return redirect("evaluation:evaluation_list")
    evaluations.evaluation_enqueue(**form.cleaned_data, actor=request.user)
    return redirect("evaluation:evaluation_list")


def evaluation_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    evaluation = get_object_or_404(Evaluation.objects.select_related("build__adapter", "run"), pk=pk)
    asked = {key: request.GET.get(key, "") for key in ("harness", "outcome", "text")}
    cases = selectors.evaluation_cases(evaluation, **asked)
    if file_format := request.GET.get("export"):
        return export(cases.values(*CASE_COLUMNS).iterator(), CASE_COLUMNS, file_format, f"evaluation-{pk}-cases")
    context = {
        "evaluation": evaluation,
        "gates": selectors.gate_rows(evaluation),
        "canaries": selectors.canary_rows(evaluation),
        "blockers": blockers(evaluation) if evaluation.report else [],
        "has_incident": any(not gate["passed"] for gate in evaluation.report.get("gates", [])),
        "page": Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page")),
        "harnesses": selectors.harness_counts(evaluation),
        "outcomes": Case.Outcome.values,
        "can_propose": has_role(request.user, REVIEWER) and bool(evaluation.report),
    }
    return render(request, "evaluation/evaluation_detail.html", context)


def evaluation_report(request: HttpRequest, pk: int) -> JsonResponse:
    """The whole report as a download: every gate and every case."""
    evaluation = get_object_or_404(Evaluation, pk=pk)
    response = JsonResponse(evaluation.report | {"cases": evaluations.case_rows(evaluation)})
    response["Content-Disposition"] = f'attachment; filename="evaluation-{pk}.json"'
    return response


@require_POST
@role_required(REVIEWER)
def evaluation_propose(request: HttpRequest, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(Evaluation, pk=pk)
    try:
        return redirect(deployments.deployment_create(evaluation=evaluation, actor=request.user))
    except UserError as error:
        messages.error(request, str(error))
        return redirect(evaluation)


def case_detail(request: HttpRequest, pk: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.select_related("evaluation__build"), pk=pk)
    other = selectors.case_of_live(case)
    diff = word_diff(other.output, case.output) if other else []
    return render(request, "evaluation/case_detail.html", {"case": case, "other": other, "diff": diff})


def deployment_list(request: HttpRequest) -> HttpResponseBase:
    found = selectors.deployment_history(status=request.GET.get("status", ""), text=request.GET.get("text", ""))
    if file_format := request.GET.get("export"):
        return export(found.values(*DEPLOYMENT_COLUMNS).iterator(), DEPLOYMENT_COLUMNS, file_format, "deployments")
    live = selectors.live_deployment()
    context = {
        "live": live,
        "measured": selectors.last_evaluation(live.build) if live else None,
        "last_good": activation.last_good(),
        "serving_fault": selectors.serving_fault(),
        "proposals": selectors.proposals(),
        "active": Run.objects.filter(kind=Run.Kind.DEPLOY, status__in=Run.ACTIVE),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "statuses": Deployment.Status.choices,
        "can_approve": has_role(request.user, APPROVER),
    }
    return render(request, "evaluation/deployment_list.html", context)


def deployment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    found = Deployment.objects.select_related("build__adapter__training__dataset", "evaluation__run")
    deployment = get_object_or_404(found, pk=pk)
    live = selectors.live_deployment()
    context = {
        "deployment": deployment,
        "proposal": selectors.proposal(deployment),
        "events": deployment.events.select_related("actor"),
        "live": live,
        "runs": Run.objects.filter(kind=Run.Kind.DEPLOY, params__deployment=pk)[:3],
        "can_approve": has_role(request.user, APPROVER),
        "not_independent": deployments.independence_fault(deployment, request.user),
        "approvals": deployment.approvals.select_related("actor"),
        "changes": changes(deployment, live),
    }
    return render(request, "evaluation/deployment_detail.html", context)


def deployment_log(request: HttpRequest) -> HttpResponseBase:
    """The audit log: every decision about every deployment."""
    asked = {key: request.GET.get(key, "") for key in ("who", "after", "text")}
    found = selectors.deployment_events(**asked)
    if file_format := request.GET.get("export"):
        return export(found.values(*EVENT_COLUMNS).iterator(), EVENT_COLUMNS, file_format, "decisions")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "people": selectors.deciders(),
        "statuses": Deployment.Status.choices,
    }
    return render(request, "evaluation/deployment_log.html", context)


@decision
def deployment_approve(request: HttpRequest, pk: int) -> HttpResponse:
    deployment = get_object_or_404(Deployment, pk=pk)
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write a comment: what did you look at before you approved?")
        return redirect(deployment)

    def approve() -> None:
        deployments.deployment_approve(deployment=deployment, actor=request.user, **form.cleaned_data)
        done = "Approved. Make it live when you are ready."
        if deployment.status == Deployment.Status.CLEARED:
            done = "Your approval is noted: a second approver has to approve it too."
        messages.success(request, done)

    return _do(request, deployment, approve)


@decision
def deployment_reject(request: HttpRequest, pk: int) -> HttpResponse:
    deployment = get_object_or_404(Deployment, pk=pk)
    comment = _reason(request)

    def reject() -> None:
        deployments.deployment_reject(deployment=deployment, actor=request.user, comment=comment)

    return _do(request, deployment, reject, "Rejected.")


@decision
def deployment_activate(request: HttpRequest, pk: int) -> HttpResponse:
    deployment = get_object_or_404(Deployment, pk=pk)

    def activate() -> None:
        deployments.check_approved(deployment)
        activation.deploy_enqueue(deployment=deployment, actor=request.user)

    return _do(request, deployment, activate)


@decision
def deployment_rollback(request: HttpRequest) -> HttpResponse:
    form = RollbackForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write why you roll back, on the page Deployments.")
        return redirect("evaluation:deployment_list")

    def roll_back() -> None:
        asked = form.cleaned_data
        activation.deployment_rollback(actor=request.user, reason=asked["comment"], live=asked["live"])

    return _do(request, "evaluation:deployment_list", roll_back, "Rolled back: the earlier model is live again.")


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    return form.cleaned_data["comment"] if form.is_valid() else ""


def _do(request: HttpRequest, target: Any, action: Callable[[], None], done: str = "") -> HttpResponse:
    """Run a service call and say how it went."""
    try:
        action()
    except UserError as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, done)
    return redirect(target)
