"""How people write days, in English and German, and what looks like a day and is none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.dates import find_period
from rag.retrieval.question import read_question
from rag.retrieval.sprints import find_sprint_part
from rag.retrieval.wording import WEEKDAYS

TODAY = date(2026, 9, 23)  # a Wednesday
FORMS = """
2026-09-14 | on 2026-09-14; on 2026/09/14; entries of 20260914; on 14.9.2026; on 14.09.2026; am 14.09.; am 14.9.
2026-09-14 | on 14.09.
2026-09-14 | on 14 September; on 14th September; on the 14th of September; on September 14; on Sept. 14th, 2026
2026-09-14 | on Sep 14
2026-09-14 | am 14. September; 14 September 2026; on 9/14; on 9/14/2026; on 14/9?; on the 14th
2026-09-14 | what did we do on the 14th?
2026-09-14 | on Monday, 14 September; on Monday, September 14; on Monday 2026-09-14; on the morning of the 14th
2026-09-14 | around noon on the 14th; at 16:05 on 14 September; early on the 14th; late evening on the 14th
2026-09-15 | the day after 2026-09-14; the day after the 14th; one day after 14 September; two days before the 17th
2026-09-13 | the day before 2026-09-14; the day before the 14th; a day before 14 September
2026-09-13 | am Tag vor dem 14. September
2026-09-22 | yesterday; what happened yesterday evening?; gestern; gestern Abend; last night; last Tuesday
2026-09-22 | one day ago
2026-09-21 | the day before yesterday; vorgestern; two days ago; vor zwei Tagen; last Monday; first thing on Monday
2026-09-21 | 2 days ago
2026-09-21 | am Montag; letzten Montag; on Monday evening; a couple of days ago
2026-09-23 | today; heute; this morning; this afternoon; earlier today
2026-09-25 2026-09-25 | two days after 2026-09-23
2026-08-25 | on the 25th; what was done on the 25th?
2026-09-07 2026-09-13 | week 37; KW 37; in KW37; calendar week 37; 2026-W37; week 37 of 2026; two weeks ago
2026-09-07 2026-09-13 | vor 2 Wochen
2026-09-07 2026-09-13 | the week before last; vorletzte Woche; a fortnight ago; the week of 10 September
2026-09-07 2026-09-13 | vor zwei Wochen
2026-09-14 2026-09-20 | last week; letzte Woche; in der letzten Woche; previous week; a week ago; vor einer Woche
2026-09-21 2026-09-27 | this week; diese Woche; in dieser Woche
2026-09-19 2026-09-20 | over the weekend; on the weekend; last weekend; at the weekend; am Wochenende
2026-09-19 2026-09-20 | letztes Wochenende
2026-09-08 2026-09-12 | between the 8th and the 12th; from the 8th to the 12th; from 8 to 12 Sept; 8-12 September
2026-09-08 2026-09-12 | September 8-12
2026-09-08 2026-09-12 | between 8 and 12 September; vom 8. bis 12. September; from 2026-09-08 to 2026-09-12
2026-09-08 2026-09-12 | 8th to 12th of September
2026-09-08 2026-09-12 | between 9/8 and 9/12; vom 8.9. bis 12.9.; between 8.9.2026 and 12.9.2026
2026-08-01 2026-08-31 | in August; last month; in August 2026; August 2026; in 2026-08; im August; letzten Monat
2026-08-01 2026-08-31 | one month ago
2026-09-01 2026-09-30 | this month; this month so far; in September; in diesem Monat; during Sept
2026-09-01 2026-09-10 | early September; beginning of September; the start of September; Anfang September
2026-09-10 2026-09-20 | mid September; mid-September; middle of September; Mitte September
2026-09-21 2026-09-30 | late September; end of September; Ende September
2026-08-21 2026-08-31 | end of August; late August; at the end of August; late in August
2026-07-01 2026-09-30 | in Q3; Q3 2026; the third quarter; this quarter; im dritten Quartal
2026-04-01 2026-06-30 | in Q2; last quarter; second quarter of 2026; letztes Quartal
2025-10-01 2025-12-31 | in Q4; Q4 2025
2025-01-01 2025-12-31 | in 2025; last year; during 2025; letztes Jahr
2026-09-20 2026-09-23 | in the last 3 days; past three days; in den letzten drei Tagen; in the last few days
2026-09-09 2026-09-23 | last fortnight; past two weeks; in the last 2 weeks; in den letzten zwei Wochen
2026-09-18 2026-09-21 | a few days ago; few days ago
2026-09-15 2026-09-21 | the week after 2026-09-14
2026-09-07 2026-09-13 | the week before 2026-09-14
2026-09-21 - | since Monday; seit Montag; from 2026-09-21; since the 21st
2026-09-15 - | after 2026-09-14; after 14 September; after the 14th; nach dem 14. September
- 2026-09-18 | until last Friday; until 2026-09-18; up to 18 September; bis 18. September; till the 18th
- 2026-09-18 | bis zum 18. September
- 2026-09-13 | before 2026-09-14; before 14 September; before the 14th; vor dem 14. September; prior to 14 September
"""
# Read after the words of the calendar were put in plain form.
SPOKEN = """
2026-09-14 | on 14.09.26; on 14-Sep-2026
2026-09-08 2026-09-12 | from 8.9. to 12.9.2026; 2026-09-08..2026-09-12; on September 8 and 12
2026-09-07 2026-09-13 | in the same week as 2026-09-10; in the week ending 2026-09-13
2026-09-14 2026-09-20 | the week before this one
2026-06-01 2026-06-30 | in 06/2026
2026-06-01 2026-08-31 | in summer 2026; in the summer of 2026
2026-03-01 2026-03-31 | half a year ago
2026-09-14 | on 14 septmber; on 14 Spetember; on the fourteenth of September; September fourteenth
2026-09-14 | am vierzehnten September
2026-09-21 | what happened Monday?; Monday's entries; what did Ove do Monday; entries from Monday; day-before-yesterday
2026-09-22 | yestreday; yesterdays work; yesterday's entries; the previous day; what happened Tuesday?
2026-09-16 | a week ago today; on Wednesday last week; Wednesday of last week; last week's Wednesday
2026-09-16 | letzte Woche Mittwoch; am Mittwoch letzter Woche
2026-09-21 2026-09-22 | Monday and Tuesday; from Monday to Tuesday; between Monday and Tuesday; Montag bis Dienstag
2026-09-16 2026-09-18 | Wednesday to Friday last week; from last Wednesday to last Friday
2026-09-01 2026-09-07 | first week of September; in der ersten Septemberwoche; erste Woche im September
2026-09-08 2026-09-14 | second week of September; the 2nd week of September 2026
2026-08-25 2026-08-31 | last week of August; letzte Augustwoche
2026-09-19 2026-09-23 | since the weekend; seit dem Wochenende
2026-09-07 2026-09-13 | fortnight ago; two weeks back; W37; week no. 37; week number 37; der 37. Woche
2026-09-12 2026-09-13 | the weekend of 12 September; the weekend before last; two weekends ago
2026-09-14 2026-09-20 | Vorwoche; last week
2026-09-13 2026-09-23 | in den letzten zehn Tagen; the past ten days
2026-08-01 2026-08-31 | in Agust; in augst 2026; August's entries; im Vormonat
2026-07-01 2026-09-30 | 2026-Q3; drittes Quartal; Q3/2026
2026-09-10 2026-09-20 | middle of the month; mid of this month; Mitte des Monats
2026-09-14 - | from the 14th onwards; ab dem 14.
- 2026-09-14 | by 14 September; up to and including 14 September; not later than 14 September
2026-09-14 2026-09-17 | first half of last week
"""
NONE = """
what may the developer do; Layer 5 may call layer 4; can and may a tester commit; march through the list; 5 may fail
the second step; on the 2nd try; after the 3rd attempt; on 9/10 hosts; version 1.2.3; since version 1.2; on port 8080
24 hours a day; 3 days of work; 2 weeks later; 500 MB; 12 EUR; at 3 of 4 places; step 3 of 12; the first quartile
commit 20261399; the 12th line; between 8 and 12 retries; from 3 to 5 workers; what is in sprint 2; layer 2 may import
how long is a week; a sprint has two weeks; Mondays are for reviews; the last thing; may 5 workers run
on the 9th commit
"""


def _forms(lines_of_forms: str) -> list[tuple[str, str, str]]:
    lines = (line.split(" | ") for line in lines_of_forms.strip().splitlines())
    return [(text, days.split()[0], days.split()[-1]) for days, texts in lines for text in texts.split("; ")]


@pytest.mark.parametrize(("text", "first", "last"), _forms(FORMS))
def test_forms(text: str, first: str, last: str) -> None:
    period = find_period(text, TODAY)
    assert period, "no period"
    assert (str(period.first or "-"), str(period.last or "-")) == (first, last)


@pytest.mark.parametrize(("text", "first", "last"), _forms(SPOKEN))
def test_spoken_forms(text: str, first: str, last: str) -> None:
    period = read_question(text, TODAY).period
    assert period, "no period"
    assert (str(period.first or "-"), str(period.last or "-")) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["match the berths in order", "the montages of the crane", "remember the summary", "the Monday list of cards"],
)
def test_other_words_stay(text: str) -> None:
    assert read_question(text, TODAY).period is None


DAY = st.dates(date(2024, 1, 1), TODAY)


@given(
    DAY,
    DAY,
    st.sampled_from(("%d %B %Y", "%B %d, %Y", "%Y-%m-%d")),
    st.sampled_from(("between {} and {}", "from {} to {}")),
)
def test_two_days_make_a_period_from_the_earlier_to_the_later(one: date, other: date, form: str, frame: str) -> None:
    period = find_period(frame.format(one.strftime(form), other.strftime(form)), TODAY)
    assert period and (period.first, period.last) == (min(one, other), max(one, other))


@given(st.dates(date(2024, 1, 1), TODAY - timedelta(1)), st.sampled_from(WEEKDAYS))
def test_a_bare_weekday_is_the_last_one_before_today(today: date, name: str) -> None:
    period = read_question(f"what happened {name.title()}?", today).period
    assert period and period.first and period.is_day
    assert timedelta(1) <= today - period.first <= timedelta(7)
    assert period.first.weekday() == WEEKDAYS.index(name)


@given(
    st.dates(date(2024, 1, 1), TODAY),
    st.integers(0, 60),
    st.sampled_from(("last week of", "first day of", "end of", "second half of")),
)
def test_a_part_of_a_sprint_lies_in_it(first: date, days: int, words: str) -> None:
    part = find_sprint_part(f"what was done at the {words} sprint 2")
    last = first + timedelta(days)
    assert part
    period = part.period(first, last)
    assert period.first and period.last and period.first <= period.last
    assert period.first <= last and period.last >= first


@pytest.mark.parametrize("text", [text for line in NONE.strip().splitlines() for text in line.split("; ")])
def test_what_is_no_day(text: str) -> None:
    assert find_period(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("When did we last touch the tide tables?", "latest"),
        ("What was the last thing Maren did?", "latest"),
        ("the latest two journals about berths", "latest"),
        ("the last two PDCAs", "latest"),
        ("newest entry", "latest"),
        ("What have we done lately?", "latest"),
        ("What did Maren do recently?", "latest"),
        ("very first lines of the planner", None),
        ("When did we first round the tides?", "earliest"),
        ("the oldest notes on berths", "earliest"),
        ("first journal of sprint 2", "earliest"),
        ("second step of the list", None),
    ],
)
def test_orders(text: str, order: str | None) -> None:
    assert read_question(text, TODAY).order == order
