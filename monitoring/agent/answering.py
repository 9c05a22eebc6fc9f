"""From a question to an answer with citations, every step timed and logged in the query's row."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from evaluation.runtimes.base import Message, Request, RuntimeFailure
from evaluation.selectors import live_deployment
from monitoring.agent.prompts import Source, Turn, build_messages
from monitoring.agent.router import Decision, route
from monitoring.models import Conversation, Query
from rag.models import Collection

logger = logging.getLogger(__name__)

HISTORY = (Collection.PDCA_HISTORICAL, Collection.DAILY_BUFFER, Collection.COMPONENTS)
PROCESS = (Collection.PROCESS_FRAMEWORK, Collection.PROCESS_DOCS)
MAX_TOKENS = 400
SOURCES = 3
TOOL_EXAMPLES = 2


@dataclass
class Stopwatch:
    """Milliseconds by stage."""

    began: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)

    def lap(self, stage: str, since: float) -> None:
        self.stages[stage] = round((time.perf_counter() - since) * 1000, 2)

    def total(self) -> float:
        return round((time.perf_counter() - self.began) * 1000, 2)


def query_create(
    *, question: str, channel: str, user: Any = None, conversation: Conversation | None = None, sources: str = "auto"
) -> Query:
    """Record the question before anything can go wrong. `sources`: auto, always or never look into the documents."""
    decision = route(question)
    return Query.objects.create(
        question=question,
        channel=channel,
        user=user,
        conversation=conversation,
        deployment=live_deployment(),
        query_type="history" if sources == "always" else decision.query_type,
        used_history=(decision.needs_history and sources != "never") or sources == "always",
        used_tools=decision.needs_tools,
        used_process=decision.needs_process and sources != "never",
    )


def query_answer(query: Query, today: date | None = None) -> Iterator[str]:
    """Answer a claimed query: yields pieces of text; the row is complete afterwards, whatever happened.

    A consumer that stops listening (closed tab, Stop button) leaves the query `stopped` with what it has.
    """
    watch = Stopwatch()
    pieces: list[str] = []
    status, error = Query.Status.STOPPED, ""
    try:
        messages = _prepare(query, watch, today)
        # Generation takes long; do not hold a database connection for it.
        connection.close()
        for piece in _generate(query, messages, watch):
            pieces.append(piece)
            yield piece
        status = Query.Status.ANSWERED
    except RuntimeFailure as failure:
        status, error = Query.Status.FAILED, f"The model does not answer: {failure}. `manage.py doctor` says why."
    except Exception as failure:
        logger.exception("Query %s failed", query.pk)
        status, error = Query.Status.FAILED, f"{type(failure).__name__}: {failure}"
    finally:
        _finish(query, watch, "".join(pieces), len(pieces), status, error)


def _prepare(query: Query, watch: Stopwatch, today: date | None) -> list[Message]:
    since = time.perf_counter()
    decision = route(query.question)
    watch.lap("route", since)
    since = time.perf_counter()
    sources = _fetch_sources(query, today)
    examples = _fetch_tool_examples(query, decision)
    watch.lap("retrieve", since)
    messages = build_messages(query.question, sources=sources, tool_examples=examples, turns=_turns(query))
    # About four characters a token: the served model tells its own count only after a whole answer.
    query.prompt_tokens = sum(len(message["content"]) for message in messages) // 4
    return messages


def _fetch_sources(query: Query, today: date | None) -> list[Source]:
    from rag.retrieval import retrieve

    wanted = (HISTORY if query.used_history else ()) + (PROCESS if query.used_process else ())
    if not wanted:
        return []
    found = retrieve(query.question, k=SOURCES, today=today, collections=wanted)
    query.citations = [
        {
            "document": hit.document_id,
            "path": hit.path,
            "title": hit.title or hit.path,
            "chunk": hit.chunk,
            "score": round(hit.score, 4),
            "why": hit.why,
        }
        for hit in found.hits
    ]
    return [Source(hit.title or hit.path, hit.quoted) for hit in found.hits]


def _fetch_tool_examples(query: Query, decision: Decision) -> list[str]:
    """Two or three examples of the configured ecosystem, taught by retrieval instead of retraining."""
    from rag.retrieval import retrieve

    if not query.used_tools:
        return []
    found = retrieve(
        f"{query.question} {' '.join(decision.tools)}",
        k=TOOL_EXAMPLES,
        collections=(Collection.TOOL_EXAMPLES,),
        filters={"tool_ecosystem": settings.TOOL_ECOSYSTEM},
    )
    return [hit.text for hit in found.hits]


def _turns(query: Query) -> list[Turn]:
    if query.conversation_id is None:
        return []
    earlier = Query.objects.filter(
        conversation_id=query.conversation_id, pk__lt=query.pk, status=Query.Status.ANSWERED
    ).order_by("-pk")[:2]
    return [Turn(turn.question, turn.answer) for turn in reversed(earlier)]


def _generate(query: Query, messages: list[Message], watch: Stopwatch) -> Iterator[str]:
    from evaluation.runtimes import live_runtime
    from evaluation.runtimes.live import deployment_of

    since = time.perf_counter()
    runtime = live_runtime()
    try:
        for number, piece in enumerate(runtime.stream(Request(messages, MAX_TOKENS, temperature=0.3))):
            if number == 0:
                watch.lap("first_token", since)
                # Another model may have gone live since the question came.
                query.deployment_id = deployment_of(runtime.answered_by) or query.deployment_id
            yield piece
    finally:
        watch.lap("generate", since)
        runtime.close()


def _finish(query: Query, watch: Stopwatch, text: str, tokens: int, status: str, error: str) -> None:
    query.answer = text
    query.answer_tokens = tokens
    query.status = status
    query.error = error
    query.total_ms = watch.total()
    query.latency_ms = {**watch.stages, "total": query.total_ms}
    query.save()
