"""What was read of documents: which fields, from where, and how many documents have them."""

from dataclasses import dataclass

from django.db.models import Count, Q

from rag.corpus.report import ParseReport, stored_report
from rag.models import Document

# What a chunk of a PDCA carries that somebody has to have written.
EXPECTED = ("date", "agent_name", "agent_role", "session", "sprint", "branch", "commit_sha", "objective", "task_type",
            "components_affected", "template_version", "cmm_level", "verification_status",
            "prev_pdca", "next_pdca")  # fmt: skip
COLUMNS = ("date", "agent_name", "agent_role", "session", "sprint", "objective", "task_type")


def parse_report(document: Document) -> ParseReport:
    """What reading the document found, guessed and missed."""
    return stored_report(document.kind, document.metadata, document.sections, document.links, document.faults)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the PDCAs have a field."""

    name: str
    count: int
    total: int

    @property
    def rate(self) -> float:
        return self.count / self.total if self.total else 0.0


def metadata_shares() -> list[Share]:
    """For each field a PDCA should have, how many have it; empty without PDCAs."""
    rows = Document.objects.filter(kind="pdca").order_by()
    found = rows.aggregate(total=Count("pk"), **{f"n_{name}": Count("pk", filter=_has(name)) for name in EXPECTED})
    return [Share(name, found[f"n_{name}"], found["total"]) for name in EXPECTED if found["total"]]


def _has(name: str) -> Q:
    if name == "date":
        return Q(date__isnull=False)
    if name in COLUMNS:
        return ~Q(**{name: ""})
    return Q(**{f"metadata__{name}__value__gt": ""})
