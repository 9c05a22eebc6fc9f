"""Overview, dashboard, queries and evening: real rows, few queries, working exports and actions."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from monitoring.models import Alert, Feedback, Query
from rag.models import Corpus, Document
from tests.monitoring.evening.small import DAY
from web4site.models import Run

# Pages show tens of rows; what they ask of the database must not grow with them.
MOST_QUERIES = 40


@pytest.fixture
def busy(people, baseline):
    """A week of production."""
    corpus = Corpus.objects.create(name="bakery", root="/bakery")
    documents = [
        Document.objects.create(
            corpus=corpus, path=f"j/{n}.md", title=f"Entry {n}", kind="pdca", collection="daily_buffer", date=DAY
        )
        for n in range(3)
    ]  # fmt: skip
    now = timezone.now()
    types = ["trained"] * 6 + ["history"] * 2 + ["tools", "process"]
    for number in range(60):
        kind = types[number % 10]
        query = Query.objects.create(
            question=f"Question {number}?", answer="An answer.", user=people.reviewer, query_type=kind,
            status="failed" if number % 20 == 0 else "answered", total_ms=100 + 10 * number,
            used_history=kind == "history", used_tools=kind == "tools", used_process=kind == "process",
            created_at=now - timedelta(hours=number), deployment=baseline,
            citations=[{"document": documents[number % 2].pk, "path": "j"}] if kind == "history" else [],
        )  # fmt: skip
        if number % 10 == 1:
            Feedback.objects.create(query=query, user=people.reviewer, thumb=1 if number < 50 else -1)
    run = Run.objects.create(
        kind="evening", title="Evening loop", status="failed", error="the disk is full", finished_at=now
    )
    Alert.objects.create(title="Evening loop failed", body="the disk is full", run=run)
    Run.objects.create(kind="train", title="Train demo", status="running", done=3, total=10, started_at=now)
    return documents


PAGES = ("overview", "overview_state", "chat", "dashboard", "latency_plot", "query_list", "evening_list")


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_for_everybody_signed_in_with_few_queries(
    name, people, busy, client, client_for, django_assert_max_num_queries
):
    url = reverse(f"monitoring:{name}")
    assert client.get(url).status_code == 302
    for person in (people.outsider, people.admin):
        signed_in = client_for(person)
        with django_assert_max_num_queries(MOST_QUERIES):
            assert signed_in.get(url).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_on_an_empty_installation(name, people, client_for):
    assert client_for(people.admin).get(reverse(f"monitoring:{name}")).status_code == 200


@pytest.mark.parametrize("name", ["overview", "dashboard", "query_list", "evening_list"])
def test_more_rows_are_not_more_queries(name, people, busy, client_for, django_assert_max_num_queries):
    client, url = client_for(people.admin), reverse(f"monitoring:{name}")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as before:
        client.get(url)
    for number in range(40):
        Query.objects.create(question=f"More {number}?", status="answered", total_ms=5, user=people.reviewer)
        Run.objects.create(kind="index", title=f"Index {number}", status="succeeded", finished_at=timezone.now())
    with django_assert_max_num_queries(len(before)):
        client.get(url)


def test_the_overview_shows_the_loop_and_what_waits(people, busy, client_for):
    page = client_for(people.reviewer).get(reverse("monitoring:overview")).content.decode()
    for station in ("Corpus", "Samples", "Dataset", "Training", "Gates", "Live", "Evening"):
        assert station in page
    assert "Train demo" in page and "3 of 10" in page
    assert "Evening loop failed" in page and "not gated" in page


def test_a_failure_waits_until_the_same_work_succeeds(people, client_for):
    def page():
        return client_for(people.reviewer).get(reverse("monitoring:overview")).content.decode()

    work = {"kind": Run.Kind.DEPLOY, "title": "Deploy harbour-7"}
    Run.objects.create(**work, status=Run.Status.FAILED, finished_at=timezone.now())
    Run.objects.create(kind=Run.Kind.DEPLOY, title="Deploy harbour-8", status=Run.Status.SUCCEEDED)
    assert "Deploy harbour-7 failed" in page()
    Run.objects.create(**work, status=Run.Status.SUCCEEDED, finished_at=timezone.now())
    assert "Deploy harbour-7 failed" not in page()


def test_an_empty_installation_is_shown_its_first_steps(people, client_for):
    page = client_for(people.outsider).get(reverse("monitoring:overview")).content.decode()
    assert "First steps" in page and reverse("rag:corpus_detail") in page and "All is reviewed" not in page


def test_the_dashboard_holds_production_against_its_targets(people, busy, client_for):
    page = client_for(people.reviewer).get(reverse("monitoring:dashboard")).content.decode()
    assert "pure trained knowledge" in page and "Entry 0" in page and "Evening loop failed" in page
    figure = client_for(people.reviewer).get(reverse("monitoring:latency_plot")).json()
    assert {trace["name"] for trace in figure["data"]} == {"trained", "history", "tools", "process"}


@pytest.mark.parametrize("days", ["1", "30", "0", "abc", "-7", "9999999999", "²", "9" * 5000])
def test_any_window_in_the_url_is_survived(days, people, busy, client_for):
    assert client_for(people.reviewer).get(reverse("monitoring:dashboard"), {"days": days}).status_code == 200


def test_filters_of_the_query_list(people, busy, client_for):
    client = client_for(people.reviewer)
    page = client.get(reverse("monitoring:query_list"), {"type": "tools", "status": "answered", "q": "Question 8"})
    assert [query.question for query in page.context["page"]] == ["Question 8?"]
    assert client.get(reverse("monitoring:query_list"), {"page": "99", "type": "nonsense"}).status_code == 200


def test_queries_export_as_csv_and_jsonl(people, busy, client_for):
    Query.objects.create(question="=HYPERLINK(1)", status="answered", query_type="tools")
    client = client_for(people.reviewer)
    response = client.get(reverse("monitoring:query_list"), {"export": "csv", "type": "tools"})
    assert "attachment" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    assert len(rows) == 7 and rows[0]["question"] == "'=HYPERLINK(1)"
    lines = client.get(reverse("monitoring:query_list"), {"export": "jsonl"}).getvalue().decode().splitlines()
    assert len(lines) == 61 and json.loads(lines[0])["query_type"] == "tools"
    assert client.get(reverse("monitoring:query_list"), {"export": "xlsx"}).status_code == 404


def test_an_alert_is_acknowledged_once_by_somebody_with_a_role(people, busy, client_for):
    alert = Alert.objects.get()
    url = reverse("monitoring:alert_acknowledge", args=[alert.pk])
    assert client_for(people.outsider).post(url).status_code == 403
    assert client_for(people.reviewer).get(url).status_code == 405
    client_for(people.reviewer).post(url)
    client_for(people.admin).post(url)
    alert.refresh_from_db()
    assert alert.acknowledged_by == people.reviewer and alert.acknowledged_at


def test_the_evening_page_starts_one_loop_and_shows_the_buffer(people, busy, client_for, services):
    client = client_for(people.reviewer)
    page = client.get(reverse("monitoring:evening_list")).content.decode()
    assert "Entry 2" in page and "the disk is full" in page and "Run now" in page
    assert client_for(people.outsider).post(reverse("monitoring:evening_start")).status_code == 403
    response = client.post(reverse("monitoring:evening_start"))
    run = Run.objects.get(status="queued")
    assert response.url == run.get_absolute_url() and run.actor == people.reviewer and run.kind == "evening"
    client.post(reverse("monitoring:evening_start"))
    assert Run.objects.filter(kind="evening", status="queued").count() == 1


def test_an_outsider_sees_no_button_that_would_refuse_them(people, busy, client_for):
    assert "Run now" not in client_for(people.outsider).get(reverse("monitoring:evening_list")).content.decode()


def test_the_report_command_speaks_json_and_to_people(busy, capsys):
    call_command("report", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["queries"] == 60 and report["satisfaction"]["up"] == 5
    targets = {target["name"]: target for target in report["targets"]}
    assert targets["history used"]["actual"] == pytest.approx(0.2) and targets["history used"]["met"]
    assert targets["error rate"]["met"] and targets["mean latency"]["met"]
    call_command("report", "--days", "1")
    shown = capsys.readouterr().out
    assert "24 questions in 1 days" in shown and "mean latency" in shown


@pytest.mark.django_db
def test_a_report_without_production_has_no_numbers_and_no_verdict(capsys):
    call_command("report", "--json")
    report = json.loads(capsys.readouterr().out)
    assert report["queries"] == 0 and {target["met"] for target in report["targets"]} == {None}
    with pytest.raises(SystemExit) as left:
        call_command("report", "--days", "0")
    assert left.value.code == 2
