"""Runs pages, health, sign-in."""

import pytest
from django.test import Client
from django.urls import reverse

from web4site.models import Run
from web4site.runs import run_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return run_create(kind=Run.Kind.OTHER, title="Count the berths")


def test_pages_need_signing_in_and_health_does_not(client):
    response = client.get(reverse("run_list"))
    assert response.status_code == 302 and response.url.startswith(reverse("login"))
    assert client.get(reverse("health")).json() == {"status": "ok"}


def test_a_wrong_password_is_said_and_keeps_the_name(client, people):
    response = client.post(reverse("login"), {"username": "reviewer", "password": "wrong"})
    assert "do not match" in response.content.decode() and 'value="reviewer"' in response.content.decode()


def test_a_form_sent_without_its_token_is_told_in_our_words():
    response = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "reviewer", "password": "x"})
    assert response.status_code == 403 and "This page was open too long" in response.content.decode()


def test_a_failed_run_from_a_shell_says_how_to_repeat_it(client_for, people, run):
    Run.objects.filter(pk=run.pk).update(status="failed", job="", error="The disk is full.")
    page = client_for(people.reviewer).get(run.get_absolute_url()).content.decode()
    assert "run the same command once more" in page and "Retry" not in page


def test_the_list_filters_and_costs_few_queries(client_for, people, run, django_assert_max_num_queries):
    for number in range(60):
        run_create(kind=Run.Kind.INDEX, title=f"Index {number}")
    client = client_for(people.outsider)
    with django_assert_max_num_queries(8):
        page = client.get(reverse("run_list"), {"kind": "index"}).content.decode()
    assert "Index 59" in page and "Count the berths" not in page and "1–50 of 60" in page


def test_status_polls_while_active_and_stops_when_finished(client_for, people, run):
    client = client_for(people.reviewer)
    active = client.get(reverse("run_status", args=[run.pk]))
    assert active.status_code == 200 and b"every 1s" in active.content
    run.claim()
    run.fail("The folder is gone.")
    finished = client.get(reverse("run_status", args=[run.pk]))
    assert finished.status_code == 286 and b"The folder is gone." in finished.content
    assert b"every 1s" not in finished.content


def test_only_reviewers_cancel(client_for, people, run):
    assert client_for(people.outsider).post(reverse("run_cancel", args=[run.pk])).status_code == 403
    client_for(people.reviewer).post(reverse("run_cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.status == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_a_failed_job_can_be_retried_as_a_new_run(client_for, people, services):
    failed = Run.objects.create(
        kind="other", title="Sweep", status="failed", job="web4site.jobs.runs_sweep_job", params={"a": 1}
    )
    response = client_for(people.reviewer).post(reverse("run_retry", args=[failed.pk]))
    again = Run.objects.latest("pk")
    assert response.url == again.get_absolute_url() and again.pk != failed.pk
    assert (again.status, again.params, again.actor) == ("queued", {"a": 1}, people.reviewer)


def test_get_never_cancels(client_for, people, run):
    assert client_for(people.admin).get(reverse("run_cancel", args=[run.pk])).status_code == 405


def test_titles_and_errors_are_escaped(client_for, people):
    run = run_create(kind=Run.Kind.OTHER, title="<script>alert(1)</script>")
    page = client_for(people.admin).get(run.get_absolute_url()).content
    assert b"<script>alert(1)" not in page and b"&lt;script&gt;alert(1)" in page
