"""Reads of evaluation: page data, and what the overview shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet

from evaluation.canary_flips import canary_flips
from evaluation.models import Case, Deployment, DeploymentEvent, Evaluation
from evaluation.scores import CANARIES
from evaluation.services.evidence import blockers, quality_misses
from training.models import Build
from web4site.errors import UserError
from web4site.models import Run
from web4site.services.embedded import model_facts
from web4site.services.supervisor import living

Status = Deployment.Status


# --- for the overview and for everybody ---


def live_deployment() -> Deployment | None:
    live = Deployment.objects.filter(alias=settings.MODEL_ALIAS, status=Status.LIVE)
    return live.select_related("build", "evaluation").first()


def serving_fault() -> str:
    """What is wrong when the model that is live by decision is not the one that answers; for pages, asks no server."""
    live, facts = live_deployment(), model_facts()
    if live is None or settings.OLLAMA_HOST or living(facts.get("keeper", {})) is None:
        return ""
    log = settings.LOG_DIR / "model.log"
    if living(facts) is None:
        return f"Its server does not run: {log} says why. Questions wait for it; roll back if it does not come back."
    if facts.get("deployment") != live.pk:
        return f"Deployment {facts.get('deployment')} still answers: this one starts, or {log} says why it does not."
    return ""


def waiting_for_approval() -> QuerySet[Deployment]:
    """Cleared deployments: a human with the approver role decides."""
    return Deployment.objects.filter(status=Status.CLEARED).select_related("build", "evaluation")


def last_evaluation(build: Build | None = None) -> Evaluation | None:
    """The newest finished evaluation with harnesses, of one build or of any."""
    found = Evaluation.objects.filter(overall__isnull=False).select_related("build", "run")
    return (found.filter(build=build) if build else found).first()


def deployment_get(pk: int) -> Deployment:
    found = Deployment.objects.filter(pk=pk).select_related("build", "evaluation").first()
    if found is None:
        raise UserError(f"There is no deployment {pk}: see the page Deployments.")
    return found


def person_get(name: str) -> Any:
    found = get_user_model().objects.filter(username=name).first()
    if found is None:
        raise UserError(f"There is no user '{name}'.")
    return found


# --- evaluation pages ---

EVALUATION_SORTS = {
    "newest": ("-created_at",),
    "overall": ("-overall", "-created_at"),
    "build": ("build__name", "-created_at"),
}


def evaluations(*, profile: str = "", cleared: str = "", text: str = "", sort: str = "") -> QuerySet[Evaluation]:
    found = Evaluation.objects.select_related("build", "run")
    if profile:
        found = found.filter(profile=profile)
    if cleared in ("yes", "no"):
        found = found.filter(cleared=cleared == "yes")
    if text:
        found = found.filter(build__name__icontains=text)
    return found.order_by(*EVALUATION_SORTS.get(sort, EVALUATION_SORTS["newest"]))


def evaluation_cases(evaluation: Evaluation, *, harness: str = "", outcome: str = "", text: str = "") -> QuerySet[Case]:
    found = evaluation.cases.all()
    if harness:
        found = found.filter(harness=harness)
    if outcome:
        found = found.filter(outcome=outcome)
    if text:
        words = Q(prompt__icontains=text) | Q(output__icontains=text) | Q(why__icontains=text)
        found = found.filter(words | Q(case_id__icontains=text))
    # Failed, invalid, passed: what has to be looked at comes first.
    return found.order_by("outcome", "harness", "case_id")


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate as the page shows it, beside the rates of baseline and live."""

    name: str
    title: str
    kind: str
    rate: float
    threshold: float
    low: float
    high: float
    n: int
    correct: int
    invalid: int
    passed: bool
    baseline: float | None
    live: float | None
    delta: float | None


def gate_rows(evaluation: Evaluation) -> list[GateRow]:
    report = evaluation.report or {}
    baseline, live = report.get("baseline") or {}, report.get("live") or {}
    return [
        GateRow(
            **{key: gate[key] for key in ("name", "title", "kind", "rate", "threshold", "n", "correct", "invalid")},
            passed=gate["passed"],
            low=gate["interval"][0],
            high=gate["interval"][1],
            baseline=baseline.get("rates", {}).get(gate["name"]),
            live=live.get("rates", {}).get(gate["name"]),
            delta=baseline.get("delta", {}).get(gate["name"]),
        )
        for gate in report.get("gates", [])
    ]


