"""Days that are said in other ways: weeks and quarters by number, weekends, days of a month, parts of a month."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from rag.retrieval.periods import Period

Span = tuple[date, date]
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "erste": 1,
             "ersten": 1, "zweite": 2, "zweiten": 2, "dritte": 3, "dritten": 3, "vierte": 4, "vierten": 4}  # fmt: skip
_NTH = "|".join(_ORDINALS)
# "On the 2nd try" is no day: what follows a bare day or fraction must end the thought or go on without a noun.
_ENDS = (
    r"(?=\s*(?:$|[?.,;:!)]|[-–]|(?:and|or|to|until|till|at|around|by|in|with|for|before|after|between|through"
    r"|did|was|were|we|he|she|they|und|bis)\b))"
)
_ON = r"(?:on|since|from|between|and|to|until|till|before|after|of|around|through|by)"
Reader = Callable[[re.Match[str], date], Span | None]


def more_periods(question: str, today: date) -> Iterator[Period]:
    """Periods in those forms, all relative to today."""
    for pattern, read in _FORMS:
        for match in pattern.finditer(question):
            try:
                span = read(match, today)
            except ValueError:
                continue  # the 31st of a month that has 30 days
            if span:
                at = match.span("at") if "at" in pattern.groupindex else match.span()
                yield Period(*span, at, guessed=True)


def _compact(match: re.Match[str], today: date) -> Span:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    return day, day


def _slashed(match: re.Match[str], today: date) -> Span:
    """Month first, unless there is no such month."""
    month, day = int(match[2]), int(match[3])
    if month > 12:
        month, day = day, month
    return _latest(lambda year: date(year, month, day), match[4], today)


def _dotted(match: re.Match[str], today: date) -> Span:
    return _latest(lambda year: date(year, int(match[3]), int(match[2])), None, today)


def _latest(made: Callable[[int], date], year: str | None, today: date) -> Span:
    day = made(int(year) if year else today.year)
    if not year and day > today:
        day = made(today.year - 1)
    return day, day


def _day_of_month(match: re.Match[str], today: date) -> Span:
    """The last such day that is not in the future."""
    month = today.year * 12 + today.month - 1
    for back in range(4):
        year, number = divmod(month - back, 12)
        if int(match[2]) <= _length(year, number + 1) and date(year, number + 1, int(match[2])) <= today:
            day = date(year, number + 1, int(match[2]))
            return day, day
    raise ValueError(match[0])


def _length(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _week(match: re.Match[str], today: date) -> Span:
    number, year = int(match["number"]), match["year"] or match["iso"]
    monday = date.fromisocalendar(int(year) if year else today.isocalendar().year, number, 1)
    if not year and monday > today:
        monday = date.fromisocalendar(today.isocalendar().year - 1, number, 1)
    return monday, monday + timedelta(6)


def _quarter(match: re.Match[str], today: date) -> Span:
    number = int(match[1]) if match[1] else _ORDINALS[match[2].lower()]
    year = int(match[3]) if match[3] else today.year
    if not match[3] and 3 * number - 2 > today.month:
        year -= 1
    return _months(year, 3 * number - 2, 3)


def _this_quarter(match: re.Match[str], today: date) -> Span:
    back = match[1].lower() not in ("this", "diesem", "dieses")
    year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 - back, 4)
    return _months(year, quarter * 3 + 1, 3)


def _months(year: int, month: int, count: int) -> Span:
    last = month + count - 1
    return date(year, month, 1), date(year, last, _length(year, last))


def _weekend(match: re.Match[str], today: date) -> Span:
    """The last one that has begun."""
    saturday = today - timedelta((today.weekday() - 5) % 7)
    return saturday, saturday + timedelta(1)


def _before_last(match: re.Match[str], today: date) -> Span:
    monday = today - timedelta(today.weekday() + 14)
    return monday, monday + timedelta(6)


def _last_night(match: re.Match[str], today: date) -> Span:
    return today - timedelta(1), today - timedelta(1)


def _few_days(match: re.Match[str], today: date) -> Span:
    if match[1]:
        return today - timedelta(5), today - timedelta(2)
    return today - timedelta(7), today


def _fortnight(match: re.Match[str], today: date) -> Span:
    monday = today - timedelta(today.weekday() + 14)
    return (monday, monday + timedelta(6)) if match[1] else (today - timedelta(14), today)


def _year(match: re.Match[str], today: date) -> Span:
    year = int(match["at"])
    return date(year, 1, 1), date(year, 12, 31)


def _form(pattern: str, read: Reader) -> tuple[re.Pattern[str], Reader]:
    return re.compile(pattern, re.IGNORECASE), read


_FORMS = (
    _form(r"(?<![\w./-])(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\w/-]|\.\w)", _compact),
    _form(r"(?<![\w./-])(20\d\d)/(\d{1,2})/(\d{1,2})(?![\w/-]|\.\w)", _compact),
    _form(rf"\b{_ON}\s+(?P<at>(\d{{1,2}})/(\d{{1,2}})(?:/(20\d\d))?){_ENDS}", _slashed),
    _form(r"\b(?:am|vom|zum|seit|bis|vor|nach|ab|und|since|until)\s+(?P<at>(\d{1,2})\.(\d{1,2})\.)(?!\d)", _dotted),
    _form(r"\bon\s+(?P<at>(\d{1,2})\.(0\d|1[0-2])\.)(?!\d)", _dotted),
    _form(rf"\b{_ON}\s+the\s+(?P<at>(\d{{1,2}})(?:st|nd|rd|th)){_ENDS}", _day_of_month),
    _form(r"(?:\b(?:calendar week|week|kw|cw)\s?|\b(?P<iso>20\d\d)-w)(?P<number>\d{1,2})\b"
          r"(?:(?:\s+of|,)?\s+(?P<year>20\d\d))?", _week),
    _form(rf"\b(?:q([1-4])|({_NTH}) (?:quarter|quartal)\b)(?:(?:\s+of)?\s+(20\d\d))?\b", _quarter),
    _form(r"\b(this|last|previous|diesem|dieses|letztes|letzten) (?:quarter|quartal)\b", _this_quarter),
    _form(r"\b(?:(?:over|on|at) the |(?:this|last|past|previous) |(?:am|letztes) )(?:weekend|wochenende)\b", _weekend),
    _form(r"\bweek before last\b|\bvorletzte[nr]? woche\b", _before_last),
    _form(r"\blast night\b", _last_night),
    _form(r"\b(?:(?:a )?(few) days ago|the other day)\b", _few_days),
    _form(r"\b(?:a fortnight (ago)|(?:last|past) fortnight)\b", _fortnight),
    _form(r"\b(?:in|during|since|im jahr)\s+(?P<at>20\d\d)\b(?![-/.:]\w)", _year),
)  # fmt: skip
