"""Staging: files are read, scanned, chunked and embedded into rows that search does not know yet."""

import hashlib
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from django.conf import settings
from pydantic import TypeAdapter

import rag.corpus
import rag.embedding
from rag.corpus.types import ChunkText, context_text
from rag.embedding import DIMENSIONS, Vectors, get_embedder
from rag.models import Chunk, Corpus, IndexPart, StagedFile
from rag.services import preparing
from rag.services.parts import part_claim, part_finish, parts_beating, parts_release, worker_name
from rag.services.preparing import PreparedFile, Preparer
from web4site.errors import UserError
from web4site.models import Run

logger = logging.getLogger(__name__)

# How many chunks are embedded between two looks at whether the run goes on.
GROUP_CHUNKS = 128
MAX_KNOWN = 20_000

Prepared = tuple[IndexPart, Iterator[PreparedFile]]


@dataclass(frozen=True, slots=True)
class Staged:
    """A prepared file with vectors for some of its chunks, by index: those whose text was not indexed before."""

    file: PreparedFile
    vectors: Mapping[int, Vectors]


def staging_version() -> str:
    """What a staged file depends on besides its bytes."""
    return f"{reader_version()}-{embedder_version()}"


def reader_version() -> str:
    """Sixteen hex digits of the code that reads files."""
    digest = hashlib.sha256()
    for source in (*sorted(Path(rag.corpus.__file__).parent.glob("*.py")), Path(preparing.__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def embedder_version() -> str:
    """Vectors of two versions cannot be compared: eight hex digits of the embedder's code and model."""
    return _embedder_version(settings.EMBEDDER, Path(settings.EMBEDDER_DIR))


@cache
def _embedder_version(name: str, folder: Path) -> str:
    digest = hashlib.sha256(name.encode() + Path(rag.embedding.__file__).read_bytes())
    if name != "hash":
        get_embedder()  # makes the folder where it is not there
        for part in sorted(folder.iterdir()):
            digest.update(part.name.encode() + hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()[:8]


def chunk_uids(*, corpus: Corpus, path: str, chunks: Sequence[ChunkText]) -> list[str]:
    """Keys of a document's chunks, by content: `corpus-path-text-n-embedder`.

    Where the text stays, the uid stays, and with it the vector; `n` counts equal texts of one document.
    """
    place = hashlib.sha256(path.encode()).hexdigest()[:16]
    seen: dict[str, int] = {}
    uids = []
    for chunk in chunks:
        # Blank lines at the end depend on what follows, and mean nothing.
        text = hashlib.sha256(chunk.context_text.strip().encode()).hexdigest()[:16]
        seen[text] = seen.get(text, 0) + 1
        uids.append(f"{corpus.pk}-{place}-{text}-{seen[text]}-{embedder_version()}")
    return uids


def chunk_key(uid: str) -> str:
    """What of a uid says that a chunk of a document is the same text, wherever the document lies."""
    _, _, text, number, _ = uid.split("-")
    return f"{text}-{number}"


_PREPARED: TypeAdapter[PreparedFile] = TypeAdapter(PreparedFile)


def staged_row(*, corpus: Corpus, version: str, staged: Staged) -> StagedFile:
    """A staged file as a row."""
    file = staged.file
    outcome, reason = StagedFile.Outcome.INDEXED, ""
    if file.document is None:
        outcome = StagedFile.Outcome.FAILED if file.failed else StagedFile.Outcome.SKIPPED
        reason = file.failed or file.skipped
    order = sorted(staged.vectors)
    packed = np.array(order, np.uint32).tobytes() + b"".join(staged.vectors[index].tobytes() for index in order)
    return StagedFile(
        corpus=corpus,
        path=file.path,
        outcome=outcome,
        reason=reason[:300],
        sha256=file.document.sha256 if file.document else "",
        version=version,
        content=zlib.compress(_PREPARED.dump_json(file), 1),
        vectors=packed,
    )


def staged_read(row: StagedFile) -> Staged:
    """The staged file of a row."""
    packed = bytes(row.vectors)
    count = len(packed) // (4 + 4 * DIMENSIONS)
    order = np.frombuffer(packed[: 4 * count], np.uint32)
    vectors = np.frombuffer(packed[4 * count :], np.float32).reshape(count, DIMENSIONS)
    file = _PREPARED.validate_json(zlib.decompress(bytes(row.content)))
    return Staged(file, dict(zip(order.tolist(), vectors, strict=True)))


class Vectorizer:
    """Embeds texts; one that occurs again in the run is embedded once."""

    def __init__(self) -> None:
        self._known: dict[str, Vectors] = {}

    def __call__(self, texts: Sequence[str]) -> list[Vectors]:
        """One vector [384] a text."""
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            self._known |= zip(new, get_embedder().embed_documents(new), strict=True)
        return [self._known[text] for text in texts]


class RootMissing(UserError):
    """The corpus root is not there, or not the one that the run was started on."""


class Stager:
    """One worker of a run: takes parts one after another until there is none left to take."""

    def __init__(self, *, run: Run, corpus: Corpus, files: int, helper: bool = False) -> None:
        self.run, self.corpus, self.helper = run, corpus, helper
        self.folder = Path(corpus.root)
        self.worker = worker_name()
        self.embed = Vectorizer()
        self.preparer = Preparer(self.folder, get_embedder().counter, files=files)
        self._upcoming: Prepared | None = None

    def close(self) -> None:
        self.preparer.close()
        parts_release(run=self.run, worker=self.worker)

    def step(self, tick: Callable[[str], None]) -> bool:
        """Stage one part; False when there was none. `tick` hears of files on their way and may raise to stop."""
        current = self._upcoming or self._take()
        self._upcoming = None
        if current is None:
            return False
        if self.preparer.parallel:
            self._upcoming = self._take()  # its files are read while those of this one are embedded
        part, files = current
        group: list[PreparedFile] = []
        for file in files:
            self._check(file)
            group.append(file)
            if sum(len(item.chunks) for item in group) >= GROUP_CHUNKS:
                self._stage(part, group, tick)
                group = []
        self._stage(part, group, tick)
        part_finish(part=part, worker=self.worker)
        return True

    def _take(self) -> Prepared | None:
        part = part_claim(run=self.run, worker=self.worker)
        if part is None:
            return None
        # What a worker staged before it died need not be done again.
        staged = self.corpus.staged_files.filter(path__in=part.paths, version=part.version)
        done = set(staged.values_list("path", flat=True))
        return part, self.preparer([path for path in part.paths if path not in done])

    def _check(self, file: PreparedFile) -> None:
        """A file that is not there has failed; a whole root that is not there is no reason to fail its files."""
        if not file.failed or (self.folder / file.path).exists():
            return
        if self.helper or not self.folder.is_dir():
            raise RootMissing(f"{self.folder} is not there any more: mount it and run the command again.", exit_code=1)

    def _stage(self, part: IndexPart, group: Sequence[PreparedFile], tick: Callable[[str], None]) -> None:
        if not group:
            return
        tick(group[0].path)
        new = self._new_chunks(group)
        texts = [context_text(chunk.heading_path, chunk.text) for chunks in new for chunk in chunks]
        vectors = iter(self.embed(texts))
        rows = []
        for file, chunks in zip(group, new, strict=True):
            found = {chunk.index: next(vectors) for chunk in chunks}
            rows.append(_row_or_failure(self.corpus, part.version, Staged(file, found)))
        tick(group[-1].path)
        StagedFile.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["corpus", "path"],
            update_fields=["outcome", "reason", "sha256", "version", "content", "vectors", "switched", "stale"],
        )

    def _new_chunks(self, group: Sequence[PreparedFile]) -> list[list[ChunkText]]:
        """Of each file the chunks whose text is not indexed yet."""
        documents = self.corpus.documents.filter(path__in=[file.path for file in group])
        known = set(Chunk.objects.filter(document__in=documents).values_list("uid", flat=True))
        found = []
        for file in group:
            uids = chunk_uids(corpus=self.corpus, path=file.path, chunks=file.chunks)
            found.append([chunk for chunk, uid in zip(file.chunks, uids, strict=True) if uid not in known])
        return found


def _row_or_failure(corpus: Corpus, version: str, staged: Staged) -> StagedFile:
    try:
        return staged_row(corpus=corpus, version=version, staged=staged)
    except Exception:
        logger.exception("A file could not be staged")
        failed = PreparedFile(staged.file.path, failed="could not be stored, see the log")
        return staged_row(corpus=corpus, version=version, staged=Staged(failed, {}))


class RunOver(Exception):
    """The run that was helped has ended."""


def run_assist(run: Run) -> int:
    """Help with the parts of a running index run until there is none left; returns how many were done."""
    corpus = Corpus.objects.filter(run=run, run__status=Run.Status.RUNNING).first()
    part = IndexPart.objects.filter(run=run).first()
    if corpus is None or part is None:
        return 0
    if part.version != staging_version():
        raise UserError("This worker's reader or embedder differs from the coordinator's: bring both to one version.")
    return _assist(run, corpus)


def _assist(run: Run, corpus: Corpus) -> int:
    def tick(path: str) -> None:
        if not Run.objects.filter(pk=run.pk, status=Run.Status.RUNNING, cancel_requested=False).exists():
            raise RunOver

    done = 0
    waiting = sum(len(paths) for paths in run.index_parts.values_list("paths", flat=True))
    stager = Stager(run=run, corpus=corpus, files=waiting, helper=True)
    try:
        with parts_beating(run=run, worker=stager.worker):
            while stager.step(tick):
                done += 1
    except RunOver:
        logger.info("%s is over", run)
    finally:
        stager.close()
    return done
