"""Reads of Phase 4: the state of the loop, and production against its targets."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, Max, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from evaluation.models import Evaluation
from evaluation.selectors import live_deployment, waiting_for_approval
from monitoring.models import Alert, Feedback, Query
from rag.models import Chunk, Document, QuarantineEntry
from samples.models import Dataset, Sample
from training.models import Adapter
from web4site.models import Run


@dataclass(frozen=True, slots=True)
class Station:
    """One stop of the loop on the overview; `left` and `top` are its place on the ring in percent."""

    name: str
    icon: str
    url: str
    count: str
    detail: str
    state: str = ""
    at: datetime | None = None
    left: float = 0
    top: float = 0


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a human, with the page where it is done."""

    text: str
    url: str
    action: str


def stations() -> list[Station]:
    """The seven stations in loop order, placed clockwise from the top."""
    makers: tuple[Callable[[], dict[str, Any]], ...] = (
        _corpus, _samples, _dataset, _training, _gates, _live, _evening
    )  # fmt: skip
    placed = []
    for number, make in enumerate(makers):
        angle = 2 * math.pi * number / len(makers) - math.pi / 2
        station = Station(**make())
        placed.append(replace(station, left=50 + 37 * math.cos(angle), top=50 + 41 * math.sin(angle)))
    return placed


def _latest_run(*kinds: str) -> dict[str, Any]:
    run = Run.objects.filter(kind__in=kinds).order_by("-pk").values("status", "result__outcome", "created_at").first()
    # A loop that did its work may still have decided against its model: what it decided is what people ask for.
    return {"state": run["result__outcome"] or run["status"], "at": run["created_at"]} if run else {}


def _corpus() -> dict[str, Any]:
    documents, chunks = Document.objects.count(), Chunk.objects.count()
    return {
        "name": "Corpus", "icon": "book", "url": reverse("rag:corpus_detail"),
        "count": f"{documents:,}", "detail": f"documents, {chunks:,} chunks", **_latest_run(Run.Kind.INDEX),
    }  # fmt: skip


def _samples() -> dict[str, Any]:
    dataset = Dataset.objects.order_by("-pk").first()
    found = Sample.objects.filter(dataset=dataset).aggregate(
        all=Count("pk"), pending=Count("pk", filter=Q(review=Sample.Review.PENDING))
    )
    return {
        "name": "Samples", "icon": "cards", "url": reverse("samples:sample_list"),
        "count": f"{found['all']:,}", "detail": f"{found['pending']:,} not reviewed", **_latest_run(Run.Kind.GENERATE),
    }  # fmt: skip


def _dataset() -> dict[str, Any]:
    frozen = Dataset.objects.filter(status=Dataset.Status.FROZEN).order_by("-frozen_at").first()
    station = {"name": "Dataset", "icon": "box", "url": reverse("samples:dataset_list")}
    if frozen is None:
        return {**station, "count": "none", "detail": "nothing frozen yet"}
    return {**station, "count": frozen.sha256[:8], "detail": "frozen", "state": "frozen", "at": frozen.frozen_at}


def _training() -> dict[str, Any]:
    adapter = Adapter.objects.order_by("-pk").first()
    loss = (
        f"loss {adapter.loss_first:.2f} → {adapter.loss_last:.2f}"
        if adapter and adapter.loss_last
        else "no adapter yet"
    )
    return {
        "name": "Training", "icon": "curve", "url": reverse("training:run_list"),
        "count": counted(Adapter.objects.count(), "adapter"), "detail": loss, **_latest_run(Run.Kind.TRAIN),
    }  # fmt: skip


def _gates() -> dict[str, Any]:
    last = (
        Evaluation.objects.filter(build__adapter__isnull=False, run__status=Run.Status.SUCCEEDED)
        .select_related("run")
        .order_by("-pk")
        .first()
    )
    station = {"name": "Gates", "icon": "gate", "url": reverse("evaluation:evaluation_list")}
    if last is None:
        return {**station, "count": "–", "detail": "no candidate proved yet"}
    gates = last.report.get("gates", [])
    passed = sum(bool(gate.get("passed")) for gate in gates)
    return {
        **station, "url": last.get_absolute_url(), "count": f"{passed} of {len(gates)}",
        "detail": f"gates, {last.canaries_passed}/{last.canaries_total} canaries",
        "state": "cleared" if last.cleared else "failed", "at": last.created_at,
    }  # fmt: skip


def _live() -> dict[str, Any]:
    live = live_deployment()
    station = {"name": "Live", "icon": "rocket", "url": reverse("evaluation:deployment_list")}
    if live is None:
        return {**station, "count": "none", "detail": "nothing deployed"}
    state = "live" if live.is_gated else "not gated"
    return {
        **station,
        "count": "baseline" if not live.is_gated else f"#{live.pk}",
        "detail": live.build.name[:22],
        "state": state,
        "at": live.live_at,
    }


def _evening() -> dict[str, Any]:
    buffered = Document.objects.filter(collection="daily_buffer").count()
    return {
        "name": "Evening", "icon": "moon", "url": reverse("monitoring:evening_list"),
        "count": f"{buffered}", "detail": "in the daily buffer", **_latest_run(Run.Kind.EVENING),
    }  # fmt: skip


