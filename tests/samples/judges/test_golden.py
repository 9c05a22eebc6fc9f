"""Every judge against its golden set: hand-labelled outputs, half of them near misses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples.judges import JUDGES, judge

GOLDEN = Path(__file__).parent / "golden"
REQUIRED = 0.97
# Refusals and near misses that the readers have not learned from: 0.944 of all when they were tuned.
REQUIRED_UNSEEN = 0.9
MEASURED = (
    *("pdca_schema", "pdca_template", "tron_format", "empty_constructor", "tool_success", "refusal"),
    *("five_layer", "cmm_level", "history"),
)


def cases(name: str) -> Iterator[dict]:
    for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def wrong(name: str) -> list[str]:
    """The cases a judge gets wrong, as one readable line each."""
    found = []
    for case in cases(name):
        extra = {key: value for key, value in case.items() if key not in ("id", "text", "passed", "note")}
        verdict = judge(name.removesuffix("_unseen"), case["text"], **extra)
        if verdict.passed is not case["passed"]:
            found.append(f"{case['id']} ({case['note']}): expected {case['passed']}, {verdict}")
    return found


@pytest.mark.parametrize("name", MEASURED)
def test_accuracy(name, capsys):
    total, mistakes = len(list(cases(name))), wrong(name)
    accuracy = 1 - len(mistakes) / total
    with capsys.disabled():
        print(f"\n{name}: accuracy {accuracy:.3f} on {total} golden outputs")
    assert accuracy >= REQUIRED, "\n".join(mistakes)


def test_refusals_that_the_reader_has_not_learned_from(capsys):
    total, mistakes = len(list(cases("refusal_unseen"))), wrong("refusal_unseen")
    accuracy = 1 - len(mistakes) / total
    with capsys.disabled():
        print(f"\nrefusal: accuracy {accuracy:.3f} on {total} outputs it has not learned from")
    assert accuracy >= REQUIRED_UNSEEN, "\n".join(mistakes)
    learned = {(case["request"], case["text"]) for case in cases("refusal")}
    assert not [case["id"] for case in cases("refusal_unseen") if (case["request"], case["text"]) in learned]


@pytest.mark.parametrize("name", MEASURED)
def test_golden_sets_are_large_balanced_and_distinct(name):
    listed = list(cases(name))
    good = sum(case["passed"] for case in listed)
    assert len(listed) >= 80
    assert 0.4 <= good / len(listed) <= 0.6
    inputs = {json.dumps({k: v for k, v in case.items() if k not in ("id", "note")}, sort_keys=True) for case in listed}
    assert len(inputs) == len(listed) == len({case["id"] for case in listed})


def test_every_measured_judge_is_registered():
    assert set(MEASURED) <= set(JUDGES)
