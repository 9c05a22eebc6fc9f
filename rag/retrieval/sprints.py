"""Parts of a sprint that a question speaks of: "the last week of sprint 2", "Ende von Sprint 1"."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from rag.retrieval.periods import Period

_NTH = {"first": 0, "1st": 0, "erste": 0, "ersten": 0, "second": 1, "2nd": 1, "zweite": 1, "zweiten": 1, "third": 2,
        "3rd": 2, "dritte": 2, "dritten": 2, "last": -1, "final": -1, "letzte": -1, "letzten": -1}  # fmt: skip
_DAYS = {"day": 1, "tag": 1, "week": 7, "woche": 7}
_SPRINT = r"(?=(?:the\s+|de[rsm]\s+)?sprint\b)"
_PIECE = re.compile(
    rf"\b(?:(?:on|in|during|am|in der)\s+)?(?:the\s+)?({'|'.join(_NTH)})\s+(day|week|tag|woche)\s+"
    rf"(?:of|in|im|von|vom|des)\s+{_SPRINT}",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b(?:(?:at|in|towards?|am|gegen|zu)\s+)?(?:the\s+)?(early(?: in)?|beginning of|start of|mid(?:dle)?(?: of)?"
    rf"|late(?: in)?|end of|(?:first|second) half of|anfang|beginn|mitte|ende)\s+(?:von\s+|vom\s+|des\s+)?{_SPRINT}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SprintPart:
    """A piece of a sprint: the `nth` (from 0; -1 is the last) stretch of `days` days, or a share of it in words."""

    at: tuple[int, int]
    nth: int = 0
    days: int = 0
    share: str = ""

    def period(self, first: date, last: date) -> Period:
        """Its days in a sprint whose entries lie between these days."""
        if self.share:
            return Period(first, last, self.at).part(self.share, self.at[0])
        start = last - timedelta(self.days - 1) if self.nth < 0 else first + timedelta(self.nth * self.days)
        return Period(start, start + timedelta(self.days - 1), self.at)


def find_sprint_part(text: str) -> SprintPart | None:
    """The part of a sprint that is asked for, or None; which sprint it is stands behind it."""
    if match := _PIECE.search(text):
        return SprintPart(match.span(), _NTH[match[1].lower()], _DAYS[match[2].lower()])
    if match := _SHARE.search(text):
        return SprintPart(match.span(), share=match[1].lower())
    return None
