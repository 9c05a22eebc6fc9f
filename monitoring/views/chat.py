"""Chat: ask, watch the answer arrive, see its sources, judge it."""

import json
from collections.abc import Iterator
from typing import cast

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from evaluation.selectors import live_deployment
from monitoring.agent.answering import query_answer, query_create
from monitoring.forms import FeedbackForm, QuestionForm
from monitoring.models import Conversation, Feedback, Query
from monitoring.services.feedback import feedback_give


def chat(request: HttpRequest) -> HttpResponse:
    return _page(request, None)


def chat_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Conversation, pk=pk, user_id=request.user.pk))


def _page(request: HttpRequest, conversation: Conversation | None) -> HttpResponse:
    context = {
        "conversation": conversation,
        "conversations": Conversation.objects.filter(user=request.user.pk)[:30],
        "queries": _own_queries(request).filter(conversation=conversation).order_by("pk") if conversation else [],
        "live": live_deployment(),
        "examples": [
            "What is the empty constructor rule?",
            "What did we decide about the tide table last week?",
            "Write a TRON decision for a flaky test.",
            "Run the tests of BerthPlanner.",
        ],
    }
    return render(request, "monitoring/chat.html", context)


@require_POST
def chat_ask(request: HttpRequest) -> HttpResponse:
    """Record the question and answer with its bubbles; the answer's bubble opens the stream."""
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Type a question of up to 8,000 characters.", status=422)
    pk, question = form.cleaned_data["conversation"], form.cleaned_data["question"]
    if pk:
        conversation = get_object_or_404(Conversation, pk=pk, user_id=request.user.pk)
    else:
        conversation = Conversation.objects.create(user=cast(User, request.user), title=question[:80])
    query = query_create(
        question=question,
        channel="chat",
        user=request.user,
        conversation=conversation,
        sources=form.cleaned_data["sources"],
    )
    response = render(request, "monitoring/_exchange.html", {"query": query, "new": True})
    response["HX-Push-Url"] = reverse("monitoring:chat_detail", args=[conversation.pk])
    return response


def query_exchange(request: HttpRequest, pk: int) -> HttpResponse:
    """One question with its answer, as it stands."""
    return render(request, "monitoring/_exchange.html", {"query": get_object_or_404(_own_queries(request), pk=pk)})


def query_stream(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Server-sent events: `piece` while the model writes, then `done` with the finished exchange."""
    query = get_object_or_404(_own_queries(request), pk=pk)
    response = StreamingHttpResponse(_events(request, query), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


def _events(request: HttpRequest, query: Query) -> Iterator[str]:
    if query.claim():
        yield _event("state", "Looking into the documents …" if query.used_history else "Thinking …")
        for piece in query_answer(query):
            yield _event("piece", piece)
    yield _event("done", render_to_string("monitoring/_exchange.html", {"query": query}, request))


def _event(name: str, data: str) -> str:
    """One event; JSON keeps line breaks inside a piece."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


@require_POST
def query_feedback(request: HttpRequest, pk: int) -> HttpResponse:
    query = get_object_or_404(_own_queries(request), pk=pk)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Choose thumb up or thumb down.", status=422)
    feedback = feedback_give(query=query, user=request.user, **form.cleaned_data)
    return render(request, "monitoring/_feedback.html", {"query": query, "feedback": feedback, "saved": True})


def _own_queries(request: HttpRequest) -> "QuerySet[Query]":
    own = Feedback.objects.filter(user=request.user.pk)
    return (
        Query.objects.filter(user=request.user.pk)
        .select_related("deployment__build")
        .prefetch_related(Prefetch("feedback", queryset=own, to_attr="own_feedback"))
    )
