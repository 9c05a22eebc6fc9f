"""Where a model comes from, and where a document went: read along the rows, counted, never loaded as a whole.

Down: deployment, build, adapters in the order they continue each other, trainings, datasets, samples, reviewers,
chunks, documents, commits. Up: a document or a dataset, the adapters that learned from it or continue one that did,
their builds and deployments.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from evaluation.models import Deployment
from rag.models import Chunk, Document
from samples.models import Dataset, ReviewDecision, Sample
from training.models import Adapter, Build
from training.selectors import LONG, adapter_descendants, adapter_parents

Action = ReviewDecision.Action
JUDGED = (Action.APPROVE, Action.REJECT, Action.EDIT, Action.AGREE, Action.DISAGREE)
APPROVED = Q(review=Sample.Review.APPROVED)


def taught(datasets: Iterable[int]) -> QuerySet[Sample]:
    """The samples that a training on these datasets learns: neither the hold-out nor what was rejected."""
    found = Sample.objects.filter(dataset__in=list(datasets), split=Sample.Split.TRAIN)
    return found.exclude(review=Sample.Review.REJECTED).order_by("-dataset_id", "pk")


# --- down ---


@dataclass(frozen=True, slots=True)
class Step:
    """One training of a chain: the adapter it left (None where a dataset stands for itself) and what it was taught."""

    adapter: Adapter | None
    dataset: Dataset
    samples: int
    documents: int
    approved: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What all steps of a chain were taught; `documents` are those still indexed."""

    samples: int
    approved: int
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about: a deployment, build, adapter or dataset, and the trainings it rests on, newest first."""

    kind: str
    row: Deployment | Build | Adapter | Dataset
    deployment: Deployment | None
    build: Build | None
    adapters: list[Adapter]
    steps: list[Step]

    @property
    def datasets(self) -> list[int]:
        return [step.dataset.pk for step in self.steps]


def chain_steps(lineage: Sequence[Adapter]) -> list[Step]:
    """A step for each adapter of a lineage that was trained here, the newest first."""
    trained = [(adapter, adapter.training.dataset) for adapter in reversed(lineage) if adapter.training]
    counts = _dataset_counts({dataset.pk for _, dataset in trained})
    return [Step(adapter, dataset, *counts.get(dataset.pk, (0, 0, 0))) for adapter, dataset in trained]


def dataset_step(dataset: Dataset) -> Step:
    """A dataset by itself."""
    return Step(None, dataset, *_dataset_counts({dataset.pk}).get(dataset.pk, (0, 0, 0)))


def _dataset_counts(keys: set[int]) -> dict[int, tuple[int, int, int]]:
    """Samples, documents and approved samples by dataset."""
    rows = taught(keys).order_by().values_list("dataset")
    counted = rows.annotate(
        samples=Count("pk"), documents=Count("document", distinct=True), approved=Count("pk", filter=APPROVED)
    )
    return {key: (samples, documents, approved) for key, samples, documents, approved in counted}


def totals(samples: QuerySet[Sample]) -> Totals:
    """Sums over samples that several datasets may share documents of."""
    plain = samples.order_by()
    sums = plain.aggregate(
        samples=Count("pk"), approved=Count("pk", filter=APPROVED), documents=Count("document", distinct=True)
    )
    pieces = Sample.chunks.through.objects.filter(sample__in=plain.values("pk"))
    return Totals(**sums, chunks=pieces.aggregate(n=Count("chunk", distinct=True))["n"])


@dataclass(frozen=True, slots=True)
class Source:
    """A document among those that taught a model; None stands for all that are no longer indexed, or were imported."""

    document: Document | None
    samples: int
    approved: int
    chunks: int


def sources(samples: QuerySet[Sample], *, text: str = "") -> QuerySet[Sample, Any]:
    """Groups {document, samples, approved}, the document with the most samples first."""
    found = samples
    if text:
        named = Q(document__path__icontains=text) | Q(document__title__icontains=text)
        found = found.filter(named | Q(document__agent_name__icontains=text))
    groups = found.order_by().values("document")
    return groups.annotate(samples=Count("pk"), approved=Count("pk", filter=APPROVED)).order_by("-samples", "document")


def source_rows(groups: Sequence[Mapping[str, Any]], samples: QuerySet[Sample]) -> list[Source]:
    """The groups of one page with their documents and how many chunks of each were used."""
    keys = [group["document"] for group in groups if group["document"]]
    documents = Document.objects.defer("text", "sections", "links", "faults").in_bulk(keys)
    pieces = Sample.chunks.through.objects.filter(chunk__document__in=keys, sample__in=samples.order_by().values("pk"))
    chunks = dict(pieces.values_list("chunk__document").annotate(n=Count("chunk", distinct=True)))
    return [
        Source(documents.get(group["document"]), group["samples"], group["approved"], chunks.get(group["document"], 0))
        for group in groups
    ]


def samples_found(samples: QuerySet[Sample], *, text: str = "", document: str = "") -> QuerySet[Sample]:
    """Samples that say `text`, or were made of a document so called; `document` is a key, or 'none'."""
    found = samples
    if document.isdecimal():
        found = found.filter(document=int(document))
    elif document:
        found = found.filter(document=None)
    if text:
        said = Q(instruction__icontains=text) | Q(input__icontains=text) | Q(output__icontains=text)
        found = found.filter(said | Q(document__path__icontains=text))
    decisions = ReviewDecision.objects.filter(action__in=JUDGED).select_related("actor")
    pieces = Chunk.objects.only("index", "uid", "document")
    return found.select_related("document", "dataset").prefetch_related(
        Prefetch("decisions", decisions), Prefetch("chunks", pieces)
    )


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


# --- up ---


@dataclass(frozen=True, slots=True)
class Knower:
    """An adapter that learned from something: by its own dataset (`samples` of it), or by continuing one that did."""

    adapter: Adapter
    samples: int
    builds: list[Build]
    deployments: list[Deployment]

    @property
    def is_live(self) -> bool:
        return any(one.status == Deployment.Status.LIVE for one in self.deployments)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far something went; `live` is the adapter of the live model when it knows it."""

    adapters: QuerySet[Adapter]
    builds: int
    deployments: int
    live: Adapter | None


