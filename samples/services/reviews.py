"""Judgements of people on samples: approve, reject, edit, undo; every one of them is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from samples.models import Dataset, ReviewDecision, Sample
from samples.quality import schema_faults, secrets
from samples.tokens import TokenCounter
from web4site.errors import UserError

Action = ReviewDecision.Action
# The keys 1 to 9 of the review page.
REASONS = (
    "wrong or untrue",
    "not grounded in its source",
    "instruction unclear",
    "output incomplete",
    "bad code",
    "wrong form",
    "too trivial",
    "private or sensitive",
    "duplicate in substance",
)
EDITABLE = ("instruction", "input", "output")
FIRST = (Action.APPROVE, Action.REJECT, Action.EDIT)
SECOND = (Action.AGREE, Action.DISAGREE)
CLAIM_LAPSES = timedelta(minutes=10)
BULK = 500
DONE = {
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.EDIT: "edited and approved",
    Action.AGREE: "agreed with the first verdict",
    Action.DISAGREE: "disagreed with the first verdict",
    Action.UNDO: "took a verdict back",
}


class JudgedMeanwhile(UserError):
    """Somebody else judged the sample after it was shown; whoever still wants to decide has to see that first."""

    def __init__(self, decision: ReviewDecision) -> None:
        reason = f" ({decision.reason})" if decision.reason and decision.action != Action.UNDO else ""
        super().__init__(f"{decision.actor} judged this meanwhile: {DONE[Action(decision.action)]}{reason}.")
        self.decision = decision


# `seen` is the newest decision that the person was shown (0: none); None where nothing was shown to anybody.


def review_approve(*, sample: Sample, actor: Any, seen: int | None = None) -> ReviewDecision:
    return _decide(sample, actor, Action.APPROVE, seen=seen, review=Sample.Review.APPROVED)


def review_reject(*, sample: Sample, actor: Any, reason: str, seen: int | None = None) -> ReviewDecision:
    """Rejected samples stay in the draft, visible, and are left out when it is frozen."""
    if not reason.strip():
        raise UserError("Say why the sample is rejected.")
    return _decide(sample, actor, Action.REJECT, seen=seen, reason=reason.strip()[:300], review=Sample.Review.REJECTED)


def review_edit(
    *,
    sample: Sample,
    actor: Any,
    values: dict[str, str],
    seen: int | None = None,
    count_tokens: Callable[[str], int] | None = None,
) -> ReviewDecision:
    """Change instruction, input or output; the edited sample counts as approved. Raises UserError on a bad text."""
    texts = {name: values.get(name, getattr(sample, name)).replace("\r\n", "\n") for name in EDITABLE}
    counter = count_tokens or TokenCounter(Path(settings.BASE_MODEL_DIR)).count
    tokens = counter("\n".join(filter(None, texts.values())))
    metadata = {**sample.metadata, "tokens": tokens, "edited": True}
    record = {**texts, "metadata": metadata}
    if "\0" in "".join(texts.values()):
        raise UserError("The edited text holds a NUL character, which no text may hold: take it out.")
    if faults := schema_faults(record):
        raise UserError(f"The edited sample is not valid: {faults[0]}.")
    if kinds := secrets(record):
        raise UserError(f"The edited text holds {', '.join(kinds)}: take it out.")
    return _decide(
        sample,
        actor,
        Action.EDIT,
        seen=seen,
        review=Sample.Review.APPROVED,
        edited=True,
        tokens=tokens,
        metadata=metadata,
        **texts,
    )


def review_undo(*, sample: Sample, actor: Any, seen: int | None = None) -> ReviewDecision:
    """Take the last decision back that is not taken back yet; the undo is a decision of its own."""
    with transaction.atomic():
        last = last_standing(sample=sample)
        if last is None:
            raise UserError("There is nothing to undo for this sample.")
        return _decide(sample, actor, Action.UNDO, seen=seen, reason=f"decision {last.pk}", **last.before)


def review_second(
    *, sample: Sample, actor: Any, approve: bool, reason: str = "", seen: int | None = None
) -> ReviewDecision:
    """A second person's verdict, given without knowing the first; a disagreement puts the sample back into the queue.

    Raises UserError when there is no first verdict, it was the same person's, or a second one stands already.
    """
    decisions = standing(sample=sample)
    first = next((decision for decision in decisions if decision.action in FIRST), None)
    if first is None:
        raise UserError("Nobody has judged this sample yet: judge it in the ordinary queue.")
    if first.actor_id == actor.pk:
        raise UserError("You judged this sample yourself: a second opinion is somebody else's.")
    if decisions[0].action in SECOND:
        raise UserError("This sample has its second opinion: take the next one.")
    if approve == (first.action != Action.REJECT):
        return _decide(sample, actor, Action.AGREE, seen=seen, reason=reason.strip()[:300])
    return _decide(sample, actor, Action.DISAGREE, seen=seen, reason=reason.strip()[:300], review=Sample.Review.PENDING)


def review_bulk(
    *, samples: QuerySet[Sample], actor: Any, action: str, reason: str = "", seen: int | None = None
) -> int:
    """Approve or reject all samples of a filter that are still pending and nobody else's; returns how many.

    What others judged after `seen` is left alone, even where it is to judge again.
    """
    if action not in (Action.APPROVE, Action.REJECT):
        raise UserError("Many samples at once can be approved or rejected.")
    reason = reason.strip()[:300]
    if action == Action.REJECT and not reason:
        raise UserError("Say why the samples are rejected.")
    review = Sample.Review.APPROVED if action == Action.APPROVE else Sample.Review.REJECTED
    open_samples = samples.filter(free_for(actor), review=Sample.Review.PENDING, dataset__status=Dataset.Status.DRAFT)
    if seen is not None:
        newer = ReviewDecision.objects.filter(sample=OuterRef("pk"), pk__gt=seen).exclude(actor=actor)
        open_samples = open_samples.filter(~Exists(newer))
    keys = list(open_samples.order_by("pk").values_list("pk", flat=True))
    done = 0
    for start in range(0, len(keys), BULK):
        with transaction.atomic():
            mine = open_samples.filter(pk__in=keys[start : start + BULK]).select_for_update(of=("self",))
            chosen = list(mine.values_list("pk", flat=True))
            Sample.objects.filter(pk__in=chosen).update(review=review, claimed_by=None)
            ReviewDecision.objects.bulk_create(
                ReviewDecision(
                    sample_id=key, actor=actor, action=action, reason=reason, before={"review": Sample.Review.PENDING}
                )
                for key in chosen
            )
        done += len(chosen)
    return done


def sample_claim(*, sample: Sample, actor: Any) -> bool:
    """Keep a sample for one person while they judge it, and let go of their others; False when it is another's."""
    now = timezone.now()
    if not Sample.objects.filter(free_for(actor), pk=sample.pk).update(claimed_by=actor, claimed_at=now):
        return False
    Sample.objects.filter(claimed_by=actor).exclude(pk=sample.pk).update(claimed_by=None)
    return True


