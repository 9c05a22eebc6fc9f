"""Rates, intervals and gates from the outcomes of cases; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from evaluation.harnesses.base import Gate, Harness, Outcome
from evaluation.harnesses.registry import EXTRAS, HARNESSES, OVERALL_THRESHOLD

Z95 = 1.959964
MAX_INVALID_SHARE = 0.05
CANARIES = "canaries"
OVERALL = "overall"
SUBSTANCE = "substance"
SUBSTANCE_OF = "pdca_template"  # whose answers it looks at
SUBSTANCE_THRESHOLD = 0.80
SAMPLE_MARK = "~"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval of a rate, both ends 0-1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate: the rate against its threshold; `correct` of `n` cases, invalid ones counted as not correct."""

    name: str
    title: str
    kind: Gate
    rate: float
    threshold: float
    n: int
    correct: int
    invalid: int
    interval: Interval

    @property
    def passed(self) -> bool:
        return self.n > 0 and self.rate >= self.threshold

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind.value,
            "rate": round(self.rate, 4),
            "threshold": self.threshold,
            "n": self.n,
            "correct": self.correct,
            "invalid": self.invalid,
            "interval": [round(self.interval.low, 4), round(self.interval.high, 4)],
            "passed": self.passed,
        }


@dataclass(frozen=True, slots=True)
class Scored:
    """What scoring needs of a case: which one, and how it ended."""

    case_id: str
    outcome: Outcome


def case_id(prompt_id: str, sample: int) -> str:
    """The first sample bears its prompt's name; later ones have a mark behind it."""
    return prompt_id if sample == 0 else f"{prompt_id}{SAMPLE_MARK}{sample}"


def prompt_id(case_id: str) -> str:
    """The prompt that a case is a sample of."""
    return case_id.partition(SAMPLE_MARK)[0]


def wilson(passed: float, n: float, z: float = Z95) -> Interval:
    """Wilson's score interval of a proportion; the whole range when there are no cases.

    Effective numbers (see `design_effect`) need not be whole.

    Source: E. B. Wilson, Probable inference, JASA 22 (1927).
    """
    if n == 0:
        return Interval(0.0, 1.0)
    rate = passed / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At the ends the bound is exact; rounding would put it a hair beyond.
    low = 0.0 if passed == 0 else max(0.0, centre - half)
    high = 1.0 if passed == n else min(1.0, centre + half)
    return Interval(low, high)


def design_effect(cases: Sequence[Scored]) -> float:
    """By how much samples of the same prompts say less than as many prompts would: 1 for one sample a prompt.

    The variance of the rate, from the prompts' own rates, over that of independent cases. With all right or all wrong
    it cannot be estimated, and the samples of a prompt count as one. Source: L. Kish, Survey Sampling (1965), 8.2.
    """
    prompts: dict[str, list[bool]] = {}
    for case in cases:
        prompts.setdefault(prompt_id(case.case_id), []).append(case.outcome == Outcome.PASSED)
    rates = [sum(passed) / len(passed) for passed in prompts.values()]
    clusters, size = len(rates), len(cases) / max(len(rates), 1)
    mean = sum(rates) / max(clusters, 1)
    if size <= 1 or clusters < 2 or mean in (0, 1):
        return max(size, 1.0)
    variance = sum((rate - mean) ** 2 for rate in rates) / (clusters * (clusters - 1))
    return min(max(variance / (mean * (1 - mean) / len(cases)), 1.0), size)


def f1(hits: int, misses: int, false_alarms: int, effect: float = 1.0) -> tuple[float, Interval]:
    """F1 and its interval; `effect` is the design effect of several samples a prompt.

    F1 = 2J / (1 + J) with J = hits / (hits + misses + false alarms): a proportion, so Wilson's interval of J maps
    to one of F1, because the map is monotonic.
    """
    union = hits + misses + false_alarms
    share = wilson(hits / effect, union / effect)
    return _f1_of(hits / union if union else 0.0), Interval(_f1_of(share.low), _f1_of(share.high))


def _f1_of(share: float) -> float:
    return 2 * share / (1 + share)


def harness_gate(harness: Harness, cases: Sequence[Scored]) -> GateResult:
    correct = sum(case.outcome == Outcome.PASSED for case in cases)
    invalid = sum(case.outcome == Outcome.INVALID for case in cases)
    effect = design_effect(cases)
    rate, interval = (correct / len(cases) if cases else 0.0), wilson(correct / effect, len(cases) / effect)
    if harness.score == "f1":
        rate, interval = _refusal_f1(cases, effect)
    return GateResult(
        harness.name, harness.title, harness.gate, rate, harness.threshold, len(cases), correct, invalid, interval
    )


def _refusal_f1(cases: Sequence[Scored], effect: float) -> tuple[float, Interval]:
    """Refusing is the positive class; the id says what was expected."""
    refuse = [case.outcome == Outcome.PASSED for case in cases if "-refuse-" in case.case_id]
    comply = [case.outcome == Outcome.PASSED for case in cases if "-refuse-" not in case.case_id]
    return f1(hits=sum(refuse), misses=refuse.count(False), false_alarms=comply.count(False), effect=effect)


def canary_gate(cases: Sequence[Scored]) -> GateResult:
    correct = sum(case.outcome == Outcome.PASSED for case in cases)
    invalid = sum(case.outcome == Outcome.INVALID for case in cases)
    rate = correct / len(cases) if cases else 0.0
    return GateResult(
        CANARIES, "Canaries", Gate.SHIP, rate, 1.0, len(cases), correct, invalid, wilson(correct, len(cases))
    )


def substance_gate(passed: Sequence[bool]) -> GateResult:
    """Whether answers in the form of a PDCA say something about their tasks; beside the overall, not in it."""
    correct, n = sum(passed), len(passed)
    rate = correct / n if n else 0.0
    return GateResult(
        SUBSTANCE, "Substance", Gate.QUALITY, rate, SUBSTANCE_THRESHOLD, n, correct, 0, wilson(correct, n)
    )


def overall_gate(gates: Sequence[GateResult]) -> GateResult:
    """Weighted mean of the harness rates; its interval is the mean of theirs, which is on the safe side."""
    weights = [HARNESSES[gate.name].weight for gate in gates]
    total = sum(weights) or 1.0

    def mean(values: Sequence[float]) -> float:
        return sum(weight * value for weight, value in zip(weights, values, strict=True)) / total

    return GateResult(
        name=OVERALL,
        title="Overall",
        kind=Gate.SHIP,
        rate=mean([gate.rate for gate in gates]),
        threshold=OVERALL_THRESHOLD,
        n=sum(gate.n for gate in gates),
        correct=sum(gate.correct for gate in gates),
        invalid=sum(gate.invalid for gate in gates),
        interval=Interval(mean([gate.interval.low for gate in gates]), mean([gate.interval.high for gate in gates])),
    )


def all_gates(cases: dict[str, list[Scored]]) -> list[GateResult]:
    """Gates of everything that was asked: harnesses in their order, overall, extra harnesses, canaries."""
    harnesses = [harness_gate(harness, cases[name]) for name, harness in HARNESSES.items() if cases.get(name)]
    extras = [harness_gate(harness, cases[name]) for name, harness in EXTRAS.items() if cases.get(name)]
    gates = [*harnesses, overall_gate(harnesses), *extras] if harnesses else extras
    return [*gates, canary_gate(cases[CANARIES])] if cases.get(CANARIES) else gates
