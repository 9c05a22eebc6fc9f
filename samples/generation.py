"""The generation engine: drafts of all tasks in a fair mix, judged, made distinct, in training and hold-out."""

from __future__ import annotations

import hashlib
import logging
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rag.corpus.types import DocumentKind
from samples.dedup import HoldOut, NearDuplicates
from samples.generators.base import Context, SampleDraft, Task
from samples.generators.registry import GENERATOR_VERSION, tasks_by_sub_category
from samples.generators.sources import Library, Source
from samples.judging import judge_faults
from samples.plan import Part, Plan
from samples.quality import assess, secret_faults

logger = logging.getLogger(__name__)
T = TypeVar("T")
TRAIN, EVAL = "train", "eval"
# Some of the hold-out is lost to duplicates and decontamination, so a little more is set aside.
HOLD_OUT_MARGIN = 1.4


@dataclass(frozen=True, slots=True)
class Accepted:
    """A sample that passed everything; `record` has the four keys of the schema."""

    sample_id: str
    draft: SampleDraft
    split: str
    tokens: int
    quality: float
    quality_parts: dict[str, float]
    metadata: dict[str, Any]


@dataclass
class PartTally:
    """What became of the drafts of one sub-category."""

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


class Generation:
    """One generation over a library; iterate `samples()` once, then read the tallies.

    Hold-out samples come first. Afterwards `contaminated` names those of them that turned out too near to training.
    """

    def __init__(
        self, library: Library, plan: Plan, *, seed: int, ecosystem: str, count_tokens: Callable[[str], int]
    ) -> None:
        self.library = library
        self.plan = plan
        self.seed = seed
        self.ecosystem = ecosystem
        self.count_tokens = count_tokens
        self.tallies = {part.key: PartTally(part) for part in plan.parts}
        self.near_duplicates = NearDuplicates()
        self.hold_out = HoldOut()
        self._seen: set[str] = set()
        self._tasks = tasks_by_sub_category()
        share = plan.eval_target / max(1, plan.eval_target + plan.target)
        self._eval_keys = hold_out_keys(library, share * HOLD_OUT_MARGIN, seed)

    @property
    def contaminated(self) -> set[str]:
        return self.hold_out.hit

    def samples(self) -> Iterator[Accepted]:
        for split in (EVAL, TRAIN):
            for part in self.plan.parts:
                yield from self._part(part, split)

    def _part(self, part: Part, split: str) -> Iterator[Accepted]:
        tally = self.tallies[part.key]
        share = self.plan.eval_target / max(1, self.plan.target)
        wanted = part.target if split == TRAIN else round(part.target * share * HOLD_OUT_MARGIN)
        made = 0
        drafts = self._drafts(part, split)
        while made < wanted and (pair := next(drafts, None)):
            tally.drafts += split == TRAIN
            accepted = self._judge(*pair, tally, split)
            if accepted is None:
                continue
            made += 1
            if split == TRAIN:
                tally.accepted += 1
                self.hold_out.meet(accepted.draft.output)
            else:
                tally.held_out += 1
                self.hold_out.add(accepted.sample_id, accepted.draft.output)
            yield accepted

    def _drafts(self, part: Part, split: str) -> Iterator[tuple[Source, SampleDraft]]:
        """Drafts of all tasks of a part in turn, so that each task has its share."""
        tasks = self._tasks[part.key]
        used: set[str] = set()
        streams = deque[Iterator[tuple[Source, SampleDraft]]]()
        for task in tasks:
            sources = [s for s in self.library.of_kinds(task.kinds) if (s.key in self._eval_keys) == (split == EVAL)]
            used.update(source.key for source in sources)
            streams.append(self._stream(task, sources))
        if split == TRAIN:
            self.tallies[part.key].sources = len(used)
        yield from take_turns(streams)

    def _stream(self, task: Task, sources: Sequence[Source]) -> Iterator[tuple[Source, SampleDraft]]:
        """The first draft of each source in seeded order, then the second of each, and so on."""
        shuffled = list(sources)
        random.Random(f"{self.seed}:{task.key}").shuffle(shuffled)
        return take_turns(deque(self._made(task, source) for source in shuffled))

    def _made(self, task: Task, source: Source) -> Iterator[tuple[Source, SampleDraft]]:
        rng = random.Random(f"{self.seed}:{task.key}:{source.key}")
        context = Context(rng, self.library, self.ecosystem)
        try:
            for draft in task.make(source, context):
                # A draft of several documents would carry one of the hold-out into training, or the other way round.
                if all((key in self._eval_keys) == (source.key in self._eval_keys) for key in draft.others):
                    yield source, draft
        except Exception:
            # One odd document costs its own samples, never the run.
            logger.exception("%s failed on %s", task.key, source.path)
            self.tallies[(task.category, task.task_type)].refused["the generator failed on a document"] += 1

    def _judge(self, source: Source, draft: SampleDraft, tally: PartTally, split: str) -> Accepted | None:
        sample_id = identity(draft)
        if sample_id in self._seen:
            tally.near_duplicates += split == TRAIN
            return None
        tokens = self.count_tokens("\n".join(filter(None, (draft.instruction, draft.input, draft.output))))
        metadata = self._metadata(source, draft, sample_id)
        record = {"instruction": draft.instruction, "input": draft.input, "output": draft.output, "metadata": metadata}
        origins = "\n".join((source.text, draft.instruction, draft.input, *draft.facts))
        quality = assess(record, sources=origins, tokens=tokens, band=tally.part.band, parses=draft.parses)
        # The dearest check comes last: most of what it would look at is already out.
        faults = quality.faults or judge_faults(draft) or secret_faults(record)
        if faults:
            tally.refused[_kind(faults[0])] += split == TRAIN
            return None
        if not self.near_duplicates.is_new(
            sample_id, draft.category, f"{draft.instruction}\n{draft.input}", draft.output
        ):
            tally.near_duplicates += split == TRAIN
            return None
        self._seen.add(sample_id)
        metadata |= {"tokens": tokens, "quality": quality.score}
        return Accepted(sample_id, draft, split, tokens, quality.score, quality.parts, metadata)

    def _metadata(self, source: Source, draft: SampleDraft, sample_id: str) -> dict[str, Any]:
        return {
            "task_type": draft.task_type,
            "sample_id": sample_id,
            "category": draft.category,
            "task": draft.task,
            "document": source.path,
            "part": source.part,
            "chunks": [self.library.chunk_keys[uid][1] for uid in draft.chunk_uids if uid in self.library.chunk_keys],
            "commit": source.commit,
            "generator": GENERATOR_VERSION,
            "judge": draft.judge,
        }


