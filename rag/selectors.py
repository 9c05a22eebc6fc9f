"""Reads for pages, commands and the phases above."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from rag.models import Chunk, Corpus, Document, Link, QuarantineEntry
from rag.stores import get_graph
from rag.stores.graph import Direction
from web4site.errors import UserError
from web4site.models import Run

SORTS = ("path", "-path", "date", "-date", "quality_score", "-quality_score", "kind", "indexed_at", "-indexed_at",
         "chunk_count", "-chunk_count")  # fmt: skip
EXPORT_COLUMNS = ("path", "kind", "collection", "title", "date", "agent_name", "agent_role", "session", "sprint",
                  "task_type", "cmm_level", "quality_score", "trained_in_adapter", "ok_to_train")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overview:
    """The index in numbers."""

    documents: int
    by_kind: dict[str, int]
    by_collection: dict[str, int]
    chunks: int
    links: int
    with_faults: int
    quarantine_open: int
    last_run: Run | None


def index_overview() -> Overview:
    """Counts for the overview and the corpus page."""
    totals = Document.objects.aggregate(documents=Count("pk"), faulty=Count("pk", filter=~Q(faults=[])))
    return Overview(
        documents=totals["documents"],
        by_kind=dict(Document.objects.order_by("kind").values_list("kind").annotate(Count("pk"))),
        by_collection=dict(Document.objects.order_by("collection").values_list("collection").annotate(Count("pk"))),
        chunks=Chunk.objects.count(),
        links=Link.objects.exclude(target=None).count(),
        with_faults=totals["faulty"],
        quarantine_open=QuarantineEntry.objects.filter(decision=QuarantineEntry.Decision.OPEN).count(),
        last_run=Run.objects.filter(kind=Run.Kind.INDEX).first(),
    )


def documents_found(
    *, search: str = "", kind: str = "", collection: str = "", corpus: str = "", state: str = "", sort: str = ""
) -> QuerySet[Document]:
    """Documents for the table. `state`: faults, quarantined, trained, untrained, duplicates."""
    rows = Document.objects.select_related("corpus").defer("text", "sections", "links")
    rows = rows.annotate(chunk_count=Count("chunks"))
    if search:
        rows = rows.filter(Q(path__icontains=search) | Q(title__icontains=search) | Q(objective__icontains=search))
    if kind:
        rows = rows.filter(kind=kind)
    if collection:
        rows = rows.filter(collection=collection)
    if corpus.isdecimal():
        rows = rows.filter(corpus_id=int(corpus))
    states = {
        "faults": ~Q(faults=[]),
        "quarantined": Q(quarantine_entries__decision=QuarantineEntry.Decision.OPEN),
        "trained": ~Q(trained_in_adapter=""),
        "untrained": Q(trained_in_adapter=""),
        "duplicates": Q(duplicate_of__isnull=False),
    }
    if state in states:
        rows = rows.filter(states[state])
    return rows.order_by(sort if sort in SORTS else "path", "pk")


def document_by_path(path: str) -> Document:
    """The document with this path, or with this part in it when only one has; UserError otherwise."""
    rows = Document.objects.defer("text")
    exact = list(rows.filter(path=path)[:2])
    if exact:
        return exact[0]
    found = list(rows.filter(path__icontains=path)[:5]) if path.strip() else []
    if len(found) == 1:
        return found[0]
    if not found:
        raise UserError(f"No indexed document has {path!r} in its path: index its folder first, or check the path.")
    raise UserError(f"{path!r} is not unique: it stands in {', '.join(row.path for row in found)}.")


@dataclass(frozen=True, slots=True)
class Node:
    """A document on a walk; `depth` is negative before the start and positive after it."""

    id: int
    path: str
    title: str
    date: str
    depth: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A breadcrumb between two paths."""

    source: str
    target: str
    relation: str
    how: str


@dataclass(frozen=True, slots=True)
class Breadcrumbs:
    """The neighbourhood of a document, earliest first."""

    nodes: list[Node]
    edges: list[Edge]

    def as_dict(self) -> dict[str, Any]:
        return {"nodes": [asdict(node) for node in self.nodes], "edges": [asdict(edge) for edge in self.edges]}


def breadcrumbs(
    start: Document, *, depth: int = 3, direction: Direction = "both", relations: Sequence[str] = ("PRECEDES",)
) -> Breadcrumbs:
    """What precedes and follows a document within `depth` steps."""
    depths = {start.pk: 0}
    steps = []
    for side, sign in (("before", -1), ("after", 1)):
        if direction not in (side, "both"):
            continue
        for step in get_graph().walk(start.pk, depth, side, relations):  # type: ignore[arg-type]
            steps.append(step)
            depths.setdefault(step.source if sign < 0 else step.target, sign * step.depth)
    rows = {row.pk: row for row in Document.objects.filter(pk__in=depths).only("path", "title", "date")}
    nodes = [
        Node(key, rows[key].path, rows[key].title, str(rows[key].date or ""), level)
        for key, level in depths.items()
        if key in rows
    ]
    edges = dict.fromkeys(
        Edge(rows[step.source].path, rows[step.target].path, step.relation, step.how)
        for step in steps
        if step.source in rows and step.target in rows
    )
    return Breadcrumbs(sorted(nodes, key=lambda node: (node.depth, node.date, node.path)), list(edges))


def quarantine_found(*, decision: str = "", kind: str = "", search: str = "") -> QuerySet[QuarantineEntry]:
    """Findings for the quarantine page, newest first."""
    rows = QuarantineEntry.objects.select_related("document", "decided_by").defer("document__text")
    if decision:
        rows = rows.filter(decision=decision)
    if kind:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(document__path__icontains=search)
    return rows.order_by("-created_at", "pk")


def is_known_root(root: Path) -> bool:
    """True for the configured corpus and for every folder that was indexed before."""
    return root == Path(settings.CORPUS_DIR).resolve() or Corpus.objects.filter(root=str(root)).exists()


def corpora() -> QuerySet[Corpus]:
    """Indexed roots with their number of documents."""
    return Corpus.objects.annotate(document_count=Count("documents"))
