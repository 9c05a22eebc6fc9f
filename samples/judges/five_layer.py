"""Five layers: the answer places the code in the expected layer and in no other."""

from __future__ import annotations

import re

from samples.judges._placement import placement
from samples.judges.verdict import Verdict, invalid

_LAYER = re.compile(r"\blayers?[-_ ]?\W{0,2}([1-5])\b", re.IGNORECASE)


def five_layer(text: str, *, expected_layer: int | str = 0, **_: object) -> Verdict:
    """`expected_layer` is 1 to 5. A layer named only to rule it out does not count as a placement."""
    if str(expected_layer) not in ("1", "2", "3", "4", "5"):
        return invalid("the case has no expected_layer between 1 and 5")
    return placement(text, _LAYER, str(expected_layer), "layer")
