"""Reads of the dataset pages: plan parts, findings, spread."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Left

from samples.models import Dataset, Finding, Sample

FINDING_COLUMNS = ("identity", "category", "task_type", "split", "detail", "instruction")


def plan_parts(dataset: Dataset) -> list[dict[str, Any]]:
    """Sub-categories of the plan with what was made of them in training, and why some fell short."""
    made = dict(
        dataset.samples.filter(split=Sample.Split.TRAIN)
        .order_by()
        .values_list("task_type")
        .annotate(n=Count("pk"))
        .values_list("task_type", "n")
    )
    result = dataset.run.result if dataset.run else {}
    reasons = {row["sub_category"]: row["reason"] for row in result.get("shortfall", ())}
    return [
        {
            **part,
            "made": made.get(part["sub_category"], 0),
            "reason": reasons.get(part["sub_category"], ""),
        }
        for part in dataset.plan.get("parts", ())
    ]


def interrupted() -> list[Dataset]:
    """Unfinished generations nobody works on any more, newest first."""
    found = Dataset.objects.filter(status=Dataset.Status.UNFINISHED).exclude(lineage={}).select_related("run")
    return [dataset for dataset in found.defer("plan", "checkpoint")[:5] if not (dataset.run and dataset.run.is_active)]


def findings_listed(dataset: Dataset, name: str) -> QuerySet[Finding, Any]:
    """Rows of what a check found, with a piece of the instruction where a sample is meant."""
    return (
        dataset.findings.filter(check_name=name)
        .order_by("pk")
        .values(
            "pk",
            "detail",
            number=F("sample__pk"),
            identity=F("sample__sample_id"),
            category=F("sample__category"),
            task_type=F("sample__task_type"),
            split=F("sample__split"),
            instruction=Left("sample__instruction", 120),
        )
    )
