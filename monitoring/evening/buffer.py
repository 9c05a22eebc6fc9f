"""The daily buffer: what waits in it, what has been learned of it, and where it goes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from rag.models import Collection, Document
from rag.services.documents import documents_mark_trained, documents_move_to_history
from samples.models import Dataset, Sample
from training.models import Adapter
from training.selectors import adapter_lineage
from web4site.models import Run

ARCHIVED = (
    "id", "corpus__name", "path", "kind", "title", "date", "timestamp", "agent_name", "agent_role", "session", "sprint",
    "task_type", "objective", "quality_score", "sha256", "trained_in_adapter", "training_batch", "training_date",
    "metadata", "text",
)  # fmt: skip


def buffered(day: date) -> "QuerySet[Document]":
    """Documents in the buffer up to `day`; earlier days wait there when their training was rolled back."""
    waiting = Document.objects.filter(collection=Collection.DAILY_BUFFER)
    return waiting.filter(Q(date__lte=day) | Q(date=None))


def untrained(day: date) -> "QuerySet[Document]":
    """What tonight can learn from."""
    return buffered(day).filter(ok_to_train=True, trained_in_adapter="")


def buffer_dismiss_untrainable(day: date) -> int:
    """Move documents that may not be trained on (a secret was found in them) to history: they wait for nothing."""
    return documents_move_to_history(documents=buffered(day).filter(ok_to_train=False))


def learned_from(dataset: Dataset) -> "QuerySet[Document]":
    """Buffered documents with a training sample in `dataset`, unless they were indexed anew since it was made."""
    samples = Sample.objects.filter(dataset=dataset, split=Sample.Split.TRAIN)
    known = Q(pk__in=samples.values("document")) | Q(chunks__in=samples.values("chunks"))
    waiting = Document.objects.filter(collection=Collection.DAILY_BUFFER, indexed_at__lt=dataset.created_at)
    return Document.objects.filter(pk__in=waiting.filter(known).values("pk"))


def buffer_mark(*, adapter: Adapter) -> list[int]:
    """Mark in all tiers what `adapter` was trained on; returns the primary keys."""
    if adapter.training is None:
        return []
    dataset = adapter.training.dataset
    keys = list(learned_from(dataset).values_list("pk", flat=True))
    rows = Document.objects.filter(pk__in=keys)
    documents_mark_trained(documents=rows, adapter=adapter.name, batch=dataset.name[:100])
    return keys


def buffer_settle(*, live: Adapter | None) -> int:
    """Mark and move what the live adapter already knows; returns how many documents.

    Such are left when a candidate of an earlier evening was approved since, or when a loop was cut off between its
    deployment and its marking.
    """
    settled = 0
    for adapter in adapter_lineage(live) if live else ():
        keys = buffer_mark(adapter=adapter)
        settled += documents_move_to_history(documents=Document.objects.filter(pk__in=keys))
    return settled


def archive_write(*, run: Run, day: date, keys: list[int], facts: dict[str, Any]) -> Path:
    """Write the evening's documents and facts to artifacts/evening/<day>/run-<n>.json; returns the file."""
    folder = settings.ARTIFACTS_DIR / "evening" / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    documents = list(Document.objects.filter(pk__in=keys).order_by("pk").values(*ARCHIVED))
    file = folder / f"run-{run.pk}.json"
    draft = file.with_suffix(".tmp")
    content = {"run": run.pk, "day": day, **facts, "documents": documents}
    draft.write_text(json.dumps(content, default=str, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(file)
    return file
