"""Documents in all three tiers: stored, removed, moved between collections, marked as trained."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from rag.corpus.types import ChunkText, ParsedDocument, context_text
from rag.embedding import Vectors
from rag.models import Chunk, Collection, Corpus, Document, QuarantineEntry
from rag.services.metadata import chunk_metadata, home_collection, training_markers
from rag.services.preparing import PreparedFile
from rag.stores import get_graph, get_lexical, get_vectors
from rag.stores.lexical import LexicalRecord
from rag.stores.vectors import VectorRecord

SECRET_KINDS = frozenset({"api_key", "password", "token", "private_key"})
MAX_OBJECTIVE = 2000
# Columns that hold a header field, with their widths.
LIMITS = {"agent_name": 100, "agent_role": 100, "session": 200, "sprint": 100, "task_type": 40}


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's row with its new chunks, and the chunks it replaces."""

    row: Document
    chunks: list[Chunk]
    vectors: Vectors
    old_keys: list[int]
    old_uids: list[str]
    old_collection: str


def documents_store(
    *, corpus: Corpus, prepared: Sequence[PreparedFile], vectors: Sequence[Vectors], daily: date | None = None
) -> int:
    """Write files and the vectors of their chunks to all tiers; returns the number of chunks.

    The hash of a document is set last: whatever interrupts the writing, its next run does it again.
    """
    stored = [_store_rows(corpus, file, found, daily) for file, found in zip(prepared, vectors, strict=True)]
    _write_lexical(stored)
    _write_vectors(stored)
    get_graph().write_documents([graph_row(item.row) for item in stored])
    for item, file in zip(stored, prepared, strict=True):
        assert file.document is not None
        Document.objects.filter(pk=item.row.pk).update(sha256=file.document.sha256, indexed_at=timezone.now())
    return sum(len(item.chunks) for item in stored)


@transaction.atomic
def _store_rows(corpus: Corpus, file: PreparedFile, vectors: Vectors, daily: date | None) -> StoredDocument:
    assert file.document is not None
    row = Document.objects.filter(corpus=corpus, path=file.path).first() or Document(corpus=corpus, path=file.path)
    old_collection = row.collection
    old = list(row.chunks.values_list("pk", "uid")) if row.pk else []
    _fill(row, file)
    row.collection = _collection(row, old_collection, daily)
    row.save()
    row.chunks.all().delete()
    chunks = Chunk.objects.bulk_create([_chunk_row(row, chunk) for chunk in file.chunks])
    _store_findings(row, file)
    governance_refresh(row)
    return StoredDocument(row, chunks, vectors, [key for key, _ in old], [uid for _, uid in old], old_collection)


def _fill(row: Document, file: PreparedFile) -> None:
    document = file.document
    assert document is not None
    row.kind = document.kind.value
    row.title = document.title[:300]
    row.text = document.text
    row.sha256 = ""
    row.date = _day(document.value("date"))
    row.timestamp = _moment(document.value("timestamp"))
    for name, limit in LIMITS.items():
        setattr(row, name, document.value(name)[:limit])
    row.objective = document.value("objective")[:MAX_OBJECTIVE]
    row.cmm_level = _number(document, "cmm_level", 1)
    row.quality_score = _number(document, "quality_score", 0)
    row.layer = _number(document, "layer", 0) or None
    row.patterns = [name for name in document.value("patterns").split(", ") if name]
    row.metadata = {name: {"value": f.value, "origin": f.origin.value} for name, f in document.fields.items()}
    row.sections = [asdict(section) for section in document.sections]
    row.faults = [asdict(fault) for fault in document.faults]
    row.links = [
        {"relation": link.relation, "target": link.target, "github": link.github, "label": link.label, "how": link.how}
        for link in document.links
    ]
    row.pii_flags = sorted({finding.kind for finding in file.findings} - SECRET_KINDS)
    row.license = row.license or "unspecified"


def _collection(row: Document, old: str, daily: date | None) -> str:
    """Today's untrained work goes to the daily buffer and stays there until the evening loop moves it."""
    fresh = daily is not None and row.date == daily
    if (fresh or old == Collection.DAILY_BUFFER) and not row.trained_in_adapter:
        return Collection.DAILY_BUFFER
    return home_collection(row.kind)


