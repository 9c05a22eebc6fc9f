"""Start trainings and carry them out."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from samples.models import Category, Dataset
from samples.services.datasets import dataset_verify
from training.ml.base_model import prepare_base_model
from training.ml.checkpoint import CHECKPOINTS, checkpoint_step, discard_checkpoints, intact_checkpoint
from training.ml.config import load_preset, settings_from
from training.ml.lora import TrainingRequest, TrainingResult, train
from training.models import Adapter, Training
from training.selectors import adapter_lineage
from training.services.adapters import adapter_files, adapter_register
from training.services.events import event_log
from training.services.recording import Recorder
from training.services.signals import stop_requests
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report
from web4site.runs import RunCancelled, RunReporter, run_create, run_enqueue, run_execute, run_is_over

JOB = "training.jobs.training_job"
QUEUE = "train"
STOP_ASKED_EVERY = 1.0


def training_start(
    *,
    dataset: Dataset,
    preset: str,
    overrides: dict[str, str] | None = None,
    parent: Adapter | None = None,
    actor: Any = None,
) -> Run:
    """Queue a training for the worker; raises UserError when it cannot work."""
    params = _params(dataset, preset, overrides, parent)
    with transaction.atomic():
        run = run_enqueue(
            kind=Run.Kind.TRAIN, title=_title(dataset, preset), job=JOB, queue=QUEUE, params=params, actor=actor
        )
        training_of(run=run)
    return run


def training_create(
    *,
    dataset: Dataset,
    preset: str,
    overrides: dict[str, str] | None = None,
    parent: Adapter | None = None,
    part_of: Run | None = None,
) -> Run:
    """A training that this process carries out itself with `training_run` (commands, steps of a cycle)."""
    params = _params(dataset, preset, overrides, parent)
    run = run_create(kind=Run.Kind.TRAIN, title=_title(dataset, preset), params=params, parent=part_of)
    training_of(run=run)
    return run


def training_resume(
    *, run: Run, overrides: dict[str, str] | None = None, enqueue: bool = False, actor: Any = None
) -> Run:
    """A new run that goes on from the last checkpoint of an interrupted one, with its settings.

    `overrides` may change limits and logging (`stop_on`, say); a change of what is trained is refused when it begins.
    A command waits until it is sure that a killed run is over, half a minute at most; a page does not.
    Raises UserError when the run still works, has left its adapter, or left no checkpoint.
    """
    training = Training.objects.filter(run=run).first()
    if training is None:
        raise UserError(f"Run {run.pk} is no training.")
    last = Training.objects.filter(folder=training.folder).latest("pk").run
    if last.is_active and not run_is_over(last, wait=not enqueue):
        raise UserError(f"Training run {last.pk} is {last.status}: only a failed or cancelled one can be resumed.")
    if adapter := Adapter.objects.filter(training__folder=training.folder).first():
        raise UserError(f"Training run {run.pk} has ended with adapter {adapter.name}: there is nothing to resume.")
    checkpoint = intact_checkpoint(Path(training.folder) / CHECKPOINTS)
    if checkpoint is None:
        raise UserError(f"Training run {run.pk} left no intact checkpoint: start a new training.")
    merged = {**run.params["overrides"], **(overrides or {})}
    load_preset(training.preset, overrides=merged)
    done_before = checkpoint_step(checkpoint)
    params = {
        **run.params, "overrides": merged, "folder": training.folder, "resume": True, "done_before": done_before,
    }  # fmt: skip
    title = f"{_title(training.dataset, training.preset)}, resumed from run {run.pk}"
    with transaction.atomic():
        if enqueue:
            again = run_enqueue(kind=Run.Kind.TRAIN, title=title, job=JOB, queue=QUEUE, params=params, actor=actor)
        else:
            again = run_create(kind=Run.Kind.TRAIN, title=title, params=params)
        training_of(run=again)
    return again


def training_of(*, run: Run) -> Training:
    """The training row of a run; made from its parameters for a run that was retried."""
    params = run.params
    lora = load_preset(params["preset"], overrides=params["overrides"])
    folder = params.get("folder") or str(settings.ARTIFACTS_DIR / "trainings" / f"run-{run.pk}")
    training, _ = Training.objects.get_or_create(
        run=run,
        defaults={
            "dataset_id": params["dataset"],
            "preset": params["preset"],
            "settings": lora.as_dict(),
            "base_model": settings.BASE_MODEL_DIR.name,
            "parent_id": params["parent"],
            "folder": folder,
        },
    )
    return training


def training_run(*, run: Run, listener: Report | None = None) -> Run:
    """Carry out a queued training to its end; look at `run.status` and `run.result` afterwards."""
    return run_execute(run, _work, listener=listener, raises=False)


def training_files(dataset: Dataset) -> list[Path]:
    """The JSONL file of each training category of a frozen dataset; the hold-out is not among them.

    Raises UserError when they are not what was frozen.
    """
    if dataset.status != Dataset.Status.FROZEN:
        raise UserError(f"Dataset {dataset.name} is a draft: freeze it first (manage.py freeze_dataset).")
    if faults := dataset_verify(dataset=dataset):
        raise UserError(
            f"Dataset {dataset.name} is not what was frozen ({', '.join(faults)}): restore {dataset.folder}, or "
            "generate and freeze a dataset again."
        )
    files = (Path(dataset.folder) / f"{category}.jsonl" for category in Category.values)
    return [file for file in files if file.is_file()]


def holdout_file(dataset: Dataset) -> Path | None:
    """The samples of a frozen dataset that are never trained, if it has any."""
    file = Path(dataset.folder) / "eval.jsonl"
    return file if file.is_file() and file.stat().st_size else None


def _params(dataset: Dataset, preset: str, overrides: dict[str, str] | None, parent: Adapter | None) -> dict[str, Any]:
    """Check everything that can be checked before a worker is bothered."""
    load_preset(preset, overrides=overrides)
    training_files(dataset)
    if parent and not Path(parent.folder).is_dir():
        raise UserError(f"Adapter {parent.name} has lost its files ({parent.folder}): choose another parent.")
    return {
        "dataset": dataset.pk,
        "preset": preset,
        "overrides": overrides or {},
        "parent": parent.pk if parent else None,
    }


def _title(dataset: Dataset, preset: str) -> str:
    return f"Train {preset} on {dataset.name}"[:200]


def _work(run: Run, reporter: RunReporter) -> dict[str, Any]:
    training = training_of(run=run)
    reporter(Progress(0, 0, "loading model and samples"))
    request = _request(training, resume=bool(run.params.get("resume")))
    with stop_requests() as signalled:
        ask = _throttled(reporter.should_stop)
        with event_log(request.folder) as events:
            hooks = Recorder(training, reporter, events).hooks(lambda: signalled() or ask())
            result = train(request, hooks)
    if result.stopped == "rule":
        raise UserError(
            f"A warning stopped it at {result.warnings[-1].message}. A checkpoint is saved: resume without this rule, "
            "or start again with other settings.",
            exit_code=1,
        )
    if result.adapter is None:
        raise RunCancelled
    adapter = adapter_register(training=training, result=result)
    # Resume was all they were for; what continues a training continues its adapter.
    discard_checkpoints(request.folder / CHECKPOINTS)
    return _summary(run, adapter, result)


def _request(training: Training, *, resume: bool) -> TrainingRequest:
    base = prepare_base_model(settings.BASE_MODEL_DIR, settings.BASE_MODEL_HUB_ID)
    if base.name != training.base_model:
        raise UserError(f"It was to train {training.base_model}, but WEB4_BASE_MODEL is {base.name}: start it anew.")
    return TrainingRequest(
        base=base,
        samples=training_files(training.dataset),
        folder=Path(training.folder),
        locks=settings.RUN_DIR,
        settings=settings_from(training.settings),
        holdout=holdout_file(training.dataset),
        parent=adapter_files(adapter=training.parent, base=base) if training.parent else None,
        replay=_earlier_files(training.parent, training.dataset),
        resume=resume,
        facts={"dataset": {"name": training.dataset.name, "sha256": training.dataset.sha256}},
    )


def _earlier_files(parent: Adapter | None, dataset: Dataset) -> list[Path]:
    """The training files of the adapters this training continues, the nearest first; lost ones are left out."""
    files: list[Path] = []
    seen = {dataset.pk}
    for adapter in reversed(adapter_lineage(parent)) if parent else ():
        if (earlier := adapter.training) and earlier.dataset_id not in seen and Path(earlier.dataset.folder).is_dir():
            seen.add(earlier.dataset_id)
            files += training_files(earlier.dataset)
    return files


def _throttled(ask: Callable[[], bool]) -> Callable[[], bool]:
    """Ask the database at most once a second, however fast the steps are."""
    last = 0.0

    def throttled() -> bool:
        nonlocal last
        if time.monotonic() - last < STOP_ASKED_EVERY:
            return False
        last = time.monotonic()
        return ask()

    return throttled


def _summary(run: Run, adapter: Adapter, result: TrainingResult) -> dict[str, Any]:
    return {
        "run": run.pk,
        "adapter": adapter.name,
        "adapter_bytes": adapter.bytes,
        "rank": adapter.manifest["settings"]["rank"],
        "targets": adapter.manifest["settings"]["targets"],
        "loss_first": result.loss_first,
        "loss_last": result.loss_last,
        "holdout_first": result.holdout_first,
        "holdout_last": result.holdout_last,
        "tokens_per_second": round(result.tokens_per_second, 1),
        "steps": result.steps,
        "stopped": result.stopped,
        "seconds": round(result.seconds, 1),
        "device": result.device,
        "warnings": [warning.message for warning in result.warnings],
        "data": asdict(result.data),
    }