def free_for(actor: Any) -> Q:
    """Samples that nobody else is judging now."""
    return Q(claimed_by=None) | Q(claimed_by=actor) | Q(claimed_at__lt=timezone.now() - CLAIM_LAPSES)


def _decide(
    sample: Sample, actor: Any, action: str, *, seen: int | None, reason: str = "", **changes: Any
) -> ReviewDecision:
    """Apply the changes and write down what was there before, in one transaction.

    Raises JudgedMeanwhile when there is a decision of somebody else behind the one that was seen.
    """
    with transaction.atomic():
        current = Sample.objects.select_related("dataset").select_for_update(of=("self",)).get(pk=sample.pk)
        if current.dataset.status == Dataset.Status.FROZEN:
            raise UserError(f"{current.dataset.name} is frozen: its samples can no longer be changed.")
        if not Sample.objects.filter(free_for(actor), pk=sample.pk).exists():
            raise UserError(f"{current.claimed_by} is judging this sample now: take the next one.")
        if seen is not None and (newer := current.decisions.filter(pk__gt=seen).exclude(actor=actor).first()):
            raise JudgedMeanwhile(newer)
        before = {name: getattr(current, name) for name in changes}
        Sample.objects.filter(pk=sample.pk).update(**changes, claimed_by=None)
        decision = ReviewDecision.objects.create(
            sample=current, actor=actor, action=action, reason=reason, before=before
        )
    sample.refresh_from_db()
    return decision


def last_standing(*, sample: Sample) -> ReviewDecision | None:
    """The newest decision that is not taken back."""
    return next(iter(standing(sample=sample)), None)


def standing(*, sample: Sample) -> list[ReviewDecision]:
    """The decisions without an undo after them, newest first: each undo cancels the newest one before it."""
    undone = 0
    found = []
    for decision in sample.decisions.order_by("-pk"):
        if decision.action == Action.UNDO:
            undone += 1
        elif undone:
            undone -= 1
        else:
            found.append(decision)
    return found
