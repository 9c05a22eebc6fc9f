"""What every tier knows about a question, as ranked lists."""

import re
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cache, reduce
from itertools import pairwise
from operator import or_
from typing import Any

from django.db.models import Q

from rag.embedding import get_embedder
from rag.models import Chunk, Collection, Document
from rag.retrieval.breadcrumbs import find_anchors
from rag.retrieval.facts import JOURNALS, hot_documents
from rag.retrieval.hours import NEAR, Hours
from rag.retrieval.lexicon import get_lexicon
from rag.retrieval.names import name_key
from rag.retrieval.question import Question, content_terms
from rag.retrieval.search import Ranked, RankedList, Search
from rag.retrieval.timing import by_people, document_filters, within_period
from rag.stores import get_lexical, get_thesaurus, get_vectors
from rag.stores.lexical import LexicalHit
from rag.stores.vectors import VectorHit

DEFAULT_COLLECTIONS = tuple(name for name in Collection.values if name != Collection.TOOL_EXAMPLES)
CHUNK_FILTERS = ("tool_ecosystem", "tool_name", "usage_pattern")
_WORD = re.compile(r"[^\W\d_]{2,}")
MAX_FILTERED = 400
FEW_ANCHORS = 2
# A number or symbol in so many titles is the name of each; in more it is a word like others.
FEW_TITLED = 3
# From so many words on, a question may be a sentence of a document, which hardly more than a few repeat.
SENTENCE = 4
FEW_VERBATIM = 10
# A chunk whose cosine is so much below the best one's is worth nothing by its meaning.
SPREAD = 0.3
# A word of less worth than this (see the lexicon) is left out where so many rarer ones are asked for.
COMMON = 0.15
# A word without content of its own must be rarer than that to be looked for.
TELLING = 0.25
ENOUGH_TERMS = 3
# From this worth on a word stands in so few chunks that it names them.
NAMING = 0.7


def gather(search: Search) -> None:
    """Ask all tiers; the vectors are asked while this thread asks the others."""
    question = search.question
    search.allowed = _allowed(search)
    nearest = _vectors_asked(search) if question.terms or question.literals else None
    search.anchors = find_anchors(question)
    words = _words(search)
    search.lists.append(_scored("words", "words", words[: search.depth]))
    _add_related(search)
    _add_verbatim(search)
    _add_rare(search)
    _add_names(search, words)
    if nearest:
        _add_nearest(search, nearest.result())
    with search.stage("facts"):
        search.facts |= hot_documents.get(key for entry in search.lists for _, key in entry.ranked)
    search.permitted = _permitted_chunks(search)


def wanted_collections(question: Question, wanted: Sequence[str] | None) -> Sequence[str]:
    """The collections asked for, else all but the tool examples, which only questions about tools want."""
    if wanted:
        return list(wanted)
    return list(Collection.values) if Collection.TOOL_EXAMPLES in question.topics else DEFAULT_COLLECTIONS


def _allowed(search: Search) -> list[int] | None:
    """Documents that filters, period and people leave, oldest first; None when nothing restricts them."""
    question = search.question
    chosen = document_filters(search.filters)
    timed = question.period is not None or question.order is not None
    if question.period is None and not chosen and not (timed and question.people):
        return None
    with search.stage("filter"):
        everything = Document.objects.filter(**chosen)
        rows = within_period(everything, question.period)
        if timed and question.people:
            mine = rows.filter(by_people(question.people))
            rows = mine if mine.exists() else rows
        times = list(rows.order_by("timestamp", "path").values_list("pk", "timestamp"))
    return _within_hours(times, question.hours)


def _within_hours(times: Sequence[tuple[int, datetime | None]], hours: Hours | None) -> list[int]:
    """Documents of those hours; of the whole period when none has such a time. A day without time is midnight."""
    if hours:
        minutes = [(key, at.hour * 60 + at.minute) for key, at in times if at]
        for near in NEAR if hours.exact else (0,):
            last = hours.last + near if hours.exact else hours.last - 1
            if found := [key for key, minute in minutes if hours.first - near <= minute <= last]:
                return found
    return [key for key, _ in times]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="retrieval")


