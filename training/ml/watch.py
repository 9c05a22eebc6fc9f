"""Early warnings of a training as coded rules; each speaks once, and those that are asked to also stop it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from training.ml.metrics import StepMetrics

LOSS_TOO_HIGH = 1.5
LOSS_TOO_LOW = 0.4
GRAD_NORM_TOO_HIGH = 5.0
MEMORY_SHARE = 0.9
SMOOTHED_STEPS = 10

Rule = Literal["loss_high", "loss_low", "grad_norm", "memory"]
RULES: dict[Rule, str] = {
    "loss_high": f"loss above {LOSS_TOO_HIGH} after epoch 1",
    "loss_low": f"loss below {LOSS_TOO_LOW}",
    "grad_norm": f"gradient norm above {GRAD_NORM_TOO_HIGH:.0f}",
    "memory": f"memory above {MEMORY_SHARE:.0%} of the device's",
}


@dataclass(frozen=True, slots=True)
class TrainingWarning:
    """One rule that fired, at which step, in plain words; `stops` when the training was to stop for it."""

    rule: Rule
    step: int
    message: str
    stops: bool = False


class Watch:
    """Look at every step's metrics; `check` returns the warnings that are new."""

    def __init__(
        self,
        *,
        steps_per_epoch: int,
        memory_ceiling: int,
        stop_on: Sequence[str] = (),
        losses: Sequence[float] = (),
        raised: Sequence[TrainingWarning] = (),
    ) -> None:
        """`stop_on` are the rules that stop; `losses` and `raised` are those of the part before a resume."""
        self.steps_per_epoch = steps_per_epoch
        self.memory_ceiling = memory_ceiling
        self.stop_on = stop_on
        self.raised = list(raised)
        self._losses = list(losses)

    def check(self, metrics: StepMetrics) -> list[TrainingWarning]:
        """The warnings this step raises for the first time, and those that stop the training whenever they hold."""
        self._losses = [*self._losses, metrics.loss][-SMOOTHED_STEPS:]
        known = {warning.rule for warning in self.raised}
        new = [
            TrainingWarning(rule, metrics.step, f"step {metrics.step}: {message}", stops=rule in self.stop_on)
            for rule, message in self._signs(metrics)
            if rule in self.stop_on or rule not in known
        ]
        self.raised += new
        return new

    def _signs(self, metrics: StepMetrics) -> Iterator[tuple[Rule, str]]:
        """Rules that hold at this step, with what they see."""
        smoothed = math.fsum(self._losses) / len(self._losses)
        if metrics.step >= self.steps_per_epoch and smoothed > LOSS_TOO_HIGH:
            yield "loss_high", f"loss {smoothed:.2f} is above {LOSS_TOO_HIGH} after epoch 1"
        if len(self._losses) == SMOOTHED_STEPS and smoothed < LOSS_TOO_LOW:
            yield "loss_low", f"loss {smoothed:.2f} is below {LOSS_TOO_LOW}: it may memorise"
        if metrics.grad_norm > GRAD_NORM_TOO_HIGH:
            yield "grad_norm", f"gradient norm {metrics.grad_norm:.1f} is above {GRAD_NORM_TOO_HIGH}"
        if metrics.memory_bytes > MEMORY_SHARE * self.memory_ceiling:
            yield "memory", f"memory is above {MEMORY_SHARE:.0%} of the device's"
