"""One question to the chunks that answer it, each with the reason why it is there."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from rag.models import Chunk
from rag.retrieval.facts import Facts, hot_documents
from rag.retrieval.gathering import gather, wanted_collections
from rag.retrieval.ordering import order
from rag.retrieval.parameters import Parameters, current_parameters
from rag.retrieval.question import Question, Route
from rag.retrieval.ranking import Candidate, fuse
from rag.retrieval.search import Search
from rag.retrieval.timing import understand

MAX_QUESTION = 2000
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A citation: where it is, how good, and why."""

    path: str
    pdca_id: str
    collection: str
    score: float
    why: str
    chunk: int
    text: str
    document_id: int
    chunk_uid: str
    title: str
    kind: str
    date: str
    heading: str
    objective: str

    @property
    def quoted(self) -> str:
        """The text for a reader who sees nothing else: what an entry was for stands first, whichever part was found."""
        told = not self.objective or self.objective in self.text
        return self.text if told else f"Objective: {self.objective}\n\n{self.text}"


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The route taken, the hits (none when nothing is good enough) and milliseconds by stage.

    `nearest`: where there is no hit, the few documents that came nearest; they are not an answer.
    """

    route: Route
    hits: list[Hit]
    latency_ms: dict[str, float]
    question: Question
    nearest: list[Hit] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "route": self.route,
            "hits": [asdict(hit) for hit in self.hits],
            "nearest": [asdict(hit) for hit in self.nearest],
            "latency_ms": self.latency_ms,
        }


def retrieve(
    question: str,
    *,
    k: int = 10,
    today: date | None = None,
    filters: Mapping[str, Any] | None = None,
    collections: Sequence[str] | None = None,
    parameters: Parameters | None = None,
) -> Retrieval:
    """Find at most `k` hits; stages run side by side, so that `total` is less than their sum.

    `filters` of documents: kind, agent, role, sprint, session, since, until, min_quality, corpus; of chunks:
    tool_ecosystem, tool_name, usage_pattern.
    """
    start = time.perf_counter()
    chosen = parameters or current_parameters()
    hits: list[Hit] = []
    while True:
        search = prepare(question, today=today, filters=filters, collections=collections, depth=chosen.depth)
        version = hot_documents.version
        if not question.strip():
            break
        gather(search)
        best = order(search, chosen)[: max(1, k)]
        hits = _hits(search, best)
        if best and len(hits) == len(best):
            break
        # Was the index switched meanwhile? Then what was found is gone, and nothing need not be the answer.
        hot_documents.refresh()
        if hot_documents.version == version:
            break
    nearest = [] if hits else _hits(search, fuse(search, chosen)[:NEAREST])
    search.spent("total", start)
    return Retrieval(search.question.route, hits, search.latency, search.question, nearest)


def prepare(
    question: str,
    *,
    depth: int,
    today: date | None = None,
    filters: Mapping[str, Any] | None = None,
    collections: Sequence[str] | None = None,
) -> Search:
    """A search whose question is read, ready to gather `depth` chunks from each list."""
    hot_documents.refresh()
    wanted = {name: value for name, value in (filters or {}).items() if value not in (None, "")}
    read = understand(question[:MAX_QUESTION], today or timezone.localdate(), wanted)
    return Search(read, wanted_collections(read, collections), wanted, depth)


def _hits(search: Search, chosen: Sequence[Candidate]) -> list[Hit]:
    with search.stage("sql"):
        # What may be handed out is looked up now: a verdict holds from the next question on.
        allowed = Chunk.objects.filter(uid__in=[c.uid for c in chosen], document__ok_to_retrieve=True)
        rows = {chunk.uid: chunk for chunk in allowed}
    return [_hit(search, search.facts[c.document], rows[c.uid], c) for c in chosen if c.uid in rows]


def _hit(search: Search, facts: Facts, chunk: Chunk, candidate: Candidate) -> Hit:
    why = list(dict.fromkeys(candidate.why))
    if candidate.similarity is not None:
        why.append(f"similarity {candidate.similarity:.2f}")
    why += [f"read “{written}” as “{meant}”" for written, meant in search.corrections.items()]
    return Hit(
        path=facts.path,
        pdca_id=facts.pdca_id or facts.path,
        collection=facts.collection,
        score=round(candidate.score, 4),
        why=", ".join(why),
        chunk=chunk.index,
        text=chunk.text,
        document_id=facts.pk,
        chunk_uid=chunk.uid,
        title=facts.title,
        kind=facts.kind,
        date=facts.date.isoformat() if facts.date else "",
        heading=" > ".join(chunk.heading_path),
        objective=facts.objective,
    )