def _vectors_asked(search: Search) -> "Future[list[VectorHit]] | None":
    """The nearest chunks of each collection, asked for in another thread, which touches no database."""
    allowed = search.allowed
    if allowed is not None and not allowed:
        return None
    few = allowed is not None and len(allowed) <= MAX_FILTERED
    n = search.depth if allowed is None or few else search.depth * 4
    known = (*CHUNK_FILTERS, "corpus", "kind")
    parts: list[dict[str, Any]] = [{name: search.filters[name]} for name in known if name in search.filters]
    if few:
        parts.append({"document": {"$in": allowed}})
    where = {"$and": parts} if len(parts) > 1 else parts[0] if parts else None
    filled = [name for name in search.collections if name in hot_documents.collections]

    def ask() -> list[VectorHit]:
        start = time.perf_counter()
        vector = get_embedder().embed_query(search.question.about)
        search.spent("embed", start)
        start = time.perf_counter()
        hits = get_vectors().query(filled, vector, n, where)
        search.spent("vector", start)
        return hits

    return _pool().submit(ask)


def _words(search: Search) -> list[LexicalHit]:
    question = search.question
    terms = [*question.terms, *question.phrases, *question.literals]
    with search.stage("lexical"):
        lexicon = get_lexicon(hot_documents.version)
        search.rarity, search.corrections = lexicon.weigh(terms)
        search.chunks = lexicon.chunks
    # Whose work it is says nothing about what is asked.
    spoken = {word for field, value in question.people if field == "agent_name" for word in content_terms(value)}
    search.rarity = {term: worth for term, worth in search.rarity.items() if term not in spoken} or search.rarity
    rare = [term for term in terms if search.rarity.get(term, 1.0) >= COMMON]
    # Words of every third chunk move no rank and cost most of the time.
    wanted = rare if len(rare) >= ENOUGH_TERMS else terms
    return _lexical(search, [*wanted, *_function_words(search), *search.corrections.values(), *_joined(question)])


def _joined(question: Question) -> list[str]:
    """Words of the index that the question writes as two."""
    thesaurus = get_thesaurus()
    return [one for pair in pairwise(_WORD.findall(question.about)) for one in thesaurus.joined(*pair)]


def _function_words(search: Search) -> list[str]:
    """Words of the question that say nothing by themselves, where they are rare enough to tell chunks apart."""
    question = search.question
    if question.route != "semantic":
        return []
    others = [word for word in dict.fromkeys(_WORD.findall(question.about)) if word not in search.rarity]
    with search.stage("lexical"):
        worth, _ = get_lexicon(hot_documents.version).weigh(others)
    return [word for word in others if TELLING <= worth[word] < 1]


def _add_related(search: Search) -> None:
    """Chunks with the question's words or those nearest to them in meaning; what is named is not paraphrased."""
    if search.question.literals or search.question.way:
        return
    terms = [term for term in search.question.terms if search.rarity.get(term, 1.0) >= COMMON]
    with search.stage("related"):
        thesaurus = get_thesaurus()
        known = [search.corrections.get(term, term) for term in terms if _WORD.fullmatch(term)]
        others = [other for term in known for other in thesaurus.related(term)]
    if others:
        hits = _lexical(search, [*terms, *others, *_joined(search.question)])
        search.lists.append(_scored("related words", "related", hits[: search.depth]))


def _lexical(search: Search, terms: Sequence[str], *, every: bool = False) -> list[LexicalHit]:
    """Chunks with any or every of the terms; sieving the usual collections here is cheaper than in the store."""
    with search.stage("lexical"):
        usual = len(search.collections) >= len(DEFAULT_COLLECTIONS)
        hits = get_lexical().search(
            terms,
            search.depth * (2 if usual else 1),
            collections=() if usual else search.collections,
            documents=search.allowed,
            every=every,
        )
    hits = [hit for hit in hits if hit.collection in search.collections]
    with search.stage("sql"):
        # While an index run switches, the store has the words of old and new chunks; SQL knows one of them.
        owners = hot_documents.owners(hit.uid for hit in hits)
    return [hit for hit in hits if hit.uid in owners]


