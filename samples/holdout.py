"""Which sources are set aside for the hold-out. Pure."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from operator import itemgetter
from statistics import fmean

from rag.corpus.types import DocumentKind
from samples.generators.sources import Library, Source
from samples.plan import Plan

# Some of the hold-out is lost to duplicates and decontamination, so more is set aside.
MARGIN = 1.7
# Orders tried for each kind of documents: about 0.03 s each for 2,400 sources.
ORDERS = 30
# What tells the files of one class apart: its interface, model and command line, in whatever version.
_OF_A_CLASS = re.compile(r"^(?:default|i(?=[A-Z]))|(?:model|scenario|cli|interface|impl)$|[-_]", re.IGNORECASE)


@dataclass
class _Unit:
    """Sources that belong together. `weight` is their length, `strata` what the hold-out is spread evenly over."""

    keys: list[str] = field(default_factory=list)
    weight: int = 0
    strata: frozenset[tuple[str, str]] = frozenset()

    def add(self, source: Source) -> None:
        self.keys.append(source.key)
        self.weight += len(source.text)
        values = {"kind": source.kind, "month": source.date[:7], "role": source.agent_role, "part": source.component}
        self.strata |= {(name, value) for name, value in values.items() if value}


def hold_out_keys(library: Library, plan: Plan, seed: int) -> frozenset[str]:
    """Keys of the sources set aside for a plan: the same share of each kind, month, role and component.

    The files of one class belong together: an interface would give its implementation away.
    """
    if not plan.eval_target:
        return frozenset()
    share = min(0.5, plan.eval_target / (plan.eval_target + plan.target) * MARGIN)
    kinds: dict[str, dict[tuple[str, str], _Unit]] = defaultdict(lambda: defaultdict(_Unit))
    for source in library.sources:
        kinds[source.kind][_belongs_to(source)].add(source)
    chosen: list[_Unit] = []
    for kind in sorted(kinds):
        units = [kinds[kind][name] for name in sorted(kinds[kind])]
        chosen.extend(_chosen(units, share, random.Random(f"{seed}:{kind}")))
    return frozenset(key for unit in chosen for key in unit.keys)


def _belongs_to(source: Source) -> tuple[str, str]:
    if source.kind == DocumentKind.TYPESCRIPT and source.component:
        return source.component, _OF_A_CLASS.sub("", source.name.split(".")[0]).lower()
    return "", source.key


def _chosen(units: list[_Unit], share: float, rng: random.Random) -> list[_Unit]:
    """The most even choice of those that some random orders of the units lead to."""
    best: tuple[float, list[_Unit]] = (inf, [])
    for _ in range(ORDERS):
        rng.shuffle(units)
        best = min(best, _evenly(units, share), key=itemgetter(0))
    # A kind too small for its share gives one, if anything is left to train on then.
    return best[1] or units[1:2]


def _evenly(units: Sequence[_Unit], share: float) -> tuple[float, list[_Unit]]:
    """Every unit goes to the side that leaves the least squared error, over its strata, to `share` of what came by.

    Returns what is too much or too little in the end, in characters summed over all strata, and the units held out.
    """
    owed: dict[tuple[str, str], float] = defaultdict(float)
    chosen = []
    for unit in units:
        held = fmean(owed[stratum] for stratum in unit.strata) > (0.5 - share) * unit.weight
        for stratum in unit.strata:
            owed[stratum] += (share - held) * unit.weight
        if held:
            chosen.append(unit)
    return sum(map(abs, owed.values())), chosen
