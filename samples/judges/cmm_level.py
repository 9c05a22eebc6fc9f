"""CMM levels: the answer says which maturity level a way of working has reached, and no other."""

from __future__ import annotations

import re

from samples.judges._placement import placement
from samples.judges.verdict import Verdict, invalid

_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4"}
_WORD = re.compile(rf"\b((?:CMM|maturity)\s+)?level\s+({'|'.join(_WORDS)})\b(?! hundred)", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:CMM|(?:CMM |maturity )?level)[-_ ]?\W{0,2}(?:level[-_ ]?)?([1-4])\b", re.IGNORECASE)


def cmm_level(text: str, *, expected_level: int | str = 0, **_: object) -> Verdict:
    """`expected_level` is 1 to 4. A level that is only compared with, or still to be reached, does not count."""
    if str(expected_level) not in ("1", "2", "3", "4"):
        return invalid("the case has no expected_level between 1 and 4")
    digits = _WORD.sub(lambda found: f"level {_WORDS[found[2].lower()]}", text)
    return placement(digits, _LEVEL, str(expected_level), "level")
