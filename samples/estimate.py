"""What a plan can yield from a library, found by trying a few sources of each task before anything is generated."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from samples.candidates import Maker, Outcome, Request, Survey
from samples.crew import Answer, Crew
from samples.dedup import NearDuplicates
from samples.generators.registry import TASKS, tasks_by_sub_category
from samples.generators.sources import Library
from samples.plan import Part, Plan

# Sources tried of each task, and drafts judged of each of them.
SOURCES = 12
DRAFTS = 8


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one sub-category can yield; `possible` counts distinct samples that pass every check, about."""

    category: str
    sub_category: str
    target: int
    sources: int
    drafts: int
    possible: int
    mean_tokens: int
    short: int
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def makeable(library: Library) -> set[tuple[str, str]]:
    """The sub-categories for which the library has any source."""
    return {key for key, tasks in tasks_by_sub_category().items() if any(library.of_kinds(t.kinds) for t in tasks)}


def estimate(library: Library, plan: Plan, crew: Crew, *, seed: int) -> list[Estimate]:
    """One row for each part of the plan."""
    return [_estimate(library, part, crew, seed) for part in plan.parts]


@dataclass
class _Probe:
    """What trying some sources of one task gave."""

    usable: int
    tried: int
    coming: Answer[Survey]
    drafts: int = 0
    judged: int = 0
    distinct: int = 0

    @property
    def all_drafts(self) -> float:
        return self.drafts / self.tried * self.usable

    def possible(self, growth: float) -> float:
        """Distinct samples of all sources, when their number grows by this power of the number of sources."""
        share = self.distinct / self.judged if self.judged else 0.0
        return share * self.all_drafts * (self.usable / self.tried) ** (growth - 1)


def _estimate(library: Library, part: Part, crew: Crew, seed: int) -> Estimate:
    places = {
        task: [p for p, s in enumerate(library.sources) if s.kind in part.kinds(task)] for task, _ in part.tasks()
    }
    probes = [_probe(task, usable, crew, seed) for task, usable in places.items() if usable]
    tally = _Tally()
    for probe in probes:
        tally.take(probe)
    sources = len({place for usable in places.values() for place in usable})
    possible = round(sum(probe.possible(tally.growth()) for probe in probes))
    return Estimate(
        category=part.category,
        sub_category=part.sub_category,
        target=part.target,
        sources=sources,
        drafts=round(sum(probe.all_drafts for probe in probes)),
        possible=possible,
        mean_tokens=round(tally.tokens / tally.passed) if tally.passed else 0,
        short=max(0, part.target - possible),
        reason=tally.reason(sources, possible) if possible < part.target else "",
    )


def _probe(task: int, usable: list[int], crew: Crew, seed: int) -> _Probe:
    tried = random.Random(f"{seed}:{TASKS[task].key}").sample(usable, min(SOURCES, len(usable)))
    requests = [Request(task, place, 0, DRAFTS) for place in tried]
    return _Probe(len(usable), len(tried), crew.submit(Maker.survey, requests))


@dataclass
class _Tally:
    """What all probes of a part gave together: what two tasks make alike counts once."""

    seen: NearDuplicates = field(default_factory=NearDuplicates)
    passed: int = 0
    alike: int = 0
    tokens: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    halves: list[int] = field(default_factory=lambda: [0, 0])

    def take(self, probe: _Probe) -> None:
        for place, survey in enumerate(probe.coming()):
            probe.drafts += survey.drafts
            probe.judged += len(survey.outcomes)
            for outcome in survey.outcomes:
                new = self._is_new(outcome)
                probe.distinct += new
                self.halves[place >= probe.tried / 2] += new

    def _is_new(self, outcome: Outcome) -> bool:
        if isinstance(outcome, str):
            self.refused[outcome] += 1
            return False
        self.passed += 1
        self.tokens += outcome.tokens
        new = self.seen.is_new(outcome.draft.category, outcome.fingerprint)
        self.alike += not new
        return new

    def growth(self) -> float:
        """By which power of the number of sources distinct samples grow: 1 when more sources repeat nothing."""
        first, second = self.halves
        if not first or not second:
            return 1.0
        return min(1.0, math.log2((first + second) / first))

    def reason(self, sources: int, possible: int) -> str:
        """Why fewer can come than are asked for."""
        if not sources:
            return "nothing of the kind it is made from is indexed"
        judged = self.passed + self.refused.total()
        if not judged:
            return f"none of its {sources} sources holds what it is made from"
        parts = [f"{sources} sources give about {possible} distinct samples"]
        if self.alike:
            parts.append(f"{self.alike / judged:.0%} of the drafts are too alike")
        if self.refused:
            parts.append(
                f"{self.refused.total() / judged:.0%} refused, most often: {self.refused.most_common(1)[0][0]}"
            )
        return "; ".join(parts)
