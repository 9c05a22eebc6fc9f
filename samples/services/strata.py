"""How training and hold-out are spread over time, people, components and categories."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from samples.models import Sample

_COMPONENT = re.compile(r"(?:^|/)components/([^/]+)/")
UNKNOWN = "unknown"


def strata_of(included: Any) -> dict[str, dict[str, tuple[int, int]]]:
    """{dimension: {stratum: (training, hold-out)}} with dimensions month, role, component and category."""
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    rows = included.order_by().values_list(
        "split", "category", "document__date", "document__agent_role", "metadata__document"
    )
    for split, category, date, role, path in rows.iterator(chunk_size=2000):
        counts["month"][f"{date:%Y-%m}" if date else UNKNOWN][split] += 1
        counts["role"][role or UNKNOWN][split] += 1
        found = _COMPONENT.search(path or "")
        if found:
            counts["component"][found[1]][split] += 1
        counts["category"][category][split] += 1
    return {
        dimension: {
            name: (count[Sample.Split.TRAIN], count[Sample.Split.EVAL])
            for name, count in sorted(found.items(), key=lambda item: (-item[1].total(), item[0]))
        }
        for dimension, found in counts.items()
    }


def distance(stratum: dict[str, tuple[int, int]]) -> float:
    """Total variation distance of hold-out and training: 0 when both are spread alike, 1 when they share nothing."""
    training, held_out = (sum(pair[side] for pair in stratum.values()) for side in (0, 1))
    if not training or not held_out:
        return 1.0
    return sum(abs(a / training - b / held_out) for a, b in stratum.values()) / 2
