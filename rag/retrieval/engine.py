"""One question to the chunks that answer it, each with the reason why it is there."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils import timezone

from rag.embedding import Vectors, get_embedder
from rag.models import Chunk, Collection, Document
from rag.retrieval.breadcrumbs import find_anchors, neighbours
from rag.retrieval.facts import Facts, hot_documents
from rag.retrieval.question import Question, Route, content_terms, read_question
from rag.retrieval.ranking import Candidate, Fusion, Weights, best_per_document
from rag.stores import get_lexical, get_vectors

DEFAULT_COLLECTIONS = tuple(name for name in Collection.values if name != Collection.TOOL_EXAMPLES)
# Documents made of many independent pieces: each piece is a hit of its own.
PIECEWISE = (Collection.TOOL_EXAMPLES, Collection.PROCESS_FRAMEWORK)
MAX_QUESTION = 2000
CHUNK_FILTERS = ("tool_ecosystem", "tool_name", "usage_pattern")
DOCUMENT_FILTERS = {
    "kind": "kind", "agent": "agent_name__icontains", "role": "agent_role__icontains", "sprint": "sprint",
    "session": "session__icontains", "since": "date__gte", "until": "date__lte", "min_quality": "quality_score__gte",
    "corpus": "corpus_id",
}  # fmt: skip
DEPTH = 60
MAX_FILTERED = 400
# "The latest PDCA about X": how near in score to the best one counts as being about X.
CLOSE = 0.6
# "What was decided on Monday?": so few words hardly restrict what a day has to offer.
FEW_TERMS = 2

FEW_ANCHORS = 2
# Only these stand in a chain of breadcrumbs.
JOURNALS = ("pdca", "journal")

# Below the first cosine nothing is close. From there to the second, the share of the question's words that one chunk
# must contain falls from all to half; above the second, meaning is enough.
SIMILARITY_NONE = 0.25
SIMILARITY_ENOUGH = 0.42
COVERAGE = 0.5
STEM = 6


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


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The route taken, the hits (none when nothing is good enough) and milliseconds by stage."""

    route: Route
    hits: list[Hit]
    latency_ms: dict[str, float]
    question: Question

    def as_dict(self) -> dict[str, Any]:
        return {"route": self.route, "hits": [asdict(hit) for hit in self.hits], "latency_ms": self.latency_ms}


@dataclass(slots=True)
class Search:
    """One question on its way through the stages."""

    question: Question
    collections: Sequence[str]
    k: int
    weights: Weights
    filters: Mapping[str, Any]
    latency: dict[str, float] = field(default_factory=dict)
    vector: Vectors | None = None
    similarity: dict[str, float] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)
    anchors: list[int] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - start) * 1000
            self.latency[name] = round(self.latency.get(name, 0.0) + spent, 2)


def retrieve(
    question: str,
    *,
    k: int = 10,
    today: date | None = None,
    filters: Mapping[str, Any] | None = None,
    collections: Sequence[str] | None = None,
    weights: Weights | None = None,
) -> Retrieval:
    """Find at most `k` hits.

    `filters` of documents: kind, agent, role, sprint, session, since, until, min_quality, corpus; of chunks:
    tool_ecosystem, tool_name, usage_pattern.
    """
    start = time.perf_counter()
    hot_documents.refresh()
    read = read_question(question[:MAX_QUESTION], today or timezone.localdate(), hot_documents.names)
    wanted = {name: value for name, value in (filters or {}).items() if value not in (None, "")}
    search = Search(read, _collections(read, collections), max(1, k), weights or Weights(), wanted)
    hits = _hits(search, _ordered(search)) if question.strip() else []
    hot_documents.note(hit.document_id for hit in hits)
    search.latency["total"] = round((time.perf_counter() - start) * 1000, 2)
    return Retrieval(read.route, hits, search.latency, read)


def _collections(question: Question, wanted: Sequence[str] | None) -> Sequence[str]:
    if wanted:
        return list(wanted)
    return list(Collection.values) if Collection.TOOL_EXAMPLES in question.topics else DEFAULT_COLLECTIONS


def _ordered(search: Search) -> list[Candidate]:
    """Candidates in the order of the answer: by relevance, then as the route wants it."""
    question = search.question
    allowed = _allowed(search)
    search.anchors = find_anchors(question)
    candidates = _fused(search, allowed)
    strong = _good_enough(search, candidates)
    if question.direction and (around := _around(search, candidates if strong or search.anchors else [])):
        return around
    if question.period and (strong or len(question.terms) <= FEW_TERMS):
        return candidates
    if not strong and not search.anchors:
        return []
    if question.order:
        return _by_time(search, candidates)
    return candidates


