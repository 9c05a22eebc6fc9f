"""Who may approve: one person by default, two others than those who made the model with WEB4_FOUR_EYES."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.management import call_command
from django.urls import reverse

from evaluation.models import Deployment
from evaluation.services.activation import deployment_activate
from evaluation.services.deployments import deployment_approve, deployment_create
from samples.models import Dataset
from tests.conftest import People
from training.models import Adapter, Training
from web4site.errors import UserError
from web4site.models import Run
from web4site.roles import APPROVER

Status = Deployment.Status
pytestmark = pytest.mark.django_db


@pytest.fixture
def second(people: People) -> User:
    user = User.objects.create_user("second", password="second")
    user.groups.add(Group.objects.get(name=APPROVER))
    return user


@pytest.fixture
def cleared(make_evaluation, demo_counts, people: People) -> Deployment:
    """Trained by the admin, proposed by the reviewer."""
    evaluation = make_evaluation()
    run = Run.objects.create(kind=Run.Kind.TRAIN, title="t", actor=people.admin)
    training = Training.objects.create(run=run, dataset=Dataset.objects.create(name="d"), preset="p", folder="f")
    evaluation.build.adapter = Adapter.objects.create(
        name="a", training=training, base_model="b", folder="f", sha256="0", bytes=1
    )
    evaluation.build.save()
    return deployment_create(evaluation=evaluation, actor=people.reviewer)


@pytest.fixture
def four_eyes(settings) -> None:
    settings.FOUR_EYES = True


def test_without_four_eyes_whoever_trained_may_approve_alone(cleared, people) -> None:
    assert deployment_approve(deployment=cleared, actor=people.admin, comment="fine").status == Status.APPROVED
    assert cleared.approvals.get().actor == people.admin


def test_with_four_eyes_two_others_have_to_approve(cleared, people, second, four_eyes) -> None:
    with pytest.raises(UserError, match="You started the training"):
        deployment_approve(deployment=cleared, actor=people.admin, comment="mine")
    assert deployment_approve(deployment=cleared, actor=people.approver, comment="one").status == Status.CLEARED
    with pytest.raises(UserError, match="You have approved it already"):
        deployment_approve(deployment=cleared, actor=people.approver, comment="twice")
    assert deployment_approve(deployment=cleared, actor=second, comment="two").status == Status.APPROVED
    story = [(event.before, event.after, event.actor) for event in cleared.events.all()][-2:]
    assert story == [("cleared", "cleared", people.approver), ("cleared", "approved", second)]


def test_with_four_eyes_the_proposer_may_not_approve(cleared, people, four_eyes) -> None:
    people.reviewer.groups.add(Group.objects.get(name=APPROVER))
    with pytest.raises(UserError, match="You proposed this model"):
        deployment_approve(deployment=cleared, actor=people.reviewer, comment="mine")
    assert not cleared.approvals.exists()


def test_what_one_person_approved_before_four_eyes_does_not_go_live(client_for, cleared, people, settings) -> None:
    deployment_approve(deployment=cleared, actor=people.approver, comment="one")
    settings.FOUR_EYES = True
    url = reverse("evaluation:deployment_activate", args=[cleared.pk])
    assert "propose it again" in client_for(people.approver).post(url, follow=True).content.decode()
    assert not Run.objects.filter(kind=Run.Kind.DEPLOY).exists()
    with pytest.raises(UserError, match="before four eyes were demanded"):
        deployment_activate(deployment=cleared)
    cleared.refresh_from_db()
    assert cleared.status == Status.APPROVED


def test_four_eyes_by_page_post_and_command(client_for, cleared, people, second, four_eyes, capsys) -> None:
    url = reverse("evaluation:deployment_approve", args=[cleared.pk])
    page = client_for(people.admin).get(cleared.get_absolute_url()).content.decode()
    assert "You started the training of this model" in page and "Approve as" not in page
    answer = client_for(people.admin).post(url, {"comment": "mine"}, follow=True).content.decode()
    assert "You started the training of this model" in answer
    with pytest.raises(SystemExit):
        call_command("approve", str(cleared.pk), "--as", "admin", "--comment", "mine", "--json")
    assert "You started the training" in capsys.readouterr().out
    assert not cleared.approvals.exists()

    answer = client_for(people.approver).post(url, {"comment": "one"}, follow=True).content.decode()
    assert "a second approver has to approve it too" in answer
    cleared.refresh_from_db()
    assert cleared.status == Status.CLEARED
    assert "approver has approved" in client_for(second).get(cleared.get_absolute_url()).content.decode()
    call_command("approve", str(cleared.pk), "--as", "second", "--comment", "two", "--json")
    cleared.refresh_from_db()
    assert cleared.status == Status.APPROVED


@pytest.mark.parametrize("who", [None, AnonymousUser(), "approver", 7])
def test_nobody_but_a_person_approves(cleared, who) -> None:
    with pytest.raises(UserError, match="no approver"):
        deployment_approve(deployment=cleared, actor=who, comment="go")


def test_an_approver_who_left_approves_nothing(cleared, people) -> None:
    people.approver.is_active = False
    with pytest.raises(UserError, match="no approver"):
        deployment_approve(deployment=cleared, actor=people.approver, comment="go")


@pytest.mark.parametrize("action", ["approve", "reject", "activate", "rollback"])
@pytest.mark.parametrize("header", [{"Authorization": "Bearer web4-key"}, {"X-Api-Key": "web4-key"}])
def test_a_key_decides_nothing_not_even_an_approvers(client, client_for, people, cleared, action, header) -> None:
    url = reverse(f"evaluation:deployment_{action}", args=[] if action == "rollback" else [cleared.pk])
    # Alone it is a stranger; beside an approver's own session it is refused all the same.
    assert client.post(url, {"comment": "go"}, headers=header).status_code == 302
    assert client_for(people.approver).post(url, {"comment": "go"}, headers=header).status_code == 403
    cleared.refresh_from_db()
    assert cleared.status == Status.CLEARED and not Run.objects.filter(kind=Run.Kind.DEPLOY).exists()


@pytest.mark.parametrize("who", ["reviewer", "outsider"])
def test_the_command_refuses_whoever_is_no_approver(cleared, people, who: str, capsys) -> None:
    with pytest.raises(SystemExit) as end:
        call_command("approve", str(cleared.pk), "--as", who, "--comment", "go", "--json")
    assert end.value.code == 2 and "no approver" in capsys.readouterr().out
    cleared.refresh_from_db()
    assert cleared.status == Status.CLEARED
