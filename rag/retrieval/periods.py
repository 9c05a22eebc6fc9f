"""A period of days, and its parts: the type that all readers of dates share."""

from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; None is open. `at` are the characters that said so.

    `vague`: "on Monday", which may well be a part of the story instead of a period. `guessed`: relative to today, or
    without a year.
    """

    first: date | None
    last: date | None
    at: tuple[int, int]
    vague: bool = False
    guessed: bool = False

    @property
    def is_day(self) -> bool:
        return self.first is not None and self.first == self.last

    def year_earlier(self) -> "Period":
        """The same days one year before."""
        return replace(self, first=_year_before(self.first), last=_year_before(self.last))

    def part(self, word: str, start: int) -> "Period":
        """What "early", "mid" or "late" means of it: about a third. The words begin at character `start`."""
        if self.first is None or self.last is None:
            return self
        days = (self.last - self.first).days + 1
        third = timedelta((days + 2) // 3 - 1)
        at = (start, self.at[1])
        if word.endswith("half of"):
            half = timedelta((days + 1) // 2)
            ends = (self.first, self.first + half - timedelta(1))
            first, last = ends if word.startswith("first") else (self.last - half + timedelta(1), self.last)
            return replace(self, first=first, last=last, at=at)
        if word.startswith(("mid", "mitte")):
            margin = timedelta(days // 3)
            return replace(self, first=self.first + margin - timedelta(days=1), last=self.last - margin, at=at)
        if word.startswith(("late", "end")):
            return replace(self, first=self.last - third, at=at)
        return replace(self, last=self.first + third, at=at)

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        return f"{self.first or '…'} to {self.last or '…'}"


def _year_before(day: date | None) -> date | None:
    # The 29th of February has no counterpart: its month ends a day earlier.
    return day and day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