def _allowed(search: Search) -> list[int] | None:
    """Documents that the filters and the period leave, oldest first; None when nothing restricts them."""
    chosen = {DOCUMENT_FILTERS[name]: value for name, value in search.filters.items() if name in DOCUMENT_FILTERS}
    period = search.question.period
    if period is None and not chosen:
        return None
    rows = Document.objects.filter(**chosen)
    if period and period.first:
        rows = rows.filter(date__gte=period.first)
    if period and period.last:
        rows = rows.filter(date__lte=period.last)
    with search.stage("filter"):
        return list(rows.order_by("timestamp", "path").values_list("pk", flat=True))


def _fused(search: Search, allowed: list[int] | None) -> list[Candidate]:
    """Every list of every tier, fused, one chunk per document."""
    question, weights, fusion = search.question, search.weights, Fusion()
    if question.terms or question.phrases:
        with search.stage("embed"):
            search.vector = get_embedder().embed_query(question.text)
        fusion.add("words", weights.words, _words(search, allowed))
        fusion.add("meaning", weights.meaning, _meaning(search, search.collections, allowed))
    if exact := (*question.symbols, *question.phrases):
        fusion.add("exact name", weights.exact, _words(search, allowed, exact))
    for topic in question.topics:
        if topic in search.collections and search.vector is not None:
            fusion.add(f"about {topic}", weights.topic, _meaning(search, [topic], allowed))
    for value, names in _people(question).items():
        fusion.add(f"{names[0].replace('_', ' ')} {value}", weights.people, _of(search, names, value, allowed))
    if search.anchors:
        # A folder's name names all that is in it: then it is a hint like a person or a sprint.
        weight = weights.named if len(search.anchors) <= FEW_ANCHORS else weights.people
        fusion.add("named in the question", weight, _first_chunks(search.anchors))
    if question.period and allowed:
        fusion.add(f"dated {question.period}", weights.period, _first_chunks(allowed[:DEPTH]))
    return _collapsed(search, fusion)


def _words(search: Search, allowed: list[int] | None, terms: Sequence[str] = ()) -> list[tuple[str, int]]:
    with search.stage("lexical"):
        wanted = terms or (*search.question.terms, *search.question.phrases)
        hits = get_lexical().search(wanted, DEPTH, collections=search.collections, documents=allowed)
    return [(hit.uid, hit.document) for hit in hits]


def _meaning(search: Search, collections: Sequence[str], allowed: list[int] | None) -> list[tuple[str, int]]:
    assert search.vector is not None
    if allowed is not None and not allowed:
        return []
    with search.stage("vector"):
        few = allowed is not None and len(allowed) <= MAX_FILTERED
        n = DEPTH if allowed is None or few else DEPTH * 4
        where = _where(search, allowed if few else None)
        hits = get_vectors().query(collections, search.vector, n, where)
    search.similarity |= {hit.uid: hit.similarity for hit in hits}
    with search.stage("sql"):
        documents = dict(Chunk.objects.filter(uid__in=[hit.uid for hit in hits]).values_list("uid", "document"))
    found = [(hit.uid, documents[hit.uid]) for hit in hits if hit.uid in documents]
    permitted = None if allowed is None or few else set(allowed)
    return [pair for pair in found if permitted is None or pair[1] in permitted][:DEPTH]


def _people(question: Question) -> dict[str, list[str]]:
    """Names in the question with the fields that know them: a role may also be the name of an agent."""
    found: dict[str, list[str]] = {}
    for name, value in question.people:
        found.setdefault(value, []).append(name)
    return found


def _where(search: Search, documents: list[int] | None) -> dict[str, Any] | None:
    """Chunk filters and document keys as a condition of the vector store."""
    parts: list[dict[str, Any]] = [{name: search.filters[name]} for name in CHUNK_FILTERS if name in search.filters]
    if documents is not None:
        parts.append({"document": {"$in": documents}})
    return {"$and": parts} if len(parts) > 1 else parts[0] if parts else None


def _of(search: Search, names: Sequence[str], value: str, allowed: list[int] | None) -> list[tuple[str, int]]:
    """Chunks of documents by a person, of a sprint, in a session: those with the words, then the others by age."""
    either = reduce(or_, (Q(**{name: value}) for name in names))
    rows = Document.objects.filter(either, collection__in=search.collections)
    if allowed is not None:
        rows = rows.filter(pk__in=allowed[:MAX_FILTERED])
    with search.stage("filter"):
        keys = list(rows.order_by("timestamp", "path").values_list("pk", flat=True)[:MAX_FILTERED])
    spoken = set(content_terms(value.lower()))
    terms = [term for term in search.question.terms if term.lower() not in spoken and term.lower() != "sprint"]
    found = _words(search, keys, terms) if terms else []
    seen = {document for _, document in found}
    return found + [pair for pair in _first_chunks(keys) if pair[1] not in seen][: max(0, DEPTH - len(found))]


def _first_chunks(documents: Sequence[int]) -> list[tuple[str, int]]:
    rows = Chunk.objects.filter(document__in=documents, index=0).values_list("document", "uid")
    found = dict(rows)
    return [(found[key], key) for key in documents if key in found]


