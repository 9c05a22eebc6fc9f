"""The switch: staged files become searchable, all at once.

What search can find is decided by SQL alone: a chunk that another tier finds and SQL does not know is no hit. So the
vectors and words of new chunks are written first, then one transaction replaces the rows, then the other tiers forget
what is left over. Whatever interrupts this is finished by the next run.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from rag.corpus.types import context_text
from rag.embedding import get_embedder
from rag.models import Chunk, Collection, Corpus, Document, QuarantineEntry, StagedFile
from rag.services.commits import Commits
from rag.services.documents import graph_row, lexical_record
from rag.services.drafts import CHUNK_FIELDS, Draft, drafts_build
from rag.services.metadata import chunk_metadata
from rag.services.renames import Renames
from rag.services.staging import chunk_uids, staged_read
from rag.stores import get_graph, get_lexical, get_vectors
from rag.stores.vectors import Metadata, VectorRecord
from web4site.errors import UserError

logger = logging.getLogger(__name__)

Outcome = StagedFile.Outcome
BATCH_FILES = 50
# Beyond the number of any chunk: where rows wait while their numbers change.
ELSEWHERE = 1_000_000_000
NOT_STORED = "could not be stored, see the log"


@dataclass(slots=True)
class Switch:
    """Makes staged files of one corpus searchable."""

    corpus: Corpus
    daily: date | None
    commits: Commits
    renames: Renames
    chunks: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def __call__(self, keys: Sequence[int], *, last: bool = False) -> list[StagedFile]:
        """Switch these staged files (primary keys) in one transaction; returns them with what became of each.

        The `last` switch of a run also drops the documents whose file is gone.
        """
        for batch in _batches(keys):
            self._write_ahead(self._rows(batch))
        keys = [*keys, *self._gone()] if last else keys
        done: list[StagedFile] = []
        with transaction.atomic():
            for batch in _batches(keys):
                done += self._commit(self._rows(batch))
            self.corpus.documents.filter(path__in=list(self.failed), sha256="", chunks=None).delete()
        staged_settle(corpus=self.corpus)
        return done

    def _gone(self) -> list[int]:
        paths = self.renames.left.values()
        rows = StagedFile.objects.bulk_create(
            StagedFile(corpus=self.corpus, path=path, outcome=Outcome.GONE) for path in paths
        )
        return [row.pk for row in rows]

    def _rows(self, keys: Sequence[int]) -> list[StagedFile]:
        return list(StagedFile.objects.filter(pk__in=keys).order_by("path"))

    def _drafts(self, rows: Sequence[StagedFile], documents: dict[str, int]) -> list[Draft]:
        return drafts_build(corpus=self.corpus, rows=rows, keys=documents, daily=self.daily, commits=self.commits)

    def _documents(self, rows: Sequence[StagedFile]) -> dict[str, int]:
        """The primary key of each path's document. A path without one gets an empty row, which holds its key."""
        known = dict(self.corpus.documents.filter(path__in=[row.path for row in rows]).values_list("path", "pk"))
        new = []
        for row in rows:
            if row.path in known:
                continue
            file = staged_read(row).file
            if source := self.renames.source(file):
                known[row.path] = source
            else:
                assert file.document
                new.append(Document(corpus=self.corpus, path=row.path, kind=file.document.kind.value))
        created = Document.objects.bulk_create(new)
        return known | {document.path: document.pk for document in created}

    def _write_ahead(self, rows: Sequence[StagedFile]) -> None:
        """Vectors and words of the new chunks; search does not see them yet."""
        rows = [row for row in rows if row.outcome == Outcome.INDEXED]
        documents = self._documents(rows)
        bad = _bisected(self._drafts(rows, documents), _write_tiers)
        self.failed |= {draft.source.path: NOT_STORED for draft in bad}

    def _commit(self, rows: Sequence[StagedFile]) -> list[StagedFile]:
        """Replace the rows of a batch, within the transaction of the whole switch."""
        good = [row for row in rows if row.outcome == Outcome.INDEXED and row.path not in self.failed]
        drafts = self._drafts(good, self._documents(good))
        self.failed |= {draft.source.path: NOT_STORED for draft in _bisected(drafts, _write_rows)}
        self.chunks += sum(len(draft.chunks) for draft in drafts if draft.source.path not in self.failed)
        for draft in drafts:
            stale = draft.stale_uids if draft.source.path not in self.failed else []
            draft.source.stale = _stale(draft.old_collection, stale, draft.row.collection, draft)
        for row in rows:
            if row.path in self.failed:
                row.outcome, row.reason = Outcome.FAILED, self.failed[row.path]
            elif row.outcome in (Outcome.SKIPPED, Outcome.GONE):
                row.stale = _forget(self.corpus, row.path)
            row.switched = True
        StagedFile.objects.bulk_update(rows, ["switched", "stale", "outcome", "reason"], batch_size=100)
        return list(rows)


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), BATCH_FILES):
        yield keys[start : start + BATCH_FILES]


def _stale(old_collection: str, stale: Sequence[str], collection: str, draft: Draft) -> dict[str, Any]:
    """What the other tiers have to forget once this draft is written."""
    vectors = list(stale) if old_collection == collection else draft.old_uids
    return {"vectors": {old_collection: vectors} if old_collection else {}, "words": list(stale)}


def _forget(corpus: Corpus, path: str) -> dict[str, Any]:
    """Remove a path's document from SQL; returns what the other tiers have to forget of it."""
    document = corpus.documents.filter(path=path).first()
    if document is None:
        return {}
    uids = list(document.chunks.values_list("uid", flat=True))
    stale = {"vectors": {document.collection: uids}, "words": uids, "nodes": [document.pk]}
    document.delete()
    return stale


