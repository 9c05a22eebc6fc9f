"""What retrieval needs to know of documents, kept for the hot ones, and the names that questions mention."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max

from rag.models import Chunk, Document
from rag.retrieval.names import Names
from rag.retrieval.titles import Titles
from rag.retrieval.usage import SharedCounts

# Only these stand in a chain of breadcrumbs.
JOURNALS = ("pdca", "journal")
CAPACITY = 2048
MAX_OWNERS = 100_000
ENTITY_FIELDS = ("agent_name", "agent_role", "sprint", "session")
FIELDS = ("pk", "path", "title", "kind", "collection", "date", "timestamp", "ok_to_retrieve",
          "agent_name", "agent_role", "sprint", "session", "sha256", "objective")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """A document without its text."""

    pk: int
    path: str
    title: str
    kind: str
    collection: str
    date: date | None
    timestamp: datetime | None
    ok_to_retrieve: bool
    agent_name: str
    agent_role: str
    sprint: str
    session: str
    sha256: str
    objective: str
    pdca_id: str | None


class HotDocuments:
    """The documents that were asked for last, least recent dropped first; emptied whenever the index changes."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.counts = SharedCounts("hot-documents")
        self._facts: OrderedDict[int, Facts] = OrderedDict()
        self._owners: dict[str, int] = {}
        self.names = Names()
        self.titles = Titles()
        self.collections: frozenset[str] = frozenset()
        self.version: tuple[Any, ...] = ()
        self._lock = threading.Lock()

    def get(self, keys: Iterable[int]) -> dict[int, Facts]:
        """Facts by primary key, in this order; documents that no longer exist are left out."""
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            found = {key: self._facts[key] for key in wanted if key in self._facts}
            for key in found:
                self._facts.move_to_end(key)
        self.counts.add(hits=len(found), misses=len(wanted) - len(found))
        missing = [key for key in wanted if key not in found]
        loaded = _load(missing) if missing else {}
        with self._lock:
            self._facts.update(loaded)
            while len(self._facts) > self.capacity:
                self._facts.popitem(last=False)
        both = found | loaded
        return {key: both[key] for key in wanted if key in both}

    def owners(self, uids: Iterable[str]) -> dict[str, int]:
        """Documents by the uid of a chunk; chunks that no longer exist are left out."""
        wanted = set(uids)
        with self._lock:
            found = {uid: self._owners[uid] for uid in wanted if uid in self._owners}
        if missing := wanted - found.keys():
            loaded = dict(Chunk.objects.filter(uid__in=missing).order_by().values_list("uid", "document"))
            found |= loaded
            with self._lock:
                if len(self._owners) > MAX_OWNERS:
                    self._owners.clear()
                self._owners.update(loaded)
        return found

    def refresh(self) -> bool:
        """Forget everything when the index has changed since the last call; True when it has."""
        # Two queries that an index answers each; one for both would read every document.
        sizes = tuple(Document.objects.order_by("collection").values_list("collection").annotate(Count("pk")))
        version = (sizes, Document.objects.aggregate(last=Max("indexed_at"))["last"])
        if version == self.version:
            return False
        names, titles = Names(_names()), Titles(_titles())
        with self._lock:
            self._facts.clear()
            self._owners.clear()
            self.names, self.titles, self.version = names, titles, version
            self.collections = frozenset(name for name, _ in sizes)
        return True

    def statistics(self) -> dict[str, Any]:
        """Documents in this process's memory; look-ups and hit rate (0-1) of all processes since counting began."""
        counted = self.counts.totals()
        hits, misses = counted.get("hits", 0), counted.get("misses", 0)
        asked = hits + misses
        return {"size": len(self._facts), "hits": hits, "misses": misses, "hit_rate": hits / asked if asked else 0.0}


hot_documents = HotDocuments()


def _load(keys: list[int]) -> dict[int, Facts]:
    rows = Document.objects.filter(pk__in=keys).order_by().values(*FIELDS, pdca_id=F("metadata__pdca_id__value"))
    return {row["pk"]: Facts(**row) for row in rows}


def _names() -> list[tuple[str, str]]:
    """(field, value) of every agent, role, sprint and session."""
    return [
        (field, value)
        for field in ENTITY_FIELDS
        for value in Document.objects.order_by().values_list(field, flat=True).distinct()
        if value
    ]


def _titles() -> Iterable[tuple[int, str]]:
    """(key, title) of every journal entry."""
    return Document.objects.filter(kind__in=JOURNALS).order_by("path").values_list("pk", "title")
