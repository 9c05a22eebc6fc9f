"""Make an approved deployment live, and go back from it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction

from evaluation.models import Deployment, DeploymentEvent
from evaluation.runtimes import live_runtime
from evaluation.runtimes.base import Request, Runtime, RuntimeFailure, user
from evaluation.runtimes.live import LiveServer, deployment_of
from evaluation.services.builds import build_check_file, build_file_fault
from evaluation.services.deployments import check_approved, require_approver, require_words
from evaluation.services.knowledge import documents_try_to_give_back
from evaluation.services.live_file import NotLoadable, live_serve, model_prepared, model_supervised
from evaluation.services.smoke import smoke_faults, smoke_test
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report, silent
from web4site.runs import RunReporter, run_create, run_enqueue, run_execute
from web4site.services.embedded import live_model, model_facts
from web4site.services.locks import ServiceLock

logger = logging.getLogger(__name__)
Status = Deployment.Status
JOB = "evaluation.jobs.deploy_job"
KEEP = 5
SWITCH_SECONDS = 60.0


def deploy_enqueue(*, deployment: Deployment, actor: Any) -> Run:
    """Queue the activation of an approved deployment; for pages."""
    title = f"Deploy {deployment.build.name}"[:200]
    params = {"deployment": deployment.pk}
    return run_enqueue(kind=Run.Kind.DEPLOY, title=title, job=JOB, queue="default", params=params, actor=actor)


def deploy_create_run(*, deployment: Deployment, parent: Run | None = None) -> Run:
    title = f"Deploy {deployment.build.name}"[:200]
    return run_create(kind=Run.Kind.DEPLOY, title=title, params={"deployment": deployment.pk}, parent=parent)


def deploy_run(*, run: Run, listener: Report | None = None, runtime: Runtime | None = None) -> Run:
    """Execute an activation run; its result is `{deployment, alias, status, smoke}`."""

    def work(run: Run, report: RunReporter) -> dict[str, Any]:
        if run.job:
            # From the queue: whoever pressed the button, or Retry, may have lost the role since, or never had it.
            require_approver(run.actor)
        deployment = Deployment.objects.select_related("build").get(pk=run.params["deployment"])
        deployment_activate(deployment=deployment, actor=run.actor, report=report, runtime=runtime)
        return deployment_json(deployment)

    return run_execute(run, work, listener=listener)


def deployment_json(deployment: Deployment) -> dict[str, Any]:
    return {
        "deployment": deployment.pk,
        "build": deployment.build.name,
        "alias": deployment.alias,
        "kind": deployment.kind,
        "status": deployment.status,
        "smoke": deployment.smoke,
    }


def deployment_activate(
    *, deployment: Deployment, actor: Any = None, report: Report = silent, runtime: Runtime | None = None
) -> Deployment:
    """Test the approved file in a server beside the live one, switch to that server, look at it, clean up.

    When the file does not load or the smoke tests fail nothing has been switched; when the new server does not answer
    after the switch the last good one is put back. Either way the deployment ends as rolled back and UserError says
    why. Without memory for a second model beside the live one it stays approved.
    """
    check_approved(deployment)
    with _alone():
        report(Progress(0, 4, "checking the file"))
        build_check_file(deployment.build)
        report(Progress(1, 4, "starting a server beside the live one"))
        try:
            with _beside(deployment, runtime, report) as server:
                report(Progress(2, 4, "smoke tests"))
                _smoke_or_roll_back(deployment, server)
                report(Progress(3, 4, "switching"))
                _switch(deployment, actor, "Smoke tests passed.")
                fault = _live_fault(deployment)
        except NotLoadable as error:
            _roll_back_before_switch(deployment, str(error))
        if fault:
            deployment_rollback(reason=f"The live server did not take over: {fault}.", live=deployment.pk)
            deployment.refresh_from_db()
            raise UserError(f"{deployment} was rolled back at once: {fault}.", exit_code=1)
        deployments_prune(alias=deployment.alias)
        report(Progress(4, 4, "live"))
    return deployment


@contextmanager
def _alone() -> Iterator[None]:
    """One activation at a time, whoever started it: a page or a command."""
    with ServiceLock(settings.RUN_DIR, "deploy").exclusive_or_none() as free:
        if not free:
            raise UserError("Another deployment is going live right now: wait for it, then try again.", exit_code=1)
        yield


@contextmanager
def _beside(deployment: Deployment, runtime: Runtime | None, report: Report) -> Iterator[Runtime | None]:
    """Something to ask the smoke questions of: the very server that goes live, where one is kept running."""
    if settings.OLLAMA_HOST:
        from evaluation.runtimes.ollama import ollama_server, ollama_upload

        ollama_upload(deployment, report=report)
        yield runtime or ollama_server(deployment)
    elif model_supervised():
        with model_prepared(deployment) as url:
            yield runtime or LiveServer(url)
    else:
        yield runtime


def deployment_rollback(
    *, actor: Any = None, reason: str, live: int | None = None, alias: str = settings.MODEL_ALIAS
) -> Deployment:
    """Take the live deployment back and make the last good one live again; returns the one that is live now.

    People need the approver role; `actor` None is the platform itself (failed smoke tests). `live` is the key of the
    deployment that is meant: when another one is live by now, nothing is done. Raises UserError.
    """
    if actor is not None:
        require_approver(actor)
    require_words(reason, "Write why you roll back.")
    current = Deployment.objects.select_related("build").filter(alias=alias, status=Status.LIVE).first()
    if live is not None and (current is None or current.pk != live):
        raise UserError(f"Deployment {live} is no longer live: look at what is, then decide again.")
    if current is None:
        raise UserError("Nothing is live: there is nothing to roll back.")
    target, passed_over = _sound_target(alias)
    with transaction.atomic():
        current.move(Status.ROLLED_BACK, allowed_from=(Status.LIVE,), actor=actor, comment=reason.strip())
        comment = " ".join([f"Back in place of deployment {current.pk}: {reason.strip()}", *passed_over])
        target.move(Status.LIVE, allowed_from=(Status.RETIRED,), actor=actor, comment=comment)
        live_serve(target)
    documents_try_to_give_back()
    return target


def _sound_target(alias: str) -> tuple[Deployment, list[str]]:
    """Where a roll-back leads, and why it passes over others: their files are no longer what they were."""
    passed_over: list[str] = []
    for deployment in _good_ones(alias):
        fault = build_file_fault(deployment.build)
        if not fault:
            return deployment, passed_over
        passed_over.append(f"Deployment {deployment.pk} was passed over: {fault}.")
    raise UserError(" ".join(["There is no earlier deployment with its file to go back to.", *passed_over]))


def last_good(*, alias: str = settings.MODEL_ALIAS) -> Deployment | None:
    """The deployment that a roll-back leads to, as far as can be seen without reading its file."""
    return next(_good_ones(alias), None)


def _good_ones(alias: str) -> Iterator[Deployment]:
    """Those that were live, were not rolled back, and still have a file, which is not the live one's; newest first."""
    earlier = Deployment.objects.filter(alias=alias, status=Status.RETIRED, live_at__isnull=False)
    live = Deployment.objects.filter(alias=alias, status=Status.LIVE).values("build__sha256")
    for deployment in earlier.exclude(build__sha256__in=live).select_related("build").order_by("-live_at"):
        if Path(deployment.build.gguf).is_file():
            yield deployment


