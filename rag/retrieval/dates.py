"""Days a question speaks of: absolute dates, months, and expressions relative to today."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from rag.retrieval.more_dates import MONTH, MONTH_NUMBERS, more_periods
from rag.retrieval.periods import Period
from rag.retrieval.weekdays import DAY_NUMBERS, DAYS, weekday_periods

NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
           "nine": 9, "ten": 10, "twelve": 12, "couple of": 2, "a couple of": 2, "few": 3, "einem": 1, "einer": 1,
           "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
           "zehn": 10}  # fmt: skip

_NUMBER = r"\d{1,3}|" + "|".join(NUMBERS)
_NTH = r"(?:st|nd|rd|th|\.)?"
_NTH_DAY = re.compile(r"\d(?:st|nd|rd|th)", re.IGNORECASE)
# A date that goes on (`2025-08-24-UTC-1510`) is the name of a document, not a day.
_ISO = re.compile(r"(?<![\w/.-])(\d{4})-(\d{2})-(\d{2})(?![\w/-]|\.\w)")
_DOTTED = re.compile(r"(?<![\w.])(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_YEAR_MONTH = re.compile(r"(?<![\w/.-])(\d{4})-(\d{2})(?![\w/.-])")
_DAY_FIRST = re.compile(
    rf"\b(?:(\d{{1,2}}){_NTH}\s*(?:-|–|to|and|until|till|through|bis|und)\s*(?:the\s+)?)?"
    rf"(\d{{1,2}}){_NTH}\s+(?:of\s+)?({MONTH})\b\.?(?:,?\s+(\d{{4}}))?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(rf"\b({MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?![\d:])(?:\s*(?:-|–)\s*(\d{{1,2}})\b)?(?:,?\s+(\d{{4}}))?", re.IGNORECASE)  # fmt: skip  # noqa: E501
# "Layer 5 may call", "can and may", "march on": these words are months only as months are written.
_ORDINARY = frozenset(("may", "mai", "march", "mar", "dec", "jan"))
_MONTH_ONLY = re.compile(
    rf"\b(?:in|im|of|during|since|until|before|after|from|to|and|seit|vor|nach|early|late|mid"
    rf"|anfang|mitte|ende)(?:\s+|-)({MONTH})\b(?:\s+(\d{{4}}))?|\b({MONTH})\s+(20\d\d)\b",
    re.IGNORECASE,
)
_COMMA = re.compile(r",?\s*(?:the|den|dem)?\s*", re.IGNORECASE)
_WEEK_OF = re.compile(r"\b(?:week(?:end)? (?:of|starting|beginning|from)|wochenende vom)\s+(?:the\s+)?$", re.IGNORECASE)
_AGO = re.compile(
    rf"\b({_NUMBER})\s+(day|week|month)s?\s+ago(?:,?\s+(?:on\s+)?({DAYS}))?\b|\bvor\s+(\w+)\s+(tag|woche|monat)\w*\b",
    re.IGNORECASE,
)
_PAST = re.compile(rf"\b(?:last|past|previous|letzten)\s+({_NUMBER})\s+(day|week|month|tage|wochen|monate)[ns]?\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
_UNIT = re.compile(r"\b(this|last|previous|past|diese[rmns]?|letzte[rmns]?|vorige[rn]?|vergangene[rn]?)\s+(week|month|year|sprint week|woche|monat|jahr)\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
_WORDS = (
    (re.compile(r"\b(?:the )?day before yesterday\b|\bvorgestern\b", re.IGNORECASE), 2),
    (re.compile(r"(?<!before )\byesterday\b|\bgestern\b", re.IGNORECASE), 1),
    (
        re.compile(
            r"\btoday\b|\bheute\b|\b(?:this|diesen) (?=(?:morning|afternoon|evening|morgen|abend)\b)|\btonight\b",
            re.IGNORECASE,
        ),
        0,
    ),
)
_GERMAN_UNITS = {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"}
_OPEN_START = re.compile(
    r"\b(?:before|prior to|earlier than|vor|(until|till|up to(?: and including)?|not? later than|by|bis))"
    r"\s*(?:the\s+|dem\s+|zum\s+)?$",
    re.IGNORECASE,
)
_OPEN_END = re.compile(r"\b(?:since|starting|from|seit|ab|(after|nach))\s*(?:the\s+|dem\s+)?$", re.IGNORECASE)
_PART = re.compile(
    r"\b(early(?: in)?|beginning of|start of|mid(?:dle)?(?: of)?-?|late(?: in)?|end of|(?:first|second) half of"
    r"|anfang|mitte|ende)\s*(?:the\s+|de[rs]\s+)?$",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\d{1,2}(?:st|nd|rd|th|\.)?\s*(?:-|–|to|and|until|till|through|bis|und)\s+(?:the\s+)?\d", re.IGNORECASE
)
_SHIFT = re.compile(
    rf"\b(?:({_NUMBER})\s+|the\s+)(day|week)s?\s+(before|after)\s+(?:the\s+)?$|\bam\s+(tag)\s+(vor|nach)\s+dem\s+$",
    re.IGNORECASE,
)


def find_period(question: str, today: date) -> Period | None:
    """The period a question asks about, or None. Two dates span a range; "before" and "since" open one end."""
    try:
        return _found_period(question, today)
    except OverflowError:
        return None  # ten thousand weeks before the year one


def _found_period(question: str, today: date) -> Period | None:
    found = sorted(_periods(question, today), key=lambda period: (period.at[0], -period.at[1]))
    kept = [period for n, period in enumerate(found) if not any(_inside(period, other) for other in found[:n])]
    if len(kept) == 2 and kept[0].vague and _COMMA.fullmatch(question[kept[0].at[1] : kept[1].at[0]]):
        kept = kept[1:]  # "on Monday, 14 September"
    if not kept:
        return None
    first, last = kept[0], kept[-1]
    guessed = any(period.guessed for period in kept)
    if len(kept) > 1:
        days = [day for period in kept for day in (period.first, period.last) if day]
        return Period(min(days), max(days), (first.at[0], last.at[1]), guessed=guessed)
    before = question[: first.at[0]]
    if (week := _WEEK_OF.search(before)) and first.first:
        sunday = first.first + timedelta(6 - first.first.weekday())
        back = 1 if "end" in week[0].lower() else 6
        return replace(first, first=sunday - timedelta(back), last=sunday, at=(week.start(), first.at[1]))
    if (shift := _SHIFT.search(before)) and first.is_day:
        return _shifted(first, shift)
    if (part := _PART.search(before)) and not first.is_day:
        first = first.part(part[1].lower(), part.start())
        before = question[: first.at[0]]
    return first if _RANGE.match(question[first.at[0] :]) else _opened(first, before)


def _shifted(period: Period, match: re.Match[str]) -> Period:
    """Some days before or after a day; the week before or after it has seven of them."""
    assert period.first
    sign = 1 if (match[3] or match[5]).lower() in ("after", "nach") else -1
    at = (match.start(), period.at[1])
    if not match[1] and (match[2] or "").lower() == "week":
        ends = sorted((period.first + timedelta(sign), period.first + timedelta(7 * sign)))
        return replace(period, first=ends[0], last=ends[1], at=at)
    days = (_number(match[1] or "one") or 1) * (7 if (match[2] or "").lower() == "week" else 1)
    day = period.first + timedelta(sign * days)
    return replace(period, first=day, last=day, at=at)


def _opened(period: Period, before: str) -> Period:
    """Open at one end after "since", "until" and the like; "until" has its day in it, "after" has not."""
    if (opened := _OPEN_START.search(before)) and period.first:
        last = period.first if opened[1] and period.is_day else period.first - timedelta(days=1)
        return replace(period, first=None, last=last, at=(opened.start(), period.at[1]))
    if opened := _OPEN_END.search(before):
        first = period.last + timedelta(days=1) if opened[1] and period.last else period.first
        return replace(period, first=first, last=None, at=(opened.start(), period.at[1]))
    return period


def _inside(period: Period, other: Period) -> bool:
    return period is not other and other.at[0] <= period.at[0] and period.at[1] <= other.at[1]


def _periods(question: str, today: date) -> Iterator[Period]:
    yield from _absolute(question, today)
    yield from more_periods(question, today)  # first: of two readings of the same words the earlier one stands
    yield from (replace(period, guessed=True) for period in _relative(question, today))


def _absolute(question: str, today: date) -> Iterator[Period]:
    for match in _ISO.finditer(question):
        yield from _day(match, int(match[1]), int(match[2]), int(match[3]))
    for match in _DOTTED.finditer(question):
        yield from _day(match, int(match[3]), int(match[2]), int(match[1]))
    for match in _YEAR_MONTH.finditer(question):
        if date.min.year <= int(match[1]) and 1 <= int(match[2]) <= 12:
            yield Period(date(int(match[1]), int(match[2]), 1), _month_end(int(match[1]), int(match[2])), match.span())
    for match in _DAY_FIRST.finditer(question):
        yield from _named_days(match, match[3], match[1] or match[2], match[2], match[4], today)
    for match in _MONTH_FIRST.finditer(question):
        yield from _named_days(match, match[1], match[2], match[3] or match[2], match[4], today)
    for match in _MONTH_ONLY.finditer(question):
        yield from _named_month(match, today)


def _relative(question: str, today: date) -> Iterator[Period]:
    for pattern, days in _WORDS:
        for match in pattern.finditer(question):
            yield Period(today - timedelta(days), today - timedelta(days), match.span())
    for match in _AGO.finditer(question):
        yield from _ago(match, today)
    for match in _PAST.finditer(question):
        days = (_number(match[1]) or 1) * {"d": 1, "t": 1, "w": 7, "m": 30}[match[2][0].lower()]
        yield Period(today - timedelta(days), today, match.span())
    for match in _UNIT.finditer(question):
        yield _unit(match, today)
    yield from weekday_periods(question, today)


def _ago(match: re.Match[str], today: date) -> Iterator[Period]:
    """N days ago is a day, N weeks ago a week or a weekday of it, N months ago a month."""
    number = _number(match[1] or match[4])
    unit = (match[2] or match[5]).lower()
    unit = _GERMAN_UNITS.get(unit, unit)
    if number is None:
        return
    if unit == "day":
        yield Period(today - timedelta(number), today - timedelta(number), match.span())
    elif unit == "week":
        monday = today - timedelta(today.weekday() + 7 * number)
        if match[3]:
            day = monday + timedelta(DAY_NUMBERS[match[3].lower()])
            yield Period(day, day, match.span())
        else:
            yield Period(monday, monday + timedelta(6), match.span())
    else:
        year, month = divmod(today.year * 12 + today.month - 1 - number, 12)
        yield Period(date(year, month + 1, 1), _month_end(year, month + 1), match.span())


def _unit(match: re.Match[str], today: date) -> Period:
    which, unit = match[1].lower(), match[2].lower()
    unit = _GERMAN_UNITS.get(unit, unit)
    if which == "past":
        days = {"month": 30, "year": 365}.get(unit, 7)
        return Period(today - timedelta(days), today, match.span())
    back = not which.startswith(("this", "diese"))
    if unit == "month":
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        return Period(date(year, month + 1, 1), _month_end(year, month + 1), match.span())
    if unit == "year":
        return Period(date(today.year - back, 1, 1), date(today.year - back, 12, 31), match.span())
    monday = today - timedelta(today.weekday() + 7 * back)
    return Period(monday, monday + timedelta(6), match.span())


def _named_days(
    match: re.Match[str], name: str, first: str, last: str, year: str | None, today: date
) -> Iterator[Period]:
    """Without a year: the last such day that is not in the future."""
    if name in _ORDINARY and not year and match[0].replace(" ", "").isalnum() and not _NTH_DAY.search(match[0]):
        return
    month = MONTH_NUMBERS[name.lower()]
    number = int(year) if year else today.year - ((month, int(last)) > (today.month, today.day))
    try:
        days = date(number, month, int(first)), date(number, month, int(last))
    except ValueError:
        return
    yield Period(min(days), max(days), match.span(), guessed=not year)


def _named_month(match: re.Match[str], today: date) -> Iterator[Period]:
    name, stated = match[1] or match[3], match[2] or match[4]
    month = MONTH_NUMBERS[name.lower()]
    year = int(stated) if stated else today.year - (month > today.month)
    if year < date.min.year or (name in _ORDINARY and not stated):
        return
    at = (match.start(1) if match[1] else match.start(3), match.end())
    yield Period(date(year, month, 1), _month_end(year, month), at, guessed=not stated)


def _day(match: re.Match[str], year: int, month: int, day: int) -> Iterator[Period]:
    try:
        found = date(year, month, day)
    except ValueError:
        return
    yield Period(found, found, match.span())


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _number(word: str) -> int | None:
    return NUMBERS.get(word.lower()) or (int(word) if word.isdecimal() else None)
