"""Candidates in the order of the answer: by relevance, along the breadcrumbs, or by date."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import timezone

from rag.retrieval.breadcrumbs import Neighbour, neighbours, path_between
from rag.retrieval.evidence import coverage, enough, period_is_enough
from rag.retrieval.facts import JOURNALS, hot_documents
from rag.retrieval.gathering import first_chunks, only_named
from rag.retrieval.parameters import Parameters
from rag.retrieval.ranking import Candidate, fuse
from rag.retrieval.search import Search

# Entries that a described one may be, when a question asks what lies before or after it.
GUESSES = 3
ALIKE = 0.75
NEARLY = 0.9
EVER = datetime.min.replace(tzinfo=UTC)


def order(search: Search, parameters: Parameters) -> list[Candidate]:
    """The answer; empty when nothing is good enough."""
    question = search.question
    candidates = fuse(search, parameters)
    strong = enough(search, candidates, parameters)
    if question.between and len(search.anchors) > 1 and (path := _path(search, candidates)):
        return path
    in_period = bool(question.period) and (strong or period_is_enough(search))
    if question.way and (around := _around(search, candidates if strong or in_period or search.anchors else [])):
        return around
    if in_period:
        return _by_time(search, candidates, parameters) if question.order else candidates
    if not strong and not search.anchors:
        return []
    return _by_time(search, candidates, parameters) if question.order else candidates


def _path(search: Search, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The documents on the shortest way from the first to the second one named, in order."""
    with search.stage("graph"):
        steps = path_between(search.anchors[0], search.anchors[1])
    found = _candidates(search, steps)
    for place, candidate in enumerate(found):
        candidate.score = 1 - place / (len(found) + 1)
    return found + _behind(found, candidates)


def _around(search: Search, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Neighbours of the documents the question names, or of those that fit its description best."""
    if search.anchors:
        found = _neighbours(search, search.anchors)
        return found + _behind(found, candidates) if found else []
    way = search.question.way
    assert way
    guesses = [c for c in candidates if search.facts[c.document].kind in JOURNALS][: GUESSES if way.depth == 1 else 1]
    answer: dict[int, Candidate] = {}
    for guess in guesses:
        if guess.score >= guesses[0].score * ALIKE:
            for candidate in (*_neighbours(search, [guess.document]), guess):
                answer.setdefault(candidate.document, candidate)
    found = list(answer.values())
    if all(candidate in guesses for candidate in found):
        return []
    for place, candidate in enumerate(found):
        candidate.score = 1 - place / (2 * len(found))
    return found + _behind(found, candidates)


def _neighbours(search: Search, anchors: Sequence[int]) -> list[Candidate]:
    way = search.question.way
    assert way
    key = tuple(anchors)
    if key not in search.around:
        with search.stage("graph"):
            search.around[key] = neighbours(anchors, way.depth, way.direction, way.relation)
    found = _candidates(search, search.around[key])
    if (way.direction, way.relation) == ("before", "TOUCHES"):
        # Who touched it: what was done is in journals, and the last ones matter most.
        found.sort(key=lambda c: search.facts[c.document].timestamp or EVER, reverse=True)
        found.sort(key=lambda c: search.facts[c.document].kind not in JOURNALS)
    return found


def _candidates(search: Search, steps: Sequence[Neighbour]) -> list[Candidate]:
    uids = {document: uid for uid, document in first_chunks(search, [step.document for step in steps])}
    with search.stage("facts"):
        search.facts |= hot_documents.get(key for key in uids if key not in search.facts)
    return [
        Candidate(uids[step.document], step.document, 1 / (1 + step.depth), None, [step.why])
        for step in steps
        if step.document in uids and step.document in search.facts and search.facts[step.document].ok_to_retrieve
    ]


def _behind(first: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """The others with scores below those of the first."""
    shown = {candidate.document for candidate in first}
    lowest = min((candidate.score for candidate in first), default=1.0)
    rest = [candidate for candidate in others if candidate.document not in shown]
    for candidate in rest:
        candidate.score *= lowest * NEARLY
    return rest


def _by_time(search: Search, candidates: Sequence[Candidate], parameters: Parameters) -> list[Candidate]:
    """The journal entries that are well about it by date; the others stay behind them by relevance."""
    entries = [
        c for c in candidates if search.facts[c.document].kind in JOURNALS and search.facts[c.document].timestamp
    ]
    if not entries:
        return list(candidates)
    close = entries if search.allowed and only_named(search.question) else _close(search, entries, parameters.close)
    latest = search.question.order == "latest"
    close.sort(key=lambda c: search.facts[c.document].timestamp or timezone.now(), reverse=latest)
    for candidate in close:
        candidate.why.append(f"{search.question.order} first")
    return close + _behind(close, candidates)


def _close(search: Search, entries: Sequence[Candidate], share: float) -> list[Candidate]:
    """Those with at least this share of the best one's score, and of the question's words that any has."""
    best = max(candidate.score for candidate in entries)
    close = [candidate for candidate in entries if candidate.score >= best * share]
    if not search.rarity:
        return close
    most = max(coverage(search, [candidate]) for candidate in close)
    return [candidate for candidate in close if coverage(search, [candidate]) >= most * share]
