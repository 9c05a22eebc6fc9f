"""Index one corpus root into the three tiers: incremental, resumable, and never stopped by a single file."""

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Count, Min

from rag.corpus.history import read_history
from rag.corpus.reader import find_files, find_set_aside
from rag.models import Chunk, Collection, Corpus, Document, IndexedFile, IndexPart, StagedFile
from rag.services.commits import commits_refresh
from rag.services.documents import documents_move
from rag.services.links import links_resolve
from rag.services.parts import helpers_call, parts_beating, parts_by_worker, parts_create, parts_open
from rag.services.renames import Renames
from rag.services.staging import Stager, reader_version, staging_version
from rag.services.switching import Switch, staged_discard, staged_settle
from rag.services.thesaurus import thesaurus_update
from rag.stores import get_graph
from rag.stores.thesaurus import thesaurus_file
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report, silent
from web4site.runs import run_create, run_execute, run_is_silent, run_result

READ_BYTES = 1 << 20
POLL_SECONDS = 0.3
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
    corpus = _corpus_claim(run, folder, report)
    try:
        coordinator = Coordinator(run, corpus, folder, report, daily, full)
        aside = [(path, reason) for path, reason in find_set_aside(folder) if not only or path.startswith(tuple(only))]
        return coordinator.index(paths, aside)
    finally:
        run.index_parts.all().delete()
        Corpus.objects.filter(pk=corpus.pk, run=run).update(run=None)


def _corpus_claim(run: Run, folder: Path, report: Report) -> Corpus:
    """Two runs on one root would write the same rows; a run without heartbeat is over, whatever its row says."""
    corpus, _ = Corpus.objects.get_or_create(root=str(folder), defaults={"name": folder.name[:200] or "corpus"})
    while not corpus.claim(run):
        corpus.refresh_from_db()
        if corpus.run and not run_is_silent(corpus.run, report):
            raise UserError(f"{folder} is already being indexed by run {corpus.run_id}: wait for it or cancel it.")
    return corpus


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


def _readable(path: str) -> str:
    """A path that can be stored, whatever bytes its name has."""
    return path.encode("utf-8", "backslashreplace").decode()


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                digest.update(block)
    except OSError:
        return ""  # the reader will say what is wrong with it
    return digest.hexdigest()


