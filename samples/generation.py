"""The generation engine: candidates of all tasks in the plan's mix, made distinct, in training and hold-out.

Making and judging may happen in several processes (`crew.py`); what is accepted is decided here, one after the other,
in an order that hangs on the seed, the corpus and the plan alone.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from samples.candidates import Candidate, Maker, Outcome, Request
from samples.crew import Answer, Crew
from samples.dedup import HoldOut, NearDuplicates
from samples.fingerprint import fingerprint
from samples.generators.registry import TASKS
from samples.generators.sources import Library
from samples.holdout import MARGIN
from samples.plan import Part, Plan

TRAIN, EVAL = "train", "eval"
NEAR_HOLD_OUT = "shares 13 words in a row with the hold-out"
# Drafts asked for at once: enough to keep a process busy, few enough to waste little when a part is full.
MIN_BLOCK, MAX_BLOCK = 6, 64


@dataclass
class PartTally:
    """What became of the drafts of one sub-category in training (`held_out` in the hold-out)."""

    part: Part
    sources: int = 0
    drafts: int = 0
    accepted: int = 0
    held_out: int = 0
    near_duplicates: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def missing(self) -> int:
        return max(0, self.part.target - self.accepted)

    def reason(self) -> str:
        """Why fewer came than were asked for."""
        if not self.sources:
            return "nothing of the kind it is made from is indexed"
        refused = sum(self.refused.values())
        most = f", most often: {self.refused.most_common(1)[0][0]}" if refused else ""
        outcome = f"{self.near_duplicates} were too alike, {refused} refused{most}"
        return f"{self.sources} sources gave {self.drafts} drafts: {outcome}"

    def refuse(self, reason: str, split: str) -> None:
        self.drafts += split == TRAIN
        self.refused[reason] += split == TRAIN

    def as_dict(self) -> dict[str, Any]:
        names = ("sources", "drafts", "accepted", "held_out", "near_duplicates")
        return {name: getattr(self, name) for name in names} | {"refused": dict(self.refused)}

    def take(self, values: Mapping[str, Any]) -> None:
        """Go on from what `as_dict` gave."""
        for name, value in values.items():
            setattr(self, name, Counter(value) if name == "refused" else value)


@dataclass(frozen=True, slots=True)
class Step:
    """One sub-category in one split: the unit that is finished or made again after an interruption."""

    split: str
    part: Part

    @property
    def key(self) -> str:
        return f"{self.split}:{self.part.category}/{self.part.sub_category}"


class Generation:
    """One generation over a library: iterate the `candidates` of each of `steps()` in order, then read the tallies.

    The hold-out comes first. Afterwards `contaminated` names those of it that turned out too near to training.
    """

    def __init__(self, library: Library, plan: Plan, crew: Crew, *, seed: int, held_out: frozenset[str]) -> None:
        self.library = library
        self.plan = plan
        self.crew = crew
        self.seed = seed
        self.held_out = held_out
        self.tallies = {part.key: PartTally(part) for part in plan.parts}
        self.near_duplicates = NearDuplicates()
        self.hold_out = HoldOut()
        self._seen: set[str] = set()
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, source in enumerate(library.sources):
            self._places[source.kind].append(place)

    @property
    def contaminated(self) -> set[str]:
        return self.hold_out.contaminated

    def steps(self) -> list[Step]:
        return [Step(split, part) for split in (EVAL, TRAIN) for part in self.plan.parts]

    def candidates(self, step: Step) -> Iterator[Candidate]:
        """The accepted candidates of a step, as many as the plan wants or there are."""
        tally = self.tallies[step.part.key]
        wanted = self._wanted(step)
        made = 0
        streams = self._streams(step, tally)
        while made < wanted and streams:
            # The task that has given least for its weight is next.
            stream = min(streams, key=TaskStream.filled)
            outcome = stream.next(_share(wanted - made, len(streams)))
            if outcome is None:
                streams.remove(stream)
            elif isinstance(outcome, str):
                tally.refuse(outcome, step.split)
            elif self._accept(outcome, step.split, tally):
                made += 1
                stream.given += 1
                yield outcome

    def remember(self, split: str, sample_id: str, category: str, texts: Sequence[str]) -> None:
        """Take a sample as accepted that an interrupted generation had stored; `texts` are its three parts."""
        print_ = fingerprint(*texts)
        self._seen.add(sample_id)
        self.near_duplicates.is_new(category, print_)
        if split == EVAL:
            self.hold_out.add(sample_id, print_)

    def _wanted(self, step: Step) -> int:
        if step.split == TRAIN:
            return step.part.target
        return round(step.part.target * self.plan.eval_target / max(1, self.plan.target) * MARGIN)

    def _streams(self, step: Step, tally: PartTally) -> list[TaskStream]:
        """One stream for each task of the part, all of them asked already."""
        streams = [TaskStream(task, weight, self._sources(task, step), self.crew) for task, weight in step.part.tasks()]
        if step.split == TRAIN:
            tally.sources = len({source for stream in streams for source in stream.sources})
        for stream in streams:
            stream.ask(_share(self._wanted(step), len(streams)))
        return streams

    def _sources(self, task: int, step: Step) -> list[int]:
        """Sources of a task on one side of the hold-out, in seeded order."""
        found = [
            place
            for kind in step.part.kinds(task)
            for place in self._places.get(kind, ())
            if (self.library.sources[place].key in self.held_out) == (step.split == EVAL)
        ]
        random.Random(f"{self.seed}:{TASKS[task].key}").shuffle(found)
        return found

    def _accept(self, candidate: Candidate, split: str, tally: PartTally) -> bool:
        training = split == TRAIN
        tally.drafts += training
        if training and not self.hold_out.admits(candidate.fingerprint):
            tally.refused[NEAR_HOLD_OUT] += 1
            return False
        known = candidate.sample_id in self._seen
        if known or not self.near_duplicates.is_new(candidate.draft.category, candidate.fingerprint):
            tally.near_duplicates += training
            return False
        self._seen.add(candidate.sample_id)
        if training:
            tally.accepted += 1
        else:
            tally.held_out += 1
            self.hold_out.add(candidate.sample_id, candidate.fingerprint)
        return True


def _share(left: int, streams: int) -> int:
    """How many drafts to ask one of `streams` tasks for when `left` samples are still wanted."""
    return max(MIN_BLOCK, min(MAX_BLOCK, -(-left // streams)))


class TaskStream:
    """Outcomes of one task: the first draft of each source in order, then the second of each, and so on.

    Asks for a block ahead, so that other processes work while this one decides.
    """

    def __init__(self, task: int, weight: float, sources: Sequence[int], crew: Crew) -> None:
        self.task = task
        self.weight = weight
        self.sources = sources
        self.crew = crew
        self.given = self.tried = 0
        self._rotation = deque((source, 0) for source in sources)
        self._ready: deque[Outcome] = deque()
        self._coming: tuple[list[Request], Answer[list[Outcome]]] | None = None

    def filled(self) -> float:
        """What it has given so far for its weight; tries count a little, so that a barren task is not drained first."""
        return (self.given + self.tried / 8) / self.weight

    def next(self, block: int) -> Outcome | None:
        """The next outcome; None when all sources are exhausted. `block` is how many the caller still hopes for."""
        while not self._ready:
            self.ask(block)
            if self._coming is None:
                return None
            self._receive()
        outcome = self._ready.popleft()
        self.tried += 1
        if len(self._ready) < block:
            self.ask(block - len(self._ready))
        return outcome

    def ask(self, count: int) -> None:
        """Ask for about `count` drafts, unless an answer is still to come or nothing is left."""
        if self._coming is not None or not self._rotation:
            return
        count = max(MIN_BLOCK, count)
        taken = [self._rotation.popleft() for _ in range(min(count, len(self._rotation)))]
        each = -(-count // len(taken))
        requests = [Request(self.task, source, skip, each) for source, skip in taken]
        self._coming = requests, self.crew.submit(Maker.answer, requests)

    def _receive(self) -> None:
        assert self._coming is not None
        (requests, answer), self._coming = self._coming, None
        answers = answer()
        for turn in range(requests[0].count):
            self._ready.extend(found[turn] for found in answers if turn < len(found))
        for request, found in zip(requests, answers, strict=True):
            if len(found) == request.count:
                self._rotation.append((request.source, request.skip + request.count))
