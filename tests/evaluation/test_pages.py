"""Pages of evaluation and deployment, and who may press what."""

import json

import pytest
from django.urls import reverse

from evaluation.models import Deployment
from evaluation.services.deployments import baseline_ensure, deployment_approve, deployment_create, deployment_reject
from evaluation.services.evaluations import evaluation_create_run
from tests.evaluation.scripted import FakeRuntime, all_perfect
from web4site.models import Run

Status = Deployment.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def cleared(make_evaluation, demo_counts) -> Deployment:
    return deployment_create(evaluation=make_evaluation())


def test_empty_pages_say_what_to_do(client_for, people, make_build) -> None:
    client = client_for(people.outsider)
    assert b"Build a model" in client.get(reverse("evaluation:evaluation_list")).content
    make_build("first")
    assert b"manage.py evaluate BUILD" in client.get(reverse("evaluation:evaluation_list")).content
    page = client.get(reverse("evaluation:deployment_list")).content
    assert b"Nothing is live yet" in page and b"No candidate waits" in page


def test_evaluation_pages_show_gates_cases_and_canaries(client_for, people, make_evaluation) -> None:
    evaluation = make_evaluation(runtime=FakeRuntime(lambda question: "<script>no</script>"))
    client = client_for(people.outsider)
    assert evaluation.get_absolute_url() in client.get(reverse("evaluation:evaluation_list")).content.decode()
    page = client.get(evaluation.get_absolute_url()).content.decode()
    for word in ("PDCA schema", "Overall", "decision-red-canary", "Demo counts, not enough for a gate", 'class="gate"'):
        assert word in page
    assert "<script>no" not in page
    case = evaluation.cases.get(case_id="tool-read")
    detail = client.get(reverse("evaluation:case_detail", args=[case.pk])).content.decode()
    assert "&lt;script&gt;no" in detail and "tool_success" in detail


def test_cases_filter_and_export(client_for, people, make_evaluation) -> None:
    evaluation = make_evaluation()
    client = client_for(people.outsider)
    page = client.get(evaluation.get_absolute_url(), {"harness": "canaries", "text": "berth"})
    assert {case.harness for case in page.context["page"]} == {"canaries"}
    assert 0 < len(page.context["page"]) < 20
    assert len(client.get(evaluation.get_absolute_url(), {"outcome": "failed"}).context["page"].object_list) == 0
    exported = b"".join(
        client.get(evaluation.get_absolute_url(), {"harness": "refusal", "export": "jsonl"}).streaming_content
    )
    assert len(exported.splitlines()) == 6
    report = json.loads(client.get(reverse("evaluation:evaluation_report", args=[evaluation.pk])).content)
    assert len(report["cases"]) == 41 and len(report["gates"]) == 9


def test_lists_filter_sort_and_export(client_for, people, make_evaluation) -> None:
    make_evaluation(name="alpha")
    make_evaluation(name="beta", runtime=FakeRuntime(lambda question: "no"))
    client = client_for(people.outsider)
    url = reverse("evaluation:evaluation_list")
    names = lambda **asked: [one.build.name for one in client.get(url, asked).context["page"]]  # noqa: E731
    assert names(sort="overall") == ["alpha", "beta"] == names(sort="build")
    assert names(cleared="yes") == ["alpha"] and names(text="bet") == ["beta"] and names(profile="full") == []
    assert b"alpha" in b"".join(client.get(url, {"export": "csv"}).streaming_content)


def test_live_baseline_is_marked_as_not_gated(client_for, people) -> None:
    live = baseline_ensure()
    client = client_for(people.outsider)
    for url in (reverse("evaluation:deployment_list"), live.get_absolute_url()):
        page = client.get(url).content.decode()
        assert "not gated" in page and "untrained base model" in page


def test_evidence_stands_beside_the_decision(client_for, people, cleared) -> None:
    client = client_for(people.approver)
    listed = client.get(reverse("evaluation:deployment_list")).content.decode()
    assert cleared.get_absolute_url() in listed and "Look and decide" in listed and "PDCA template" in listed
    page = client.get(cleared.get_absolute_url()).content.decode()
    assert reverse("evaluation:deployment_approve", args=[cleared.pk]) in page
    assert "PDCA template" in page and "Approve as approver" in page
    for who in (people.reviewer, people.outsider):
        page = client_for(who).get(cleared.get_absolute_url()).content.decode()
        assert "Approve as" not in page and "role approver" in page


def test_an_approver_sees_that_the_same_file_was_rejected_before(client_for, people, cleared) -> None:
    again = deployment_create(evaluation=cleared.evaluation)
    client = client_for(people.approver)
    assert "This file was" not in client.get(again.get_absolute_url()).content.decode()
    deployment_reject(deployment=cleared, actor=people.approver, comment="It invents file names.")
    for url in (again.get_absolute_url(), reverse("evaluation:deployment_list")):
        page = client.get(url).content.decode()
        assert "This file was rejected before" in page and "by approver: It invents file names." in page
        assert cleared.get_absolute_url() in page
    assert "This file was" not in client.get(cleared.get_absolute_url()).content.decode()


@pytest.mark.parametrize("action", ["approve", "reject", "activate", "rollback"])
@pytest.mark.parametrize("who", ["reviewer", "outsider"])
def test_reviewers_and_outsiders_cannot_decide_by_post(client_for, people, cleared, who: str, action: str) -> None:
    args = [] if action == "rollback" else [cleared.pk]
    url = reverse(f"evaluation:deployment_{action}", args=args)
    response = client_for(getattr(people, who)).post(url, {"comment": "I say so", "justification": "x"})
    assert response.status_code == 403
    cleared.refresh_from_db()
    assert cleared.status == Status.CLEARED
    assert not Run.objects.filter(kind=Run.Kind.DEPLOY).exists()


