"""What the evening loop does its work with; tests hand in smaller means, the steps stay the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from evaluation.runtimes.base import Runtime
from samples.models import Dataset
from training.models import Adapter, Build
from training.services.builds import build_create, build_run
from training.services.trainings import training_create, training_run
from web4site.models import Run
from web4site.runs import RunCancelled, RunReporter, run_result

PRESET = "incremental"
MOST_SAMPLES = 200

Train = Callable[[Run, Dataset, Adapter | None, RunReporter], Adapter]
MakeBuild = Callable[[Run, Adapter, RunReporter], Build]


def train_increment(run: Run, dataset: Dataset, parent: Adapter | None, report: RunReporter) -> Adapter:
    """One epoch on the day's samples, on top of `parent` or of the base, as a run of its own below `run`."""
    child = training_create(dataset=dataset, preset=PRESET, parent=parent, part_of=run)
    part_result(training_run(run=child, listener=report), report)
    return Adapter.objects.get(training__run=child)


def build_quantized(run: Run, adapter: Adapter, report: RunReporter) -> Build:
    """Merge, export and quantize, as a run of its own below `run`."""
    child = build_run(run=build_create(adapter=adapter, part_of=run), listener=report)
    part_result(child, report)
    return Build.objects.get(run=child)


def part_result(child: Run, report: RunReporter) -> dict[str, Any]:
    """The result of a finished part; RunCancelled when the whole was asked to stop, UserError when the part failed."""
    if child.status == Run.Status.CANCELLED and report.should_stop():
        raise RunCancelled
    return run_result(child)


@dataclass(frozen=True, slots=True)
class Means:
    """The trainer, the builder, and who answers canaries and smoke tests.

    `runtime` None gives each build a short-lived llama.cpp server of its own; `count_tokens` None uses the base
    model's tokenizer.
    """

    train: Train = train_increment
    build: MakeBuild = build_quantized
    runtime: Runtime | None = None
    count_tokens: Callable[[str], int] | None = None
    most_samples: int = MOST_SAMPLES
