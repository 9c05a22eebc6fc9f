"""Which edges to walk from a document in question, which way, and how far."""

import re
from dataclasses import dataclass
from typing import Literal

Direction = Literal["before", "after", "both"]

ALL_DEPTH = 50
# Stands in a question where a document is named.
MARK = "⌖"
_DEPTH = re.compile(
    r"\bdepth\s+(?:of\s+)?(\d{1,3})\b|\b(\d{1,3}|two|three|four|five)\s+(?:steps?|hops?|levels?|links?|pdcas?|entries)"
    r"\s+(?=before|after|back|deep|later|earlier|ahead|forward|behind)",
    re.IGNORECASE,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5}
_WHOLE = re.compile(
    r"\b(?:chain|whole|entire|history of|lineage|trail|how did (?:we|it|this) (?:get|come|arrive)|everything|kette)\b"
    r"|\ball\b(?=.*\b(?:before|after|preced|follow|led)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Way:
    """Which way to walk from the document in question.

    `at` are the characters that said so, in pieces.
    """

    direction: Direction
    at: tuple[tuple[int, int], ...]
    relation: str = "PRECEDES"
    depth: int = 1


def find_depth(text: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How many steps to go, and where the question counts them."""
    if found := _DEPTH.search(text):
        number = (found[1] or found[2]).lower()
        return max(1, min(ALL_DEPTH, _NUMBERS.get(number) or int(number))), (found.span(),)
    return (ALL_DEPTH if _WHOLE.search(text) else 1), ()
