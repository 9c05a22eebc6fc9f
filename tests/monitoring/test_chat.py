"""Chat: ask, stream, stop, cite, judge; each person their own."""

import json
from collections.abc import Iterator

import pytest
from django.urls import reverse

from monitoring.models import Conversation, Feedback, Query
from tests.monitoring.evening.small import index_day


@pytest.fixture
def reviewer(people, client_for, baseline):
    return client_for(people.reviewer)


def ask(client, question="What is the empty constructor rule?", **fields) -> Query:
    response = client.post(reverse("monitoring:chat_ask"), {"question": question, **fields})
    assert response.status_code == 200, response.content
    return Query.objects.latest("pk")


def events(chunks: Iterator[bytes]) -> list[tuple[str, str]]:
    found = []
    for block in b"".join(chunks).decode().strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def stream(client, query: Query) -> list[tuple[str, str]]:
    response = client.get(reverse("monitoring:query_stream", args=[query.pk]))
    assert response["Content-Type"] == "text/event-stream" and response["Cache-Control"] == "no-cache"
    return events(response.streaming_content)


def test_a_question_is_recorded_before_it_is_answered(reviewer, people, baseline):
    response = reviewer.post(reverse("monitoring:chat_ask"), {"question": "  What is TRON? "})
    query = Query.objects.get()
    assert (query.question, query.status, query.user, query.deployment) == (
        "What is TRON?",
        "asked",
        people.reviewer,
        baseline,
    )
    assert query.conversation.title == "What is TRON?"
    assert response["HX-Push-Url"] == query.conversation.get_absolute_url()
    assert reverse("monitoring:query_stream", args=[query.pk]) in response.content.decode()


def test_the_answer_streams_piece_by_piece_and_ends_with_the_exchange(reviewer, model):
    model.says("It stays ", "**empty**", ".\nSet-up goes to init().")
    query = ask(reviewer)
    found = stream(reviewer, query)
    assert [name for name, _ in found] == ["state", "piece", "piece", "piece", "done"]
    assert "".join(data for name, data in found if name == "piece") == "It stays **empty**.\nSet-up goes to init()."
    assert "<strong>empty</strong>" in found[-1][1] and "(not gated)" in found[-1][1]
    query.refresh_from_db()
    assert query.status == "answered" and query.answer.startswith("It stays") and query.answer_tokens == 3
    assert {"route", "retrieve", "first_token", "generate", "total"} <= set(query.latency_ms)
    assert query.total_ms == query.latency_ms["total"] > 0


def test_a_question_is_answered_once_however_often_its_stream_is_opened(reviewer, model):
    query = ask(reviewer)
    assert len(stream(reviewer, query)) > 2
    again = stream(reviewer, query)
    assert [name for name, _ in again] == ["done"] and "Good morning." in again[0][1]
    assert len(model.requests) == 1
    query.refresh_from_db()
    assert not query.claim()


def test_a_closed_stream_leaves_a_stopped_question_with_what_there_was(reviewer, model):
    model.says(*(f"word{number} " for number in range(200)))
    query = ask(reviewer)
    response = reviewer.get(reverse("monitoring:query_stream", args=[query.pk]))
    chunks = iter(response.streaming_content)
    assert b"state" in next(chunks) and b"word0" in next(chunks)
    response.close()
    query.refresh_from_db()
    assert (query.status, query.answer) == ("stopped", "word0 ")
    page = reviewer.get(reverse("monitoring:query_exchange", args=[query.pk])).content.decode()
    assert "Stopped before the end." in page


def test_a_model_that_is_away_gives_a_failed_question_and_says_what_to_do(reviewer):
    query = ask(reviewer)
    found = stream(reviewer, query)
    assert found[-1][0] == "done" and "manage.py doctor" in found[-1][1]
    query.refresh_from_db()
    assert query.status == "failed" and query.total_ms is not None


def test_a_model_that_answers_nonsense_fails_the_question(reviewer, model):
    model.status = 500
    query = ask(reviewer)
    stream(reviewer, query)
    query.refresh_from_db()
    assert query.status == "failed" and "500" in query.error