def deployments_prune(*, alias: str = settings.MODEL_ALIAS) -> list[Deployment]:
    """Delete the models of retired deployments beyond the last five, here and in Ollama; rows and history stay."""
    if settings.OLLAMA_HOST:
        _prune_ollama(alias)
    retired = Deployment.objects.filter(alias=alias, status=Status.RETIRED).select_related("build")
    pruned = []
    for deployment in retired.order_by("-live_at")[KEEP:]:
        file = Path(deployment.build.gguf)
        if not file.is_file() or not file.is_relative_to(settings.WEB4_HOME) or _file_needed(deployment):
            continue
        file.unlink()
        DeploymentEvent.objects.create(
            deployment=deployment,
            before=deployment.status,
            after=deployment.status,
            comment=f"Deleted its model file: {KEEP} earlier deployments are kept.",
        )
        pruned.append(deployment)
    return pruned


def _prune_ollama(alias: str) -> None:
    """Housekeeping: the new model is live whether it succeeds or not."""
    from evaluation.runtimes.ollama import ollama_prune

    mine = Deployment.objects.filter(alias=alias)
    kept = mine.filter(status=Status.RETIRED).order_by("-live_at").values_list("pk", flat=True)[:KEEP]
    waiting = mine.filter(status__in=(Status.LIVE, Status.APPROVED)).values_list("pk", flat=True)
    try:
        if gone := ollama_prune(alias=alias, keep={*kept, *waiting}):
            logger.info("Deleted from Ollama: %s", ", ".join(gone))
    except UserError as error:
        logger.warning("Old versions stay in Ollama: %s", error)