def _collapsed(search: Search, fusion: Fusion) -> list[Candidate]:
    """Templates count less, forbidden documents not at all, and equal documents once."""
    with search.stage("facts"):
        search.facts |= hot_documents.get(candidate.document for candidate in fusion.candidates.values())
    permitted = _permitted_chunks(search, fusion)
    kept: list[Candidate] = []
    for candidate in fusion.ranked():
        if permitted is not None and candidate.uid not in permitted:
            continue
        facts = search.facts.get(candidate.document)
        if facts is None or not facts.ok_to_retrieve or facts.collection not in search.collections:
            continue
        candidate.similarity = search.similarity.get(candidate.uid)
        if facts.kind == "template":
            candidate.score *= search.weights.template
        kept.append(candidate)
    kept.sort(key=lambda candidate: (-candidate.score, candidate.uid))
    same: dict[int, object] = {
        key: None if facts.collection in PIECEWISE else facts.sha256 or key for key, facts in search.facts.items()
    }
    return best_per_document(kept, same, search.weights.second_chunk)


def _permitted_chunks(search: Search, fusion: Fusion) -> set[str] | None:
    """Chunks that pass the chunk filters; None when there are none. The lexical tier does not know these fields."""
    wanted = {f"fields__{name}": search.filters[name] for name in CHUNK_FILTERS if name in search.filters}
    if not wanted:
        return None
    with search.stage("filter"):
        return set(Chunk.objects.filter(uid__in=list(fusion.candidates), **wanted).values_list("uid", flat=True))


def _good_enough(search: Search, candidates: Sequence[Candidate]) -> bool:
    """False when nothing in the index is about the question."""
    best = max(search.similarity.values(), default=0.0)
    if not candidates or (best < SIMILARITY_NONE and not search.question.symbols):
        return False
    # A tool example shows the form of a call; it need not be about the same thing.
    if best >= SIMILARITY_ENOUGH or list(search.collections) == [Collection.TOOL_EXAMPLES]:
        return True
    doubt = (SIMILARITY_ENOUGH - max(best, SIMILARITY_NONE)) / (SIMILARITY_ENOUGH - SIMILARITY_NONE)
    return _coverage(search, candidates[:5]) >= COVERAGE + (1 - COVERAGE) * doubt


def _coverage(search: Search, candidates: Sequence[Candidate]) -> float:
    """Share of the question's content words that the best of these chunks contain."""
    # A word counts in all its forms: its first letters must begin a word of the chunk.
    terms = [re.compile(rf"\b{re.escape(term.lower()[:STEM])}") for term in search.question.terms]
    if not terms:
        return 1.0
    with search.stage("sql"):
        texts = Chunk.objects.filter(uid__in=[c.uid for c in candidates]).values_list("text", "document__title")
        found = [f"{title} {text}".lower() for text, title in texts]
    return max((sum(bool(term.search(text)) for term in terms) / len(terms) for text in found), default=0.0)


def _around(search: Search, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Neighbours of the documents the question names, or of the one that matches best, nearest first."""
    question = search.question
    assert question.direction
    anchors = search.anchors or [c.document for c in candidates if search.facts[c.document].kind in JOURNALS][:1]
    with search.stage("graph"):
        found = neighbours(anchors, question.depth, question.direction)
    if not found:
        return []
    uids = {document: uid for uid, document in _first_chunks([*(item.document for item in found), *anchors])}
    search.facts |= hot_documents.get(uids)
    around = [
        Candidate(uids[item.document], item.document, 1 / (1 + item.depth), None, [item.why])
        for item in found
        if item.document in uids
    ]
    shown = {item.document for item in around}
    rest = [candidate for candidate in candidates if candidate.document not in shown]
    for candidate in rest:
        # Behind the neighbours, whatever its own score.
        candidate.score *= 0.5 / (1 + question.depth)
    return around + rest


def _by_time(search: Search, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The well-matching ones by date; the others stay behind them by relevance."""
    best = candidates[0].score if candidates else 0.0
    close = [c for c in candidates if c.score >= best * CLOSE and search.facts[c.document].timestamp]
    close.sort(
        key=lambda c: search.facts[c.document].timestamp or timezone.now(), reverse=search.question.order == "latest"
    )
    for candidate in close:
        candidate.why.append(f"{search.question.order} first")
    chosen = {candidate.uid for candidate in close}
    return close + [candidate for candidate in candidates if candidate.uid not in chosen]


def _hits(search: Search, candidates: Sequence[Candidate]) -> list[Hit]:
    chosen = candidates[: search.k]
    with search.stage("sql"):
        rows = {chunk.uid: chunk for chunk in Chunk.objects.filter(uid__in=[c.uid for c in chosen])}
    return [_hit(search.facts[c.document], rows[c.uid], c) for c in chosen if c.uid in rows]


def _hit(facts: Facts, chunk: Chunk, candidate: Candidate) -> Hit:
    why = list(dict.fromkeys(candidate.why))
    if candidate.similarity is not None:
        why.append(f"similarity {candidate.similarity:.2f}")
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
    )