def _add_names(search: Search, words: Sequence[LexicalHit]) -> None:
    """Lists of what the question names: symbols and quotations, people, documents, a period."""
    question = search.question
    add = search.lists.append
    if _literals(question):
        exact, titled = _exact(search)
        add(RankedList("exact name", "exact", exact))
        if 0 < len(titled) <= FEW_TITLED:
            add(RankedList("named in the question", "named", first_chunks(search, titled)))
    for field, value in question.people:
        if found := _of(search, field, value, words):
            add(RankedList(f"{field.replace('_', ' ')} {value}", "people", found))
    if search.anchors:
        # A folder's name names all that is in it: then it is a hint like a person or a sprint.
        weight = "named" if len(search.anchors) <= FEW_ANCHORS else "people"
        add(RankedList("named in the question", weight, first_chunks(search, search.anchors)))
    if question.period and search.allowed:
        add(RankedList(f"dated {question.period}", "period", first_chunks(search, _dated(search, search.allowed))))
    elif question.order and not question.terms:
        add(RankedList(f"{question.order} of all", "period", first_chunks(search, _by_time(search))))


def _add_verbatim(search: Search) -> None:
    """Chunks with the whole question in a row, or with all its words: who pastes a sentence wants to see it again."""
    question = search.question
    if len(question.text.split()) < SENTENCE:
        return
    if whole := _lexical(search, [question.text])[:FEW_VERBATIM]:
        search.lists.append(_scored("these very words", "named", whole))
    elif len(question.terms) >= SENTENCE and (together := _lexical(search, question.terms, every=True)):
        search.lists.append(_scored("all its words", "exact", together[: search.depth]))


def _add_rare(search: Search) -> None:
    """Chunks with words that hardly any chunk has, where nothing else is asked for: then such a word is a name.

    An embedder does not know such words, and yet something is nearest to them: by weights alone that noise would win.
    """
    telling = {word: worth for word, worth in search.rarity.items() if worth >= COMMON}
    rare = all(NAMING <= worth < 1 and word not in search.corrections for word, worth in telling.items())
    if rare and not search.question.literals and (hits := _lexical(search, list(telling))):
        search.lists.append(_scored("rare words", "named", hits[: search.depth]))


def _scored(name: str, weight: str, hits: Sequence[LexicalHit]) -> RankedList:
    """A list by words; BM25 has no upper end, so that the best of the list is the measure."""
    best = hits[0].score if hits else 1.0
    worth = tuple(max(0.0, hit.score / best) if best > 0 else 0.0 for hit in hits)
    return RankedList(name, weight, [(hit.uid, hit.document) for hit in hits], worth)


def _literals(question: Question) -> list[str]:
    """Literals that are not the name of somebody, whose documents are a list of their own."""
    people = {name_key(value) for _, value in question.people}
    return [literal for literal in question.literals if name_key(literal) not in people]


def only_named(question: Question) -> bool:
    """Whether somebody's work is asked for and nothing else: all of it is equally about that."""
    return bool(question.people) and not question.terms and not _literals(question)


def _exact(search: Search) -> tuple[Ranked, list[int]]:
    """Chunks with what the question quotes or names exactly, and the documents whose path or title has it."""
    literals = _literals(search.question)
    hits = _lexical(search, literals)[: search.depth]
    facts = hot_documents.get(hit.document for hit in hits)
    named = {key for key, fact in facts.items() if any(one in f"{fact.path} {fact.title}" for one in literals)}
    ranked = [(hit.uid, hit.document) for hit in sorted(hits, key=lambda hit: hit.document not in named)]
    return ranked, list(dict.fromkeys(key for _, key in ranked if key in named))


