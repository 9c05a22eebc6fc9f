"""Drafts: what the switch is going to write for a staged file, in memory, from its row and the document's old one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from rag.corpus.types import ChunkText, ParsedDocument
from rag.models import Chunk, Collection, Corpus, Document, QuarantineEntry, StagedFile
from rag.services.commits import Commits, commit_apply
from rag.services.metadata import home_collection
from rag.services.preparing import PreparedFile
from rag.services.staging import Staged, chunk_key, chunk_uids, staged_read

SECRET_KINDS = frozenset({"api_key", "password", "token", "private_key"})
MAX_OBJECTIVE = 2000
# Columns that hold a header field, with their widths.
LIMITS = {"agent_name": 100, "agent_role": 100, "session": 200, "sprint": 100, "task_type": 40}
# Written by the graph, not by the reader.
NEIGHBOURS = ("prev_pdca", "next_pdca")
CHUNK_FIELDS = ("uid", "index", "chunk_type", "heading_path", "text", "start", "end", "tokens", "fields")


@dataclass(slots=True)
class Draft:
    """A document as it will be. `chunks` in order; those that keep their text keep their row, and with it samples."""

    source: StagedFile
    staged: Staged
    row: Document
    old_collection: str
    chunks: list[Chunk] = field(default_factory=list)
    new: list[Chunk] = field(default_factory=list)
    moved: list[Chunk] = field(default_factory=list)
    gone: list[Chunk] = field(default_factory=list)
    old_uids: list[str] = field(default_factory=list)
    new_findings: list[QuarantineEntry] = field(default_factory=list)
    old_findings: list[int] = field(default_factory=list)

    @property
    def stale_uids(self) -> list[str]:
        """Uids that nothing refers to once the draft is written."""
        kept = {chunk.uid for chunk in self.chunks}
        return [uid for uid in self.old_uids if uid not in kept]


def drafts_build(
    *, corpus: Corpus, rows: Sequence[StagedFile], keys: Mapping[str, int], daily: date | None, commits: Commits
) -> list[Draft]:
    """Drafts of staged files that hold a document; `keys` has the primary key of each path's document."""
    documents = Document.objects.in_bulk(list(keys.values()))
    chunks: dict[int, list[Chunk]] = {}
    for chunk in Chunk.objects.filter(document__in=list(documents)).order_by("document", "index"):
        chunks.setdefault(chunk.document_id, []).append(chunk)
    findings: dict[int, list[QuarantineEntry]] = {}
    for entry in QuarantineEntry.objects.filter(document__in=list(documents)):
        findings.setdefault(entry.document_id, []).append(entry)
    drafts = []
    for source in rows:
        row = documents[keys[source.path]]
        draft = Draft(source, staged_read(source), row, row.collection)
        row.path = source.path
        _fill(row, draft.staged.file)
        commit_apply(row, commits.get(row.path))
        row.collection = _collection(row, draft.old_collection, daily)
        _chunks(draft, corpus, chunks.get(row.pk, []))
        _findings(draft, findings.get(row.pk, []))
        drafts.append(draft)
    return drafts


def _fill(row: Document, file: PreparedFile) -> None:
    document = file.document
    assert document is not None
    row.kind = document.kind.value
    row.title = document.title[:300]
    row.text = document.text
    row.sha256 = document.sha256
    row.date = _day(document.value("date"))
    row.timestamp = _moment(document.value("timestamp"))
    for name, limit in LIMITS.items():
        setattr(row, name, document.value(name)[:limit])
    row.objective = document.value("objective")[:MAX_OBJECTIVE]
    row.cmm_level = _number(document, "cmm_level", 1)
    row.quality_score = _number(document, "quality_score", 0)
    row.layer = _number(document, "layer", 0) or None
    row.patterns = [name for name in document.value("patterns").split(", ") if name]
    neighbours = {name: row.metadata[name] for name in NEIGHBOURS if name in row.metadata}
    fields = {name: {"value": f.value, "origin": f.origin.value} for name, f in document.fields.items()}
    row.metadata = fields | neighbours
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


def _chunks(draft: Draft, corpus: Corpus, old: Sequence[Chunk]) -> None:
    """Match new chunks with old rows by their text."""
    texts = draft.staged.file.chunks
    uids = chunk_uids(corpus=corpus, path=draft.row.path, chunks=texts)
    draft.old_uids = [chunk.uid for chunk in old]
    by_key = {chunk_key(chunk.uid): chunk for chunk in old}
    for text, uid in zip(texts, uids, strict=True):
        known = by_key.pop(chunk_key(uid), None)
        chunk = _chunk_row(draft.row, text, uid)
        draft.chunks.append(chunk)
        if known is None:
            draft.new.append(chunk)
            continue
        chunk.pk = known.pk
        if any(getattr(chunk, name) != getattr(known, name) for name in CHUNK_FIELDS):
            draft.moved.append(chunk)
    draft.gone = list(by_key.values())


def _chunk_row(row: Document, chunk: ChunkText, uid: str) -> Chunk:
    return Chunk(
        document=row,
        uid=uid,
        index=chunk.index,
        chunk_type=chunk.chunk_type[:60],
        heading_path=list(chunk.heading_path),
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        tokens=chunk.tokens,
        fields=dict(chunk.fields),
    )


def _findings(draft: Draft, old: Sequence[QuarantineEntry]) -> None:
    """List each finding once for a person; verdicts on findings that are still there are kept."""
    row = draft.row
    decided = {(entry.kind, entry.line, entry.excerpt): entry for entry in old}
    found = Counter((finding.kind[:40], finding.line, finding.excerpt) for finding in draft.staged.file.findings)
    kept = [decided[key] for key in found if key in decided]
    draft.new_findings = [
        QuarantineEntry(document=row, kind=kind, line=line, excerpt=excerpt)
        for kind, line, excerpt in found
        if (kind, line, excerpt) not in decided
    ]
    draft.old_findings = sorted({entry.pk for entry in old} - {entry.pk for entry in kept})
    governance_apply(row, [*kept, *draft.new_findings])


def governance_apply(row: Document, entries: Sequence[QuarantineEntry]) -> None:
    """A document with a secret is not trained on, unless a person has called every one of them a false alarm."""
    row.ok_to_train = not any(
        entry.kind in SECRET_KINDS and entry.decision != QuarantineEntry.Decision.FALSE_ALARM for entry in entries
    )
    row.security_level = "internal" if row.ok_to_train else "restricted"


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
