"""From a source to judged candidates: the part of a generation that any process can do. Pure, no Django."""

from __future__ import annotations

import hashlib
import itertools
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from samples.fingerprint import Fingerprint, fingerprint
from samples.generators.base import Context, SampleDraft
from samples.generators.registry import GENERATOR_VERSION, TASKS
from samples.generators.sources import Library, Source
from samples.judging import judge_faults
from samples.quality import assess, secret_faults

logger = logging.getLogger(__name__)
GENERATOR_FAILED = "the generator failed on a document"
CountTokens = Callable[[Sequence[str]], list[int]]
# A source that gives more drafts than this is not counted to its end.
MANY = 400
Bands = dict[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft that passed every check on its own; whether it is too like another one is decided elsewhere."""

    sample_id: str
    draft: SampleDraft
    tokens: int
    quality: float
    quality_parts: dict[str, float]
    metadata: dict[str, Any]
    fingerprint: Fingerprint


# A candidate, or why a draft became none.
Outcome = Candidate | str


@dataclass(frozen=True, slots=True)
class Request:
    """The next `count` drafts of a task (its place in TASKS) from a source, after the first `skip`."""

    task: int
    source: int
    skip: int
    count: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a source can give: how many drafts, and the outcomes of some of them."""

    drafts: int
    outcomes: list[Outcome]


class Maker:
    """Makes and judges drafts: the same ones for the same library and seed, in whatever process and order.

    `held_out` are the keys of the sources that are set aside: no draft draws on both sides. Iterators stay open between
    requests; one that another process had open is made again and wound forward.
    """

    def __init__(
        self,
        library: Library,
        bands: Bands,
        *,
        seed: int,
        ecosystem: str,
        count_tokens: CountTokens,
        held_out: frozenset[str] = frozenset(),
    ) -> None:
        self.library = library
        self.bands = bands
        self.held_out = held_out
        self.seed = seed
        self.ecosystem = ecosystem
        self.count_tokens = count_tokens
        self._open: dict[tuple[int, int], tuple[int, Iterator[SampleDraft | None]]] = {}
        self._parts: set[tuple[str, str]] = set()

    def answer(self, requests: Sequence[Request]) -> list[list[Outcome]]:
        """The outcomes of each request; fewer than asked for when the source has no more."""
        self._close_others({request.task for request in requests})
        made = [self._drafts(request) for request in requests]
        pairs = zip(requests, made, strict=True)
        judged = iter(self._judged([(request.source, draft) for request, drafts in pairs for draft in drafts]))
        return [list(itertools.islice(judged, len(drafts))) for drafts in made]

    def survey(self, requests: Sequence[Request]) -> list[Survey]:
        """How many drafts each source gives (at most MANY), and the outcomes of `count` of them from all over."""
        surveys = []
        for request in requests:
            drafts = list(itertools.islice(self._made(request), MANY))
            step = max(1, len(drafts) // request.count)
            tried = drafts[::step][: request.count]
            surveys.append(Survey(len(drafts), self._judged([(request.source, draft) for draft in tried])))
        return surveys

    def _judged(self, drafts: Sequence[tuple[int, SampleDraft | None]]) -> list[Outcome]:
        """Outcomes of drafts with their sources; tokens are counted for all of them at once."""
        counts = iter(self.count_tokens([_text(draft) for _, draft in drafts if draft is not None]))
        return [
            GENERATOR_FAILED if draft is None else self._judge(self.library.sources[source], draft, next(counts))
            for source, draft in drafts
        ]

    def _close_others(self, tasks: set[int]) -> None:
        """Iterators of a sub-category that is done are not asked any more."""
        parts = {(TASKS[task].category, TASKS[task].task_type) for task in tasks}
        if parts != self._parts:
            self._open, self._parts = {}, parts

    def _drafts(self, request: Request) -> list[SampleDraft | None]:
        key = (request.task, request.source)
        at, drafts = self._open.get(key, (0, None))
        if drafts is None or at != request.skip:
            drafts = itertools.islice(self._made(request), request.skip, None)
        found = list(itertools.islice(drafts, request.count))
        self._open[key] = (request.skip + len(found), drafts)
        return found

    def _made(self, request: Request) -> Iterator[SampleDraft | None]:
        """The drafts of a task from a source; None last when it failed: one odd document costs its own samples only."""
        task, source = TASKS[request.task], self.library.sources[request.source]
        rng = random.Random(f"{self.seed}:{task.key}:{source.key}")
        try:
            for draft in task.make(source, Context(rng, self.library, self.ecosystem)):
                # A draft of several documents would carry one of the hold-out into training, or the other way round.
                if all((key in self.held_out) == (source.key in self.held_out) for key in draft.others):
                    yield draft
        except Exception:
            logger.exception("%s failed on %s", task.key, source.path)
            yield None

    def _judge(self, source: Source, draft: SampleDraft, tokens: int) -> Outcome:
        low, high = self.bands[(draft.category, draft.task_type)]
        # Cheap checks come first: most of what the dear ones would look at is already out.
        if not low <= tokens <= high:
            return "tokens outside the band"
        sample_id = identity(draft)
        metadata = self._metadata(source, draft, sample_id)
        record = {"instruction": draft.instruction, "input": draft.input, "output": draft.output, "metadata": metadata}
        origins = "\n".join((source.text, draft.instruction, draft.input, *draft.facts))
        quality = assess(record, sources=origins, tokens=tokens, band=(low, high), parses=draft.parses)
        faults = quality.faults or judge_faults(draft) or secret_faults(record)
        if faults:
            return _kind(faults[0])
        metadata |= {"tokens": tokens, "quality": quality.score}
        return Candidate(
            sample_id=sample_id,
            # What only the checks read would be sent between processes for nothing.
            draft=replace(draft, facts=(), case={}),
            tokens=tokens,
            quality=quality.score,
            quality_parts=quality.parts,
            metadata=metadata,
            fingerprint=fingerprint(draft.instruction, draft.input, draft.output),
        )

    def _metadata(self, source: Source, draft: SampleDraft, sample_id: str) -> dict[str, Any]:
        chunk_keys = self.library.chunk_keys
        return {
            "task_type": draft.task_type,
            "sample_id": sample_id,
            "category": draft.category,
            "task": draft.task,
            "document": source.path,
            "part": source.part,
            "chunks": [chunk_keys[uid][1] for uid in draft.chunk_uids if uid in chunk_keys],
            "commit": source.commit,
            "generator": GENERATOR_VERSION,
            "judge": draft.judge,
            "parses": draft.parses,
        }


def identity(draft: SampleDraft) -> str:
    """The same content has the same id, whenever and wherever it is made."""
    parts = (draft.category, draft.task_type, draft.instruction, draft.input, draft.output)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _text(draft: SampleDraft) -> str:
    return "\n".join(filter(None, (draft.instruction, draft.input, draft.output)))


def _kind(fault: str) -> str:
    """A fault without its numbers, so that alike ones count together."""
    return " ".join(word for word in fault.split() if not any(c.isdigit() for c in word))[:80]
