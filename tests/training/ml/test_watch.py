"""Warning rules."""

import pytest

from training.ml.metrics import StepMetrics
from training.ml.watch import Watch


def metrics(step: int, *, loss: float = 1.0, norm: float = 1.0, memory: int = 10) -> StepMetrics:
    return StepMetrics(
        step=step,
        total_steps=100,
        epoch=step / 20,
        loss=loss,
        learning_rate=1e-4,
        grad_norm=norm,
        tokens_per_second=100.0,
        memory_bytes=memory,
        eta_seconds=0.0,
        seen={},
    )


def run(watch: Watch, *steps: StepMetrics) -> list[str]:
    return [warning.rule for step in steps for warning in watch.check(step)]


def test_a_healthy_run_is_silent():
    assert run(Watch(steps_per_epoch=20, memory_ceiling=100), *(metrics(step) for step in range(1, 60))) == []


@pytest.mark.parametrize(
    ("bad", "rule", "step"),
    [
        ({"loss": 1.6}, "loss_high", 20),
        ({"loss": 0.3}, "loss_low", 10),
        ({"norm": 5.1}, "grad_norm", 1),
        ({"memory": 91}, "memory", 1),
    ],
)
def test_each_rule_speaks_once_and_when_due(bad: dict, rule: str, step: int):
    watch = Watch(steps_per_epoch=20, memory_ceiling=100)
    assert run(watch, *(metrics(number, **bad) for number in range(1, 40))) == [rule]
    assert watch.raised[0].step == step


def test_a_stopping_rule_speaks_as_long_as_it_holds():
    watch = Watch(steps_per_epoch=20, memory_ceiling=100, stop_on=["loss_low"])
    steps = [metrics(number, loss=0.3, norm=6.0) for number in range(1, 12)]
    assert run(watch, *steps) == ["grad_norm", "loss_low", "loss_low"]
    assert [(warning.rule, warning.stops) for warning in watch.raised] == [
        ("grad_norm", False), ("loss_low", True), ("loss_low", True),
    ]  # fmt: skip
    again = Watch(steps_per_epoch=20, memory_ceiling=100, losses=[0.3] * 10, raised=watch.raised)
    assert run(again, metrics(12, loss=0.3, norm=6.0)) == [], "resumed with the rule off"
