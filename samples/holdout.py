"""Which sources are set aside for the hold-out. Pure."""

from __future__ import annotations

import random
from collections import defaultdict

from rag.corpus.types import DocumentKind
from samples.generators.sources import Library, Source
from samples.plan import Plan

# Some of the hold-out is lost to duplicates and decontamination, so more is set aside.
MARGIN = 1.7


def hold_out_keys(library: Library, plan: Plan, seed: int) -> frozenset[str]:
    """Keys of the units set aside for a plan: every n-th group of each kind in order of time, role and name.

    The files of one component belong together: an interface would give its implementation away.
    """
    if not plan.eval_target:
        return frozenset()
    share = plan.eval_target / (plan.eval_target + plan.target) * MARGIN
    groups: dict[str, dict[tuple[str, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for source in library.sources:
        groups[source.kind][_group(source)].append(source.key)
    chosen: list[str] = []
    for kind in sorted(groups):
        ordered = sorted(groups[kind])
        step = max(2, round(1 / share))
        start = random.Random(f"{seed}:{kind}").randrange(min(step, len(ordered)))
        for group in ordered[start::step] if len(ordered) > 1 else ():
            chosen.extend(groups[kind][group])
    return frozenset(chosen)


def _group(source: Source) -> tuple[str, ...]:
    if source.kind == DocumentKind.TYPESCRIPT and source.component:
        return (source.component,)
    return (source.date[:7], source.agent_role, source.key)
