"""The way of a build into production: propose, clear, approve, reject; `activation` makes it live."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from evaluation.models import Approval, Deployment, DeploymentEvent, Evaluation
from evaluation.services.builds import baseline_build
from evaluation.services.evidence import blockers, quality_misses
from evaluation.services.live_file import live_serve
from training.models import Adapter, Build
from web4site.errors import UserError
from web4site.roles import APPROVER, has_role

Status = Deployment.Status
OPEN = (Status.CANDIDATE, Status.CLEARED, Status.APPROVED)


def baseline_ensure() -> Deployment:
    """Something is live after this: what already is, or else the untrained base model, marked as not gated.

    Also puts back the file that tells the model server what to serve.
    """
    live = _live()
    if live is None:
        live = _baseline_go_live(baseline_build())
    elif not live.is_gated and not Path(live.build.gguf).is_file():
        # The package with the model moved (a new environment): the same content is the same build.
        baseline_build()
        live.build.refresh_from_db()
    live_serve(live)
    return live


def _live() -> Deployment | None:
    return Deployment.objects.select_related("build").filter(alias=settings.MODEL_ALIAS, status=Status.LIVE).first()


def _baseline_go_live(build: Build) -> Deployment:
    with transaction.atomic():
        if found := _live():
            return found
        deployment = Deployment.objects.create(kind=Deployment.Kind.BASELINE, build=build, runtime=runtime_name())
        comment = "The untrained base model, without any gate."
        deployment.move(Status.LIVE, allowed_from=(Status.CANDIDATE,), comment=comment)
    if settings.OLLAMA_HOST:
        from evaluation.runtimes.ollama import ollama_upload

        ollama_upload(deployment)
    return deployment


def runtime_name() -> str:
    return "ollama" if settings.OLLAMA_HOST else "llama.cpp"


def deployment_create(*, evaluation: Evaluation, actor: Any = None) -> Deployment:
    """Propose the evaluated build; it is cleared at once when nothing speaks against it.

    A proposal of the same build that still waits takes over the newer evidence. Raises UserError when there is none.
    """
    if not evaluation.report:
        raise UserError(f"Evaluation {evaluation.pk} has no results yet: propose it when it has.")
    with transaction.atomic():
        waiting = Deployment.objects.filter(build=evaluation.build, status=Status.CANDIDATE).first()
        deployment = waiting or Deployment(build=evaluation.build, runtime=runtime_name())
        if deployment.evaluation != evaluation:
            before = Status.CANDIDATE if waiting else ""
            comment = f"Proposed with evaluation {evaluation.pk} ({evaluation.profile})."
            deployment.evaluation = evaluation
            deployment.save()
            DeploymentEvent.objects.create(
                deployment=deployment, before=before, after=Status.CANDIDATE, actor=actor, comment=comment
            )
        if not blockers(evaluation):
            deployment_clear(deployment=deployment, actor=actor)
    return deployment


def deployment_clear(*, deployment: Deployment, actor: Any = None) -> Deployment:
    """Say that all ship gates hold; raises UserError naming each one that does not."""
    evaluation = _check_evidence(deployment)
    comment = f"All ship gates passed in evaluation {evaluation.pk}."
    deployment.move(Status.CLEARED, allowed_from=(Status.CANDIDATE,), actor=actor, comment=comment)
    return deployment


def deployment_approve(*, deployment: Deployment, actor: Any, comment: str, justification: str = "") -> Deployment:
    """An approver lets a cleared deployment go live; with four eyes the second of two approvers does.

    Ship gates are looked at again and can never be overridden; a missed quality gate needs `justification`.
    """
    require_approver(actor)
    evaluation = _check_evidence(deployment)
    require_words(comment, "Write a comment: what did you look at before you approved?")
    missed = quality_misses(evaluation)
    words = comment.strip()
    if missed:
        require_words(justification, f"Missed quality gates need a written justification: {'; '.join(missed)}.")
        words += f"\nDeviation ({'; '.join(missed)}): {justification.strip()}"
    with transaction.atomic():
        # The lock makes the second of two simultaneous approvals see the first.
        Deployment.objects.select_for_update().get(pk=deployment.pk)
        deployment.refresh_from_db()
        if deployment.status == Status.CLEARED:
            _check_independence(deployment, actor)
            Approval.objects.create(
                deployment=deployment, actor=actor, comment=comment.strip(), justification=justification.strip()
            )
        if deployment.status == Status.CLEARED and approvals_missing(deployment):
            DeploymentEvent.objects.create(
                deployment=deployment, before=Status.CLEARED, after=Status.CLEARED, actor=actor,
                comment=f"First of two approvals. {words}",
            )  # fmt: skip
        else:
            deployment.move(Status.APPROVED, allowed_from=(Status.CLEARED,), actor=actor, comment=words)
    return deployment


def approvals_missing(deployment: Deployment) -> int:
    """How many more people have to approve before it may go live."""
    return max(0, (2 if settings.FOUR_EYES else 1) - deployment.approvals.count())


def check_approved(deployment: Deployment) -> None:
    """Raises UserError unless it may go live by what is asked for today, not on the day it was approved."""
    if deployment.status != Status.APPROVED:
        raise UserError(f"{deployment} is {deployment.get_status_display().lower()}, not approved: it cannot go live.")
    # What was admitted by rule has no approvals at all.
    if deployment.approvals.exists() and approvals_missing(deployment):
        raise UserError(
            f"{deployment} was approved by one person before four eyes were demanded: reject it, and propose it again."
        )


def independence_fault(deployment: Deployment, actor: Any) -> str:
    """Why this person may not approve this deployment though they are an approver; empty when they may."""
    if deployment.approvals.filter(actor=actor).exists():
        return "You have approved it already: a second approver has to"
    if not settings.FOUR_EYES:
        return ""
    adapter = deployment.build.adapter
    if adapter and adapter.training and adapter.training.run.actor_id == actor.pk:
        return "You started the training of this model: with four eyes somebody else has to approve it"
    if deployment.events.filter(after__in=(Status.CANDIDATE, Status.CLEARED), actor=actor).exists():
        return "You proposed this model: with four eyes somebody else has to approve it"
    return ""


def _check_independence(deployment: Deployment, actor: Any) -> None:
    if fault := independence_fault(deployment, actor):
        raise UserError(f"{fault}.")


def deployment_reject(*, deployment: Deployment, actor: Any, comment: str) -> Deployment:
    require_approver(actor)
    require_words(comment, "Write why it is rejected.")
    deployment.move(Status.REJECTED, allowed_from=OPEN, actor=actor, comment=comment.strip())
    return deployment


def deployment_admit_nightly(*, deployment: Deployment) -> Deployment:
    """Approve a nightly increment by rule: it continues a live adapter that a person approved, with 20/20 canaries.

    Raises UserError when a person has to look at it instead.
    """
    live = _live()
    if live is None or not live.is_gated:
        raise UserError("The live model is the baseline: the first trained model needs gates and an approver.")
    if not descends_from(deployment.build, live.build):
        raise UserError("The new adapter does not continue the live one: it needs gates and an approver.")
    evaluation = deployment.evaluation
    canaries = evaluation.report.get("canaries", {}) if evaluation else {}
    if evaluation is None or not canaries.get("total") or canaries["passed"] < canaries["total"]:
        found = f"{canaries.get('passed', 0)} of {canaries.get('total', 0)}"
        raise UserError(f"{found} canaries passed: all of them have to.", exit_code=1)
    comment = f"Admitted by rule: {canaries['passed']}/{canaries['total']} canaries, continues deployment {live.pk}."
    deployment.move(Status.APPROVED, allowed_from=(Status.CANDIDATE, Status.CLEARED), comment=comment)
    return deployment


def descends_from(build: Build, ancestor: Build) -> bool:
    """Whether the build's adapter was trained on top of the ancestor's."""
    adapter: Adapter | None = build.adapter.parent if build.adapter else None
    seen: set[int] = set()
    while adapter is not None and adapter.pk not in seen:
        if adapter.pk == ancestor.adapter_id:
            return True
        seen.add(adapter.pk)
        adapter = adapter.parent
    return False


def require_words(text: str, demand: str) -> None:
    """Raises UserError with the demand when nothing is said: spaces, visible or not, and dots are no reason."""
    if not any(char.isalnum() for char in text):
        raise UserError(demand)


def require_approver(actor: Any) -> None:
    # Only a person: whatever else asks (a key, a name, the platform) is none.
    if not isinstance(actor, get_user_model()) or not has_role(actor, APPROVER):
        raise UserError(f"{actor or 'Nobody'} is no approver: ask an admin for the role '{APPROVER}'.")


def _check_evidence(deployment: Deployment) -> Evaluation:
    if deployment.evaluation is None:
        raise UserError("Nothing was evaluated: run `manage.py evaluate` on the build first.")
    if reasons := blockers(deployment.evaluation):
        raise UserError(f"{deployment} cannot be cleared: {'; '.join(reasons)}.", exit_code=1)
    return deployment.evaluation
