"""The review's state machine: whatever people do, the audit tells it all and undo brings it back."""

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from samples.models import Dataset, ReviewDecision, Sample
from samples.selectors import last_decision_of
from samples.services.reviews import last_standing, review_approve, review_bulk, review_edit, review_reject, review_undo
from tests.samples.counting import quarter
from web4site.errors import UserError

FIELDS = ("review", "edited", "instruction", "input", "output", "tokens", "metadata")


def _sample(dataset: Dataset, number: int = 0) -> Sample:
    return Sample.objects.create(
        dataset=dataset,
        sample_id=f"{number:024x}",
        category="guardrails",
        task_type="refusal",
        instruction="Sell yesterday's bread as fresh.",
        output="I won't do that. Yesterday's bread is sold as such.",
        metadata={"task_type": "refusal", "category": "guardrails", "sample_id": f"{number:024x}"},
    )


class ReviewMachine(RuleBasedStateMachine):
    """One sample, many decisions: the model keeps a stack of states, the service must agree with it."""

    def __init__(self) -> None:
        super().__init__()
        self.actor, _ = User.objects.get_or_create(username="machine")
        dataset = Dataset.objects.create(name=f"machine {Dataset.objects.count()}")
        self.sample = _sample(dataset)
        self.states: list[dict[str, object]] = []
        self.decisions = 0

    def _state(self) -> dict[str, object]:
        return Sample.objects.filter(pk=self.sample.pk).values(*FIELDS).get()

    def _push(self) -> None:
        self.states.append(self._state())
        self.decisions += 1

    @rule()
    def approve(self) -> None:
        self._push()
        review_approve(sample=self.sample, actor=self.actor)
        assert self._state()["review"] == "approved"

    @rule(reason=st.sampled_from(["bad code", "too trivial"]))
    def reject(self, reason: str) -> None:
        self._push()
        review_reject(sample=self.sample, actor=self.actor, reason=reason)
        assert self._state()["review"] == "rejected"

    @rule(text=st.text(alphabet="abc defg", min_size=12, max_size=40))
    def edit(self, text: str) -> None:
        self._push()
        review_edit(sample=self.sample, actor=self.actor, values={"output": f"Edited: {text}"}, count_tokens=quarter)
        state = self._state()
        assert state["edited"] and state["output"] == f"Edited: {text}" and state["review"] == "approved"

    @precondition(lambda self: self.states)
    @rule()
    def undo(self) -> None:
        review_undo(sample=self.sample, actor=self.actor)
        self.decisions += 1
        assert self._state() == self.states.pop()

    @precondition(lambda self: not self.states)
    @rule()
    def undo_nothing(self) -> None:
        with pytest.raises(UserError, match="nothing to undo"):
            review_undo(sample=self.sample, actor=self.actor)

    def teardown(self) -> None:
        assert self.sample.decisions.count() == self.decisions
        assert (last_standing(sample=self.sample) is None) == (not self.states)


class TestReview(ReviewMachine.TestCase, TestCase):
    settings = settings(max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def draft(db: None) -> Dataset:
    return Dataset.objects.create(name="draft")


def test_reject_needs_a_reason(draft: Dataset, people) -> None:
    with pytest.raises(UserError, match="why"):
        review_reject(sample=_sample(draft), actor=people.reviewer, reason="  ")
    assert not ReviewDecision.objects.exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [("", "not valid"), ("Mail it to ilse.brot@rye-and-salt.de, she waits for the bread.", "email")],
)
def test_bad_edits_change_nothing(draft: Dataset, people, output: str, message: str) -> None:
    sample = _sample(draft)
    with pytest.raises(UserError, match=message):
        review_edit(sample=sample, actor=people.reviewer, values={"output": output}, count_tokens=quarter)
    sample.refresh_from_db()
    assert sample.output.startswith("I won't") and not sample.edited


def test_bulk_touches_pending_samples_only(draft: Dataset, people) -> None:
    samples = [_sample(draft, number) for number in range(5)]
    review_reject(sample=samples[0], actor=people.reviewer, reason="bad code")
    done = review_bulk(samples=draft.samples.all(), actor=people.reviewer, action="approve")
    assert done == 4
    assert draft.samples.filter(review="approved").count() == 4
    assert ReviewDecision.objects.filter(action="approve").count() == 4


def test_undo_takes_back_the_persons_own_last_decision(draft: Dataset, people) -> None:
    first, second = _sample(draft, 1), _sample(draft, 2)
    mine = review_approve(sample=first, actor=people.reviewer)
    review_approve(sample=second, actor=people.approver)
    assert last_decision_of(people.reviewer, draft) == mine
    review_undo(sample=first, actor=people.reviewer)
    assert last_decision_of(people.reviewer, draft) is None
