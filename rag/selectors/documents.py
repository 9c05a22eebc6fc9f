"""Documents, runs and counts of the index."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, TextField
from django.db.models.functions import Cast, TruncWeek

from rag.models import Chunk, Corpus, Document, IndexPart, Link, QuarantineEntry
from web4site.errors import UserError
from web4site.models import Run
from web4site.row_numbers import row_number

SORTS = ("path", "-path", "date", "-date", "quality_score", "-quality_score", "kind", "indexed_at", "-indexed_at",
         "chunk_count", "-chunk_count")  # fmt: skip
STATES = ("faults", "quarantined", "trained", "untrained", "duplicates", "broken links", "dated backwards")
BREADCRUMBS = ("PRECEDES", "PARENT", "TRACKING")
NEWEST = F("date").desc(nulls_last=True)
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
    """Documents for the table, newest first unless sorted otherwise; `state` is one of STATES."""
    rows = Document.objects.defer("text", "sections", "links", "metadata", "faults", "patterns")
    if sort in ("chunk_count", "-chunk_count"):
        rows = rows.annotate(chunk_count=Count("chunks"))
    if search:
        rows = rows.filter(Q(path__icontains=search) | Q(title__icontains=search) | Q(objective__icontains=search))
    if kind:
        rows = rows.filter(kind=kind)
    if collection:
        rows = rows.filter(collection=collection)
    if number := row_number(corpus):
        rows = rows.filter(corpus_id=number)
    if state in STATES:
        rows = rows.filter(_in_state(state))
    return rows.order_by(NEWEST if sort in ("", "-date") or sort not in SORTS else sort, "path", "pk")


def chunk_counts(documents: Iterable[Document]) -> dict[int, int]:
    """Chunks by primary key of the document."""
    rows = Chunk.objects.filter(document__in=[document.pk for document in documents]).order_by()
    return dict(rows.values_list("document").annotate(Count("pk")))


def _in_state(state: str) -> Q:
    """Other tables are asked in subqueries: a join would count the chunks of a document several times."""
    links = Link.objects.filter(relation__in=BREADCRUMBS)
    backwards = links.filter(relation="PRECEDES", target__date__lt=F("source__date"))
    conditions = {
        "faults": ~Q(faults=[]),
        "quarantined": Q(
            pk__in=QuarantineEntry.objects.filter(decision=QuarantineEntry.Decision.OPEN).values("document")
        ),
        "trained": ~Q(trained_in_adapter=""),
        "untrained": Q(trained_in_adapter=""),
        "duplicates": Q(duplicate_of__isnull=False),
        "broken links": Q(pk__in=links.filter(target=None).values("source")),
        "dated backwards": Q(pk__in=backwards.values("source")) | Q(pk__in=backwards.values("target")),
    }
    return conditions[state]


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


def is_known_root(root: Path) -> bool:
    """True for the configured corpus and for every folder that was indexed before."""
    return root == Path(settings.CORPUS_DIR).resolve() or Corpus.objects.filter(root=str(root)).exists()


def corpora() -> QuerySet[Corpus]:
    """Indexed roots with their number of documents."""
    return Corpus.objects.annotate(document_count=Count("documents"))


def index_runs() -> QuerySet[Run]:
    """Index runs, newest first, without the parts of a run that several workers share."""
    return Run.objects.filter(kind=Run.Kind.INDEX).exclude(parent__kind=Run.Kind.INDEX)


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the files of a running index run: where it stands, and which worker has it."""

    status: str
    files: int
    worker: str


def run_parts(run: Run) -> list[Part]:
    """The parts of a run that is going on; none when it is over."""
    rows = IndexPart.objects.filter(run=run).order_by("number").values_list("status", "paths", "worker")
    return [Part(status, len(paths), worker.split(":")[0]) for status, paths, worker in rows]


def faults_found(*, severity: str = "", kind: str = "", search: str = "") -> QuerySet[Document]:
    """Documents with faults, by path. `search`: words of a path or of a fault."""
    rows = Document.objects.exclude(faults=[]).annotate(fault_text=Cast("faults", TextField()))
    if severity:
        rows = rows.filter(fault_text__contains=f'"severity": "{severity}"')
    if kind:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(Q(path__icontains=search) | Q(fault_text__icontains=search))
    return rows.only("path", "title", "kind", "faults").order_by("path", "pk")


def fault_rows(rows: QuerySet[Document], severity: str = "") -> Iterator[dict[str, Any]]:
    """One row for each fault: path, kind, severity, line, message."""
    for document in rows.iterator(chunk_size=500):
        for fault in document.faults:
            if not severity or fault["severity"] == severity:
                yield {"path": document.path, "kind": document.kind, **fault}


@dataclass(frozen=True, slots=True)
class Week:
    """Documents dated in the week that begins on `first`; `current` holds the document in question."""

    first: date
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class TimePosition:
    """Where a document stands among the dated ones of its kind and corpus: the `number`-th of `total`."""

    number: int
    total: int
    earlier: Document | None
    later: Document | None
    weeks: list[Week]

    @property
    def busiest(self) -> int:
        return max((week.count for week in self.weeks), default=0)


def time_position(document: Document) -> TimePosition | None:
    """Its place in time; None for a document without a date."""
    if document.timestamp is None or document.date is None:
        return None
    rows = Document.objects.filter(corpus=document.corpus_id, kind=document.kind, timestamp__isnull=False)
    rows = rows.exclude(date=None).only("path", "title", "date", "timestamp")
    before = rows.filter(
        Q(timestamp__lt=document.timestamp) | Q(timestamp=document.timestamp, path__lt=document.path)
    ).order_by("-timestamp", "-path")
    after = rows.filter(
        Q(timestamp__gt=document.timestamp) | Q(timestamp=document.timestamp, path__gt=document.path)
    ).order_by("timestamp", "path")
    weeks = rows.order_by().annotate(week=TruncWeek("date")).values_list("week").annotate(n=Count("pk"))
    shown = [Week(week, count, 0 <= (document.date - week).days < 7) for week, count in weeks.order_by("week")]
    number = before.count() + 1
    total = sum(week.count for week in shown)
    return TimePosition(number, total, before.first(), after.first(), shown)
