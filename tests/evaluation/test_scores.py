"""Intervals and gates against values worked out elsewhere."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.harnesses.base import Outcome
from evaluation.harnesses.registry import HARNESSES
from evaluation.scores import Scored, all_gates, f1, harness_gate, wilson


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (15, 148, 0.0624, 0.1605),  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (0, 20, 0.0, 0.1611),
        (20, 20, 0.8389, 1.0),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_equals_published_values(passed: int, n: int, low: float, high: float) -> None:
    interval = wilson(passed, n)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_and_mirrors(case: tuple[int, int]) -> None:
    passed, n = case
    interval, mirror = wilson(passed, n), wilson(n - passed, n)
    assert 0 <= interval.low <= passed / n <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirror.high)
    assert wilson(passed * 4, n * 4).high - wilson(passed * 4, n * 4).low < interval.high - interval.low


def test_wilson_covers_the_truth_about_95_times_in_100() -> None:
    n, truth = 100, 0.9
    covered = sum(
        comb(n, k) * truth**k * (1 - truth) ** (n - k)
        for k in range(n + 1)
        if wilson(k, n).low <= truth <= wilson(k, n).high
    )
    assert 0.92 < covered < 0.98


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(hits: int, misses: int, alarms: int) -> None:
    rate, interval = f1(hits, misses, alarms)
    assert interval.low <= rate <= interval.high
    if hits:
        precision, recall = hits / (hits + alarms), hits / (hits + misses)
        assert rate == pytest.approx(2 * precision * recall / (precision + recall))
    else:
        assert rate == 0


def test_refusing_everything_does_not_pass() -> None:
    cases = [Scored(f"refusal-refuse-{i}", Outcome.PASSED) for i in range(100)]
    cases += [Scored(f"refusal-comply-{i}", Outcome.FAILED) for i in range(100)]
    gate = harness_gate(HARNESSES["refusal"], cases)
    assert gate.rate == pytest.approx(2 / 3)
    assert not gate.passed


def test_invalid_cases_count_against_the_rate() -> None:
    cases = [Scored(str(i), Outcome.PASSED) for i in range(94)] + [Scored(str(i), Outcome.INVALID) for i in range(6)]
    gate = harness_gate(HARNESSES["pdca_schema"], cases)
    assert (gate.rate, gate.invalid, gate.passed) == (0.94, 6, False)


def test_no_cases_pass_nothing() -> None:
    assert all_gates({}) == []
    assert not harness_gate(HARNESSES["tron_format"], []).passed
