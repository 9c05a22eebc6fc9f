"""Verdicts on what the scan found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from rag.models import Document, QuarantineEntry
from rag.selectors import quarantine_last
from rag.services.documents import governance_refresh
from rag.services.metadata import governance
from rag.stores import get_vectors
from web4site.errors import UserError


@dataclass(frozen=True, slots=True)
class Decided:
    """What a verdict did: findings decided, and documents that training may use again or no longer."""

    findings: int
    allowed: int
    forbidden: int

    @property
    def effect(self) -> str:
        if not self.allowed and not self.forbidden:
            return "training may use the same documents as before"
        return f"training may use {self.allowed} more and {self.forbidden} fewer documents"


def quarantine_decide(*, entry: QuarantineEntry, decision: str, by: Any) -> QuarantineEntry:
    """Record a verdict and what it means for the document in all tiers. The text stays redacted either way."""
    with transaction.atomic():
        entry.decide(_decision(decision), by=by)
        _documents_refresh([entry.document])
    return entry


def quarantine_decide_many(*, entries: QuerySet[QuarantineEntry], decision: str, by: Any) -> Decided:
    """One verdict on many findings, all at one moment, so that it can be undone as one."""
    wanted = _decision(decision)
    with transaction.atomic():
        keys = list(entries.order_by().values_list("pk", flat=True))
        chosen = QuarantineEntry.objects.filter(pk__in=keys)
        chosen.update(decision=wanted, decided_by=by, decided_at=timezone.now())
        documents = Document.objects.filter(quarantine_entries__in=keys).distinct().defer("text")
        changed = _documents_refresh(documents)
    allowed = sum(document.ok_to_train for document in changed)
    return Decided(len(keys), allowed, len(changed) - allowed)


def quarantine_undo(*, by: Any) -> int:
    """Open again what this person decided last, be it one finding or many; returns how many."""
    entries = quarantine_last(by)
    if not entries:
        raise UserError("You have decided nothing that could be undone.")
    chosen = QuarantineEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    return quarantine_decide_many(entries=chosen, decision=QuarantineEntry.Decision.OPEN, by=by).findings


def _decision(value: str) -> QuarantineEntry.Decision:
    if value not in QuarantineEntry.Decision.values:
        raise UserError(f"A finding is one of {', '.join(QuarantineEntry.Decision.values)}.")
    return QuarantineEntry.Decision(value)


def _documents_refresh(documents: Iterable[Document]) -> list[Document]:
    """Bring the training marks in line with the verdicts; returns the documents whose marks changed.

    Within the transaction of the verdict: where the vectors cannot be told, nothing is decided.
    """
    changed = []
    for document in documents:
        before = document.ok_to_train
        governance_refresh(document)
        if document.ok_to_train != before:
            changed.append(document)
            uids = document.chunks.values_list("uid", flat=True)
            get_vectors().update_metadata(document.collection, dict.fromkeys(uids, governance(document)))
    return changed
