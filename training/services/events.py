"""TensorBoard event files beside a training's checkpoints: `tensorboard --logdir var/artifacts/trainings`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from training.ml.metrics import StepMetrics

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter

FOLDER = "events"
SCALARS = ("loss", "learning_rate", "grad_norm", "tokens_per_second", "memory_bytes")


class EventLog:
    """Writes what the steps and the hold-out measured; opened at the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer: SummaryWriter | None = None

    def step(self, metrics: StepMetrics) -> None:
        """One optimizer step."""
        writer = self._opened(metrics.step)
        for name in SCALARS:
            writer.add_scalar(f"train/{name}", getattr(metrics, name), metrics.step)

    def holdout(self, step: int, loss: float) -> None:
        """The hold-out loss after `step`."""
        self._opened(step).add_scalar("holdout/loss", loss, step)

    def close(self) -> None:
        """Write out what is left."""
        if self._writer:
            self._writer.close()

    def _opened(self, step: int) -> "SummaryWriter":
        """After a resume, TensorBoard drops the later steps of the part that was interrupted."""
        if self._writer is None:
            from tensorboardX import SummaryWriter

            self._writer = SummaryWriter(str(self.folder), purge_step=step)
        return self._writer


@contextmanager
def event_log(folder: Path) -> Iterator[EventLog]:
    """An event log in `folder`/events, closed whatever happens."""
    log = EventLog(folder / FOLDER)
    try:
        yield log
    finally:
        log.close()
