"""Dates and times written in prose, in the forms the journals use."""

from __future__ import annotations

import re

from rag.corpus.names import real_date, real_time

_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"(?:[-_ T,]*(?:UTC|at)?[-_ ]*(?P<time>\d{2}:\d{2}(?::\d{2})?|\d{6}|\d{4})(?!\d))?"
)
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CLOCK = r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)"
_WORDS = (
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?:[A-Z]{{2,5}}\s+)?(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b(?:\D{{0,8}}{_CLOCK})?", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<day>\d{{1,2}})\.?\s+{_MONTH}\s+(?P<year>\d{{4}})\b(?:\D{{0,8}}{_CLOCK})?", re.IGNORECASE),
    re.compile(r"\b(?P<day>\d{2})\.(?P<month>\d{2})\.(?P<year>\d{4})\b(?:\D{0,8}(?P<time>\d{1,2}:\d{2}))?"),
)


def find_date(text: str) -> tuple[str, str, str]:
    """(`YYYY-MM-DD`, `HH:MM[:SS]`, impossible part) of the first date in a text; empty where there is none."""
    text = text[:300]
    for pattern in (_ISO, *_WORDS):
        if found := pattern.search(text):
            month = _MONTHS.get(found["month"][:3].lower(), found["month"])
            day, bad_day = real_date(found["year"], month, found["day"].zfill(2))
            clock = found["time"] or ""
            time, bad_time = real_time(clock.zfill(5) if ":" in clock else clock)
            return day, time, " ".join(filter(None, (bad_day, bad_time)))
    return "", "", ""
