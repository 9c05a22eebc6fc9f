"""Hours of a day in questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.hours import MIDNIGHT, find_hours


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what was written in the morning", "04:00", "12:00"),
        ("before noon", "00:00", "12:00"),
        ("in the morning, before ten o'clock", "04:00", "10:00"),
        ("in the evening, after seven", "19:00", "24:00"),
        ("after 3 pm", "15:00", "24:00"),
        ("am Nachmittag", "12:00", "18:00"),
        ("until 9 am", "00:00", "09:00"),
        ("between 9 and 11 am", "09:00", "11:00"),
        ("from two to four in the afternoon", "14:00", "16:00"),
        ("zwischen 9 und 11 Uhr", "09:00", "11:00"),
        ("between 11 and 2 pm", "11:00", "14:00"),
        ("from 14:00 till 16:30", "14:00", "16:30"),
    ],
)
def test_hours(text: str, first: str, last: str) -> None:
    found = find_hours(text)
    assert found and str(found) == f"{first} to {last}"


@pytest.mark.parametrize(("text", "moment"), [("at 14:15", "14:15"), ("um 09:37 Uhr", "09:37"), ("19:00", "19:00")])
def test_moments(text: str, moment: str) -> None:
    found = find_hours(text)
    assert found and found.exact and str(found) == moment


@pytest.mark.parametrize(
    "text", ["", "after three attempts", "version 2:1:3", "before 2026", "between 8 and 12 retries", "the 25:61 shift"]
)
def test_no_hours(text: str) -> None:
    assert find_hours(text) is None


@given(st.text(alphabet="0123456789:h at before after noon morning evening pm uhr", max_size=80))
def test_hours_stay_within_the_day(text: str) -> None:
    if found := find_hours(text):
        assert 0 <= found.first <= found.last <= MIDNIGHT