class Coordinator:
    """An index run on a corpus that it has to itself: shares out the work, does its part of it, and switches."""

    def __init__(self, run: Run, corpus: Corpus, folder: Path, report: Report, daily: date | None, full: bool) -> None:
        self.run, self.corpus, self.folder = run, corpus, folder
        self.report, self.daily, self.full = report, daily, full
        self.reader = reader_version()
        self.deleted = 0

    def index(self, paths: Sequence[str], aside: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
        """Index these files and nothing else; returns the result of the run. What lies `aside` is only named."""
        get_graph().prepare()
        staged_settle(corpus=self.corpus)
        self.tally = Tally(self.run, found=len(paths) + len(aside))
        for path, reason in aside:
            self.tally.add(_readable(path), IndexedFile.Status.SKIPPED, reason)
        commits = read_history(self.folder)
        self.changed = changed = self._changed(paths)
        self.switch = Switch(self.corpus, self.daily, commits, self._renames(paths, changed))
        workers = self._stage(self._unstaged(changed))
        self._switch(self._staged(), last=True)
        self._aside_store(paths)
        self.report(Progress(self.tally.found, self.tally.found, "Connecting breadcrumbs"))
        commits_refresh(corpus=self.corpus, commits=commits)
        edges = links_resolve(corpus=self.corpus, full=self.full)
        _mark_duplicates(self.corpus)
        if self.switch.chunks or self.deleted or not thesaurus_file().exists():
            thesaurus_update()
        return self._result(_buffer(self.corpus, self.daily), edges, workers)

    def _result(self, buffered: int, edges: dict[str, int], workers: dict[str, int]) -> dict[str, Any]:
        tally = self.tally
        return {
            "corpus": self.corpus.pk, "root": str(self.folder), "found": tally.found, **tally.counts,
            "unchanged": tally.unchanged, "deleted": self.deleted, "buffered": buffered,
            "chunks": Chunk.objects.filter(document__corpus=self.corpus).count(), "chunks_written": self.switch.chunks,
            "edges": sum(count for name, count in edges.items() if name != "unresolved"), "edges_by_relation": edges,
            "kinds": kinds_count(self.corpus), "workers": workers,
        }  # fmt: skip

    def _changed(self, paths: Sequence[str]) -> dict[str, str]:
        """The paths to read again, with the hash of each file; the others are tallied."""
        known = dict(self.corpus.documents.values_list("path", "sha256"))
        aside = self.corpus.set_aside
        changed = {}
        for path in paths:
            try:
                path.encode()
            except UnicodeEncodeError:
                self.tally.add(
                    _readable(path), IndexedFile.Status.FAILED, "the file name is not valid UTF-8: rename it"
                )
                continue
            digest = _file_hash(self.folder / path)
            if not self.full and digest and known.get(path) == digest:
                self.tally.add(path, IndexedFile.Status.SKIPPED, UNCHANGED)
            elif not self.full and digest and aside.get(path, [])[:2] == [digest, self.reader]:
                self.tally.add(path, IndexedFile.Status.SKIPPED, aside[path][2])
            else:
                changed[path] = digest
        return changed

    def _aside_store(self, paths: Sequence[str]) -> None:
        """Remember the skipped files, so that the next run need not read them to skip them again."""
        present = set(paths)
        kept = {path: entry for path, entry in self.corpus.set_aside.items() if path in present}
        if kept != Corpus.objects.values_list("set_aside", flat=True).get(pk=self.corpus.pk):
            Corpus.objects.filter(pk=self.corpus.pk).update(set_aside=kept)

    def _renames(self, paths: Sequence[str], changed: Mapping[str, str]) -> Renames:
        present = set(paths)
        known = list(self.corpus.documents.only("corpus", "path", "sha256"))
        old = {row.path for row in known}
        new = {path: digest for path, digest in changed.items() if path not in old}
        return Renames([row for row in known if row.path not in present], new)

    def _unstaged(self, changed: Mapping[str, str]) -> list[str]:
        """The paths to stage: not those that an interrupted run has staged as they still are."""
        version = staging_version()
        kept, unfit = set(), []
        for key, path, digest, made_by in self.corpus.staged_files.values_list("pk", "path", "sha256", "version"):
            if made_by == version and digest and digest == changed.get(path):
                kept.add(path)
            else:
                unfit.append(key)
        staged_discard(corpus=self.corpus, keys=unfit)
        return [path for path in changed if path not in kept]

    def _stage(self, paths: Sequence[str]) -> dict[str, int]:
        """Read and embed files, with the help of whoever comes; returns how many parts each worker did."""
        if not paths:
            return {}
        self.report(Progress(self.tally.done, self.tally.found, "Reading documents"))
        parts = parts_create(run=self.run, folder=self.folder, paths=paths, version=staging_version())
        helpers_call(run=self.run, parts=parts)
        stager = Stager(run=self.run, corpus=self.corpus, files=len(paths))
        try:
            with parts_beating(run=self.run, worker=stager.worker):
                self._work(stager)
        finally:
            stager.close()
        return parts_by_worker(self.run)

    def _work(self, stager: Stager) -> None:
        while True:
            busy = stager.step(self._tick)
            if not self.full:
                self._switch_parts()
            if not busy:
                if not parts_open(self.run):
                    return
                # Others are at work; should one of them die, its part is free again soon.
                time.sleep(POLL_SECONDS)
                self._tick("Waiting for other workers")

    def _tick(self, message: str) -> None:
        finished = IndexPart.objects.filter(run=self.run, status=IndexPart.Status.STAGED)
        staged = sum(len(paths) for paths in finished.values_list("paths", flat=True))
        self.report(Progress(min(self.tally.done + staged, self.tally.found - 1), self.tally.found, message))

    def _staged(self) -> list[int]:
        return list(self.corpus.staged_files.values_list("pk", flat=True))

    def _switch_parts(self) -> None:
        """Make finished parts searchable at once; a full run waits for all of them."""
        for part in IndexPart.objects.filter(run=self.run, status=IndexPart.Status.STAGED):
            rows = self.corpus.staged_files.filter(path__in=part.paths)
            self._switch(list(rows.values_list("pk", flat=True)))
            IndexPart.objects.filter(pk=part.pk).update(status=IndexPart.Status.SWITCHED)

    def _switch(self, keys: Sequence[int], *, last: bool = False) -> None:
        for row in self.switch(keys, last=last):
            if row.outcome == StagedFile.Outcome.GONE:
                self.deleted += 1
                continue
            self.tally.add(row.path, row.outcome, row.reason)
            if row.outcome == StagedFile.Outcome.SKIPPED:
                self.corpus.set_aside[row.path] = [self.changed[row.path], self.reader, row.reason]
            else:
                self.corpus.set_aside.pop(row.path, None)
        self.tally.save()


def _mark_duplicates(corpus: Corpus) -> None:
    """Point byte-identical documents to the first of them."""
    groups = corpus.documents.order_by().values("sha256").annotate(n=Count("pk"), first=Min("pk")).filter(n__gt=1)
    first = {group["sha256"]: group["first"] for group in groups}
    changed = []
    for row in corpus.documents.only("corpus", "sha256", "duplicate_of"):
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
