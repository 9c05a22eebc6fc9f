"""Lineage as JSON: every document by its path and hash, samples as counts."""

from dataclasses import asdict
from typing import Any

from evaluation.lineage.origin import Step, Subject, reviewers, source_rows, sources, totals
from evaluation.lineage.reach import Reach, Use, document_chunks, knowers
from evaluation.models import Deployment
from rag.models import Document
from samples.models import Dataset
from training.models import Adapter, Build


def origin_facts(subject: Subject, reach: Reach | None) -> dict[str, Any]:
    """What a deployment, build, adapter or dataset rests on, and what came of it."""
    return {
        "deployment": subject.deployment and _deployment_facts(subject.deployment),
        "build": subject.build and _build_facts(subject.build),
        "adapters": [_adapter_facts(adapter) for adapter in reversed(subject.adapters)],
        "datasets": [_step_facts(step) for step in subject.steps],
        "totals": asdict(totals(subject.groups)),
        "reviewers": [asdict(reviewer) for reviewer in reviewers(subject.datasets)],
        "documents": [
            {**_named(source.document), "samples": source.samples, "approved": source.approved, "chunks": source.chunks}
            for source in source_rows(sources(subject.groups), subject.datasets)
        ],
        **({"learned_by": _reach_facts(reach, {})} if reach else {}),
    }


def document_facts(document: Document, uses: list[Use], reach: Reach, learned: dict[int, int]) -> dict[str, Any]:
    """Where a document went; `learned` counts its samples by dataset."""
    return {
        "document": _named(document),
        "chunks": list(document_chunks(document).values("uid", "index", "chunk_type", "taught")),
        "datasets": [
            {
                **_dataset_facts(use.dataset),
                "learned": use.learned,
                "held_out": use.held_out,
                "approved": use.approved,
                "rejected": use.rejected,
            }
            for use in uses
        ],
        "learned_by": _reach_facts(reach, learned),
    }


def _named(document: Document | None) -> dict[str, Any]:
    if document is None:
        return {"path": None}
    return {
        "path": document.path,
        "sha256": document.sha256,
        "title": document.title,
        "date": document.date and document.date.isoformat(),
        "agent": document.agent_name or document.agent_role,
        "commit": document.field("commit_sha"),
    }


def _dataset_facts(dataset: Dataset) -> dict[str, Any]:
    frozen = dataset.frozen_at and dataset.frozen_at.isoformat()
    return {"dataset": dataset.name, "id": dataset.pk, "sha256": dataset.sha256, "frozen_at": frozen}


def _step_facts(step: Step) -> dict[str, Any]:
    counts = asdict(step.totals)
    return {**_dataset_facts(step.dataset), "adapter": step.adapter and step.adapter.name, **counts}


def _adapter_facts(adapter: Adapter) -> dict[str, Any]:
    training = adapter.training
    return {
        "adapter": adapter.name,
        "id": adapter.pk,
        "sha256": adapter.sha256,
        "base_model": adapter.base_model,
        "run": training and training.run_id,
        "preset": training and training.preset,
        "dataset": training and training.dataset.name,
    }


def _build_facts(build: Build) -> dict[str, Any]:
    return {"build": build.name, "id": build.pk, "sha256": build.sha256, "base_model": build.base_model}


def _deployment_facts(deployment: Deployment) -> dict[str, Any]:
    live_at = deployment.live_at and deployment.live_at.isoformat()
    return {"deployment": deployment.pk, "kind": deployment.kind, "status": deployment.status, "live_at": live_at}


def _reach_facts(reach: Reach, learned: dict[int, int]) -> list[dict[str, Any]]:
    return [
        {
            **_adapter_facts(knower.adapter),
            "samples": knower.samples,
            "builds": [_build_facts(build) for build in knower.builds],
            "deployments": [_deployment_facts(deployment) for deployment in knower.deployments],
        }
        for knower in knowers(reach.adapters, learned)
    ]