def reach_of(adapters: Iterable[int]) -> Reach:
    """The adapters with these keys and all that continue them."""
    keys = adapter_descendants(adapters, adapter_parents())
    found = Adapter.objects.filter(pk__in=keys).select_related("training__run", "training__dataset", "parent")
    found = found.defer("manifest", "parent__manifest", *LONG)
    deployments = Deployment.objects.filter(build__adapter__in=keys)
    live = found.filter(builds__deployments__status=Deployment.Status.LIVE).first()
    builds = Build.objects.filter(adapter__in=keys).count()
    return Reach(found.order_by("-created_at", "-pk"), builds, deployments.count(), live)


def trained_on(datasets: Iterable[int]) -> list[int]:
    """Keys of the adapters whose own training used one of these datasets."""
    return list(Adapter.objects.filter(training__dataset__in=list(datasets)).values_list("pk", flat=True))


def knowers(adapters: Iterable[Adapter], by_dataset: Mapping[int, int]) -> list[Knower]:
    """Each adapter with its builds and deployments; `by_dataset` says how many samples which dataset holds."""
    shown = list(adapters)
    builds: dict[int | None, list[Build]] = {}
    deployments: dict[int | None, list[Deployment]] = {}
    for build in Build.objects.filter(adapter__in=shown).order_by("pk"):
        builds.setdefault(build.adapter_id, []).append(build)
    for one in Deployment.objects.filter(build__adapter__in=shown).select_related("build").order_by("pk"):
        deployments.setdefault(one.build.adapter_id, []).append(one)
    return [
        Knower(
            adapter,
            by_dataset.get(adapter.training.dataset_id, 0) if adapter.training else 0,
            builds.get(adapter.pk, []),
            deployments.get(adapter.pk, []),
        )
        for adapter in shown
    ]


@dataclass(frozen=True, slots=True)
class Use:
    """What one dataset made of a document."""

    dataset: Dataset
    learned: int
    held_out: int
    approved: int
    rejected: int


def document_uses(document: Document) -> list[Use]:
    """Datasets with samples of the document, the newest first."""
    rejected = Q(review=Sample.Review.REJECTED)
    held_out = Q(split=Sample.Split.EVAL) & ~rejected
    rows = document.samples.order_by().values_list("dataset")
    counted = rows.annotate(
        learned=Count("pk", filter=Q(split=Sample.Split.TRAIN) & ~rejected),
        held_out=Count("pk", filter=held_out),
        approved=Count("pk", filter=APPROVED),
        rejected=Count("pk", filter=rejected),
    )
    counts = {key: values for key, *values in counted}
    found = Dataset.objects.filter(pk__in=counts).defer("plan", "checkpoint", "checks")
    return [Use(dataset, *counts[dataset.pk]) for dataset in found.order_by("-created_at", "-pk")]


def document_chunks(document: Document) -> QuerySet[Any]:
    """The document's chunks, each with `taught`: how many samples were made of it, rejected ones and hold-out aside."""
    learned = Q(samples__split=Sample.Split.TRAIN) & ~Q(samples__review=Sample.Review.REJECTED)
    return document.chunks.annotate(taught=Count("samples", filter=learned, distinct=True)).order_by("index")


def documents_found(text: str) -> QuerySet[Document]:
    """Documents by a part of path, title or agent, with `used`: samples made of them."""
    named = Q(path__icontains=text) | Q(title__icontains=text) | Q(agent_name__icontains=text)
    found = Document.objects.filter(named) if text else Document.objects.all()
    return (
        found.defer("text", "metadata", "sections", "links", "faults")
        .annotate(used=Count("samples"))
        .order_by("-timestamp", "path")
    )


def sample_facts(samples: QuerySet[Sample]) -> Iterator[dict[str, Any]]:
    """Rows for an export: each sample with its document, commit, chunks and judges."""
    for sample in samples.iterator(chunk_size=500):
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