def counted(number: int, noun: str) -> str:
    """1 adapter, 2 adapters."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def running_runs() -> list[Run]:
    return list(Run.objects.filter(status__in=Run.ACTIVE, parent=None).order_by("pk")[:10])


def waiting_tasks() -> list[Task]:
    """What only a human can move on, most urgent first."""
    tasks = []
    for alert in Alert.objects.filter(acknowledged_at=None)[:3]:
        tasks.append(Task(alert.title, reverse("monitoring:dashboard") + "#alerts", "Look"))
    for deployment in waiting_for_approval():
        tasks.append(Task(f"{deployment.build} passed its gates", deployment.get_absolute_url(), "Approve"))
    day_ago = timezone.now() - timedelta(days=1)
    made_good = Run.objects.filter(
        kind=OuterRef("kind"), title=OuterRef("title"), status=Run.Status.SUCCEEDED, pk__gt=OuterRef("pk")
    )
    failed = Run.objects.filter(~Exists(made_good), status=Run.Status.FAILED, parent=None, finished_at__gte=day_ago)
    for run in failed[:3]:
        tasks.append(Task(f"{run.title} failed", run.get_absolute_url(), "See why"))
    if quarantined := QuarantineEntry.objects.filter(decision=QuarantineEntry.Decision.OPEN).count():
        tasks.append(
            Task(f"{counted(quarantined, 'possible secret')} found while indexing", reverse("rag:quarantine"), "Decide")
        )
    pending = Sample.objects.filter(review=Sample.Review.PENDING, dataset__status=Dataset.Status.DRAFT).count()
    if pending:
        tasks.append(Task(f"{counted(pending, 'sample')} not reviewed", reverse("samples:review"), "Review"))
    return tasks


@dataclass(frozen=True, slots=True)
class Target:
    """One production number against what SPEC.md asks: within [low, high]; `actual` None while there is no data."""

    name: str
    actual: float | None
    low: float
    high: float
    unit: str

    @property
    def met(self) -> bool | None:
        return None if self.actual is None else self.low <= self.actual <= self.high


def report(days: int = 7) -> dict[str, Any]:
    """Production over the last `days`: counts, latency (ms), error rate and hit rates against targets."""
    recent = Query.objects.filter(created_at__gte=timezone.now() - timedelta(days=days))
    queries = recent.exclude(channel="validation")  # the morning's test questions are no production
    found = queries.aggregate(
        total=Count("pk"),
        failed=Count("pk", filter=Q(status=Query.Status.FAILED)),
        history=Count("pk", filter=Q(used_history=True)),
        tools=Count("pk", filter=Q(used_tools=True)),
        process=Count("pk", filter=Q(used_process=True)),
        pure=Count("pk", filter=Q(used_history=False, used_tools=False, used_process=False)),
        mean_ms=Avg("total_ms", filter=Q(status=Query.Status.ANSWERED)),
        last=Max("created_at"),
    )
    total = found["total"]

    def share(name: str) -> float | None:
        return found[name] / total if total else None

    targets = [
        Target("mean latency", found["mean_ms"], 0, 2500, "ms"),
        Target("error rate", share("failed"), 0, 0.05, "share"),
        Target("history used", share("history"), 0.10, 0.20, "share"),
        Target("tools used", share("tools"), 0.20, 0.40, "share"),
        Target("process topics used", share("process"), 0.05, 0.10, "share"),
        Target("pure trained knowledge", share("pure"), 0.50, 0.60, "share"),
    ]
    return {
        "days": days,
        "queries": total,
        "last_query": found["last"],
        "latency_ms": percentiles(queries.filter(status=Query.Status.ANSWERED)),
        "targets": targets,
        "types": list(queries.values("query_type").annotate(n=Count("pk")).order_by("-n")),
        "satisfaction": satisfaction(days),
    }


def percentiles(queries: Any) -> dict[str, float]:
    """p50, p95 and p99 of the total latency, ms; one row fetched for each."""
    ordered = queries.exclude(total_ms=None).order_by("total_ms").values_list("total_ms", flat=True)
    count = ordered.count()
    if not count:
        return {}
    return {f"p{q}": ordered[min(count - 1, math.ceil(count * q / 100) - 1)] for q in (50, 95, 99)}


def satisfaction(days: int) -> dict[str, Any]:
    """Share of thumbs up over the window; `rate` is None before the first thumb."""
    thumbs = Feedback.objects.filter(created_at__gte=timezone.now() - timedelta(days=days))
    found = thumbs.aggregate(up=Count("pk", filter=Q(thumb=1)), down=Count("pk", filter=Q(thumb=-1)))
    total = found["up"] + found["down"]
    return {**found, "rate": found["up"] / total if total else None}


def hot_documents(days: int = 7, limit: int = 8) -> list[tuple[Document, int]]:
    """The documents cited most often in the last `days`, with how often."""
    counts: dict[int, int] = {}
    recent = Query.objects.filter(created_at__gte=timezone.now() - timedelta(days=days), used_history=True)
    for citations in recent.values_list("citations", flat=True).order_by("-pk")[:2000].iterator():
        for citation in citations:
            counts[citation["document"]] = counts.get(citation["document"], 0) + 1
    top = sorted(counts.items(), key=lambda item: -item[1])[:limit]
    documents = Document.objects.only("pk", "path", "title").in_bulk([pk for pk, _ in top])
    return [(documents[pk], n) for pk, n in top if pk in documents]
