"""What a training tells on its way, kept: in its rows, in the run's progress, and as event files."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from training.ml.batch_view import SampleView
from training.ml.hooks import Hooks
from training.ml.metrics import StepMetrics
from training.ml.watch import TrainingWarning
from training.models import Training, TrainingPoint
from training.selectors import FIRST_BATCH
from training.services.events import EventLog
from web4site.progress import Progress
from web4site.runs import RunReporter


class Recorder:
    """The hooks of one training."""

    def __init__(self, training: Training, reporter: RunReporter, events: EventLog) -> None:
        self.training = training
        self.reporter = reporter
        self.events = events
        self._progress = Progress(0, 0, "")
        self._first: tuple[int, float] | None = None

    def hooks(self, should_stop: Callable[[], bool]) -> Hooks:
        """The callbacks for `training.ml.lora.train`."""
        return Hooks(
            on_first_batch=self.first_batch,
            on_step=self.step,
            on_holdout=self.holdout,
            on_warning=self.warning,
            on_phase=self.phase,
            should_stop=should_stop,
        )

    def first_batch(self, batch: list[SampleView]) -> None:
        """Keep it as the page shows it."""
        content = json.dumps([asdict(sample) for sample in batch])
        (Path(self.training.folder) / FIRST_BATCH).write_text(content, encoding="utf-8")

    def step(self, metrics: StepMetrics) -> None:
        """Every step moves the run on; a point of the curves is kept every `log_every` steps."""
        self.events.step(metrics)
        if metrics.step % self.training.settings["log_every"] == 0 or metrics.step in (1, metrics.total_steps):
            self._point_save(metrics)
        text = f"loss {metrics.loss:.3f} · {metrics.tokens_per_second:.0f} tokens/s"
        self._progress = Progress(metrics.step, self._within_reach(metrics), text)
        self.reporter(self._progress)

    def holdout(self, step: int, loss: float) -> None:
        """One measurement of the hold-out."""
        self.events.holdout(step, loss)
        TrainingPoint.objects.update_or_create(training=self.training, step=step, defaults={"holdout_loss": loss})

    def warning(self, warning: TrainingWarning) -> None:
        """Shown on the page at once."""
        self.training.warnings = [*self.training.warnings, asdict(warning)]
        self.training.save(update_fields=["warnings"])

    def phase(self, text: str) -> None:
        """What takes time now; never throttled away, because nothing else may be told for minutes."""
        progress = Progress(self._progress.done, self._progress.total, text)
        self.reporter(progress)
        self.reporter.run.record(progress)

    def _within_reach(self, metrics: StepMetrics) -> int:
        """The last step that a time limit leaves room for at the pace so far; that of the plan without one."""
        first, began = self._first = self._first or (metrics.step, time.monotonic())
        if not self.training.settings.get("max_seconds") or metrics.step == first:
            return metrics.total_steps
        pace = (time.monotonic() - began) / (metrics.step - first)
        return min(metrics.total_steps, metrics.step + math.ceil(metrics.eta_seconds / pace))

    def _point_save(self, metrics: StepMetrics) -> None:
        TrainingPoint.objects.update_or_create(
            training=self.training,
            step=metrics.step,
            defaults={
                "epoch": metrics.epoch,
                "loss": metrics.loss,
                "learning_rate": metrics.learning_rate,
                "grad_norm": metrics.grad_norm,
                "tokens_per_second": metrics.tokens_per_second,
                "memory_bytes": metrics.memory_bytes,
            },
        )
        self.training.seen = metrics.seen
        self.training.save(update_fields=["seen"])
