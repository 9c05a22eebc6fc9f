"""Days a question speaks of: absolute dates, months, and expressions relative to today."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}

_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_NUMBER = r"\d{1,3}|" + "|".join(NUMBERS)
# A date that goes on (`2025-08-24-UTC-1510`) is the name of a document, not a day.
_ISO = re.compile(r"(?<![\w/.-])(\d{4})-(\d{2})-(\d{2})(?![\w/-]|\.\w)")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
_MONTH_ONLY = re.compile(rf"\b(?:in|of|during|since|until|before|after|from|to|and)\s+(?:early |late |mid-?)?({_MONTH})\b(?:\s+(\d{{4}}))?", re.IGNORECASE)  # fmt: skip  # noqa: E501
_AGO = re.compile(rf"\b({_NUMBER})\s+(day|week|month)s?\s+ago\b", re.IGNORECASE)
_PAST = re.compile(rf"\b(?:last|past|previous)\s+({_NUMBER})\s+(day|week|month)s?\b", re.IGNORECASE)
_UNIT = re.compile(r"\b(this|last|previous|past)\s+(week|month|year|sprint week)\b", re.IGNORECASE)
_WEEKDAY = re.compile(rf"\b(last|on|this)\s+({'|'.join(WEEKDAYS)})\b", re.IGNORECASE)
_WORDS = (
    (re.compile(r"\bday before yesterday\b", re.IGNORECASE), 2),
    (re.compile(r"(?<!before )\byesterday\b", re.IGNORECASE), 1),
    (re.compile(r"\btoday\b|\bthis (?:morning|afternoon|evening)\b", re.IGNORECASE), 0),
)
_OPEN_START = re.compile(r"\b(?:before|until|till|up to|prior to|no later than)\s*(?:the\s+)?$", re.IGNORECASE)
_OPEN_END = re.compile(r"\b(?:since|after|starting|from)\s*(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; None is open. `at` are the characters that said so.

    `vague`: "on Monday", which may well be a part of the story instead of a period.
    """

    first: date | None
    last: date | None
    at: tuple[int, int]
    vague: bool = False

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        return f"{self.first or '…'} to {self.last or '…'}"


def find_period(question: str, today: date) -> Period | None:
    """The period a question asks about, or None. Two dates span a range; "before" and "since" open one end."""
    found = sorted(_periods(question, today), key=lambda period: (period.at[0], -period.at[1]))
    kept = [period for n, period in enumerate(found) if not any(_inside(period, other) for other in found[:n])]
    if not kept:
        return None
    first, last = kept[0], kept[-1]
    if len(kept) > 1:
        days = [day for period in kept for day in (period.first, period.last) if day]
        return Period(min(days), max(days), (first.at[0], last.at[1]))
    before = question[: first.at[0]]
    if _OPEN_START.search(before) and first.first:
        return Period(None, first.first - timedelta(days=1), first.at)
    if _OPEN_END.search(before):
        return Period(first.first, None, first.at)
    return first


def _inside(period: Period, other: Period) -> bool:
    return period is not other and other.at[0] <= period.at[0] and period.at[1] <= other.at[1]


def _periods(question: str, today: date) -> Iterator[Period]:
    yield from _absolute(question, today)
    yield from _relative(question, today)


def _absolute(question: str, today: date) -> Iterator[Period]:
    for match in _ISO.finditer(question):
        yield from _day(match, int(match[1]), int(match[2]), int(match[3]))
    for match in _DAY_FIRST.finditer(question):
        yield from _named_day(match, match[2], int(match[1]), match[3], today)
    for match in _MONTH_FIRST.finditer(question):
        yield from _named_day(match, match[1], int(match[2]), match[3], today)
    for match in _MONTH_ONLY.finditer(question):
        month = _month(match[1])
        year = int(match[2]) if match[2] else today.year - (month > today.month)
        yield Period(date(year, month, 1), _month_end(year, month), (match.start(1), match.end()))


def _relative(question: str, today: date) -> Iterator[Period]:
    for pattern, days in _WORDS:
        for match in pattern.finditer(question):
            yield Period(today - timedelta(days), today - timedelta(days), match.span())
    for match in _AGO.finditer(question):
        yield _ago(match, today)
    for match in _PAST.finditer(question):
        days = _number(match[1]) * {"day": 1, "week": 7, "month": 30}[match[2].lower()]
        yield Period(today - timedelta(days), today, match.span())
    for match in _UNIT.finditer(question):
        yield _unit(match, today)
    for match in _WEEKDAY.finditer(question):
        back = (today.weekday() - WEEKDAYS.index(match[2].lower()) - 1) % 7 + 1
        day = today - timedelta(back)
        yield Period(day, day, match.span(), vague=match[1].lower() == "on")


def _ago(match: re.Match[str], today: date) -> Period:
    """N days ago is a day, N weeks ago a week, N months ago a month."""
    number, unit = _number(match[1]), match[2].lower()
    if unit == "day":
        return Period(today - timedelta(number), today - timedelta(number), match.span())
    if unit == "week":
        monday = today - timedelta(today.weekday() + 7 * number)
        return Period(monday, monday + timedelta(6), match.span())
    year, month = divmod(today.year * 12 + today.month - 1 - number, 12)
    return Period(date(year, month + 1, 1), _month_end(year, month + 1), match.span())


def _unit(match: re.Match[str], today: date) -> Period:
    which, unit = match[1].lower(), match[2].lower()
    if which == "past":
        days = {"month": 30, "year": 365}.get(unit, 7)
        return Period(today - timedelta(days), today, match.span())
    back = which != "this"
    if unit == "month":
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        return Period(date(year, month + 1, 1), _month_end(year, month + 1), match.span())
    if unit == "year":
        return Period(date(today.year - back, 1, 1), date(today.year - back, 12, 31), match.span())
    monday = today - timedelta(today.weekday() + 7 * back)
    return Period(monday, monday + timedelta(6), match.span())


def _named_day(match: re.Match[str], name: str, day: int, year: str | None, today: date) -> Iterator[Period]:
    """Without a year: the last such day that is not in the future."""
    month = _month(name)
    number = int(year) if year else today.year - ((month, day) > (today.month, today.day))
    yield from _day(match, number, month, day)


def _day(match: re.Match[str], year: int, month: int, day: int) -> Iterator[Period]:
    try:
        found = date(year, month, day)
    except ValueError:
        return
    yield Period(found, found, match.span())


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _number(word: str) -> int:
    return NUMBERS.get(word.lower()) or int(word)
