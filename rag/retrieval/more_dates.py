"""Days that are said in other ways: weeks and quarters by number, weekends, days of a month, parts of a month."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from rag.retrieval.periods import Period
from rag.retrieval.wording import GERMAN_MONTHS, MONTHS

Span = tuple[date, date]
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_ORDINALS |= {f"{stem}{end}": number for number, stem in enumerate(("erste", "zweite", "dritte", "vierte"), 1)
              for end in ("", "n", "r", "s")}  # fmt: skip
_NTH = "|".join(_ORDINALS)
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3}
MONTH_NUMBERS = {name: number for names in (MONTHS, GERMAN_MONTHS) for number, name in enumerate(names, 1)}
MONTH_NUMBERS |= {name[:3]: number for name, number in MONTH_NUMBERS.items()} | {"sept": 9}
MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
# "On the 2nd try" is no day: what follows a bare day or fraction must end the thought or go on without a noun.
_ENDS = (
    r"(?=\s*(?:$|[?.,;:!)]|[-–]|(?:and|or|to|until|till|at|around|by|in|with|for|before|after|between|through"
    r"|onwards?|on|did|was|were|we|he|she|they|und|bis)\b))"
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


def _iso_quarter(match: re.Match[str], today: date) -> Span:
    return _months(int(match["year"]), 3 * int(match["number"]) - 2, 3)


def _this_quarter(match: re.Match[str], today: date) -> Span:
    back = match[1].lower() not in ("this", "diesem", "dieses")
    year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 - back, 4)
    return _months(year, quarter * 3 + 1, 3)


def _months(year: int, month: int, count: int) -> Span:
    last = month + count - 1
    return date(year, month, 1), date(year, last, _length(year, last))


def _weekend(match: re.Match[str], today: date) -> Span:
    """The last one that has begun, or the one before it."""
    earlier = 7 if match["earlier"] else 0
    saturday = today - timedelta((today.weekday() - 5) % 7 + earlier)
    return saturday, saturday + timedelta(1)


def _since_weekend(match: re.Match[str], today: date) -> Span:
    return today - timedelta((today.weekday() - 5) % 7), today


def _today_of_weeks_ago(match: re.Match[str], today: date) -> Span:
    day = today - timedelta(7 * _COUNTS[match[1].lower()])
    return day, day


def _week_of_month(match: re.Match[str], today: date) -> Span:
    """The first to fourth seven days of a month, or the last seven."""
    year, month = _month_meant(match, today)
    if match["nth"].lower() in _ORDINALS:
        first = date(year, month, 7 * _ORDINALS[match["nth"].lower()] - 6)
        return first, first + timedelta(6)
    last = date(year, month, _length(year, month))
    return last - timedelta(6), last


def _month_meant(match: re.Match[str], today: date) -> tuple[int, int]:
    if not match["month"]:
        back = 1 if (match["back"] or "").lower() in ("last", "letzten") else 0
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        return year, month + 1
    month = MONTH_NUMBERS[match["month"].lower()]
    return (int(match["year"]) if match["year"] else today.year - (month > today.month)), month


def _present(match: re.Match[str], today: date) -> Span:
    """This week, month or year, of which a part is asked for."""
    unit = match["at"].lower()
    if "w" in unit:
        monday = today - timedelta(today.weekday())
        return monday, monday + timedelta(6)
    return _months(today.year, today.month, 1) if "mon" in unit else _months(today.year, 1, 12)


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
    # German: what begins with a capital is a noun, and then the number counts it.
    _form(rf"\b(?:am|ab|seit|bis|vor|nach|vom)(?: de[mn]| zum)? (?P<at>(\d{{1,2}})\.)"
          rf"(?!\d|\s*(?:(?:{MONTH})\b|(?-i:[A-ZÄÖÜ])))", _day_of_month),
    _form(rf"\b{_ON}\s+the\s+(?P<at>(\d{{1,2}})(?:st|nd|rd|th)){_ENDS}", _day_of_month),
    _form(r"(?:\b(?:calendar week|week|kw|cw)\s?|\b(?P<iso>20\d\d)-w)(?P<number>\d{1,2})\b"
          r"(?:(?:\s+of|,)?\s+(?P<year>20\d\d))?", _week),
    _form(r"\b(?P<at>(?P<year>20\d\d)[- ]?q(?P<number>[1-4]))\b", _iso_quarter),
    _form(rf"\b(?:q([1-4])|({_NTH}) (?:quarter|quartal)\b)(?:(?:\s+of|/)?\s*(20\d\d))?\b", _quarter),
    _form(r"\b(this|last|previous|diesem|dieses|letztes|letzten) (?:quarter|quartal)\b", _this_quarter),
    _form(r"\b(?:since (?:the|last)|seit dem(?: letzten)?) (?:weekend|wochenende)\b", _since_weekend),
    _form(r"\b(?P<earlier>(?:the )?weekend before last|two weekends ago|vorletztes wochenende)\b"
          r"|\b(?:(?:over|on|at|during) the |(?:this|last|past|previous) |(?:am|letztes) )(?:weekend|wochenende)\b",
          _weekend),
    _form(r"\b(a|one|two|three) weeks? ago today\b", _today_of_weeks_ago),
    _form(rf"\b(?P<nth>{_NTH}|last|final|letzten?) (?:week|woche) (?:of|in|im|vom|des) (?:(?P<month>{MONTH})\b"
          r"(?:,? (?P<year>20\d\d))?|(?P<back>the|this|last|diesem|letzten) (?:month|monats?)\b)", _week_of_month),
    _form(r"\b(?:early|beginning|start|middle|mid|end|half|anfang|mitte|ende)(?: of| in)? "
          r"(?P<at>(?:the|this|des|der) (?:week|month|year|woche|monats|jahres))\b", _present),
    _form(r"\bweek before last\b|\bvorletzte[nr]? woche\b", _before_last),
    _form(r"\blast night\b", _last_night),
    _form(r"\b(?:(?:a )?(few) days ago|the other day)\b", _few_days),
    _form(r"\b(?:(?:a )?fortnight (ago)|(?:last|past) fortnight)\b", _fortnight),
    _form(r"\b(?:in|during|since|im jahr)\s+(?P<at>20\d\d)\b(?![-/.:]\w)", _year),
)  # fmt: skip
