"""Hours of a day a question speaks of: "at 14:15", "before noon", "in the evening, after seven"."""

import re
from dataclasses import dataclass

MIDNIGHT = 24 * 60
# How far from "at 14:15" an entry may have been written, in minutes: exactly then, else about then.
NEAR = (2, 20, 90)

_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "eleven": 11, "twelve": 12}  # fmt: skip
_HOUR = r"(\d{1,2}|" + "|".join(_WORDS) + r")"
_EXACT = re.compile(r"(?:\b(?:at|um|@)\s*)?(?<![\d:.-])([01]?\d|2[0-3])[:h]([0-5]\d)(?![\d:])(?:\s*(?:uhr|utc|h|o'clock))?\b", re.IGNORECASE)  # fmt: skip  # noqa: E501
_CLOCK = re.compile(
    rf"\b(before|until|by|after|from|since|around|about|at|um|vor|nach|ab)\s+{_HOUR}(?:\s*(o'?clock|am|pm|uhr|a\.m\.|p\.m\.))?(?![\w:.-])",
    re.IGNORECASE,
)
_TIME = rf"{_HOUR}(?:[:h.]([0-5]\d))?\s*"
_BETWEEN = re.compile(
    rf"\b(?:(?:between|from|zwischen|von)\s+)?{_TIME}(am|pm|uhr)?\s*(?:-|–|and|to|until|till|und|bis)\s*{_TIME}"
    r"(o'?clock|am|pm|uhr|a\.m\.|p\.m\.|in the (?:morning|afternoon|evening)|$|(?=[?.,;]))",
    re.IGNORECASE,
)
_NOON = re.compile(r"\b(before|until|after|around|at|vor|nach)\s+(?:noon|midday|lunch|mittag\w*)\b", re.IGNORECASE)
_PARTS = (
    (
        re.compile(
            r"\b(?:in the |at |this )?(?:mornings?|vormittags?)\b|\b(?:am|diesen) morgen\b|\bmorgens\b", re.IGNORECASE
        ),
        4 * 60,
        12 * 60,
    ),
    (re.compile(r"\b(?:in the |this )?afternoons?\b|\bnachmittags?\b", re.IGNORECASE), 12 * 60, 18 * 60),
    (re.compile(r"\b(?:in the |at |this )?evenings?\b|\babends?\b|\btonight\b", re.IGNORECASE), 17 * 60, MIDNIGHT),
    (re.compile(r"\b(?:at |in the |during the )?nights?\b|\bnachts?\b", re.IGNORECASE), 20 * 60, MIDNIGHT),
)
_EARLY = ("before", "until", "by", "vor")
_LATE = ("after", "from", "since", "nach", "ab")


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the day from `first` up to `last`; `exact`: one moment, near which is good too. `at`: characters."""

    first: int
    last: int
    at: tuple[tuple[int, int], ...]
    exact: bool = False

    def __str__(self) -> str:
        if self.exact:
            return f"{self.first // 60:02}:{self.first % 60:02}"
        return f"{self.first // 60:02}:{self.first % 60:02} to {self.last // 60:02}:{self.last % 60:02}"


def find_hours(text: str) -> Hours | None:
    """The hours a question with a date speaks of, or None."""
    if match := _BETWEEN.search(text):
        return _between(match)
    if match := _EXACT.search(text):
        minute = int(match[1]) * 60 + int(match[2])
        return Hours(minute, minute, (match.span(),), exact=True)
    first, last = 0, MIDNIGHT
    spans: list[tuple[int, int]] = []
    for pattern, start, end in _PARTS:
        if match := pattern.search(text):
            first, last = start, end
            spans.append(match.span())
            break
    if match := _NOON.search(text):
        first, last = _cut(match[1], 12 * 60, first, last)
        spans.append(match.span())
    elif (match := _CLOCK.search(text)) and (spans or match[3]):
        minute = _minute(match[2], (match[3] or "").lower(), later=first >= 12 * 60)
        first, last = _cut(match[1], minute, first, last)
        spans.append(match.span())
    return Hours(first, last, tuple(spans)) if spans and first < last else None


def _between(match: re.Match[str]) -> Hours | None:
    """Two hours; what is said of the second one holds for the first as well."""
    half = match[6].lower().replace("in the afternoon", "pm").replace("in the evening", "pm")
    last = _minute(match[4], half, later=False) + int(match[5] or 0)
    first = _minute(match[1], (match[3] or half).lower(), later=False) + int(match[2] or 0)
    if first >= last and not match[3]:
        first = _minute(match[1], "", later=False) + int(match[2] or 0)  # "between 11 and 2 pm"
    return Hours(first, last, (match.span(),)) if first < last <= MIDNIGHT else None


def _cut(word: str, minute: int, first: int, last: int) -> tuple[int, int]:
    if word.lower() in _EARLY:
        return min(first, minute), minute
    if word.lower() in _LATE:
        return minute, max(last, minute)
    return max(0, minute - 60), min(MIDNIGHT, minute + 60)


def _minute(word: str, half: str, later: bool) -> int:
    hour = _WORDS.get(word.lower()) or int(word)
    if hour < 12 and (half.startswith("p") or (later and not half.startswith("a"))):
        hour += 12
    return min(hour, 24) * 60