@dataclass(frozen=True, slots=True)
class CanaryRow:
    """One canary by name; `flip` says how it differs from the live model's."""

    case: Case
    flip: str


def canary_rows(evaluation: Evaluation) -> list[CanaryRow]:
    """Canaries, failed ones first; `flip` is 'lost' for a regression, 'won' for the opposite, 'changed' when edited."""
    reference = (evaluation.report.get("canaries") or {}).get("compared_with")
    flips = canary_flips(Evaluation.objects.filter(pk=reference).first() if reference else None, evaluation)
    rows = [CanaryRow(case, flips.of(case.case_id)) for case in evaluation.cases.filter(harness=CANARIES)]
    return sorted(rows, key=lambda row: (row.case.outcome == Case.Outcome.PASSED, row.case.case_id))


def harness_counts(evaluation: Evaluation) -> dict[str, int]:
    """Number of cases by harness, for the filter."""
    counted = evaluation.cases.values_list("harness").annotate(n=Count("pk")).order_by("harness")
    return dict(counted)


# --- deployment pages ---


@dataclass(frozen=True, slots=True)
class Proposal:
    """A deployment that waits, with everything an approver has to see."""

    deployment: Deployment
    gates: Sequence[GateRow]
    blockers: Sequence[str]
    quality_misses: Sequence[str]
    setbacks: Sequence[DeploymentEvent]


def proposal(deployment: Deployment) -> Proposal:
    evaluation, found = deployment.evaluation, setbacks(deployment)
    if evaluation is None:
        return Proposal(deployment, [], ["nothing was evaluated"], [], found)
    return Proposal(deployment, gate_rows(evaluation), blockers(evaluation), quality_misses(evaluation), found)


def setbacks(deployment: Deployment) -> list[DeploymentEvent]:
    """Earlier rejections and roll-backs of the very file this deployment would serve, the newest first."""
    found = DeploymentEvent.objects.filter(
        deployment__build__sha256=deployment.build.sha256, after__in=[Status.REJECTED, Status.ROLLED_BACK]
    )
    return list(found.exclude(deployment=deployment).select_related("actor", "deployment").order_by("-pk")[:5])


def proposals() -> list[Proposal]:
    """Everything between proposed and live, what needs a human first."""
    order = [Status.CLEARED, Status.APPROVED, Status.CANDIDATE]
    found = Deployment.objects.filter(status__in=order).select_related("build", "evaluation__run")
    return [proposal(one) for one in sorted(found, key=lambda one: (order.index(Status(one.status)), -one.pk))]


def deployment_history(*, status: str = "", text: str = "") -> QuerySet[Deployment]:
    found = Deployment.objects.select_related("build", "evaluation").order_by("-created_at", "-pk")
    if status:
        found = found.filter(status=status)
    return found.filter(build__name__icontains=text) if text else found


def deployment_events(*, who: str = "", after: str = "", text: str = "") -> QuerySet[DeploymentEvent]:
    """Every decision, newest first; `who` is a user name, or "platform" for what nobody pressed."""
    found = DeploymentEvent.objects.select_related("deployment__build", "actor").order_by("-created_at", "-pk")
    if who:
        found = found.filter(actor=None) if who == "platform" else found.filter(actor__username=who)
    if after:
        found = found.filter(after=after)
    return found.filter(Q(comment__icontains=text) | Q(deployment__build__name__icontains=text)) if text else found


def deciders() -> list[str]:
    """The names of people who decided anything."""
    people = get_user_model().objects.filter(deploymentevent__isnull=False).distinct()
    return sorted(person.get_username() for person in people)


def case_of_live(case: Case) -> Case | None:
    """What the live model answered to the same prompt in its newest evaluation."""
    live = live_deployment()
    if live is None or live.build_id == case.evaluation.build_id:
        return None
    # Prompts change while their ids stay: answers to two different prompts tell nothing about each other.
    named = Case.objects.filter(evaluation__build=live.build, harness=case.harness, case_id=case.case_id)
    return named.filter(prompt=case.prompt).order_by("-evaluation__created_at").first()


def failed_run() -> Run | None:
    """The newest evaluation run when it failed, so that the list says why."""
    newest = Run.objects.filter(kind=Run.Kind.EVALUATE).first()
    return newest if newest and newest.status == Run.Status.FAILED else None
