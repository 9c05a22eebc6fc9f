"""What was read of documents: which fields, from where, and how many documents have them."""

from dataclasses import dataclass

from django.db.models import Count, Q

from rag.models import Document

# Written down by a person; what does not come from git either was concluded from the path or the text.
STATED = ("header", "name", "h1", "graph")
# Fields that a PDCA should have, in the order of a journal's header.
EXPECTED = ("date", "agent_name", "agent_role", "session", "sprint", "branch", "commit_sha", "objective", "task_type",
            "components_affected", "template_version", "cmm_level", "verification_status",
            "prev_pdca", "next_pdca")  # fmt: skip
COLUMNS = ("date", "agent_name", "agent_role", "session", "sprint", "objective", "task_type")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a document with the place it was found in."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Report:
    """What reading a document gave: stated in it, guessed from it, and missing."""

    found: list[Field]
    guessed: list[Field]
    git: list[Field]
    missing: list[str]


def parse_report(document: Document) -> Report:
    """The fields of a document by how they were found; only a PDCA can miss one."""
    fields = [
        Field(name, str(entry["value"]), entry.get("origin", ""))
        for name, entry in document.metadata.items()
        if entry.get("value") not in (None, "")
    ]
    git = [field for field in fields if field.origin == "git"]
    others = [field for field in fields if field.origin != "git"]
    known = {field.name for field in fields}
    return Report(
        found=[field for field in others if field.origin in STATED],
        guessed=[field for field in others if field.origin not in STATED],
        git=git,
        missing=[name for name in EXPECTED if name not in known] if document.kind == "pdca" else [],
    )


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
