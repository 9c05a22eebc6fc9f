"""Five layers: the answer places the code in the expected layer and in no other."""

from __future__ import annotations

import re

from samples.judges.verdict import Verdict, failed, invalid, passed

_LAYER = re.compile(r"\blayers?[-_ ]?([1-5])\b", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:not|never|nor|rather than|instead of|don['’]t|no)\b(?:(?!\bbut\b)[^.,;\n]){0,60}$", re.IGNORECASE
)


def five_layer(text: str, *, expected_layer: int | str = 0, **_: object) -> Verdict:
    """`expected_layer` is 1 to 5. A layer named only to rule it out does not count as a placement."""
    if str(expected_layer) not in ("1", "2", "3", "4", "5"):
        return invalid("the case has no expected_layer between 1 and 5")
    placed = [m[1] for m in _LAYER.finditer(text) if not _NEGATED.search(text, max(0, m.start() - 80), m.start())]
    if str(expected_layer) not in placed:
        return failed(f"does not place it in layer {expected_layer}")
    first = placed[0]
    return passed(f"layer {first}") if first == str(expected_layer) else failed(f"places it in layer {first} first")