def take_turns(streams: deque[Iterator[T]]) -> Iterator[T]:
    """One item of each stream in turn until all are empty."""
    while streams:
        stream = streams.popleft()
        try:
            item = next(stream)
        except StopIteration:
            continue
        streams.append(stream)
        yield item


def identity(draft: SampleDraft) -> str:
    """The same content has the same id, whenever and wherever it is made."""
    parts = (draft.category, draft.task_type, draft.instruction, draft.input, draft.output)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def hold_out_keys(library: Library, share: float, seed: int) -> frozenset[str]:
    """Keys of the units set aside: every n-th group of each kind in order of time, role and name.

    The files of one component belong together: an interface would give its implementation away.
    """
    if share <= 0:
        return frozenset()
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


def _kind(fault: str) -> str:
    """A fault without its numbers, so that alike ones count together."""
    return " ".join(word for word in fault.split() if not any(c.isdigit() for c in word))[:80]


def makeable(library: Library) -> set[tuple[str, str]]:
    """The sub-categories for which the library has any source."""
    return {key for key, tasks in tasks_by_sub_category().items() if any(library.of_kinds(t.kinds) for t in tasks)}


def estimate(library: Library, plan: Plan, *, seed: int, ecosystem: str, probe: int = 12) -> list[dict[str, Any]]:
    """How many drafts each sub-category can yield about, by trying some sources of each task; and why too few."""
    rows = []
    for part in plan.parts:
        drafts, sources = 0.0, 0
        for task in tasks_by_sub_category()[part.key]:
            usable = library.of_kinds(task.kinds)
            tried = random.Random(f"{seed}:{task.key}").sample(usable, min(probe, len(usable)))
            made = sum(_count(task.make(s, Context(random.Random(0), library, ecosystem))) for s in tried)
            drafts += made / len(tried) * len(usable) if tried else 0
            sources += len(usable)
        possible = round(drafts)
        reason = "" if possible >= part.target else _estimate_reason(sources, possible)
        rows.append(
            {
                "category": part.category,
                "sub_category": part.sub_category,
                "target": part.target,
                "possible": possible,
                "short": max(0, part.target - possible),
                "reason": reason,
            }
        )
    return rows


def _count(drafts: Iterable[SampleDraft]) -> int:
    return sum(1 for _ in drafts)


def _estimate_reason(sources: int, possible: int) -> str:
    if not sources:
        return "nothing of the kind it is made from is indexed"
    return f"{sources} sources give about {possible} drafts"
