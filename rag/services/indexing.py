"""Index one corpus root into the three tiers: incremental, resumable, and never stopped by a single file."""

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Count, Min

from rag.corpus.reader import find_files
from rag.corpus.types import context_text
from rag.embedding import DIMENSIONS, Vectors, get_embedder
from rag.models import Chunk, Collection, Corpus, Document, IndexedFile
from rag.services.documents import documents_delete, documents_move, documents_store
from rag.services.links import links_resolve
from rag.services.preparing import PreparedFile, prepare_files
from rag.stores import get_graph
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report, silent
from web4site.runs import run_create, run_execute, run_result

logger = logging.getLogger(__name__)

BATCH_CHUNKS = 256
READ_BYTES = 1 << 20
MAX_KNOWN = 20_000
UNCHANGED = "unchanged"


@dataclass(slots=True)
class Tally:
    """What a run has done so far; every file found ends in exactly one of the three counts."""

    run: Run
    found: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(IndexedFile.Status.values, 0))
    unchanged: int = 0
    chunks: int = 0
    rows: list[IndexedFile] = field(default_factory=list)

    def add(self, path: str, status: str, reason: str = "") -> None:
        self.counts[status] += 1
        self.unchanged += reason == UNCHANGED
        self.rows.append(IndexedFile(run=self.run, path=path[:1000], status=status, reason=reason[:300]))

    def save(self) -> None:
        IndexedFile.objects.bulk_create(self.rows, batch_size=500)
        self.rows.clear()

    @property
    def done(self) -> int:
        return sum(self.counts.values())


class Vectorizer:
    """Embeds the chunks of files; a text that occurs again in the run is embedded once."""

    def __init__(self) -> None:
        self._known: dict[str, Vectors] = {}

    def __call__(self, batch: Sequence[PreparedFile]) -> list[Vectors]:
        """Vectors [chunks, 384] for each file."""
        texts = [[context_text(chunk.heading_path, chunk.text) for chunk in file.chunks] for file in batch]
        new = list(dict.fromkeys(text for group in texts for text in group if text not in self._known))
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
            return self(batch)
        self._known |= zip(new, get_embedder().embed_documents(new), strict=True)
        empty = np.zeros((0, DIMENSIONS), np.float32)
        return [np.stack([self._known[text] for text in group]) if group else empty for group in texts]


def index_root(
    *,
    root: Path | str,
    full: bool = False,
    daily: date | None = None,
    only: Sequence[str] = (),
    parent: Run | None = None,
    listener: Report | None = None,
) -> dict[str, Any]:
    """Create an index run, do it now and return its result; UserError when it fails."""
    params = {"root": str(root), "full": full, "daily": daily.isoformat() if daily else "", "only": list(only)}
    run = run_create(kind=Run.Kind.INDEX, title=f"Index {Path(root).name}", params=params, parent=parent)
    run_execute(
        run,
        lambda run, report: index_run(run=run, report=report, root=root, full=full, daily=daily, only=only),
        listener=listener,
    )
    return {"run": run.pk, **run_result(run)}