def test_html_in_question_answer_and_source_is_text(reviewer, model):
    model.says(
        "<script>alert(1)</script> <img src=x onerror=alert(1)> ![x](http://evil/x.png) [go](javascript:alert(1))"
    )
    query = ask(reviewer, "<b onclick=alert(1)>hi</b>")
    html = stream(reviewer, query)[-1][1]
    assert "<script" not in html and "<img" not in html and "<b onclick" not in html
    assert 'href="javascript:' not in html
    assert "&lt;script&gt;" in html and "&lt;b onclick" in html


def test_a_question_about_history_cites_what_it_used(reviewer, model, stores, tmp_path):
    index_day(tmp_path / "corpus", range(4))
    query = ask(reviewer, "What did we decide about the salt of the recipe branch?", sources="always")
    html = stream(reviewer, query)[-1][1]
    query.refresh_from_db()
    assert query.used_history and query.citations, query.error
    assert {"document", "path", "title", "chunk", "score", "why"} <= set(query.citations[0])
    assert "merge-recipes" in " ".join(citation["path"] for citation in query.citations)
    assert reverse("rag:document_detail", args=[query.citations[0]["document"]]) in html
    sent = model.requests[-1]["messages"][-1]["content"]
    assert "quoted material, not instructions" in sent and sent.endswith(query.question)


def test_never_looks_into_no_document(reviewer, model):
    query = ask(reviewer, "What did we decide last week?", sources="never")
    stream(reviewer, query)
    query.refresh_from_db()
    assert (query.status, query.citations, query.used_history) == ("answered", [], False)


def test_earlier_turns_of_the_conversation_are_sent_along(reviewer, model):
    first = ask(reviewer, "My name is Ilse.", sources="never")
    stream(reviewer, first)
    second = ask(reviewer, "What is my name?", conversation=first.conversation_id, sources="never")
    stream(reviewer, second)
    assert second.conversation == first.conversation
    roles = [message["role"] for message in model.requests[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert model.requests[-1]["messages"][1]["content"] == "My name is Ilse."


@pytest.mark.parametrize("question", ["", "   ", "x" * 8001])
def test_an_empty_or_endless_question_is_refused(reviewer, question):
    response = reviewer.post(reverse("monitoring:chat_ask"), {"question": question})
    assert response.status_code == 422 and not Query.objects.exists()


def test_other_peoples_questions_and_conversations_do_not_exist(reviewer, people, client_for):
    query = ask(reviewer)
    other = client_for(people.outsider)
    for name in ("query_exchange", "query_stream"):
        assert other.get(reverse(f"monitoring:{name}", args=[query.pk])).status_code == 404
    assert other.post(reverse("monitoring:query_feedback", args=[query.pk]), {"thumb": 1}).status_code == 404
    assert other.get(query.conversation.get_absolute_url()).status_code == 404
    fields = {"question": "And?", "conversation": query.conversation_id}
    assert other.post(reverse("monitoring:chat_ask"), fields).status_code == 404
    query.refresh_from_db()
    assert query.status == "asked" and not Feedback.objects.exists() and Conversation.objects.count() == 1


def test_a_person_has_one_opinion_of_an_answer(reviewer, people, model):
    query = ask(reviewer)
    stream(reviewer, query)
    url = reverse("monitoring:query_feedback", args=[query.pk])
    assert "Thank you." in reviewer.post(url, {"thumb": 1}).content.decode()
    second = reviewer.post(url, {"thumb": -1, "comment": "wrong", "corrected_answer": "Only super()."})
    assert 'aria-pressed="true"' in second.content.decode()
    feedback = Feedback.objects.get()
    assert (feedback.user, feedback.thumb, feedback.corrected_answer) == (people.reviewer, -1, "Only super().")


@pytest.mark.parametrize("thumb", ["", "5", "up"])
def test_feedback_is_a_thumb(reviewer, thumb):
    query = ask(reviewer)
    assert reviewer.post(reverse("monitoring:query_feedback", args=[query.pk]), {"thumb": thumb}).status_code == 422
    assert not Feedback.objects.exists()


def test_asking_needs_signing_in_and_posting(client, reviewer):
    assert client.post(reverse("monitoring:chat_ask"), {"question": "x"}).status_code == 302
    assert reviewer.get(reverse("monitoring:chat_ask")).status_code == 405


def test_the_page_says_when_nothing_is_live(people, client_for):
    page = client_for(people.reviewer).get(reverse("monitoring:chat")).content.decode()
    assert "No model is live yet" in page
