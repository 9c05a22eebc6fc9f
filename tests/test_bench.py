"""The benchmarks measure what they say; the numbers themselves are nobody's test."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench.embedding import LEAST_SLICES, _rounds, _slices
from bench.measuring import CORPUS, percentile, read_questions
from bench.trainers import WINDOW, _collate

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3), (0.95, 5), (0.0, 1), (1.0, 5)])
def test_percentiles_are_values_that_were_measured(share: float, expected: float) -> None:
    assert percentile([5, 1, 4, 2, 3], share) == expected


@pytest.mark.parametrize("count", [1, 191, 500, 6000])
def test_slices_take_each_text_equally_often_and_are_enough_to_compare(count: int) -> None:
    slices = list(_slices(count))
    assert len(slices) >= LEAST_SLICES
    assert Counter(row for rows in slices for row in rows) == dict.fromkeys(range(count), _rounds(count))


def test_questions_are_labelled_with_paths_of_the_bundled_corpus() -> None:
    paths = [path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*.*")]
    for question in read_questions():
        right = [path for path in paths if any(part in path for part in question["expect"])]
        assert bool(right) == bool(question["expect"]), question["query"]


def test_padding_fills_the_window_and_is_no_token_to_learn() -> None:
    rows = [{"input_ids": [7, 8, 9], "labels": [-100, 8, 9]}, {"input_ids": [5], "labels": [5]}]
    batch = _collate(0)(rows)
    assert batch["input_ids"].shape == (2, WINDOW)
    assert batch["attention_mask"].sum() == 4
    assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()


def test_an_unknown_benchmark_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, "-m", "bench", "cooking"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cooking" in done.stderr
    assert "retrieval" in done.stderr
