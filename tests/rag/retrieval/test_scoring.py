"""Measures of retrieval, and the search for better parameters."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.parameters import Parameters, parameter_bounds, shipped_parameters
from rag.retrieval.questions import KINDS, SHIPPED, Labelled, questions_read, split
from rag.retrieval.scoring import score, summary
from rag.services.tuning import objective, search_parameters
from web4site.errors import UserError


def test_scores_of_known_answers() -> None:
    best = score("exact", [1, 2, 9], {1: 3, 2: 1})
    assert (best.hit1, best.hit5, best.rr) == (1, 1, 1)
    assert best.ndcg == pytest.approx(1)
    third = score("exact", [8, 9, 1], {1: 3})
    assert (third.hit1, third.hit5) == (0, 1)
    assert [third.rr, third.ndcg] == pytest.approx([1 / 3, 0.5])
    assert score("exact", [5, 6, 7, 8, 9, 1], {1: 3}).hit5 == 0
    assert score("exact", [], {1: 3}).silent


@given(st.lists(st.integers(0, 20), unique=True, max_size=15), st.dictionaries(st.integers(0, 20), st.integers(1, 3)))
def test_measures_stay_between_zero_and_one(answer: list[int], grades: dict[int, int]) -> None:
    found = score("semantic", answer, grades)
    assert 0 <= found.ndcg <= 1.000001
    assert 0 <= found.rr <= 1
    assert found.hit1 <= found.hit5


def test_summary_says_silence_of_both_sides() -> None:
    scores = [score("exact", [1], {1: 3}), score("exact", [], {1: 3}), score("unanswerable", [], {})]
    table = summary(scores)
    assert table["all"]["silent"] == 0.5
    assert table["unanswerable"] == {"questions": 1, "silent": 1.0}
    assert objective(scores) < objective([scores[0], scores[0], scores[2]])


def test_the_shipped_questions_are_many_and_of_all_kinds() -> None:
    questions = questions_read()
    assert len(questions) >= 80
    assert {question.kind for question in questions} == set(KINDS)
    assert len({question.id for question in questions}) == len(questions)


def test_halves_are_disjoint_stable_and_alike() -> None:
    questions = questions_read(sorted(SHIPPED.glob("*.jsonl")))
    tune, report = split(questions)
    assert not {q.id for q in tune} & {q.id for q in report}
    assert len(tune) + len(report) == len(questions)
    assert [q.id for q in split(questions[::-1])[0]] == [q.id for q in tune]
    assert not [q.id for q in report if q.half]
    drawn = [q.kind for q in tune if not q.half]
    for kind in KINDS:
        assert abs(drawn.count(kind) - sum(q.kind == kind for q in report)) <= 2


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"id": "a", "kind": "odd", "query": "q", "expect": {"p": 1}}',
             '{"id": "a", "kind": "exact", "query": "q", "expect": {}}',
             '{"id": "a", "kind": "exact", "query": "q", "expect": {"p": "x"}}',
             '{"id": "a", "kind": "exact", "query": "q", "expect": {"p": 1}, "today": "soon"}',
             '{"id": "a", "kind": "exact", "query": "q", "expect": {"p": 1}, "half": "report"}'],
)  # fmt: skip
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "odd.jsonl"
    good = {"id": "x", "kind": "exact", "query": "q", "expect": {"p": 3}}
    file.write_text(f"{json.dumps(good)}\n{line}\n")
    with pytest.raises(UserError, match=r"odd\.jsonl, line 2"):
        questions_read([file])


def test_the_search_climbs_stays_in_bounds_and_repeats_itself() -> None:
    def worth(parameters: Parameters) -> float:
        return -abs(parameters.words - 0.5) - abs(parameters.depth - 30) / 100

    start = shipped_parameters()
    found = search_parameters(start, worth, 200)
    assert worth(found) > worth(start)
    assert found == search_parameters(start, worth, 200)
    for name, value in found.as_dict().items():
        assert parameter_bounds()[name][0] <= value <= parameter_bounds()[name][1]


def test_a_flat_objective_changes_nothing() -> None:
    assert search_parameters(shipped_parameters(), lambda _: 0.5, 50) == shipped_parameters()


def test_labelled_questions_keep_their_day() -> None:
    assert any(question.today for question in questions_read())
    assert isinstance(questions_read()[0], Labelled)
