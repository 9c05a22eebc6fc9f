"""Documents of the index as generators see them: text with sections, chunks for provenance, and neighbours."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from rag.corpus.topics import Topic, read_topics
from rag.corpus.types import DocumentKind, Section
from rag.corpus.typescript import Module, parse_typescript
from samples.generators.facts import ModuleFacts
from samples.generators.journal import Journal
from samples.generators.project import Project

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rag.models import Document

_REPOSITORY = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+(?=/(?:blob|tree)/)")
_BRANCH = re.compile(r"[\w][\w./-]*")
_COMPONENT = re.compile(r"(?:^|/)components/([^/]+)/")


@dataclass(frozen=True)
class Source:
    """One document, one tool example or one topic: what a single unit of generation reads.

    `spans` are (chunk uid, start, end) in `text`. `part` tells units of one document apart. Eval and training are
    kept apart by `key`.
    """

    document_id: int
    path: str
    kind: str
    title: str
    text: str
    date: str = ""
    agent_role: str = ""
    agent_name: str = ""
    session: str = ""
    sprint: str = ""
    branch: str = ""
    commit: str = ""
    objective: str = ""
    cmm_level: int = 1
    quality: int = 0
    layer: int | None = None
    sections: tuple[Section, ...] = ()
    spans: tuple[tuple[str, int, int], ...] = ()
    part: str = ""
    previous: str = ""
    following: str = ""

    @property
    def key(self) -> str:
        return f"{self.path}#{self.part}" if self.part else self.path

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def component(self) -> str:
        """The component folder the file lies in, or ''."""
        found = _COMPONENT.search(self.path)
        return found[1] if found else ""

    @cached_property
    def module(self) -> Module:
        return parse_typescript(self.text)

    @cached_property
    def facts(self) -> ModuleFacts:
        return ModuleFacts(self.module)

    @cached_property
    def journal(self) -> Journal:
        return Journal.read(self.title, self.objective, self.text, self.sections)

    @cached_property
    def example(self) -> dict[str, Any]:
        """The record of a tool example; {} when the line is none."""
        try:
            record = json.loads(self.text)
        except ValueError:
            return {}
        return record if isinstance(record, dict) else {}

    def chunks(self, *spans: tuple[int, int]) -> tuple[str, ...]:
        """Uids of the chunks that overlap the given character spans; all of them without a span."""
        return tuple(
            uid
            for uid, start, end in self.spans
            if not spans or any(start < last and first < end for first, last in spans)
        )


@dataclass(frozen=True)
class Library:
    """All sources that may be trained on, in a fixed order, and what holds for the whole corpus.

    `chunk_keys` gives (primary key, number in its document) of a chunk by uid.
    """

    sources: tuple[Source, ...]
    repository: str = ""
    paths: tuple[str, ...] = ()
    by_kind: dict[str, list[Source]] = field(default_factory=dict)
    chunk_keys: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Sequence[Source], chunk_keys: dict[str, tuple[int, int]] | None = None) -> Library:
        by_kind: dict[str, list[Source]] = defaultdict(list)
        for source in sources:
            by_kind[source.kind].append(source)
        addresses = Counter(match for source in sources for match in _REPOSITORY.findall(source.text))
        repository = min(addresses, key=lambda url: (-addresses[url], url)) if addresses else ""
        paths = tuple(sorted({source.path for source in sources}))
        return cls(tuple(sources), repository, paths, dict(by_kind), chunk_keys or {})

    @cached_property
    def components(self) -> list[str]:
        """Names of the components of the corpus, as its folders name them."""
        found = {match[1] for path in self.paths if (match := _COMPONENT.search(path))}
        return sorted(name for name in found if name.isidentifier())

    @cached_property
    def project(self) -> Project:
        """The TypeScript files and how they hang together."""
        return Project(self.of_kinds((DocumentKind.TYPESCRIPT,)))

    @cached_property
    def representatives(self) -> frozenset[str]:
        from samples.generators.domain_representatives import representatives

        return representatives(self)

    @cached_property
    def _by_path(self) -> dict[str, Source]:
        return {source.path: source for source in self.sources if not source.part}

    def at(self, path: str) -> Source | None:
        """The source at a path; None for one that may not be trained on."""
        return self._by_path.get(path)

    @cached_property
    def by_folder(self) -> dict[str, list[Source]]:
        """The journals of each folder, in the order of their names."""
        folders: dict[str, list[Source]] = defaultdict(list)
        for source in self.by_kind.get(DocumentKind.PDCA, ()):
            folders[str(PurePosixPath(source.path).parent)].append(source)
        return dict(folders)

    def of_kinds(self, kinds: Sequence[str]) -> list[Source]:
        return [source for kind in kinds for source in self.by_kind.get(kind, ())]

    def dual_link(self, path: str, branch: str) -> str:
        """`[GitHub](url) | [§/path](path)`, or '' when the corpus names no repository."""
        if not self.repository:
            return ""
        return f"[GitHub]({self.repository}/blob/{branch or 'main'}/{path}) | [§/{path}]({path})"


def load_library(documents: QuerySet[Document]) -> Library:
    """Read the documents that may be trained on; a copy of another document is read once."""
    usable = documents.filter(ok_to_train=True, duplicate_of=None).order_by("path", "corpus__name")
    spans, chunk_keys = _chunk_spans(usable)
    neighbours = _neighbours(usable)
    sources: list[Source] = []
    seen: set[str] = set()
    for document in usable.iterator(chunk_size=200):
        # A document without a hash is being indexed at this moment: its chunks may still change.
        if not document.sha256 or document.sha256 in seen or not document.text.strip():
            continue
        seen.add(document.sha256)
        sources.extend(_units(_source(document, spans.get(document.pk, ()), neighbours.get(document.pk, ("", "")))))
    return Library.of(sources, chunk_keys)


Spans = dict[int, tuple[tuple[str, int, int], ...]]


def _chunk_spans(documents: QuerySet[Document]) -> tuple[Spans, dict[str, tuple[int, int]]]:
    """Chunk spans by document, and primary key and number of each chunk by its uid."""
    from rag.models import Chunk

    rows = list(
        Chunk.objects.filter(document__in=documents.order_by().values("pk"))
        .order_by("document_id", "index")
        .values_list("document_id", "pk", "index", "uid", "start", "end")
    )
    spans = {
        document: tuple((uid, start, end) for _, _, _, uid, start, end in group)
        for document, group in groupby(rows, key=lambda row: row[0])
    }
    return spans, {uid: (pk, index) for _, pk, index, uid, _, _ in rows}


def _neighbours(documents: QuerySet[Document]) -> dict[int, tuple[str, str]]:
    """Path of the document before and after each: by breadcrumb, else by name within the folder."""
    from rag.models import Link

    rows = list(documents.filter(kind=DocumentKind.PDCA).order_by("path").values_list("pk", "path"))
    paths = dict(rows)
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    edges = Link.objects.filter(relation=Link.Relation.PRECEDES, target__isnull=False)
    pairs = edges.order_by("source__path", "target__path").values_list("source_id", "target_id")
    for earlier, later in pairs.iterator(chunk_size=2000):
        if earlier in paths and later in paths and earlier != later:
            before.setdefault(later, paths[earlier])
            after.setdefault(earlier, paths[later])
    for _, group in groupby(rows, key=lambda row: str(PurePosixPath(row[1]).parent)):
        folder = list(group)
        for (earlier, first), (later, second) in pairwise(folder):
            before.setdefault(later, first)
            after.setdefault(earlier, second)
    return {pk: (before.get(pk, ""), after.get(pk, "")) for pk in paths}


def _source(document: Document, spans: tuple[tuple[str, int, int], ...], around: tuple[str, str]) -> Source:
    branch = _BRANCH.match(document.field("branch"))
    commit = document.field("previous_commit") or document.field("commit_sha")
    return Source(
        document_id=document.pk,
        path=document.path,
        kind=document.kind,
        title=document.title,
        text=document.text,
        date=document.date.isoformat() if document.date else "",
        agent_role=document.agent_role,
        agent_name=document.agent_name,
        session=document.session,
        sprint=document.sprint,
        branch=branch[0].rstrip(".") if branch else "",
        commit=commit,
        objective=document.objective,
        cmm_level=document.cmm_level,
        quality=document.quality_score,
        layer=document.layer,
        sections=tuple(_sections(document.sections)),
        spans=spans,
        previous=around[0],
        following=around[1],
    )


def _sections(rows: list[dict[str, Any]]) -> Iterator[Section]:
    for row in rows:
        yield Section(row["name"], row["heading"], row["level"], row["start"], row["end"])


def _units(source: Source) -> Iterator[Source]:
    """Tool examples and topics are many small documents in one file: each is a unit of its own."""
    if source.kind == DocumentKind.TOOL_EXAMPLES:
        for uid, start, end in source.spans:
            yield replace(source, text=source.text[start:end], spans=((uid, 0, end - start),), part=str(start))
    elif source.kind == DocumentKind.PROCESS_FRAMEWORK:
        for topic in read_topics(source.sections):
            yield _topic(source, topic)
    else:
        yield source


def _topic(source: Source, topic: Topic) -> Source:
    spans = tuple(
        (uid, max(0, start - topic.start), end - topic.start)
        for uid, start, end in source.spans
        if start < topic.end and topic.start < end
    )
    sections = tuple(
        Section(s.name, s.heading, s.level, s.start - topic.start, s.end - topic.start)
        for s in source.sections
        if topic.start <= s.start and s.end <= topic.end
    )
    return replace(
        source,
        title=topic.title,
        text=source.text[topic.start : topic.end],
        sections=sections,
        spans=spans,
        part=topic.name,
    )
