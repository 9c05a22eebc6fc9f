"""The evening loop: learn from the day, prove it, and deploy it or leave everything as it was.

A document counts as trained once the model that learned it is live. Until then it stays in the buffer, so a failure
at any step loses nothing: the next evening takes the same documents again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from evaluation.models import Case, Deployment, Evaluation
from evaluation.scores import CANARIES
from evaluation.services.activation import deploy_create_run, deploy_run
from evaluation.services.deployments import deployment_admit_nightly, deployment_create
from evaluation.services.evaluations import evaluation_create_run, evaluation_run
from evaluation.services.knowledge import documents_give_back
from monitoring.evening import buffer
from monitoring.evening.means import Means, part_result
from monitoring.evening.safekeeping import adapter_back_up, live_adapter
from rag.models import Document
from rag.services.documents import documents_move_to_history
from samples.models import Dataset
from samples.services.datasets import dataset_freeze
from samples.services.generation import samples_generate
from training.models import Adapter, Build
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress
from web4site.runs import RunReporter
from web4site.services.locks import ServiceLock
from web4site.steps import Steps

BACK_UP, TAKE, GENERATE, FREEZE = "back up adapter", "take the day's documents", "generate samples", "freeze dataset"
TRAIN, BUILD, PROVE, DECIDE = "train", "build", "canaries", "deploy or roll back"
MARK, MOVE, ARCHIVE = "mark documents trained", "move buffer to history", "archive and clear"
STEPS = (BACK_UP, TAKE, GENERATE, FREEZE, TRAIN, BUILD, PROVE, DECIDE, MARK, MOVE, ARCHIVE)

NO_DATA, DEPLOYED, CANDIDATE, ROLLED_BACK = "no_data", "deployed", "candidate", "rolled_back"


@dataclass
class Evening:
    """One evening as it goes on; `facts` becomes the run's result."""

    run: Run
    report: RunReporter
    means: Means
    day: date
    steps: Steps
    live: Adapter | None = None
    keys: list[int] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def result(self, outcome: str, why: str = "") -> dict[str, Any]:
        return {"outcome": outcome, "why": why, "day": self.day.isoformat(), **self.facts}


def learn(run: Run, report: RunReporter, means: Means | None = None) -> dict[str, Any]:
    """The work of an evening run: {outcome, why, day, documents, dataset, adapter, build, canaries, ...}."""
    day = date.fromisoformat(run.params["date"]) if run.params.get("date") else timezone.localdate()
    with _alone():
        evening = Evening(run, report, means or Means(), day, Steps(run, STEPS, _announcer(report)))
        _back_up(evening)
        if not _take(evening):
            evening.steps.skip_rest("no data")
            return evening.result(NO_DATA, "The buffer holds nothing that is not trained yet.")
        dataset = _generate(evening)
        if dataset is None:
            evening.steps.skip_rest("no samples")
            return evening.result(NO_DATA, f"No sample could be made of {len(evening.keys)} document(s).")
        adapter = _train(evening, dataset)
        build = _build(evening, adapter)
        outcome, why = _decide(evening, _prove(evening, build))
        if outcome != DEPLOYED:
            evening.steps.skip_rest("the documents stay in the buffer")
            return evening.result(outcome, why)
        _leave_the_buffer(evening, adapter)
        return evening.result(DEPLOYED, why)


@contextmanager
def _alone() -> Iterator[None]:
    """One evening loop at a time, whoever started it: the clock, a page, a command."""
    with ServiceLock(settings.RUN_DIR, "evening").exclusive_or_none() as free:
        if not free:
            raise UserError("The evening loop is already running: wait for it to end.", exit_code=1)
        yield


def _announcer(report: RunReporter) -> Any:
    def announce(name: str) -> None:
        report(Progress(STEPS.index(name), len(STEPS), name))

    return announce


def _back_up(evening: Evening) -> None:
    with evening.steps.step(BACK_UP) as step:
        evening.live = live_adapter()
        if evening.live is None:
            step.detail = "no trained model is live: tonight starts from the base model"
            return
        evening.facts["backup"] = str(adapter_back_up(evening.live))
        step.detail = evening.live.name


def _take(evening: Evening) -> bool:
    with evening.steps.step(TAKE) as step:
        returned = documents_give_back()
        settled = buffer.buffer_settle(live=evening.live)
        dismissed = buffer.buffer_dismiss_untrainable(evening.day)
        evening.keys = list(buffer.untrained(evening.day).values_list("pk", flat=True))
        evening.facts |= {"documents": len(evening.keys), "returned": returned}
        evening.facts |= {"settled": settled, "not_trainable": dismissed}
        step.detail = f"{len(evening.keys)} not trained yet"
        if returned:
            step.detail += f", {returned} of them returned from a model that was rolled back"
        if settled:
            step.detail += f", {settled} known to the live model already"
        if dismissed:
            step.detail += f", {dismissed} may not be trained on"
    return bool(evening.keys)


