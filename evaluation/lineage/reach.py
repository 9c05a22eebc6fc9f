"""Up: the adapters, builds and deployments that learned from a document or a dataset."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from evaluation.lineage.origin import APPROVED
from evaluation.models import Deployment
from rag.models import Document
from samples.models import Dataset, Sample
from training.models import Adapter, Build
from training.selectors import LONG, adapter_descendants, adapter_parents


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
