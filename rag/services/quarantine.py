"""Verdicts on what the scan found."""

from typing import Any

from rag.models import QuarantineEntry
from rag.services.documents import governance_refresh
from rag.services.metadata import governance
from rag.stores import get_vectors
from web4site.errors import UserError


def quarantine_decide(*, entry: QuarantineEntry, decision: str, by: Any) -> QuarantineEntry:
    """Record a verdict and what it means for the document in all tiers. The text stays redacted either way."""
    if decision not in QuarantineEntry.Decision.values:
        raise UserError(f"A finding is one of {', '.join(QuarantineEntry.Decision.values)}.")
    entry.decide(QuarantineEntry.Decision(decision), by=by)
    document = entry.document
    before = document.ok_to_train
    governance_refresh(document)
    if document.ok_to_train != before:
        uids = document.chunks.values_list("uid", flat=True)
        get_vectors().update_metadata(document.collection, dict.fromkeys(uids, governance(document)))
    return entry