def _chunk_row(row: Document, chunk: ChunkText) -> Chunk:
    digest = hashlib.sha256(row.path.encode()).hexdigest()[:24]
    return Chunk(
        document=row,
        uid=f"{row.corpus_id}-{digest}-{chunk.index}",
        index=chunk.index,
        chunk_type=chunk.chunk_type[:60],
        heading_path=list(chunk.heading_path),
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        tokens=chunk.tokens,
        fields=dict(chunk.fields),
    )


def _store_findings(row: Document, file: PreparedFile) -> None:
    """List each finding once for a person; verdicts on findings that are still there are kept."""
    decided = {(entry.kind, entry.line, entry.excerpt): entry.pk for entry in row.quarantine_entries.all()}
    found = Counter((finding.kind, finding.line, finding.excerpt) for finding in file.findings)
    row.quarantine_entries.exclude(pk__in=[pk for key, pk in decided.items() if key in found]).delete()
    QuarantineEntry.objects.bulk_create(
        QuarantineEntry(document=row, kind=kind[:40], line=line, excerpt=excerpt)
        for kind, line, excerpt in found
        if (kind, line, excerpt) not in decided
    )


def governance_refresh(row: Document) -> None:
    """A document with a secret is not trained on, unless a person has called every one of them a false alarm."""
    blocking = row.quarantine_entries.filter(kind__in=SECRET_KINDS).exclude(
        decision=QuarantineEntry.Decision.FALSE_ALARM
    )
    row.ok_to_train = not blocking.exists()
    row.security_level = "internal" if row.ok_to_train else "restricted"
    row.save(update_fields=["ok_to_train", "security_level"])


def _write_lexical(stored: Sequence[StoredDocument]) -> None:
    store = get_lexical()
    store.delete([key for item in stored for key in item.old_keys])
    store.write([lexical_record(item.row, chunk) for item in stored for chunk in item.chunks])


def lexical_record(row: Document, chunk: Chunk) -> LexicalRecord:
    """A chunk as the full-text index wants it."""
    heading = " > ".join([row.title, *chunk.heading_path])
    return LexicalRecord(chunk.pk, chunk.uid, row.pk, row.collection, row.path, heading, chunk.text)


def _write_vectors(stored: Sequence[StoredDocument]) -> None:
    store = get_vectors()
    by_collection: dict[str, list[VectorRecord]] = {}
    for item in stored:
        records = by_collection.setdefault(item.row.collection, [])
        for chunk, vector in zip(item.chunks, item.vectors, strict=True):
            text = context_text(tuple(chunk.heading_path), chunk.text)
            records.append(VectorRecord(chunk.uid, vector, text, chunk_metadata(item.row, chunk)))
        kept = {chunk.uid for chunk in item.chunks} if item.old_collection == item.row.collection else set()
        if stale := [uid for uid in item.old_uids if uid not in kept]:
            store.delete(item.old_collection, stale)
    for collection, records in by_collection.items():
        store.upsert(collection, records)


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


def documents_delete(*, documents: QuerySet[Document]) -> int:
    """Remove documents from all tiers; returns how many. The row goes last, so an interruption is repeated."""
    rows = list(documents)
    for row in rows:
        chunks = list(row.chunks.values_list("pk", "uid"))
        get_lexical().delete([key for key, _ in chunks])
        get_vectors().delete(row.collection, [uid for _, uid in chunks])
    get_graph().delete_documents([row.pk for row in rows])
    Document.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def documents_move(*, documents: QuerySet[Document], collection: str) -> int:
    """Move documents and their chunks to one collection; returns how many documents moved."""
    moved = 0
    for row in documents.exclude(collection=collection):
        chunks = list(row.chunks.values_list("pk", "uid"))
        get_vectors().move([uid for _, uid in chunks], row.collection, collection)
        get_lexical().move([key for key, _ in chunks], collection)
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
    changes: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in Document.objects.filter(pk__in=keys).prefetch_related("chunks"):
        wanted = changes.setdefault(row.collection, {})
        wanted.update({chunk.uid: training_markers(row) for chunk in row.chunks.all()})
    for collection, metadata in changes.items():
        get_vectors().update_metadata(collection, metadata)
    get_graph().mark_trained(keys, adapter)
    return len(keys)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _moment(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _number(document: ParsedDocument, name: str, default: int) -> int:
    value = document.value(name)
    return int(value) if value.isdecimal() else default
