"""The numbers of a dataset, counted from its rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from samples.models import Dataset, Sample
from samples.tokens import BUCKET


def dataset_summary(*, dataset: Dataset) -> tuple[dict[str, int], dict[str, Any]]:
    """Samples by category ("eval" is the hold-out), and {total, mean, by_category, histogram} of training's tokens.

    Rejected samples count no more.
    """
    counts: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    buckets: defaultdict[int, int] = defaultdict(int)
    kept = dataset.samples.exclude(review=Sample.Review.REJECTED)
    rows = kept.order_by().values_list("category", "split", "tokens")
    for category, split, tokens in rows.iterator(chunk_size=2000):
        if split == Sample.Split.EVAL:
            counts[Sample.Split.EVAL.value] += 1
            continue
        counts[category] += 1
        totals[category] += tokens
        buckets[tokens // BUCKET * BUCKET] += 1
    training = sum(buckets.values())
    return dict(counts), {
        "total": totals.total(),
        "mean": round(totals.total() / training, 1) if training else 0,
        "by_category": dict(totals),
        "histogram": {str(low): buckets[low] for low in range(min(buckets), max(buckets) + BUCKET, BUCKET)}
        if buckets
        else {},
    }
