"""Down: what a model was taught, by which documents, judged by whom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from evaluation.models import Deployment
from rag.models import Chunk, Document
from samples.models import Dataset, ReviewDecision, Sample
from training.models import Adapter, Build
from web4site.row_numbers import row_number

Action = ReviewDecision.Action
JUDGED = (Action.APPROVE, Action.REJECT, Action.EDIT, Action.AGREE, Action.DISAGREE)
APPROVED = Q(review=Sample.Review.APPROVED)
TEXTS = ("instruction", "input", "output", "quality_parts")


def taught(datasets: Iterable[int]) -> QuerySet[Sample]:
    """The samples that a training on these datasets learns: neither the hold-out nor what was rejected."""
    found = Sample.objects.filter(dataset__in=list(datasets), split=Sample.Split.TRAIN)
    return found.exclude(review=Sample.Review.REJECTED).order_by("-dataset_id", "pk")


@dataclass(frozen=True, slots=True)
class Group:
    """How many samples one dataset made of one document; None stands for documents no longer indexed, or imports."""

    dataset: int
    document: int | None
    samples: int
    approved: int


def groups_of(datasets: Iterable[int]) -> list[Group]:
    """All there is to count, in one pass over the samples."""
    rows = taught(datasets).order_by().values_list("dataset", "document")
    return [Group(*row) for row in rows.annotate(samples=Count("pk"), approved=Count("pk", filter=APPROVED))]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over groups; `documents` are those still indexed, each counted once."""

    samples: int
    approved: int
    documents: int


def totals(groups: Iterable[Group]) -> Totals:
    """The sums; datasets may share documents."""
    rows = list(groups)
    documents = {row.document for row in rows} - {None}
    return Totals(sum(row.samples for row in rows), sum(row.approved for row in rows), len(documents))


