"""Whatever people do in whatever order: one live model, no way around gate and approval, every step on record."""

import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from evaluation.models import Deployment
from evaluation.services.activation import deployment_activate, deployment_rollback
from evaluation.services.deployments import (
    baseline_ensure,
    deployment_approve,
    deployment_clear,
    deployment_create,
    deployment_reject,
)
from evaluation.services.live_file import live_file
from tests.evaluation.scripted import FakeRuntime, all_perfect
from web4site.errors import UserError

Status = Deployment.Status
ALLOWED = {
    ("", "candidate"), ("candidate", "candidate"), ("candidate", "live"), ("candidate", "cleared"),
    ("candidate", "rejected"), ("cleared", "approved"), ("cleared", "rejected"), ("approved", "rejected"),
    ("approved", "live"), ("approved", "rolled_back"), ("live", "retired"), ("live", "rolled_back"),
    ("retired", "live"),
}  # fmt: skip


@pytest.mark.django_db
def test_no_order_of_actions_breaks_the_rules(make_evaluation, people, demo_counts) -> None:
    perfect = all_perfect()
    good = make_evaluation(name="good", runtime=FakeRuntime(perfect))
    bad = make_evaluation(name="bad", runtime=FakeRuntime(lambda question: "no"))
    actors = st.sampled_from([people.admin, people.approver, people.reviewer, people.outsider])
    picks = st.integers(0, 20)

    class Life(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            Deployment.objects.all().delete()
            live_file().unlink(missing_ok=True)

        def pick(self, number: int) -> Deployment | None:
            everything = list(Deployment.objects.order_by("pk"))
            return everything[number % len(everything)] if everything else None

        def attempt(self, action, number: int, **values) -> None:
            deployment = self.pick(number)
            if deployment is None:
                return
            try:
                action(deployment=deployment, **values)
            except UserError:
                pass

        @rule(evaluation=st.sampled_from([good, bad]))
        def propose(self, evaluation) -> None:
            deployment_create(evaluation=evaluation)

        @rule()
        def ensure_baseline(self) -> None:
            baseline_ensure()

        @rule(number=picks)
        def clear(self, number: int) -> None:
            self.attempt(deployment_clear, number)

        @rule(number=picks, actor=actors)
        def approve(self, number: int, actor) -> None:
            self.attempt(deployment_approve, number, actor=actor, comment="looked at it", justification="j")

        @rule(number=picks, actor=actors)
        def reject(self, number: int, actor) -> None:
            self.attempt(deployment_reject, number, actor=actor, comment="no")

        @rule(number=picks, healthy=st.booleans())
        def activate(self, number: int, healthy: bool) -> None:
            runtime = FakeRuntime(perfect if healthy else lambda question: "...")
            self.attempt(deployment_activate, number, runtime=runtime)

        @rule(actor=st.one_of(st.none(), actors))
        def roll_back(self, actor) -> None:
            try:
                deployment_rollback(actor=actor, reason="trial")
            except UserError:
                pass

        @invariant()
        def one_is_live_and_served(self) -> None:
            live = Deployment.objects.filter(status=Status.LIVE)
            assert live.count() <= 1
            if live:
                assert json.loads(live_file().read_text())["deployment"] == live[0].pk

        @invariant()
        def events_tell_the_whole_story(self) -> None:
            for deployment in Deployment.objects.all():
                story = [(event.before, event.after) for event in deployment.events.all()]
                assert set(story) <= ALLOWED
                assert story[-1][1] == deployment.status
                moves = story if story[0][0] else story[1:]
                assert all(one[1] == two[0] for one, two in pairwise(moves))

        @invariant()
        def nothing_bad_or_unapproved_was_live(self) -> None:
            for deployment in Deployment.objects.filter(live_at__isnull=False, kind=Deployment.Kind.CANDIDATE):
                assert deployment.evaluation == good
                approvals = deployment.events.filter(after=Status.APPROVED)
                assert {event.actor for event in approvals} <= {people.admin, people.approver}
                assert approvals

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
