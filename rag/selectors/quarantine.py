"""Findings of the scan."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from rag.models import QuarantineEntry

SORTS = {
    "": ("-created_at", "pk"),
    "kind": ("kind", "document__path", "line"),
    "path": ("document__path", "line"),
    "decision": ("decision", "-decided_at", "pk"),
}
Decision = QuarantineEntry.Decision


def quarantine_found(
    *, decision: str = "", kind: str = "", search: str = "", sort: str = ""
) -> QuerySet[QuarantineEntry]:
    """Findings for the quarantine page, newest first unless sorted by kind, path or decision."""
    rows = QuarantineEntry.objects.select_related("document", "decided_by")
    rows = rows.defer("document__text", "document__sections", "document__links", "document__metadata")
    if decision:
        rows = rows.filter(decision=decision)
    if kind:
        rows = rows.filter(kind=kind)
    if search:
        rows = rows.filter(Q(document__path__icontains=search) | Q(excerpt__icontains=search))
    return rows.order_by(*SORTS.get(sort, SORTS[""]))


def quarantine_counts() -> list[dict[str, Any]]:
    """For each kind: all, open, confirmed, false_alarm."""
    counts = {name: Count("pk", filter=Q(decision=name)) for name in Decision.values}
    rows = QuarantineEntry.objects.order_by("kind").values("kind").annotate(all=Count("pk"), **counts)
    return [dict(row) for row in rows]


def quarantine_last(by: Any) -> list[QuarantineEntry]:
    """The findings of this person's last verdict: one, or all of a verdict on many."""
    decided = QuarantineEntry.objects.filter(decided_by=by).exclude(decision=Decision.OPEN)
    last = decided.order_by("-decided_at").values_list("decided_at", flat=True).first()
    return list(decided.filter(decided_at=last).select_related("document").defer("document__text")) if last else []
