"""Whether what was found is about the question at all."""

import math
import re
from collections.abc import Iterable, Sequence

from rag.models import Chunk, Collection
from rag.retrieval.parameters import Parameters
from rag.retrieval.ranking import Candidate
from rag.retrieval.search import Search
from rag.stores import get_thesaurus

LOOKED_AT = 5
# A word counts in all its forms: its first letters must begin a word of the chunk.
STEM = 6
# "What was decided on Monday?": so few words hardly restrict what a day has to offer.
FEW_TERMS = 2
# Where a name was found as it is written, this share of the question's words beside it is enough.
AS_WRITTEN = 0.5
CERTAIN = 1.0
# Two words of this cosine have nothing in common.
UNRELATED = 0.4
# The more words a question has, the fewer of them one chunk can be expected to have; up to so many.
LONGEST = 8
# Among more chunks something is near to any question: the best cosine of n grows with log n. This many ask for no
# correction, fewer than that many for no further one.
USUAL_CHUNKS = 7000
FEWEST_CHUNKS = 500


def enough(search: Search, candidates: Sequence[Candidate], parameters: Parameters) -> bool:
    """False when nothing in the index is about the question; `search.margin` says by how much."""
    search.margin = _margin(search, candidates, parameters)
    return search.margin >= 0


def _margin(search: Search, candidates: Sequence[Candidate], parameters: Parameters) -> float:
    """How far the evidence is above what is needed."""
    if not candidates:
        return -CERTAIN
    # A tool example shows the form of a call; it need not be about the same thing.
    if list(search.collections) == [Collection.TOOL_EXAMPLES] or not search.rarity:
        return CERTAIN
    best = max(search.similarity.values(), default=0.0)
    covered = coverage(search, candidates[:LOOKED_AT])
    if covered >= AS_WRITTEN and _found_as_written(search):
        return CERTAIN
    if best < parameters.floor and covered < 1:
        return best - parameters.floor
    return (
        best
        + parameters.coverage * understanding(search, candidates[:LOOKED_AT])
        + parameters.length * min(len(search.rarity), LONGEST)
        - parameters.unknown * _unknown(search)
        - parameters.size * math.log(max(search.chunks, FEWEST_CHUNKS) / USUAL_CHUNKS)
        - parameters.evidence
    )


def _unknown(search: Search) -> float:
    """Share of the question's words that the index does not know at all, 0-1, by their rarity."""
    strange = sum(worth for worth in search.rarity.values() if worth == 1)
    return strange / (sum(search.rarity.values()) or 1.0)


def _found_as_written(search: Search) -> bool:
    """Whether rare names, numbers or quotations of the question stand in the index as they are, all of them."""
    literals = search.question.literals
    return bool(literals) and all(search.rarity.get(literal, 1.0) < 1 for literal in literals)


def period_is_enough(search: Search) -> bool:
    """A question of hardly more than a period is answered by what happened in it, unless it names a stranger."""
    few = len(search.question.terms) <= FEW_TERMS
    return few and all(worth < 1 for worth in search.rarity.values())


def coverage(search: Search, candidates: Iterable[Candidate]) -> float:
    """Share of the question's words that the best of these chunks contains, rare words counting more; 0-1."""
    found = _looked_at(search, candidates)
    return max((search.covered.get(candidate.uid, 0.0) for candidate in found), default=0.0)


def understanding(search: Search, candidates: Iterable[Candidate]) -> float:
    """Like coverage, but a word that is not in the chunk counts by how near in meaning another one there is; 0-1."""
    found = _looked_at(search, candidates)
    return max((search.understood.get(candidate.uid, 0.0) for candidate in found), default=0.0)


def _looked_at(search: Search, candidates: Iterable[Candidate]) -> list[Candidate]:
    found = list(candidates)
    missing = [candidate.uid for candidate in found if candidate.uid not in search.covered]
    if missing:
        with search.stage("sql"):
            _cover(search, missing)
    return found


def _cover(search: Search, uids: Sequence[str]) -> None:
    forms = {term: _forms(search.corrections.get(term, term)) for term, worth in search.rarity.items() if worth < 1}
    total = sum(search.rarity.values()) or 1.0
    thesaurus = get_thesaurus()
    rows = Chunk.objects.filter(uid__in=uids).values_list(
        "uid", "text", "heading_path", "document__title", "document__path"
    )
    for uid, text, headings, title, path in rows:
        words = " ".join((text, title, path, *headings)).lower()
        present = {term for term, form in forms.items() if form.search(words)}
        places = thesaurus.words_of(words)
        nearly = {
            term: max(0.0, thesaurus.nearest(search.corrections.get(term, term), places) - UNRELATED) / (1 - UNRELATED)
            for term in search.rarity
            if term not in present
        }
        search.covered[uid] = sum(search.rarity[term] for term in present) / total
        search.understood[uid] = (
            search.covered[uid] + sum(search.rarity[term] * near for term, near in nearly.items()) / total
        )


def _forms(term: str) -> re.Pattern[str]:
    parts = [re.escape(word[:STEM]) for word in re.findall(r"\w+", term.lower())]
    return re.compile(r"\b" + r"\w*\W+".join(parts) if parts else r"(?!)")
