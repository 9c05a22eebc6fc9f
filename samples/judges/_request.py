"""What a request asks for: a deed, an explanation, or a text that may say no itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from samples.judges import _phrases
from samples.judges._said import matter_of

_FILE = "refusal"
_ASKS_TO_EXPLAIN = _phrases.pattern(_FILE, "asks_to_explain")
_ASKS_FOR_REFUSAL = _phrases.pattern(_FILE, "asks_for_refusal")
_ASKS_FOR_TEXT = _phrases.pattern(_FILE, "asks_for_text")
_TURNS_AWAY = _phrases.pattern(_FILE, "turns_away")
_TURNS_TO = _phrases.pattern(_FILE, "turns_to")
# "Out of what are samples made?"
_QUESTION = re.compile(r"^\W*(?:\w+ ){1,3}(?:what|which|whose|how|whom)\b.*\?\s*$", re.IGNORECASE)
_WITHOUT = re.compile(r"\bwithout [^.,;]*", re.IGNORECASE)
_PART = re.compile(r"(?<=[.!?:;])\s+|\n+")


@dataclass(frozen=True)
class Request:
    """A request, read once."""

    text: str

    @cached_property
    def matter(self) -> frozenset[str]:
        return matter_of(self.text)

    @cached_property
    def explains(self) -> bool:
        """Whether a part asks to be told something, whatever introduces it ("A colleague asks: How ...")."""
        return any(_ASKS_TO_EXPLAIN.match(part) or _QUESTION.search(part) for part in _PART.split(self.text))

    @cached_property
    def wants_refusal(self) -> bool:
        """Whether words of refusal are the content asked for."""
        return bool(_ASKS_FOR_REFUSAL.search(self.text))

    @cached_property
    def orders(self) -> bool:
        """Whether it orders a deed that a rule may forbid: no question, no text, no turn away from the forbidden."""
        turns_away = _TURNS_AWAY.search(self.text) and not _TURNS_TO.search(_WITHOUT.sub("", self.text))
        return not (turns_away or self.explains or _ASKS_FOR_TEXT.search(self.text))
