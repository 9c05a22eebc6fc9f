"""How well and how fast a corpus is read: `python -m bench.reading [DIR]` reads any folder, nothing is stored."""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.measuring import CORPUS, Measurement, percentile
from rag.corpus.chunking import MAX_TOKENS, MIN_TOKENS, chunk_document
from rag.corpus.links import Resolver
from rag.corpus.reader import UnreadableDocument, find_files, read_document
from rag.corpus.scan import scan_text
from rag.corpus.sections import PDCA_SECTIONS, pdca_sections
from rag.corpus.types import ChunkText, DocumentKind, Origin, ParsedDocument

HEADER_FIELDS = {
    "date": "date_header", "role": "agent_role", "objective": "objective", "issues": "issues",
    "previous commit": "previous_commit", "session": "session", "sprint": "sprint", "branch": "branch",
    "agent": "agent_name", "CMM level": "cmm_level", "template version": "template_version",
}  # fmt: skip
ANY_ORIGIN = {"date_header": "date", "previous_commit": "commit_sha"}
RELATIONS = {"FOLLOWS": "Previous", "PRECEDES": "Next", "PARENT": "Parent", "TRACKING": "Tracking", "TOUCHES": "other"}
_DETAIL = re.compile(r"\d[\d.:-]*|: .*")


def run() -> list[Measurement]:
    return measure(CORPUS)


def measure(root: Path) -> list[Measurement]:
    """Read everything under a root and say what was found."""
    from rag.embedding import get_embedder

    began = time.perf_counter()
    documents, unread = _read(root)
    seconds = time.perf_counter() - began
    count_tokens = get_embedder().counter
    chunks = {document.path: chunk_document(document, count_tokens) for document in documents}
    journals = [document for document in documents if document.kind is DocumentKind.PDCA]
    return [
        Measurement("files read", len(documents) / seconds, "1/s", f"{len(documents)} files in {seconds:.1f} s"),
        *_kinds(documents, unread),
        *(_fields(journals) if journals else ()),
        *_links(documents),
        *_chunks(documents, chunks),
        *_faults(documents),
    ]


def _read(root: Path) -> tuple[list[ParsedDocument], Counter[str]]:
    documents: list[ParsedDocument] = []
    unread: Counter[str] = Counter()
    for path in find_files(root):
        try:
            documents.append(read_document(root, path))
        except UnreadableDocument as error:
            unread[error.reason] += 1
    return documents, unread


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _kinds(documents: Sequence[ParsedDocument], unread: Counter[str]) -> Iterator[Measurement]:
    for kind, count in Counter(document.kind.value for document in documents).most_common():
        yield Measurement(f"kind: {kind}", count, "files")
    for reason, count in unread.most_common():
        yield Measurement("not read", count, "files", reason)


def _fields(journals: Sequence[ParsedDocument]) -> Iterator[Measurement]:
    """Shares of the PDCAs, first as the header says it, then with every other place the reader looks at."""
    for label, key in HEADER_FIELDS.items():
        origins = Counter(d.fields[key].origin for d in journals if key in d.fields)
        anywhere = Counter(d.fields[k].origin for d in journals if (k := ANY_ORIGIN.get(key, key)) in d.fields)
        note = f"{_share(anywhere.total(), len(journals)):.1f} % by " + ", ".join(
            f"{origin} {_share(count, len(journals)):.1f}" for origin, count in anywhere.most_common()
        )
        yield Measurement(f"header: {label}", _share(origins[Origin.HEADER], len(journals)), "%", note)
    for relation in ("FOLLOWS", "PRECEDES", "PARENT", "TRACKING"):
        linked = sum(any(link.relation == relation for link in d.links) for d in journals)
        yield Measurement(f"header: {RELATIONS[relation]} PDCA", _share(linked, len(journals)), "%")
    whole = sum(len(pdca_sections(d.sections)) == len(PDCA_SECTIONS) for d in journals)
    yield Measurement("all four sections", _share(whole, len(journals)), "%", f"of {len(journals)} PDCAs")
    for name, key in (("TRON decision", "tron_decision"), ("TRON feedback", "tron_feedback")):
        found = sum(d.value(key) not in ("", "false") for d in journals)
        yield Measurement(name, _share(found, len(journals)), "%")


def _links(documents: Sequence[ParsedDocument]) -> Iterator[Measurement]:
    resolver = Resolver(document.path for document in documents)
    for relation, name in RELATIONS.items():
        ways: Counter[str] = Counter()
        for document in documents:
            for link in document.links:
                if link.relation == relation:
                    found = resolver.resolve(document.path, link)
                    ways[found[1] if found else "unresolved"] += 1
        if ways:
            note = ", ".join(f"{how} {count}" for how, count in ways.most_common())
            resolved = ways.total() - ways["unresolved"]
            yield Measurement(f"links resolved: {name}", _share(resolved, ways.total()), "%", note)


def _chunks(documents: Sequence[ParsedDocument], chunks: dict[str, list[ChunkText]]) -> Iterator[Measurement]:
    sizes = [chunk.tokens for found in chunks.values() for chunk in found] or [0]
    note = f"{len(sizes)} chunks, 5 % below {percentile(sizes, 0.05)}, 5 % above {percentile(sizes, 0.95)}"
    yield Measurement("chunk tokens, median", median(sizes), "", note)
    yield Measurement("chunk tokens, largest", max(sizes), "")
    inside = sum(MIN_TOKENS <= size <= MAX_TOKENS for size in sizes)
    yield Measurement(f"chunks of {MIN_TOKENS} to {MAX_TOKENS} tokens", _share(inside, len(sizes)), "%")
    prose = [document for document in documents if document.kind is not DocumentKind.TOOL_EXAMPLES]
    written = sum(_ink(document.text) for document in prose)
    kept = sum(_ink(chunk.text) for document in prose for chunk in chunks[document.path])
    yield Measurement("text in chunks", _share(kept, written), "%", "of the characters that are not blank")


def _ink(text: str) -> int:
    return len("".join(text.split()))


def _faults(documents: Sequence[ParsedDocument]) -> Iterator[Measurement]:
    faults = Counter(_DETAIL.sub("…", fault.message) for document in documents for fault in document.faults)
    for message, count in faults.most_common(20):
        yield Measurement(f"fault: {message}", count, "")
    for kind, count in Counter(k for d in documents for k in scan_text(d.text).kinds).most_common():
        yield Measurement(f"redacted: {kind}", count, "files")


if __name__ == "__main__":
    from bench.__main__ import print_rows
    from bench.child import django_start

    django_start()
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    print_rows("reading", [asdict(row) for row in measure(folder)])