@dataclass(frozen=True, slots=True)
class Step:
    """One training of a chain: the adapter it left (None where a dataset stands for itself) and what it was taught."""

    adapter: Adapter | None
    dataset: Dataset
    totals: Totals


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about: a deployment, build, adapter or dataset, and the trainings it rests on, newest first."""

    kind: str
    row: Deployment | Build | Adapter | Dataset
    deployment: Deployment | None
    build: Build | None
    adapters: list[Adapter]
    steps: list[Step]
    groups: list[Group]

    @property
    def datasets(self) -> list[int]:
        return [step.dataset.pk for step in self.steps]


def subject_of(
    kind: str,
    row: Deployment | Build | Adapter | Dataset,
    *,
    deployment: Deployment | None = None,
    build: Build | None = None,
    lineage: Sequence[Adapter] = (),
) -> Subject:
    """Count what the row was taught: by the datasets of its lineage (oldest first), or by itself when it is one."""
    trained = [(adapter, adapter.training.dataset) for adapter in reversed(lineage) if adapter.training]
    pairs: list[tuple[Adapter | None, Dataset]] = [(None, row)] if isinstance(row, Dataset) else [*trained]
    groups = groups_of({dataset.pk for _, dataset in pairs})
    by_dataset: dict[int, list[Group]] = {}
    for group in groups:
        by_dataset.setdefault(group.dataset, []).append(group)
    steps = [Step(adapter, dataset, totals(by_dataset.get(dataset.pk, ()))) for adapter, dataset in pairs]
    return Subject(kind, row, deployment, build, list(lineage), steps, groups)


@dataclass(frozen=True, slots=True)
class Source:
    """A document among those that taught a model; None stands for all that are no longer indexed, or were imported."""

    document: Document | None
    samples: int
    approved: int
    chunks: int


def sources(groups: Iterable[Group], *, text: str = "") -> list[Group]:
    """One group a document, summed over datasets (`dataset` 0), the one with the most samples first."""
    named = Q(path__icontains=text) | Q(title__icontains=text) | Q(agent_name__icontains=text)
    wanted = set(Document.objects.filter(named).order_by().values_list("pk", flat=True)) if text else None
    sums: dict[int | None, list[int]] = {}
    for group in groups:
        if wanted is None or group.document in wanted:
            counts = sums.setdefault(group.document, [0, 0])
            counts[0] += group.samples
            counts[1] += group.approved
    found = [Group(0, document, *counts) for document, counts in sums.items()]
    return sorted(found, key=lambda group: (-group.samples, group.document or 0))


def source_rows(groups: Sequence[Group], datasets: Iterable[int]) -> list[Source]:
    """These groups with their documents and how many chunks of each were used."""
    keys = [group.document for group in groups if group.document]
    documents = Document.objects.defer("text", "sections", "links", "faults").in_bulk(keys)
    chunks = _chunk_counts(keys, datasets)
    return [
        Source(
            documents.get(group.document) if group.document else None,
            group.samples,
            group.approved,
            chunks.get(group.document, 0),
        )
        for group in groups
    ]


def _chunk_counts(documents: Iterable[int], datasets: Iterable[int]) -> dict[int | None, int]:
    """How many chunks of each document samples of these datasets were made of."""
    pieces = Sample.chunks.through.objects.filter(
        chunk__document__in=list(documents), sample__dataset__in=list(datasets), sample__split=Sample.Split.TRAIN
    ).exclude(sample__review=Sample.Review.REJECTED)
    return dict(pieces.order_by().values_list("chunk__document").annotate(n=Count("chunk", distinct=True)))


def samples_found(samples: QuerySet[Sample], *, text: str = "", document: str = "") -> QuerySet[Sample]:
    """Samples that say `text`, or were made of a document so called; `document` is a key, or 'none'."""
    found = samples
    if number := row_number(document):
        found = found.filter(document=number)
    elif document:
        found = found.filter(document=None)
    if text:
        said = Q(instruction__icontains=text) | Q(input__icontains=text) | Q(output__icontains=text)
        found = found.filter(said | Q(document__path__icontains=text))
    return found


def with_origin(samples: QuerySet[Sample]) -> QuerySet[Sample]:
    """The samples together with dataset, document, chunks and the decisions of people."""
    decisions = ReviewDecision.objects.filter(action__in=JUDGED).select_related("actor")
    pieces = Chunk.objects.only("index", "uid", "document")
    return (
        samples.select_related("document", "dataset")
        .only("sample_id", "category", "split", "instruction", "metadata", "review", "document__path", "dataset__name")
        .prefetch_related(Prefetch("decisions", decisions), Prefetch("chunks", pieces))
    )


def sample_facts(samples: QuerySet[Sample]) -> Iterator[dict[str, Any]]:
    """Rows for an export: each sample with its document, commit, chunks and judges."""
    for sample in with_origin(samples).iterator(chunk_size=500):
        yield {
            "sample_id": sample.sample_id,
            "dataset": sample.dataset.name,
            "category": sample.category,
            "document": sample.document.path if sample.document else sample.metadata.get("document", ""),
            "commit": sample.metadata.get("commit", ""),
            "chunks": [piece.uid for piece in sample.chunks.all()],
            "review": sample.review,
            "judged_by": sorted({decision.actor.get_username() for decision in sample.decisions.all()}),
        }


@dataclass(frozen=True, slots=True)
class Reviewer:
    """What one person decided about the samples; approvals by filter count each sample."""

    name: str
    approved: int
    edited: int
    rejected: int
    second: int


def reviewers(datasets: Iterable[int]) -> list[Reviewer]:
    """Everybody who judged samples of these datasets, the busiest first."""
    found = ReviewDecision.objects.filter(sample__dataset__in=list(datasets), action__in=JUDGED).order_by()
    rows = found.values_list("actor__username").annotate(
        approved=Count("pk", filter=Q(action=Action.APPROVE)),
        edited=Count("pk", filter=Q(action=Action.EDIT)),
        rejected=Count("pk", filter=Q(action=Action.REJECT)),
        second=Count("pk", filter=Q(action__in=(Action.AGREE, Action.DISAGREE))),
        n=Count("pk"),
    )
    return [Reviewer(*row[:-1]) for row in rows.order_by("-n", "actor__username")]
