"""Two datasets side by side: what was added, removed and changed, and how their mixes differ."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from samples.models import Dataset, Sample

MAX_LISTED = 500
TEXTS = ("instruction", "input", "output")


@dataclass(frozen=True, slots=True)
class Side:
    """One category in both datasets: samples and mean tokens before and after."""

    name: str
    before: int
    after: int
    mean_before: float
    mean_after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`added`, `removed` and `changed` count samples; the lists hold up to 500 (pk, sample_id, category, instruction).

    A sample is changed when its id is in both with other texts (it was edited), or when the same task asks the same of
    the same document and the answer is another. Documents are those samples were made from.
    """

    before: Dataset
    after: Dataset
    same: int
    added: int
    removed: int
    changed: int
    added_list: list[dict[str, Any]]
    removed_list: list[dict[str, Any]]
    changed_list: list[dict[str, Any]]
    categories: list[Side]
    documents_added: list[str]
    documents_removed: list[str]

    def as_dict(self) -> dict[str, Any]:
        return {
            "before": self.before.pk,
            "after": self.after.pk,
            **{name: getattr(self, name) for name in ("same", "added", "removed", "changed")},
            "categories": [asdict(side) for side in self.categories],
            "documents_added": len(self.documents_added),
            "documents_removed": len(self.documents_removed),
        }


def dataset_compare(*, before: Dataset, after: Dataset) -> Comparison:
    """Compare the samples that count (rejected ones do not). Ids are hashes of the content, so few texts are read."""
    first, second = (dict(_included(dataset).values_list("sample_id", "pk")) for dataset in (before, after))
    shared = first.keys() & second.keys()
    edited = _edited(before, after, shared)
    gone, new = first.keys() - shared, second.keys() - shared
    answered_anew = _answered_anew(_tasks(before, gone), _tasks(after, new))
    removed = gone - {old for old, _ in answered_anew}
    added = new - {again for _, again in answered_anew}
    changed = edited | {again for _, again in answered_anew}
    documents = [set(_included(dataset).values_list("metadata__document", flat=True)) for dataset in (before, after)]
    return Comparison(
        before=before,
        after=after,
        same=len(shared) - len(edited),
        added=len(added),
        removed=len(removed),
        changed=len(changed),
        added_list=_listed(after, added),
        removed_list=_listed(before, removed),
        changed_list=_listed(after, changed),
        categories=_sides(before, after),
        documents_added=sorted(filter(None, documents[1] - documents[0])),
        documents_removed=sorted(filter(None, documents[0] - documents[1])),
    )


def _included(dataset: Dataset) -> Any:
    return dataset.samples.exclude(review=Sample.Review.REJECTED).order_by()


def _edited(before: Dataset, after: Dataset, shared: Iterable[str]) -> set[str]:
    """Ids in both whose texts differ: only an edit does that, so only edited samples are read."""
    suspects: set[str] = set()
    for dataset in (before, after):
        suspects.update(_included(dataset).filter(edited=True).values_list("sample_id", flat=True))
    suspects.intersection_update(shared)
    texts = [
        {sample_id: parts for sample_id, *parts in _rows(dataset, suspects, ("sample_id", *TEXTS))}
        for dataset in (before, after)
    ]
    return {sample_id for sample_id in suspects if texts[0][sample_id] != texts[1][sample_id]}


def _tasks(dataset: Dataset, ids: set[str]) -> dict[bytes, str]:
    """Ids by what was asked: task, document, instruction and input."""
    names = ("sample_id", "category", "task_type", "metadata__task", "metadata__document", "instruction", "input")
    return {
        hashlib.blake2b("\0".join(map(str, asked)).encode(), digest_size=16).digest(): sample_id
        for sample_id, *asked in _rows(dataset, ids, names)
    }


def _answered_anew(gone: dict[bytes, str], new: dict[bytes, str]) -> list[tuple[str, str]]:
    return [(gone[key], new[key]) for key in gone.keys() & new.keys()]


def _rows(dataset: Dataset, ids: Iterable[str], names: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    """Values of some samples, asked for in pieces the database can take."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        yield from _included(dataset).filter(sample_id__in=wanted[start : start + 500]).values_list(*names)


def _listed(dataset: Dataset, ids: set[str]) -> list[dict[str, Any]]:
    names = ("pk", "sample_id", "category", "task_type", "instruction")
    shown = _rows(dataset, sorted(ids)[:MAX_LISTED], names)
    rows = [dict(zip(names, values, strict=True)) for values in shown]
    return sorted(rows, key=lambda row: (row["category"], row["sample_id"]))


def _sides(before: Dataset, after: Dataset) -> list[Side]:
    counts: list[Counter[str]] = []
    totals: list[Counter[str]] = []
    for dataset in (before, after):
        found, tokens = Counter[str](), Counter[str]()
        for category, split, count in _included(dataset).values_list("category", "split", "tokens").iterator(2000):
            name = "eval" if split == Sample.Split.EVAL else category
            found[name] += 1
            tokens[name] += count
        counts.append(found)
        totals.append(tokens)
    return [
        Side(
            name,
            counts[0][name],
            counts[1][name],
            round(totals[0][name] / max(1, counts[0][name]), 1),
            round(totals[1][name] / max(1, counts[1][name]), 1),
        )
        for name in sorted(counts[0].keys() | counts[1].keys(), key=lambda name: (name == "eval", name))
    ]
