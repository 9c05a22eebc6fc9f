"""Documents as the tiers want them, moved between collections, and marked as trained."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from rag.models import Chunk, Collection, Document
from rag.services.drafts import governance_apply
from rag.services.metadata import home_collection, training_markers
from rag.stores import get_graph, get_lexical, get_vectors
from rag.stores.lexical import LexicalRecord


def lexical_record(row: Document, chunk: Chunk) -> LexicalRecord:
    """A chunk as the full-text index wants it."""
    heading = " > ".join([row.title, *chunk.heading_path])
    return LexicalRecord(chunk.uid, row.pk, row.collection, row.path, heading, chunk.text)


def graph_row(row: Document) -> dict[str, Any]:
    """A document as the graph wants it."""
    return {
        "id": row.pk,
        "path": row.path,
        "title": row.title,
        "kind": row.kind,
        "day": row.date.isoformat() if row.date else "",
        "corpus": row.corpus_id,
        "session": [row.session],
        "agent": [row.agent_name or row.agent_role],
        "sprint": [row.sprint],
        "components": row.field("components_affected").split(", "),
    }


def governance_refresh(row: Document) -> None:
    """What the verdicts on a document's findings mean for it."""
    governance_apply(row, list(row.quarantine_entries.all()))
    row.save(update_fields=["ok_to_train", "security_level"])


def documents_move(*, documents: QuerySet[Document], collection: str) -> int:
    """Move documents and their chunks to one collection; returns how many documents moved."""
    moved = 0
    for row in documents.exclude(collection=collection):
        uids = list(row.chunks.values_list("uid", flat=True))
        get_vectors().move(uids, row.collection, collection)
        get_lexical().move(uids, collection)
        Document.objects.filter(pk=row.pk).update(collection=collection)
        moved += 1
    return moved


def documents_move_to_history(*, documents: QuerySet[Document] | None = None) -> int:
    """Empty the daily buffer (or these documents of it) into the collections they belong to."""
    buffered = (Document.objects.all() if documents is None else documents).filter(collection=Collection.DAILY_BUFFER)
    keys = list(buffered.values_list("pk", "kind"))
    by_home: dict[str, list[int]] = {}
    for key, kind in keys:
        by_home.setdefault(home_collection(kind), []).append(key)
    return sum(
        documents_move(documents=Document.objects.filter(pk__in=pks), collection=home) for home, pks in by_home.items()
    )


def documents_mark_trained(
    *, documents: QuerySet[Document], adapter: str, batch: str, moment: datetime | None = None
) -> int:
    """Record in all tiers which adapter learned these documents; returns how many."""
    keys = list(documents.values_list("pk", flat=True))
    Document.objects.filter(pk__in=keys).update(
        trained_in_adapter=adapter, training_batch=batch, training_date=moment or timezone.now()
    )
    _tell_training(Document.objects.filter(pk__in=keys).prefetch_related("chunks"))
    return len(keys)


def documents_return_to_buffer(*, documents: QuerySet[Document]) -> int:
    """Make trained documents untrained in all tiers and move them back to the daily buffer; returns how many.

    The row keeps its marker until the other tiers are told, so that what was cut off can be repeated.
    """
    keys = list(documents.values_list("pk", flat=True))
    documents_move(documents=Document.objects.filter(pk__in=keys), collection=Collection.DAILY_BUFFER)
    rows = list(Document.objects.filter(pk__in=keys).prefetch_related("chunks"))
    for row in rows:
        row.trained_in_adapter, row.training_batch, row.training_date = "", "", None
    _tell_training(rows)
    Document.objects.bulk_update(rows, ["trained_in_adapter", "training_batch", "training_date"])
    return len(keys)


def _tell_training(rows: Iterable[Document]) -> None:
    """Write the rows' training markers to the vector and graph tiers."""
    by_adapter: dict[str, list[int]] = {}
    changes: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        by_adapter.setdefault(row.trained_in_adapter, []).append(row.pk)
        wanted = changes.setdefault(row.collection, {})
        wanted.update({chunk.uid: training_markers(row) for chunk in row.chunks.all()})
    for collection, metadata in changes.items():
        get_vectors().update_metadata(collection, metadata)
    for adapter, keys in by_adapter.items():
        get_graph().mark_trained(keys, adapter)
