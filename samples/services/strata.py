"""How training and hold-out are spread over time, people, components and categories."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from samples.models import Sample

_COMPONENT = re.compile(r"(?:^|/)components/([^/]+)/")
UNKNOWN = "unknown"


@dataclass
class Stratum:
    """Samples on both sides, and the documents that they were made from."""

    training: int = 0
    held_out: int = 0
    trained_on: set[str] = field(default_factory=set)
    set_aside: set[str] = field(default_factory=set)

    def count(self, split: str, document: str) -> None:
        if split == Sample.Split.TRAIN:
            self.training += 1
            self.trained_on.add(document)
        else:
            self.held_out += 1
            self.set_aside.add(document)

    def told(self, name: str) -> str:
        return f"{name}: {self.training:,} in training, {self.held_out:,} held out"


# By dimension (month, role, component, category) and name.
Strata = dict[str, dict[str, Stratum]]


def strata_of(included: Any) -> Strata:
    """The strata of each dimension, largest first."""
    strata: dict[str, dict[str, Stratum]] = defaultdict(lambda: defaultdict(Stratum))
    rows = included.order_by().values_list(
        "split", "category", "document__date", "document__agent_role", "metadata__document"
    )
    for split, category, day, role, path in rows.iterator(chunk_size=2000):
        for dimension, name in _places(category, day, role, path or ""):
            strata[dimension][name].count(split, path or "")
    return {
        dimension: dict(sorted(found.items(), key=lambda item: (-item[1].training - item[1].held_out, item[0])))
        for dimension, found in strata.items()
    }


def _places(category: str, day: date | None, role: str, path: str) -> Iterator[tuple[str, str]]:
    yield "month", f"{day:%Y-%m}" if day else UNKNOWN
    yield "role", role or UNKNOWN
    if found := _COMPONENT.search(path):
        yield "component", found[1]
    yield "category", category


def comparable(strata: dict[str, Stratum]) -> dict[str, Stratum]:
    """The strata, those too small to stand on both sides put together as one.

    Documents are held out as a whole: where the hold-out's share of a stratum is less than one document, none can be.
    """
    aside, kept = sum(len(s.set_aside) for s in strata.values()), sum(len(s.trained_on) for s in strata.values())
    share = aside / (aside + kept) if aside else 1.0
    large = {name: s for name, s in strata.items() if (len(s.trained_on) + len(s.set_aside)) * share >= 1}
    small = [stratum for name, stratum in strata.items() if name not in large]
    if not small:
        return large
    together = Stratum(sum(s.training for s in small), sum(s.held_out for s in small))
    return {**large, f"{len(small)} that are too small to be on both sides": together}


def distance(strata: dict[str, Stratum]) -> float:
    """Total variation distance of hold-out and training: 0 when both are spread alike, 1 when they share nothing."""
    training, held_out = sum(s.training for s in strata.values()), sum(s.held_out for s in strata.values())
    if not training or not held_out:
        return 1.0
    return sum(abs(s.training / training - s.held_out / held_out) for s in strata.values()) / 2
