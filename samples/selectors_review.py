"""Reads of the review room: queues, sources, differences, and how far and how much in agreement people are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from rag.models import Chunk
from samples.models import Dataset, ReviewDecision, Sample
from samples.services.reviews import EDITABLE, FIRST, SECOND, free_for, last_standing, standing

Action = ReviewDecision.Action
_LINE_MARKS = re.compile(r"^[\s>#*\-\d.)\[\]xX|]+|[*`_]+|[.:;]+$")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MIN_MATCH = 18
ALIKE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """A chunk a sample was made from, as pieces of text; a marked piece stands in the output too."""

    chunk: Chunk
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """A sample in the queue, its neighbours, and how many are left to judge."""

    sample: Sample | None
    previous: int | None
    following: int | None
    pending: int
    judged: int


def second_opinions(samples: QuerySet[Sample], actor: Any) -> QuerySet[Sample]:
    """Samples that one other person has judged, and nobody a second time."""
    decisions = ReviewDecision.objects.filter(sample=OuterRef("pk"))
    return samples.exclude(review=Sample.Review.PENDING).filter(
        Exists(decisions.filter(action__in=FIRST).exclude(actor=actor)),
        ~Exists(decisions.filter(Q(actor=actor, action__in=FIRST) | Q(action__in=SECOND))),
    )


def queue_position(samples: QuerySet[Sample], at: int | None, *, actor: Any, second: bool = False) -> QueuePosition:
    """The sample at `at`, or the next one to judge that nobody else is judging now."""
    ordered = samples.order_by("pk")
    to_judge = second_opinions(ordered, actor) if second else ordered.filter(review=Sample.Review.PENDING)
    pk = at if at is not None and ordered.filter(pk=at).exists() else next_to_judge(to_judge, at or 0, actor)
    total, pending = ordered.count(), to_judge.count()
    if pk is None:
        return QueuePosition(None, None, None, pending, total - pending)
    return QueuePosition(
        sample=Sample.objects.select_related("document", "dataset", "claimed_by").get(pk=pk),
        previous=ordered.filter(pk__lt=pk).values_list("pk", flat=True).last(),
        following=ordered.filter(pk__gt=pk).values_list("pk", flat=True).first(),
        pending=pending,
        judged=total - pending,
    )


def newest_decision() -> int:
    """What a page that is made now can know of: the number of the newest decision on any sample, 0 before the first."""
    return ReviewDecision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def next_to_judge(samples: QuerySet[Sample], after: int, actor: Any) -> int | None:
    """The next of `samples` behind `after`, else the first, that nobody else is judging; None when there is none."""
    free = samples.filter(free_for(actor)).order_by("pk").values_list("pk", flat=True)
    return free.filter(pk__gt=after).first() or free.first()


def source_passages(sample: Sample) -> list[SourcePassage]:
    """The chunks of a sample in reading order, with the passages that its output took over marked."""
    wanted = [
        line for raw in sample.output.splitlines() if len(line := _LINE_MARKS.sub("", raw).strip().lower()) >= MIN_MATCH
    ]
    chunks = sample.chunks.select_related("document").order_by("document_id", "index")
    return [SourcePassage(chunk, list(_marked(chunk.text, wanted))) for chunk in chunks]


def _marked(text: str, wanted: list[str]) -> Iterator[tuple[str, bool]]:
    """Neighbouring lines of a text in groups: those that occur in the output, and those that do not."""
    group: list[str] = []
    state = False
    for line in text.splitlines(keepends=True):
        bare = _LINE_MARKS.sub("", line).strip().lower()
        hit = len(bare) >= MIN_MATCH and any(bare in other or other in bare for other in wanted)
        if group and hit != state:
            yield "".join(group), state
            group = []
        group.append(line)
        state = hit
    if group:
        yield "".join(group), state


def last_decision_of(actor: Any, dataset: Dataset) -> ReviewDecision | None:
    """The newest decision of a person in a dataset that still stands."""
    recent = (
        ReviewDecision.objects.filter(actor=actor, sample__dataset=dataset).select_related("sample").order_by("-pk")
    )
    for decision in recent[:100]:
        if last_standing(sample=decision.sample) == decision:
            return decision
    return None


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """What a person changed in one text: pieces that are kept, added or removed."""

    name: str
    pieces: list[tuple[str, str]]


def edit_differences(sample: Sample) -> list[FieldDifference]:
    """The edited texts of a sample beside what the generator had written, word by word."""
    edits = [decision for decision in standing(sample=sample) if decision.action == Action.EDIT]
    if not edits:
        return []
    before = edits[-1].before
    changed = [name for name in EDITABLE if before.get(name, getattr(sample, name)) != getattr(sample, name)]
    return [FieldDifference(name, list(_difference(before[name], getattr(sample, name)))) for name in changed]


def _difference(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "kept", "".join(old[first:last])
            continue
        if first < last:
            yield "removed", "".join(old[first:last])
        if start < end:
            yield "added", "".join(new[start:end])


@dataclass(frozen=True, slots=True)
class Agreement:
    """Second opinions: how many, how many agree with the first, and Cohen's kappa (None while it is undefined)."""

    opinions: int
    agreed: int
    kappa: float | None

    @property
    def share(self) -> float:
        """0-1."""
        return self.agreed / self.opinions if self.opinions else 0.0


