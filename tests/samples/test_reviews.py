"""The review's state machine: whatever people do, the audit tells it all and undo brings it back."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from samples.models import Dataset, ReviewDecision, Sample
from samples.selectors_review import (
    agreement,
    edit_differences,
    last_decision_of,
    newest_decision,
    next_to_judge,
    second_opinions,
)
from samples.services.reviews import (
    CLAIM_LAPSES,
    JudgedMeanwhile,
    last_standing,
    review_approve,
    review_bulk,
    review_edit,
    review_reject,
    review_second,
    review_undo,
    sample_claim,
)
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
    [
        ("", "not valid"),
        ("I won't\0, for the bread is salt.", "NUL"),
        ("Mail it to ilse.brot@rye-and-salt.de, she waits for the bread.", "email"),
    ],
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


def test_two_people_never_judge_the_same_sample(draft: Dataset, people) -> None:
    first, second = _sample(draft, 1), _sample(draft, 2)
    assert sample_claim(sample=first, actor=people.reviewer)
    assert not sample_claim(sample=first, actor=people.approver)
    assert next_to_judge(draft.samples.all(), 0, people.approver) == second.pk
    with pytest.raises(UserError, match=f"{people.reviewer} is judging this sample now"):
        review_approve(sample=first, actor=people.approver)
    assert review_bulk(samples=draft.samples.all(), actor=people.approver, action="approve") == 1
    Sample.objects.filter(pk=first.pk).update(claimed_at=timezone.now() - CLAIM_LAPSES * 1.1)
    assert next_to_judge(draft.samples.filter(review="pending"), 0, people.approver) == first.pk
    review_approve(sample=first, actor=people.approver)
    assert Sample.objects.get(pk=first.pk).claimed_by is None


def test_a_verdict_from_an_old_page_never_overrides_a_newer_one(draft: Dataset, people) -> None:
    sample = _sample(draft)
    seen = newest_decision()
    theirs = review_approve(sample=sample, actor=people.approver, seen=seen)
    acts = (
        lambda: review_reject(sample=sample, actor=people.reviewer, reason="bad code", seen=seen),
        lambda: review_edit(
            sample=sample, actor=people.reviewer, values={"output": "My own words."}, seen=seen, count_tokens=quarter
        ),
        lambda: review_undo(sample=sample, actor=people.reviewer, seen=seen),
    )
    for act in acts:
        with pytest.raises(JudgedMeanwhile, match="approver judged this meanwhile: approved"):
            act()
    assert Sample.objects.get(pk=sample.pk).review == "approved" and sample.decisions.get() == theirs
    review_reject(sample=sample, actor=people.reviewer, reason="bad code", seen=newest_decision())
    assert Sample.objects.get(pk=sample.pk).review == "rejected"


def test_ones_own_newer_verdict_is_no_surprise(draft: Dataset, people) -> None:
    sample = _sample(draft)
    review_approve(sample=sample, actor=people.reviewer, seen=0)
    review_reject(sample=sample, actor=people.reviewer, reason="bad code", seen=0)
    assert Sample.objects.get(pk=sample.pk).review == "rejected"


def test_a_second_opinion_on_what_was_edited_meanwhile_is_not_stored(draft: Dataset, people) -> None:
    sample = _sample(draft)
    review_approve(sample=sample, actor=people.approver)
    seen = newest_decision()
    review_edit(sample=sample, actor=people.approver, values={"output": "Another text."}, count_tokens=quarter)
    with pytest.raises(JudgedMeanwhile):
        review_second(sample=sample, actor=people.reviewer, approve=True, seen=seen)
    assert agreement(draft).opinions == 0


def test_bulk_leaves_alone_what_somebody_judged_meanwhile(draft: Dataset, people) -> None:
    disputed, other = _sample(draft, 1), _sample(draft, 2)
    seen = newest_decision()
    review_approve(sample=disputed, actor=people.approver)
    review_undo(sample=disputed, actor=people.approver)
    assert review_bulk(samples=draft.samples.all(), actor=people.reviewer, action="approve", seen=seen) == 1
    assert Sample.objects.get(pk=disputed.pk).review == "pending"
    assert Sample.objects.get(pk=other.pk).review == "approved"


def test_going_on_lets_go_of_the_sample_before(draft: Dataset, people) -> None:
    first, second = _sample(draft, 1), _sample(draft, 2)
    for sample in (first, second):
        assert sample_claim(sample=sample, actor=people.reviewer)
    assert sample_claim(sample=first, actor=people.approver) and not sample_claim(sample=second, actor=people.approver)


def test_second_opinions_are_blind_counted_and_put_disputes_back(draft: Dataset, people) -> None:
    samples = [_sample(draft, number) for number in range(4)]
    for sample in samples[:2]:
        review_approve(sample=sample, actor=people.reviewer)
    review_reject(sample=samples[2], actor=people.reviewer, reason="bad code")
    queue = second_opinions(draft.samples.all(), people.approver)
    assert set(queue) == set(samples[:3]) and not second_opinions(draft.samples.all(), people.reviewer)
    with pytest.raises(UserError, match="You judged this sample yourself"):
        review_second(sample=samples[0], actor=people.reviewer, approve=True)
    with pytest.raises(UserError, match="Nobody has judged this sample yet"):
        review_second(sample=samples[3], actor=people.approver, approve=True)
    verdicts = [review_second(sample=samples[n], actor=people.approver, approve=n == 0) for n in range(3)]
    assert [verdict.action for verdict in verdicts] == ["agree", "disagree", "agree"]
    assert [Sample.objects.get(pk=s.pk).review for s in samples[:3]] == ["approved", "pending", "rejected"]
    found = agreement(draft)
    assert (found.opinions, found.agreed, round(found.kappa, 2)) == (3, 2, 0.4)
    with pytest.raises(UserError, match="has its second opinion"):
        review_second(sample=samples[0], actor=people.admin, approve=True)
    review_undo(sample=samples[1], actor=people.approver)
    assert Sample.objects.get(pk=samples[1].pk).review == "approved" and agreement(draft).opinions == 2


def test_an_edit_shows_what_was_changed_and_its_undo_shows_nothing(draft: Dataset, people) -> None:
    sample = _sample(draft)
    for output in ("I won't do that. Old bread is sold as such.", "I won't do that. Old bread is sold as old."):
        review_edit(sample=sample, actor=people.reviewer, values={"output": output}, count_tokens=quarter)
    [difference] = edit_differences(sample)
    texts = {kind: "".join(text for k, text in difference.pieces if k != kind) for kind in ("added", "removed")}
    assert difference.name == "output"
    assert texts["added"] == "I won't do that. Yesterday's bread is sold as such."
    assert texts["removed"] == "I won't do that. Old bread is sold as old."
    for _ in range(2):
        review_undo(sample=sample, actor=people.reviewer)
    assert edit_differences(sample) == []
