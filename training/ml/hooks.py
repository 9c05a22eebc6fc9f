"""How a training talks to its caller."""

from collections.abc import Callable
from dataclasses import dataclass

from training.ml.batch_view import SampleView
from training.ml.metrics import StepMetrics
from training.ml.watch import TrainingWarning


def _ignore_step(metrics: StepMetrics) -> None:
    """Nobody listens."""


def _ignore_holdout(step: int, loss: float) -> None:
    """Nobody listens."""


def _ignore_warning(warning: TrainingWarning) -> None:
    """Nobody listens."""


def _ignore_batch(batch: list[SampleView]) -> None:
    """Nobody listens."""


def _ignore_phase(text: str) -> None:
    """Nobody listens."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Callbacks; each does nothing by default. `should_stop` is asked after every step.

    `on_first_batch` gets the first micro-batch as the model sees it. `on_holdout` gets the step after which the
    hold-out loss was measured (0: before training) and the loss. `on_phase` gets in words what takes time beside the
    steps.
    """

    on_first_batch: Callable[[list[SampleView]], None] = _ignore_batch
    on_step: Callable[[StepMetrics], None] = _ignore_step
    on_holdout: Callable[[int, float], None] = _ignore_holdout
    on_warning: Callable[[TrainingWarning], None] = _ignore_warning
    on_phase: Callable[[str], None] = _ignore_phase
    should_stop: Callable[[], bool] = _never