def agreement(dataset: Dataset) -> Agreement:
    """How far first and second verdicts agree, over the second opinions that stand."""
    pairs = {(first, second): 0 for first in (True, False) for second in (True, False)}
    seconds = ReviewDecision.objects.filter(sample__dataset=dataset, action__in=SECOND).select_related("sample")
    for opinion in seconds:
        decisions = standing(sample=opinion.sample)
        if opinion in decisions:
            first = next(d for d in decisions[decisions.index(opinion) :] if d.action in FIRST).action != Action.REJECT
            pairs[first, first == (opinion.action == Action.AGREE)] += 1
    total = sum(pairs.values())
    agreed = pairs[True, True] + pairs[False, False]
    return Agreement(total, agreed, _kappa(pairs, total) if total else None)


def _kappa(pairs: dict[tuple[bool, bool], int], total: int) -> float | None:
    """Agreement beyond chance. Source: Cohen, A coefficient of agreement for nominal scales (1960)."""
    first = (pairs[True, True] + pairs[True, False]) / total
    second = (pairs[True, True] + pairs[False, True]) / total
    chance = first * second + (1 - first) * (1 - second)
    observed = (pairs[True, True] + pairs[False, False]) / total
    return None if chance == 1 else (observed - chance) / (1 - chance)


def reviewers(dataset: Dataset) -> QuerySet[Any, Any]:
    """Decisions by person: {actor__username, approved, rejected, edited, seconds}."""

    def counted(*actions: str) -> Count:
        return Count("pk", filter=Q(action__in=actions))

    return (
        ReviewDecision.objects.filter(sample__dataset=dataset)
        .order_by()
        .values("actor__username")
        .annotate(
            approved=counted(Action.APPROVE),
            rejected=counted(Action.REJECT),
            edited=counted(Action.EDIT),
            seconds=counted(*SECOND),
        )
        .order_by("-approved", "actor__username")
    )


def samples_alike(sample: Sample, *, task: bool, document: bool, phrase: str) -> QuerySet[Sample]:
    """Samples still to judge that share a fault with this one: their generator, their source, or words of the output.

    None at all where nothing is to be shared.
    """
    same = Sample.objects.filter(dataset=sample.dataset, category=sample.category, task_type=sample.task_type)
    same = same.filter(review=Sample.Review.PENDING).exclude(pk=sample.pk)
    if task:
        same = same.filter(metadata__task=sample.metadata.get("task", ""))
    if document:
        same = same.filter(document=sample.document_id)
    if phrase:
        same = same.filter(output__contains=phrase)
    return same if task or document or phrase else same.none()