def _of(search: Search, field: str, value: str, words: Sequence[LexicalHit]) -> Ranked:
    """Chunks of documents by a person, of a sprint, in a session: those with the words, then the others by age.

    The rules of a role are documents in its folder, by nobody. Beside other words, only chunks with them count.
    """
    mine = Q(**{f"{field}__in": hot_documents.names.values((field, value))})
    if field == "agent_role":
        folders = (f"/{folder}/" for folder in {name_key(value), value})
        mine |= Q(kind="process") & reduce(or_, (Q(path__icontains=folder) for folder in folders))
    rows = Document.objects.filter(mine, collection__in=search.collections)
    # Only so many are taken: where the latest are asked for, those.
    sign = "-" if search.question.order == "latest" else ""
    with search.stage("filter"):
        keys = list(rows.order_by(f"{sign}timestamp", "path").values_list("pk", flat=True))
    if search.allowed is not None:
        allowed = set(search.allowed)
        keys = [key for key in keys if key in allowed]
    wanted = set(keys)
    spoken = {word.lower() for word in (*content_terms(value), "sprint", field)}
    about = any(term.lower() not in spoken for term in search.question.terms)
    found = [(hit.uid, hit.document) for hit in words if hit.document in wanted] if about else []
    seen = {document for _, document in found}
    if about and found and not search.question.period:
        return found[: search.depth]
    others = [key for key in keys if key not in seen][: max(0, search.depth - len(found))]
    return (found + first_chunks(search, others))[: search.depth]


def _dated(search: Search, allowed: Sequence[int]) -> list[int]:
    """What happened is in journals: they come first, each part by age."""
    facts = hot_documents.get(allowed[:MAX_FILTERED])
    return sorted(facts, key=lambda key: facts[key].kind not in JOURNALS)[: search.depth]


def _by_time(search: Search) -> list[int]:
    """The newest or oldest journal entries of those allowed."""
    rows = Document.objects.filter(kind__in=JOURNALS, timestamp__isnull=False)
    sign = "-" if search.question.order == "latest" else ""
    with search.stage("filter"):
        keys = list(rows.order_by(f"{sign}timestamp", "path").values_list("pk", flat=True))
    allowed = None if search.allowed is None else set(search.allowed)
    return [key for key in keys if allowed is None or key in allowed][: search.depth]


def first_chunks(search: Search, documents: Sequence[int]) -> Ranked:
    """The first chunk of each document, in their order."""
    missing = [key for key in documents if key not in search.first_chunks]
    if missing:
        with search.stage("sql"):
            rows = Chunk.objects.filter(document__in=missing, index=0).order_by()
            search.first_chunks |= dict(rows.values_list("document", "uid"))
    return [(search.first_chunks[key], key) for key in documents if key in search.first_chunks]


def _add_nearest(search: Search, hits: Sequence[VectorHit]) -> None:
    """The list by meaning, and one of each collection the question speaks of."""
    search.similarity |= {hit.uid: hit.similarity for hit in hits}
    topics = [topic for topic in search.question.topics if topic in search.collections]
    lists = [("meaning", "sense", list(hits))]
    lists += [(f"about {topic}", "topic", [hit for hit in hits if hit.collection == topic]) for topic in topics]
    restricted = search.allowed is not None and len(search.allowed) > MAX_FILTERED
    taken = len(hits) if restricted else search.depth
    with search.stage("sql"):
        owners = hot_documents.owners({hit.uid for _, _, found in lists for hit in found[:taken]})
    permitted = None if search.allowed is None else set(search.allowed)
    for name, weight, found in lists:
        kept = [hit for hit in found[:taken] if hit.uid in owners]
        kept = [hit for hit in kept if permitted is None or owners[hit.uid] in permitted][: search.depth]
        best = max((hit.similarity for hit in kept), default=1.0)
        worth = tuple(max(0.0, 1 - (best - hit.similarity) / SPREAD) for hit in kept)
        search.lists.append(RankedList(name, weight, [(hit.uid, owners[hit.uid]) for hit in kept], worth))


def _permitted_chunks(search: Search) -> set[str] | None:
    """Chunks that pass the chunk filters; None when there are none. The lexical tier does not know these fields."""
    wanted = {f"fields__{name}": search.filters[name] for name in CHUNK_FILTERS if name in search.filters}
    if not wanted:
        return None
    uids = {uid for entry in search.lists for uid, _ in entry.ranked}
    with search.stage("filter"):
        return set(Chunk.objects.filter(uid__in=uids, **wanted).values_list("uid", flat=True))
