"""Early warnings of a training as coded rules; each speaks once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.ml.metrics import StepMetrics

LOSS_TOO_HIGH = 1.5
LOSS_TOO_LOW = 0.4
GRAD_NORM_TOO_HIGH = 5.0
MEMORY_SHARE = 0.9
SMOOTHED_STEPS = 10

Rule = Literal["loss_high", "loss_low", "grad_norm", "memory"]


@dataclass(frozen=True, slots=True)
class TrainingWarning:
    """One rule that fired, at which step, in plain words."""

    rule: Rule
    step: int
    message: str


class Watch:
    """Look at every step's metrics; `check` returns the warnings that are new."""

    def __init__(
        self,
        *,
        steps_per_epoch: int,
        memory_ceiling: int,
        losses: Sequence[float] = (),
        raised: Sequence[TrainingWarning] = (),
    ) -> None:
        """`losses` and `raised` are those of the part before a resume."""
        self.steps_per_epoch = steps_per_epoch
        self.memory_ceiling = memory_ceiling
        self.raised = list(raised)
        self._losses = list(losses)

    def check(self, metrics: StepMetrics) -> list[TrainingWarning]:
        """The warnings this step raises for the first time."""
        self._losses = [*self._losses, metrics.loss][-SMOOTHED_STEPS:]
        smoothed = math.fsum(self._losses) / len(self._losses)
        new: list[TrainingWarning] = []
        if metrics.step >= self.steps_per_epoch and smoothed > LOSS_TOO_HIGH:
            self._raise(new, "loss_high", metrics, f"loss {smoothed:.2f} is above {LOSS_TOO_HIGH} after epoch 1")
        if len(self._losses) == SMOOTHED_STEPS and smoothed < LOSS_TOO_LOW:
            self._raise(new, "loss_low", metrics, f"loss {smoothed:.2f} is below {LOSS_TOO_LOW}: memorising samples?")
        if metrics.grad_norm > GRAD_NORM_TOO_HIGH:
            text = f"gradient norm {metrics.grad_norm:.1f} is above {GRAD_NORM_TOO_HIGH}"
            self._raise(new, "grad_norm", metrics, text)
        if metrics.memory_bytes > MEMORY_SHARE * self.memory_ceiling:
            self._raise(new, "memory", metrics, f"memory is above {MEMORY_SHARE:.0%} of the device's")
        self.raised += new
        return new

    def _raise(self, new: list[TrainingWarning], rule: Rule, metrics: StepMetrics, message: str) -> None:
        if all(warning.rule != rule for warning in self.raised):
            new.append(TrainingWarning(rule, metrics.step, f"step {metrics.step}: {message}"))