def _generate(evening: Evening) -> Dataset | None:
    with evening.steps.step(GENERATE) as step:
        made = samples_generate(
            run=evening.run,
            documents=Document.objects.filter(pk__in=evening.keys),
            limit=evening.means.most_samples,
            name=f"evening {evening.day}",
            seed=evening.run.pk,
            report=evening.report,
            count_tokens=evening.means.count_tokens,
        )
        dataset = Dataset.objects.get(pk=made["dataset"])
        count, tokens = sum(made["counts"].values()), made["tokens"]["total"]
        evening.facts |= {"samples": count, "near_duplicates": made["near_duplicates"], "tokens": tokens}
        step.detail = f"{count} samples, {tokens:,} tokens"
        if count == 0:
            dataset.delete()
            return None
        return dataset


def _train(evening: Evening, dataset: Dataset) -> Adapter:
    with evening.steps.step(FREEZE) as step:
        dataset_freeze(dataset=dataset)
        evening.facts |= {"dataset": dataset.pk, "dataset_sha256": dataset.sha256}
        step.detail = f"{dataset.name} · {dataset.sha256[:12]}"
    with evening.steps.step(TRAIN) as step:
        adapter = evening.means.train(evening.run, dataset, evening.live, evening.report)
        evening.facts |= {"adapter": adapter.pk, "adapter_name": adapter.name}
        step.detail = f"{adapter.name} on {evening.live.name if evening.live else 'the base model'}"
    return adapter


def _build(evening: Evening, adapter: Adapter) -> Build:
    with evening.steps.step(BUILD) as step:
        build = evening.means.build(evening.run, adapter, evening.report)
        evening.facts |= {"build": build.pk, "build_name": build.name}
        step.detail = f"{build.name}, {build.bytes / 1e6:.0f} MB"
    return build


def _prove(evening: Evening, build: Build) -> Evaluation:
    with evening.steps.step(PROVE) as step:
        child = evaluation_create_run(build=build, profile=Evaluation.Profile.CANARIES, parent=evening.run)
        child = evaluation_run(run=child, listener=evening.report, runtime=evening.means.runtime)
        result = part_result(child, evening.report)
        evening.facts |= {"evaluation": result["evaluation"], "canaries": result["canaries"]}
        step.detail = f"{result['canaries']['passed']} of {result['canaries']['total']}"
        return Evaluation.objects.get(pk=result["evaluation"])


def _decide(evening: Evening, evaluation: Evaluation) -> tuple[str, str]:
    """Deploy, leave for a person, or roll back; the outcome with its reason."""
    with evening.steps.step(DECIDE) as step:
        deployment = deployment_create(evaluation=evaluation)
        evening.facts["deployment"] = deployment.pk
        if evaluation.canaries_passed < evaluation.canaries_total:
            outcome, why = _roll_back(deployment, evaluation)
        elif evening.live is None:
            outcome, why = (
                CANDIDATE,
                (
                    "All canaries passed, but no approved model is live to continue: "
                    f"deployment {deployment.pk} waits for the gates and an approver."
                ),
            )
        else:
            outcome, why = _deploy(evening, deployment)
        step.detail = why
    return outcome, why


def _roll_back(deployment: Deployment, evaluation: Evaluation) -> tuple[str, str]:
    failed = evaluation.cases.filter(harness=CANARIES).exclude(outcome=Case.Outcome.PASSED)
    names = ", ".join(failed.order_by("case_id").values_list("case_id", flat=True))
    count = f"{evaluation.canaries_passed} of {evaluation.canaries_total}"
    why = f"{count} canaries passed; the live model stays. Failed: {names}"
    deployment.move(
        Deployment.Status.ROLLED_BACK,
        allowed_from=(Deployment.Status.CANDIDATE, Deployment.Status.CLEARED),
        comment=f"Evening loop: {why}.",
    )
    return ROLLED_BACK, why


def _deploy(evening: Evening, deployment: Deployment) -> tuple[str, str]:
    deployment_admit_nightly(deployment=deployment)
    child = deploy_create_run(deployment=deployment, parent=evening.run)
    child = deploy_run(run=child, listener=evening.report, runtime=evening.means.runtime)
    deployment.refresh_from_db()
    if deployment.status == Deployment.Status.APPROVED:
        # It failed before the switch; approved by rule tonight, it must not lie around as if a person had approved it.
        why = child.error or "cancelled"
        deployment.move(Deployment.Status.ROLLED_BACK, allowed_from=(Deployment.Status.APPROVED,), comment=why)
    if deployment.status != Deployment.Status.LIVE:
        return ROLLED_BACK, child.error
    return DEPLOYED, f"Deployment {deployment.pk} is live: {deployment.build.name}"


def _leave_the_buffer(evening: Evening, adapter: Adapter) -> None:
    with evening.steps.step(MARK) as step:
        marked = buffer.buffer_mark(adapter=adapter)
        evening.facts["trained"] = len(marked)
        step.detail = f"{len(marked)} in {adapter.name}"
    with evening.steps.step(MOVE) as step:
        # A document that was written anew during the loop has not been learned as it now is, and stays.
        dataset = Dataset.objects.get(pk=evening.facts["dataset"])
        done = Document.objects.filter(pk__in=evening.keys, indexed_at__lt=dataset.created_at)
        evening.facts["moved"] = documents_move_to_history(documents=done)
        step.detail = f"{evening.facts['moved']} documents"
    with evening.steps.step(ARCHIVE) as step:
        file = buffer.archive_write(run=evening.run, day=evening.day, keys=evening.keys, facts=evening.facts)
        evening.facts["archive"] = str(file)
        step.detail = f"{file.name}; {buffer.buffered(evening.day).count()} left in the buffer"
