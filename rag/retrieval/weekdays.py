"""Weekdays a question speaks of: bare ones, those of a week, and from one to another."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from rag.retrieval.periods import Period
from rag.retrieval.wording import GERMAN_WEEKDAYS, WEEKDAYS

DAY_NUMBERS = {name: number for names in (WEEKDAYS, GERMAN_WEEKDAYS) for number, name in enumerate(names)}
DAYS = "|".join(DAY_NUMBERS)
_LAST = r"last|previous|letzte[rn]?|vorige[rn]?|vergangene[rn]?"
_WEEK = rf"(?:(?P<this>this|diese[rn]?)|{_LAST}) (?:week|woche)"
_RANGE = (
    rf"(?:\b(?:from|between|von|vom|zwischen)\s+)?(?:\b(?:on|last|letzten)\s+)?\b(?P<first>{DAYS})"
    rf"(?:\s*(?:-|–)\s*|\s+(?:to|and|until|till|through|bis|und)\s+)(?:last\s+|letzten\s+)?(?P<last>{DAYS})\b"
)
_RANGE_OF_WEEK = re.compile(rf"{_RANGE},?\s+(?:of\s+|in\s+)?(?:der\s+)?{_WEEK}\b", re.IGNORECASE)
_ANY_RANGE = re.compile(_RANGE, re.IGNORECASE)
_OF_WEEK = re.compile(rf"\b(?:on\s+|am\s+)?(?P<day>{DAYS}),?\s+(?:of\s+|in\s+)?(?:der\s+)?{_WEEK}\b", re.IGNORECASE)
_WEEK_FIRST = re.compile(rf"\b{_WEEK}(?:['’]?s)?,?\s+(?:on\s+|am\s+)?(?P<day>{DAYS})\b", re.IGNORECASE)
_WEEKDAY = re.compile(rf"\b(last|on|this|since|until|before|after|am|seit|bis|letzten)\s+({DAYS})\b", re.IGNORECASE)
# "The Monday list" names a list: nothing but the end of a thought follows a bare day.
_BARE = re.compile(
    rf"\b({DAYS})\b(?=\s*(?:$|[?.,;:!)])|\s+(?:by|morning|afternoon|evening|night|entr(?:y|ies)|work|notes?|journals?|pdcas?)\b)",
    re.IGNORECASE,
)


def weekday_periods(question: str, today: date) -> Iterator[Period]:
    """Periods by weekday: the last such day before today, or that of the week that is named."""
    for pattern in (_RANGE_OF_WEEK, _ANY_RANGE):
        for match in pattern.finditer(question):
            yield _range(match, today)
    for pattern in (_OF_WEEK, _WEEK_FIRST):
        for match in pattern.finditer(question):
            day = _monday(match, today) + timedelta(_number(match["day"]))
            yield Period(day, day, match.span())
    for match in _WEEKDAY.finditer(question):
        day, which = _before(today, match[2]), match[1].lower()
        at = match.span() if which in ("last", "on", "this", "am", "letzten") else match.span(2)
        yield Period(day, day, at, vague=which in ("on", "am"))
    for match in _BARE.finditer(question):
        day = _before(today, match[1])
        yield Period(day, day, match.span(), vague=True)


def _range(match: re.Match[str], today: date) -> Period:
    """Of the week that is named, else the last one whose end is not in the future."""
    first, last = _number(match["first"]), _number(match["last"])
    if "this" in match.re.groupindex:
        monday = _monday(match, today)
        return Period(monday + timedelta(first), monday + timedelta(last if last >= first else last + 7), match.span())
    end = today - timedelta((today.weekday() - last) % 7)
    return Period(end - timedelta((last - first) % 7), end, match.span())


def _monday(match: re.Match[str], today: date) -> date:
    return today - timedelta(today.weekday() + (0 if match["this"] else 7))


def _before(today: date, name: str) -> date:
    return today - timedelta((today.weekday() - _number(name) - 1) % 7 + 1)


def _number(name: str) -> int:
    return DAY_NUMBERS[name.lower()]
