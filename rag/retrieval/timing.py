"""The times of a question, as far as the index decides them: which year, which days of a sprint, and whether at all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q, QuerySet

from rag.models import Document
from rag.retrieval.facts import JOURNALS, hot_documents
from rag.retrieval.names import Pair
from rag.retrieval.periods import Period
from rag.retrieval.question import Question, read_question

DOCUMENT_FILTERS = {
    "kind": "kind", "agent": "agent_name__icontains", "role": "agent_role__icontains", "sprint": "sprint",
    "session": "session__icontains", "since": "date__gte", "until": "date__lte", "min_quality": "quality_score__gte",
    "corpus": "corpus_id",
}  # fmt: skip
# A date without a year is looked for in so many earlier years when the latest has nothing on it.
YEARS_BACK = 2
# So many words make a story of their own.
STORY = 3


def understand(text: str, today: date, filters: Mapping[str, Any]) -> Question:
    """Read a question beside the index: days on which nothing was written are a part of what is told."""
    question = read_question(text, today, hot_documents.names, hot_documents.titles)
    period = question.period
    if period and period.guessed and len(question.terms) >= (1 if period.vague else STORY):
        rows = Document.objects.filter(kind__in=JOURNALS, **document_filters(filters))
        if not within_period(rows, period).exists():
            question = read_question(text, today, hot_documents.names, hot_documents.titles, story=True)
    return _with_days_of_sprint(question, filters)


def document_filters(filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of documents among those of a search, as Django has them."""
    return {DOCUMENT_FILTERS[name]: value for name, value in filters.items() if name in DOCUMENT_FILTERS}


def within_period(rows: QuerySet[Document], period: Period | None) -> QuerySet[Document]:
    """The rows of a period; of one without a year in the last year that has any."""
    for _ in range(YEARS_BACK if period and period.guessed else 1):
        found = rows
        if period and period.first:
            found = found.filter(date__gte=period.first)
        if period and period.last:
            found = found.filter(date__lte=period.last)
        if not period or not period.guessed or found.exists():
            return found
        period = period.year_earlier()
    return found


def by_people(people: Sequence[Pair]) -> Q:
    """Documents by any of the people, and of the sprint and session, that a question mentions."""
    persons, wanted = Q(), Q()
    for field, value in people:
        match = Q(**{f"{field}__in": hot_documents.names.values((field, value))})
        if field in ("agent_name", "agent_role"):
            persons |= match
        else:
            wanted &= match
    return persons & wanted


def _with_days_of_sprint(question: Question, filters: Mapping[str, Any]) -> Question:
    """With the days of the part of a sprint that is asked for, where the index knows that sprint."""
    sprints = [pair for pair in question.people if pair[0] == "sprint"]
    if not question.sprint_part or not sprints or question.period:
        return question
    rows = Document.objects.filter(by_people(sprints), kind__in=JOURNALS, **document_filters(filters))
    days = rows.aggregate(first=Min("date"), last=Max("date"))
    if not days["first"]:
        return question
    return replace(question, period=question.sprint_part.period(days["first"], days["last"]))