def _file_needed(deployment: Deployment) -> bool:
    """Whether another deployment that is open, live, or among the last five uses the same file."""
    others = Deployment.objects.filter(build__gguf=deployment.build.gguf).exclude(pk=deployment.pk)
    open_or_live = (Status.CANDIDATE, Status.CLEARED, Status.APPROVED, Status.LIVE)
    kept = Deployment.objects.filter(alias=deployment.alias, status=Status.RETIRED).order_by("-live_at")[:KEEP]
    return others.filter(status__in=open_or_live).exists() or any(one.build_id == deployment.build_id for one in kept)


def _smoke_or_roll_back(deployment: Deployment, runtime: Runtime | None) -> None:
    try:
        result = smoke_test(deployment=deployment, runtime=runtime)
        fault = "" if result["passed"] else smoke_faults(result)
    except UserError as error:
        fault = str(error)
    if fault:
        _roll_back_before_switch(deployment, fault)


def _roll_back_before_switch(deployment: Deployment, fault: str) -> NoReturn:
    comment = f"Smoke tests failed, nothing was switched: {fault}"
    deployment.move(Status.ROLLED_BACK, allowed_from=(Status.APPROVED,), comment=comment)
    raise UserError(f"{deployment} did not pass its smoke tests; the live model stays. {fault}", exit_code=1)


def _switch(deployment: Deployment, actor: Any, comment: str) -> None:
    """One transaction: the old one retires, the new one is live, the server is told."""
    with transaction.atomic():
        old = Deployment.objects.filter(alias=deployment.alias, status=Status.LIVE).first()
        if old is not None:
            old.move(Status.RETIRED, allowed_from=(Status.LIVE,), actor=actor, comment=f"Replaced by {deployment.pk}.")
        deployment.move(Status.LIVE, allowed_from=(Status.APPROVED,), actor=actor, comment=comment)
        live_serve(deployment)


def _live_fault(deployment: Deployment) -> str:
    """Wait until the new server has taken over and answers in its own name; what is wrong, or empty."""
    if not model_supervised():
        return ""
    server = live_runtime()
    deadline = time.monotonic() + SWITCH_SECONDS
    while time.monotonic() < deadline:
        if (live_model() or {}).get("deployment") != deployment.pk:
            return "another one was made live meanwhile"
        if model_facts().get("deployment") == deployment.pk:
            try:
                server.generate(Request(user("Say good morning."), 8))
            except RuntimeFailure as error:
                return str(error)
            return "" if deployment_of(server.answered_by) == deployment.pk else f"{server.answered_by} answers"
        time.sleep(0.05)
    return f"no answer within {SWITCH_SECONDS:.0f} s"
