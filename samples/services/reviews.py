"""Judgements of people on samples: approve, reject, edit, undo; every one of them is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

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


def review_approve(*, sample: Sample, actor: Any) -> ReviewDecision:
    return _decide(sample, actor, Action.APPROVE, review=Sample.Review.APPROVED)


def review_reject(*, sample: Sample, actor: Any, reason: str) -> ReviewDecision:
    """Rejected samples stay in the draft, visible, and are left out when it is frozen."""
    if not reason.strip():
        raise UserError("Say why the sample is rejected.")
    return _decide(sample, actor, Action.REJECT, reason=reason.strip()[:300], review=Sample.Review.REJECTED)


def review_edit(
    *, sample: Sample, actor: Any, values: dict[str, str], count_tokens: Callable[[str], int] | None = None
) -> ReviewDecision:
    """Change instruction, input or output; the edited sample counts as approved. Raises UserError on a bad text."""
    texts = {name: values.get(name, getattr(sample, name)).replace("\r\n", "\n") for name in EDITABLE}
    counter = count_tokens or TokenCounter(Path(settings.BASE_MODEL_DIR)).count
    tokens = counter("\n".join(filter(None, texts.values())))
    metadata = {**sample.metadata, "tokens": tokens, "edited": True}
    record = {**texts, "metadata": metadata}
    if faults := schema_faults(record):
        raise UserError(f"The edited sample is not valid: {faults[0]}.")
    if kinds := secrets(record):
        raise UserError(f"The edited text holds {', '.join(kinds)}: take it out.")
    return _decide(
        sample,
        actor,
        Action.EDIT,
        review=Sample.Review.APPROVED,
        edited=True,
        tokens=tokens,
        metadata=metadata,
        **texts,
    )


def review_undo(*, sample: Sample, actor: Any) -> ReviewDecision:
    """Take the last decision back that is not taken back yet; the undo is a decision of its own."""
    with transaction.atomic():
        last = last_standing(sample=sample)
        if last is None:
            raise UserError("There is nothing to undo for this sample.")
        return _decide(sample, actor, Action.UNDO, reason=f"decision {last.pk}", **last.before)


def review_bulk(*, samples: QuerySet[Sample], actor: Any, action: str, reason: str = "") -> int:
    """Approve or reject all samples of a filter that are still pending; returns how many."""
    if action not in (Action.APPROVE, Action.REJECT):
        raise UserError("Many samples at once can be approved or rejected.")
    done = 0
    for sample in samples.filter(review=Sample.Review.PENDING, dataset__status=Dataset.Status.DRAFT).order_by("pk"):
        if action == Action.APPROVE:
            review_approve(sample=sample, actor=actor)
        else:
            review_reject(sample=sample, actor=actor, reason=reason)
        done += 1
    return done


def _decide(sample: Sample, actor: Any, action: str, *, reason: str = "", **changes: Any) -> ReviewDecision:
    """Apply the changes and write down what was there before, in one transaction."""
    with transaction.atomic():
        current = Sample.objects.select_related("dataset").get(pk=sample.pk)
        if current.dataset.status == Dataset.Status.FROZEN:
            raise UserError(f"{current.dataset.name} is frozen: its samples can no longer be changed.")
        before = {name: getattr(current, name) for name in changes}
        Sample.objects.filter(pk=sample.pk).update(**changes)
        decision = ReviewDecision.objects.create(
            sample=current, actor=actor, action=action, reason=reason, before=before
        )
    sample.refresh_from_db()
    return decision


def last_standing(*, sample: Sample) -> ReviewDecision | None:
    """The newest decision without an undo after it: each undo cancels the newest one before it."""
    undone = 0
    for decision in sample.decisions.order_by("-pk"):
        if decision.action == Action.UNDO:
            undone += 1
        elif undone:
            undone -= 1
        else:
            return decision
    return None