def _bisected(drafts: Sequence[Draft], write: Callable[[Sequence[Draft]], None]) -> Iterator[Draft]:
    """Write drafts together; when that fails one by one, and yield those that cannot be written."""
    if not drafts or _written(drafts, write):
        return
    if len(drafts) == 1:
        yield drafts[0]
        return
    for draft in drafts:
        yield from _bisected([draft], write)


def _written(drafts: Sequence[Draft], write: Callable[[Sequence[Draft]], None]) -> bool:
    try:
        write(drafts)
    except (UserError, OSError, OperationalError):
        raise  # a store that is down, a full disk: no other file would fare better
    except Exception:
        logger.exception("%d file(s) could not be stored", len(drafts))
        return False
    return True


@transaction.atomic
def _write_rows(drafts: Sequence[Draft]) -> None:
    now = timezone.now()
    for draft in drafts:
        draft.row.indexed_at = now
        draft.row.save()
    Chunk.objects.filter(pk__in=[chunk.pk for draft in drafts for chunk in draft.gone]).delete()
    moved = [chunk for draft in drafts for chunk in draft.moved]
    # Two rows of one document may not have one number, not even for a moment.
    Chunk.objects.filter(pk__in=[chunk.pk for chunk in moved]).update(index=F("index") + ELSEWHERE)
    Chunk.objects.bulk_update(moved, CHUNK_FIELDS, batch_size=50)
    Chunk.objects.bulk_create([chunk for draft in drafts for chunk in draft.new], batch_size=200)
    QuarantineEntry.objects.filter(pk__in=[key for draft in drafts for key in draft.old_findings]).delete()
    QuarantineEntry.objects.bulk_create([entry for draft in drafts for entry in draft.new_findings], batch_size=200)


def _write_tiers(drafts: Sequence[Draft]) -> None:
    by_collection: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_collection.setdefault(draft.row.collection, []).append(draft)
    for collection, group in by_collection.items():
        _write_vectors(collection, group)
    get_lexical().write([lexical_record(draft.row, chunk) for draft in drafts for chunk in draft.chunks])


def _write_vectors(collection: str, drafts: Sequence[Draft]) -> None:
    """New chunks get their vectors, known ones the metadata that changed."""
    store = get_vectors()
    for draft in drafts:
        if draft.old_collection not in ("", collection):
            store.copy(draft.old_uids, draft.old_collection, collection)
    present = store.get(collection, [chunk.uid for draft in drafts for chunk in draft.chunks])
    new: list[tuple[Draft, Chunk]] = []
    updates: dict[str, Metadata] = {}
    for draft in drafts:
        for chunk in draft.chunks:
            if chunk.uid not in present:
                new.append((draft, chunk))
            elif (wanted := chunk_metadata(draft.row, chunk)) != (found := present[chunk.uid]):
                updates[chunk.uid] = {**dict.fromkeys(found.keys() - wanted.keys()), **wanted}
    store.update_metadata(collection, updates)
    store.upsert(collection, _records(new))


def _records(chunks: Sequence[tuple[Draft, Chunk]]) -> list[VectorRecord]:
    texts = [context_text(tuple(chunk.heading_path), chunk.text) for _, chunk in chunks]
    # A worker leaves out what was indexed before; should the store have lost that, it is embedded here.
    lost = [text for text, (draft, chunk) in zip(texts, chunks, strict=True) if chunk.index not in draft.staged.vectors]
    found = dict(zip(lost, get_embedder().embed_documents(lost), strict=True)) if lost else {}
    return [
        VectorRecord(
            chunk.uid,
            draft.staged.vectors[chunk.index] if chunk.index in draft.staged.vectors else found[text],
            text,
            chunk_metadata(draft.row, chunk),
        )
        for text, (draft, chunk) in zip(texts, chunks, strict=True)
    ]


def staged_settle(*, corpus: Corpus) -> None:
    """Tell graph, vectors and words what was switched, and drop its staging rows; also what a killed run left."""
    while rows := list(corpus.staged_files.filter(switched=True).defer("content", "vectors")[:BATCH_FILES]):
        paths = [row.path for row in rows if row.outcome == Outcome.INDEXED]
        get_graph().write_documents([graph_row(row) for row in corpus.documents.filter(path__in=paths).defer("text")])
        _forget_stale([row.stale for row in rows])
        StagedFile.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _forget_stale(stale: Sequence[dict[str, Any]]) -> None:
    get_graph().delete_documents([key for item in stale for key in item.get("nodes", ())])
    get_lexical().delete([uid for item in stale for uid in item.get("words", ())])
    by_collection: dict[str, list[str]] = {}
    for item in stale:
        for collection, uids in item.get("vectors", {}).items():
            by_collection.setdefault(collection, []).extend(uids)
    for collection, uids in by_collection.items():
        get_vectors().delete(collection, uids)


def staged_discard(*, corpus: Corpus, keys: Sequence[int]) -> None:
    """Drop staged files that no longer fit their files, with what was written ahead for them."""
    for batch in _batches(keys):
        rows = StagedFile.objects.filter(pk__in=batch)
        uids: set[str] = set()
        for row in rows:
            uids.update(chunk_uids(corpus=corpus, path=row.path, chunks=staged_read(row).file.chunks))
        uids -= set(Chunk.objects.filter(uid__in=uids).values_list("uid", flat=True))
        if uids:
            get_lexical().delete(uids)
            for collection in Collection.values:
                get_vectors().delete(collection, sorted(uids))
        rows.delete()
