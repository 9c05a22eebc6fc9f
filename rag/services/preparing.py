"""Files to what the index stores: read, scanned, redacted, chunked. No database, so it also runs in child processes."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from rag.corpus.chunking import chunk_document
from rag.corpus.reader import UnreadableDocument, parse_document, read_document
from rag.corpus.scan import scan_text
from rag.corpus.types import ChunkText, DocumentKind, Fault, ParsedDocument

CountTokens = Callable[[str], int]
Waiting = tuple[str, "Future[PreparedFile]"]

# Below this, starting child processes costs more than it saves.
PARALLEL_FROM = 100
EXCERPT_LENGTH = 300
NOT_INDEXED = {
    DocumentKind.EMPTY: "empty file",
    DocumentKind.DIALOGUE: "chat dump, not written knowledge",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret or personal datum: where it stood, and its line after redaction."""

    kind: str
    line: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """One file, ready to be stored; `document` is None when it is skipped or failed, for the given reason."""

    path: str
    document: ParsedDocument | None = None
    chunks: tuple[ChunkText, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    failed: str = ""
    skipped: str = ""


class Preparer:
    """Prepares files in order; those of large runs in child processes, so that the caller can embed meanwhile."""

    def __init__(self, root: Path, count_tokens: CountTokens, *, files: int) -> None:
        self._prepare = partial(prepare_file, root, count_tokens)
        self.parallel = files >= PARALLEL_FROM
        self._pool = _pool() if self.parallel else None

    def __call__(self, paths: Sequence[str]) -> Iterator[PreparedFile]:
        """With child processes the work begins at once, not when the first file is asked for."""
        return self._guarded(self._submit(paths)) if self._pool else map(self._prepare, paths)

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, paths: Sequence[str]) -> deque[Waiting]:
        assert self._pool
        try:
            return deque((path, self._pool.submit(self._prepare, path)) for path in paths)
        except BrokenExecutor:
            self.close()
            self._pool = _pool()
            return self._submit(paths)

    def _guarded(self, waiting: deque[Waiting]) -> Iterator[PreparedFile]:
        while waiting:
            path, future = waiting.popleft()
            try:
                yield future.result()
            except (BrokenExecutor, CancelledError):
                # A child died over this file or over one beside it.
                yield self._alone(path)
                waiting = self._submit([path for path, _ in waiting])

    def _alone(self, path: str) -> PreparedFile:
        with _pool(1) as child:
            try:
                return child.submit(self._prepare, path).result()
            except BrokenExecutor:
                return PreparedFile(path, failed="the process that read it was killed: it may need too much memory")


def _pool(workers: int = 0) -> ProcessPoolExecutor:
    # Spawned, not forked: the caller has threads, and a fork of those can hang.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=workers or max(1, (os.cpu_count() or 2) // 2), mp_context=context)


def prepare_file(root: Path, count_tokens: CountTokens, path: str) -> PreparedFile:
    """Prepare one file. Never raises: whatever a file does is said in its result."""
    try:
        document, findings = _read_redacted(root, path)
        if reason := NOT_INDEXED.get(document.kind):
            return PreparedFile(path, skipped=reason)
        return PreparedFile(path, document, tuple(chunk_document(document, count_tokens)), findings)
    except UnreadableDocument as error:
        return PreparedFile(path, failed=str(error))
    except Exception as error:
        # The message could quote the file, secrets included; its type cannot.
        return PreparedFile(path, failed=f"could not be parsed ({type(error).__name__})")


def _read_redacted(root: Path, path: str) -> tuple[ParsedDocument, tuple[Finding, ...]]:
    """Read a file; if anything in it must not be stored, read the redacted text instead."""
    document = read_document(root, path)
    scan = scan_text(document.text)
    if not scan.findings:
        return document, ()
    lines = scan.redacted.split("\n")
    findings = tuple(Finding(f.kind, f.line, lines[f.line - 1].strip()[:EXCERPT_LENGTH]) for f in scan.findings)
    # What was odd about the file's bytes is only known from the first reading.
    faults = tuple(Fault(f.severity, scan_text(f.message).redacted, f.line) for f in document.faults)
    redacted = parse_document(path, scan.redacted, document.sha256)
    faults = tuple(dict.fromkeys((*faults, *redacted.faults)))
    return replace(redacted, faults=faults), findings