@pytest.mark.parametrize("action", ["approve", "reject", "activate"])
def test_decisions_are_not_made_by_get_or_by_strangers(client, client_for, people, cleared, action: str) -> None:
    url = reverse(f"evaluation:deployment_{action}", args=[cleared.pk])
    assert client_for(people.approver).get(url).status_code == 405
    assert client.post(url, {"comment": "x"}).status_code == 302
    cleared.refresh_from_db()
    assert cleared.status == Status.CLEARED


def test_an_approver_approves_with_a_comment(client_for, people, cleared) -> None:
    client = client_for(people.approver)
    url = reverse("evaluation:deployment_approve", args=[cleared.pk])
    page = client.post(url, {"comment": ""}, follow=True)
    assert "Write a comment" in page.content.decode()
    client.post(url, {"comment": "All gates at 100 %."})
    cleared.refresh_from_db()
    assert cleared.status == Status.APPROVED
    page = client.get(cleared.get_absolute_url()).content.decode()
    assert "All gates at 100 %." in page and "Make it live" in page
    again = client.post(url, {"comment": "twice"}, follow=True).content.decode()
    assert "is approved, not cleared" in again


def test_a_candidate_below_its_gates_shows_why_and_offers_no_approval(client_for, people, make_evaluation) -> None:
    deployment = deployment_create(evaluation=make_evaluation(runtime=FakeRuntime(lambda question: "no")))
    page = client_for(people.approver).get(deployment.get_absolute_url()).content.decode()
    assert "nobody can override" in page and "PDCA schema 0.0 % is below 95 %" in page
    assert "Approve as" not in page
    client_for(people.approver).post(
        reverse("evaluation:deployment_approve", args=[deployment.pk]), {"comment": "x", "justification": "y"}
    )
    deployment.refresh_from_db()
    assert deployment.status == Status.CANDIDATE


@pytest.mark.django_db(transaction=True)
def test_activation_and_evaluation_are_queued(client_for, people, cleared, services) -> None:
    deployment_approve(deployment=cleared, actor=people.approver, comment="fine")
    client = client_for(people.approver)
    client.post(reverse("evaluation:deployment_activate", args=[cleared.pk]))
    run = Run.objects.get(kind=Run.Kind.DEPLOY)
    assert (run.status, run.params, run.actor) == ("queued", {"deployment": cleared.pk}, people.approver)
    asked = {"build": cleared.build_id, "profile": "quick"}
    client.post(reverse("evaluation:evaluation_start"), asked)
    run = Run.objects.filter(kind=Run.Kind.EVALUATE).first()
    assert run is not None and (run.status, run.params["profile"]) == ("queued", "quick")
    client_for(people.outsider).post(
        reverse("evaluation:evaluation_start"), {"build": cleared.build_id, "profile": "quick"}
    )
    assert Run.objects.filter(kind=Run.Kind.EVALUATE, status="queued").count() == 1


def test_an_evaluation_under_way_has_a_page(client_for, people, make_build) -> None:
    from evaluation.models import Evaluation

    build = make_build("waiting")
    run = evaluation_create_run(build=build, profile="demo")
    evaluation = Evaluation.objects.create(build=build, run=run, profile="demo")
    page = client_for(people.outsider).get(evaluation.get_absolute_url())
    assert page.status_code == 200 and "Propose" not in page.content.decode()


def test_the_roll_back_button_names_where_it_leads(client_for, people, cleared) -> None:
    from evaluation.services.activation import deployment_activate

    baseline = baseline_ensure()
    deployment_approve(deployment=cleared, actor=people.approver, comment="fine")
    deployment_activate(deployment=cleared, runtime=FakeRuntime(all_perfect()))
    client = client_for(people.approver)
    assert f"Roll back to #{baseline.pk}" in client.get(reverse("evaluation:deployment_list")).content.decode()
    said = {"comment": "answers too long", "live": cleared.pk}
    client.post(reverse("evaluation:deployment_rollback"), said)
    baseline.refresh_from_db()
    assert baseline.status == Status.LIVE
    twice = client.post(reverse("evaluation:deployment_rollback"), said, follow=True)
    assert f"Deployment {cleared.pk} is no longer live" in twice.content.decode()


@pytest.mark.parametrize("who", ["reviewer", "nobody", "former approver"])
def test_repeating_a_run_makes_no_model_live_without_an_approver(people, cleared, who: str) -> None:
    from evaluation.jobs import deploy_job

    deployment_approve(deployment=cleared, actor=people.approver, comment="fine")
    actor = {"reviewer": people.reviewer, "nobody": None, "former approver": people.approver}[who]
    people.approver.groups.clear()
    run = Run.objects.create(
        kind=Run.Kind.DEPLOY, job="evaluation.jobs.deploy_job", params={"deployment": cleared.pk}, actor=actor
    )
    deploy_job(run.pk)
    run.refresh_from_db()
    cleared.refresh_from_db()
    assert (run.status, cleared.status) == (Run.Status.FAILED, Status.APPROVED) and "no approver" in run.error


@pytest.mark.parametrize("status", [Run.Status.RUNNING, Run.Status.CANCELLED])
def test_an_unfinished_evaluation_is_no_evidence(make_evaluation, demo_counts, status: str) -> None:
    evaluation = make_evaluation()
    Run.objects.filter(pk=evaluation.run_id).update(status=status)
    evaluation.run.refresh_from_db()
    assert deployment_create(evaluation=evaluation).status == Status.CANDIDATE