def index_run(
    *,
    run: Run,
    report: Report = silent,
    root: Path | str,
    full: bool = False,
    daily: date | None = None,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Index a root. `daily`: untrained documents of that day go to the daily buffer. `only`: path prefixes to index.

    Returns found, indexed, skipped, failed, unchanged, deleted, buffered, chunks, edges and edges_by_relation.
    """
    folder = root_check(root)
    report(Progress(message="Looking for documents"))
    paths = [path for path in find_files(folder) if not only or path.startswith(tuple(only))]
    if not paths:
        raise UserError(f"There is nothing to index in {folder} under {', '.join(only)}.")
    _refuse_second(run, folder)
    corpus, _ = Corpus.objects.get_or_create(root=str(folder), defaults={"name": folder.name[:200] or "corpus"})
    get_graph().prepare()
    tally = Tally(run, found=len(paths))
    changed = list(_changed(folder, corpus, paths, full, tally))
    deleted = _follow_deletions(folder, corpus, paths, changed)
    _index_files(folder, corpus, changed, tally, report, daily)
    report(Progress(tally.found, tally.found, "Connecting breadcrumbs"))
    edges = links_resolve(corpus=corpus, full=full)
    _mark_duplicates(corpus)
    buffered = _buffer(corpus, daily)
    tally.save()
    return {
        "corpus": corpus.pk, "root": str(folder), "found": tally.found, **tally.counts,
        "unchanged": tally.unchanged, "deleted": deleted, "buffered": buffered,
        "chunks": Chunk.objects.filter(document__corpus=corpus).count(), "chunks_written": tally.chunks,
        "edges": sum(count for name, count in edges.items() if name != "unresolved"), "edges_by_relation": edges,
        "kinds": kinds_count(corpus),
    }  # fmt: skip


def _refuse_second(run: Run, folder: Path) -> None:
    """Two runs on one root would write the same rows; a run without heartbeat is over, whatever its row says."""
    others = Run.objects.filter(kind=Run.Kind.INDEX, status=Run.Status.RUNNING).exclude(pk=run.pk)
    for other in others.exclude(pk__in=Run.stale()):
        if Path(other.params.get("root", "")).expanduser().resolve() == folder:
            raise UserError(f"{folder} is already being indexed by run {other.pk}: wait for it or cancel it.")


def root_check(root: Path | str) -> Path:
    """The folder to index, resolved; UserError in plain words when it is none."""
    text = str(root).strip()
    if not text or "\0" in text:
        raise UserError("Give the folder to index.")
    folder = Path(text).expanduser()
    if not folder.exists():
        raise UserError(f"There is no folder {folder}: check the path.")
    if not folder.is_dir():
        raise UserError(f"{folder} is a file: give the folder that holds the documents.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UserError(f"{folder} may not be read by this user: change its permissions.")
    if next(find_files(folder), None) is None:
        raise UserError(f"There is nothing to index in {folder}: it has no .md, .ts, .tsx or .jsonl files.")
    return folder.resolve()


def kinds_count(corpus: Corpus) -> dict[str, int]:
    """Documents of a corpus by kind."""
    rows = corpus.documents.order_by().values_list("kind").annotate(Count("pk"))
    return dict(rows)


def _changed(folder: Path, corpus: Corpus, paths: Sequence[str], full: bool, tally: Tally) -> Iterator[str]:
    """The paths to read again; all others are tallied as unchanged, those with impossible names as failed."""
    known = dict(corpus.documents.values_list("path", "sha256"))
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            readable = path.encode("utf-8", "backslashreplace").decode()
            tally.add(readable, IndexedFile.Status.FAILED, "the file name is not valid UTF-8: rename it")
            continue
        if not full and known.get(path) and known[path] == _file_hash(folder / path):
            tally.add(path, IndexedFile.Status.SKIPPED, UNCHANGED)
        else:
            yield path


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                digest.update(block)
    except OSError:
        return ""  # the reader will say what is wrong with it
    return digest.hexdigest()


def _follow_deletions(folder: Path, corpus: Corpus, paths: Sequence[str], changed: Sequence[str]) -> int:
    """Drop documents whose file is gone; a file that only moved keeps its row, and with it what training knows."""
    present = set(paths)
    gone = [row for row in corpus.documents.only("path", "sha256") if row.path not in present]
    if not gone:
        return 0
    by_hash = {row.sha256: row for row in gone if row.sha256}
    known = set(corpus.documents.values_list("path", flat=True))
    for path in changed:
        if path not in known and (row := by_hash.pop(_file_hash(folder / path), None)):
            Document.objects.filter(pk=row.pk).update(path=path, sha256="")
            gone.remove(row)
    return documents_delete(documents=Document.objects.filter(pk__in=[row.pk for row in gone]))


def _index_files(
    folder: Path, corpus: Corpus, paths: Sequence[str], tally: Tally, report: Report, daily: date | None
) -> None:
    if not paths:
        return
    report(Progress(tally.done, tally.found, "Reading documents"))
    batch: list[PreparedFile] = []
    embed = Vectorizer()
    for file in prepare_files(folder, paths, get_embedder().counter):
        if file.document is None:
            _set_aside(corpus, file, tally)
            continue
        batch.append(file)
        if sum(len(item.chunks) for item in batch) >= BATCH_CHUNKS:
            _store_batch(corpus, batch, embed, tally, daily)
            batch = []
            report(Progress(tally.done, tally.found, file.path))
    _store_batch(corpus, batch, embed, tally, daily)


def _set_aside(corpus: Corpus, file: PreparedFile, tally: Tally) -> None:
    """A file that cannot or should not be indexed; one that never holds documents leaves the index."""
    if file.failed:
        tally.add(file.path, IndexedFile.Status.FAILED, file.failed)
        return
    tally.add(file.path, IndexedFile.Status.SKIPPED, file.skipped)
    documents_delete(documents=corpus.documents.filter(path=file.path))


def _store_batch(
    corpus: Corpus, batch: Sequence[PreparedFile], embed: Vectorizer, tally: Tally, daily: date | None
) -> None:
    """Store a batch; when it fails, store its files one by one to find the one that cannot be stored."""
    if not batch:
        return
    try:
        tally.chunks += documents_store(corpus=corpus, prepared=batch, vectors=embed(batch), daily=daily)
    except (UserError, OSError):
        raise  # a store that is down, a full disk: no other file would fare better
    except Exception:
        logger.exception("A batch of %d file(s) could not be stored", len(batch))
        if len(batch) > 1:
            for file in batch:
                _store_batch(corpus, [file], embed, tally, daily)
        else:
            tally.add(batch[0].path, IndexedFile.Status.FAILED, "could not be stored, see the log")
        return
    for file in batch:
        tally.add(file.path, IndexedFile.Status.INDEXED)
    tally.save()


def _mark_duplicates(corpus: Corpus) -> None:
    """Point byte-identical documents to the first of them."""
    groups = corpus.documents.order_by().values("sha256").annotate(n=Count("pk"), first=Min("pk")).filter(n__gt=1)
    first = {group["sha256"]: group["first"] for group in groups}
    changed = []
    for row in corpus.documents.only("sha256", "duplicate_of"):
        original = first.get(row.sha256)
        wanted = original if original != row.pk else None
        if row.duplicate_of_id != wanted:
            row.duplicate_of_id = wanted
            changed.append(row)
    Document.objects.bulk_update(changed, ["duplicate_of"], batch_size=500)


def _buffer(corpus: Corpus, daily: date | None) -> int:
    """Also buffer documents of the day that were indexed earlier and not yet trained; returns the buffer's size."""
    if daily:
        waiting = corpus.documents.filter(date=daily, trained_in_adapter="")
        documents_move(documents=waiting, collection=Collection.DAILY_BUFFER)
    return corpus.documents.filter(collection=Collection.DAILY_BUFFER).count()
