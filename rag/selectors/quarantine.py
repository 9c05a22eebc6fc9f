"""Findings of the scan."""

from django.db.models import QuerySet

from rag.models import QuarantineEntry


def quarantine_found(*, decision: str = "", kind: str = "", search: str = "") -> QuerySet[QuarantineEntry]:
    """Findings for the quarantine page, newest first."""
    rows = QuarantineEntry.objects.select_related("document", "decided_by").defer("document__text")
    if decision:
        rows = rows.filter(decision=decision)
    if kind:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(document__path__icontains=search)
    return rows.order_by("-created_at", "pk")
