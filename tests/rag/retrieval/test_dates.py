"""Periods in questions."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.dates import find_period

TODAY = date(2026, 9, 23)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What happened on 2026-09-10?", "2026-09-10", "2026-09-10"),
        ("What happened on 10 September 2026?", "2026-09-10", "2026-09-10"),
        ("What happened on September 10th, 2026?", "2026-09-10", "2026-09-10"),
        ("what did we do on 3rd of October", "2025-10-03", "2025-10-03"),
        ("anything in August 2026", "2026-08-01", "2026-08-31"),
        ("anything in November", "2025-11-01", "2025-11-30"),
        ("what did we do yesterday", "2026-09-22", "2026-09-22"),
        ("the day before yesterday", "2026-09-21", "2026-09-21"),
        ("what happened today?", "2026-09-23", "2026-09-23"),
        ("last week", "2026-09-14", "2026-09-20"),
        ("this week", "2026-09-21", "2026-09-27"),
        ("in the past week", "2026-09-16", "2026-09-23"),
        ("in the last 3 days", "2026-09-20", "2026-09-23"),
        ("two weeks ago", "2026-09-07", "2026-09-13"),
        ("5 days ago", "2026-09-18", "2026-09-18"),
        ("last month", "2026-08-01", "2026-08-31"),
        ("one month ago", "2026-08-01", "2026-08-31"),
        ("last Monday", "2026-09-21", "2026-09-21"),
        ("last Wednesday", "2026-09-16", "2026-09-16"),
        ("since 2026-09-01", "2026-09-01", None),
        ("before 2026-09-01", None, "2026-08-31"),
        ("between 2026-09-01 and 2026-09-05", "2026-09-01", "2026-09-05"),
        ("from 1 September to 5 September 2026", "2026-09-01", "2026-09-05"),
    ],
)
def test_periods(question: str, first: str | None, last: str | None) -> None:
    period = find_period(question, TODAY)
    assert period is not None
    assert (str(period.first) if period.first else None, str(period.last) if period.last else None) == (first, last)


@pytest.mark.parametrize(
    "question",
    [
        "How must constructors be written?",
        "What follows 2026-09-10-UTC-1200-overlap.md?",
        "the 2026-02-31 that never was",
        "may we march on?",
        "version 2026-09-10-rc",
    ],
)
def test_no_period(question: str) -> None:
    assert find_period(question, TODAY) is None


@given(st.text(max_size=200), st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))
def test_any_text_is_read(text: str, today: date) -> None:
    find_period(text, today)


@given(st.from_regex(r"(last|past) [0-9]{1,3} (days|weeks|months)|[0-9]{1,3} (days|weeks|months) ago", fullmatch=True))
def test_relative_periods_are_in_order_and_not_in_the_future(text: str) -> None:
    period = find_period(text, TODAY)
    assert period and period.first and period.last
    assert period.first <= period.last
    assert period.first <= TODAY
