"""What one optimizer step measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """`loss` is the mean over the step's label tokens; `grad_norm` is before clipping; `epoch` counts in fractions.

    `seen` counts the samples trained so far by category.
    """

    step: int
    total_steps: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    tokens_per_second: float
    memory_bytes: int
    eta_seconds: float
    seen: dict[str, int]
