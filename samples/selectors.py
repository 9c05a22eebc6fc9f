"""Reads of samples and datasets for pages and exports; only the columns that are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from samples.models import Category, Dataset, Sample
from samples.tokens import histogram
from web4site.row_numbers import row_number

EXCERPT = 180
SORTS = {
    "newest": "-pk",
    "tokens": "-tokens",
    "shortest": "tokens",
    "quality": "-quality",
    "weakest": "quality",
}
LIST_COLUMNS = ("pk", "sample_id", "category", "task_type", "split", "tokens", "quality", "review", "edited")
EXPORT_COLUMNS = (
    "sample_id",
    "category",
    "task_type",
    "split",
    "instruction",
    "input",
    "output",
    "tokens",
    "quality",
    "review",
    "metadata",
)
FILTERS = {"category": "category", "task": "task_type", "split": "split", "review": "review"}
SAMPLING_PLANS = (1, 2, 5, 10, 25)


def dataset_shown(key: str | None) -> Dataset | None:
    """The dataset a page is about: the one asked for, else the newest draft, else the newest."""
    if number := row_number(key):
        return Dataset.objects.filter(pk=number).first()
    newest = Dataset.objects.order_by("-created_at", "-pk")
    return newest.filter(status=Dataset.Status.DRAFT).first() or newest.first()


def dataset_options() -> list[tuple[int, str]]:
    return list(Dataset.objects.order_by("-pk").values_list("pk", "name")[:50])


def samples_filtered(dataset: Dataset, filters: dict[str, str]) -> QuerySet[Sample]:
    """Samples of a dataset by category, task type, split, review state, sampling plan and words of the instruction."""
    samples = dataset.samples.all()
    for name, field in FILTERS.items():
        if value := filters.get(name):
            samples = samples.filter(**{field: value})
    if share := filters.get("sampling"):
        samples = samples.filter(sample_id__lt=sampling_limit(int(share)))
    if words := filters.get("q"):
        samples = samples.filter(Q(instruction__icontains=words) | Q(sample_id__startswith=words.lower()))
    return samples


def sampling_limit(percent: int) -> str:
    """Ids are hashes, so those below a limit are a fair share of every category, the same for everybody."""
    return f"{int(0x10000 * percent / 100):04x}" if percent < 100 else "g"


def sample_rows(samples: QuerySet[Sample], sort: str) -> QuerySet[Any, dict[str, Any]]:
    """Rows of the list with a short piece of the instruction."""
    order = SORTS.get(sort, SORTS["newest"])
    return samples.order_by(order, "pk").values(*LIST_COLUMNS, excerpt=Left("instruction", EXCERPT))


def export_rows(samples: QuerySet[Sample]) -> Iterator[dict[str, Any]]:
    yield from samples.order_by("pk").values(*EXPORT_COLUMNS).iterator(chunk_size=500)


@dataclass(frozen=True, slots=True)
class CategoryProgress:
    """One row of the plan against what is there."""

    category: str
    target: int
    made: int
    approved: int
    rejected: int

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.made / self.target)) if self.target else 100


def plan_progress(dataset: Dataset) -> list[CategoryProgress]:
    """Targets and counts by category (training), and a last row for the hold-out."""
    targets: dict[str, int] = {}
    for part in dataset.plan.get("parts", ()):
        targets[part["category"]] = targets.get(part["category"], 0) + part["target"]
    held_out = dataset.plan.get("eval_target", 0)
    found: dict[str, dict[str, int]] = {}
    rows = dataset.samples.order_by().values("category", "split", "review").annotate(n=Count("pk"))
    for row in rows:
        name = "eval" if row["split"] == Sample.Split.EVAL else row["category"]
        counts = found.setdefault(name, {})
        counts[row["review"]] = counts.get(row["review"], 0) + row["n"]
    names = [name for name in (*Category.values, "eval") if name in targets or name in found]
    return [
        _progress(name, held_out if name == "eval" else targets.get(name, 0), found.get(name, {})) for name in names
    ]


def _progress(name: str, target: int, counts: dict[str, int]) -> CategoryProgress:
    approved, rejected = counts.get(Sample.Review.APPROVED, 0), counts.get(Sample.Review.REJECTED, 0)
    return CategoryProgress(name, target, sum(counts.values()), approved, rejected)


def task_types(dataset: Dataset) -> list[str]:
    return sorted(dataset.samples.order_by().values_list("task_type", flat=True).distinct())


def token_figure(dataset: Dataset) -> dict[str, Any]:
    """Plotly figure: how many samples have how many tokens."""
    counts = dataset.tokens.get("histogram") or histogram(dataset.samples.order_by().values_list("tokens", flat=True))
    return {
        "data": [
            {
                "type": "bar",
                "x": [int(low) for low in counts],
                "y": list(counts.values()),
                "hovertemplate": "%{y} samples from %{x} tokens<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {"title": {"text": "tokens"}},
            "yaxis": {"title": {"text": "samples"}},
            "bargap": 0.08,
            "height": 260,
        },
    }


def datasets_listed(status: str = "") -> QuerySet[Dataset]:
    datasets = Dataset.objects.select_related("run").defer("plan")
    return datasets.filter(status=status) if status else datasets
