"""What reading a document found, guessed and missed: one value for a page, a log or a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rag.corpus.sections import PDCA_SECTIONS
from rag.corpus.types import DocumentKind, Fault, Origin, ParsedDocument, Severity, Sourced

STATED = (Origin.NAME, Origin.HEADER, Origin.H1)
"""Where authors put a field on purpose; what is read elsewhere is a guess."""

EXPECTED: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.PDCA: (
        *("date", "time", "agent_role", "agent_name", "objective", "issues", "session", "sprint", "branch"),
        *("previous_commit", "cmm_level", "template_version"),
    ),
    DocumentKind.JOURNAL: ("date", "agent_role"),
    DocumentKind.TYPESCRIPT: ("layer", "components_affected"),
    DocumentKind.TOOL_EXAMPLES: ("tool_ecosystem", "tool_names"),
}
ORIGINS = frozenset(Origin)
BREADCRUMBS = {"FOLLOWS": "link to the previous PDCA", "PRECEDES": "link to the next PDCA"}


@dataclass(frozen=True, slots=True)
class ReportField:
    """One field with the place its value was found in (`rag.corpus.types.Origin`; what the graph adds is left out)."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class ParseReport:
    """`found` stands where its author meant it to, `guessed` was read from somewhere else, `missing` is nowhere.

    `links` counts the links as written, by relation; `faults` are in the order of their lines.
    """

    found: tuple[ReportField, ...]
    guessed: tuple[ReportField, ...]
    missing: tuple[str, ...]
    sections: tuple[str, ...]
    links: Mapping[str, int]
    faults: tuple[Fault, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


def parse_report(document: ParsedDocument) -> ParseReport:
    """The report of a document that was just read."""
    return _report(
        document.kind,
        document.fields,
        [section.name for section in document.sections],
        [link.relation for link in document.links],
        document.faults,
    )


def stored_report(
    kind: str,
    metadata: Mapping[str, Mapping[str, str]],
    sections: Iterable[Mapping[str, object]],
    links: Iterable[Mapping[str, object]],
    faults: Iterable[Mapping[str, object]],
) -> ParseReport:
    """The same report from what the index keeps of a document: `kind`, `metadata`, `sections`, `links`, `faults`."""
    return _report(
        DocumentKind(kind),
        {
            name: Sourced(str(entry.get("value", "")), Origin(entry["origin"]))
            for name, entry in metadata.items()
            if entry.get("origin") in ORIGINS
        },
        [str(section["name"]) for section in sections],
        [str(link["relation"]) for link in links],
        [Fault(Severity(str(f["severity"])), str(f["message"]), int(str(f["line"]))) for f in faults],
    )


def _report(
    kind: DocumentKind,
    fields: Mapping[str, Sourced],
    sections: list[str],
    relations: list[str],
    faults: Iterable[Fault],
) -> ParseReport:
    known = {name: field for name, field in fields.items() if field.value}
    rows = [ReportField(name, field.value, field.origin.value) for name, field in known.items()]
    missing = [name for name in EXPECTED.get(kind, ()) if name not in known]
    if kind is DocumentKind.PDCA:
        missing += [f"{name} section" for name in PDCA_SECTIONS if name not in sections]
        missing += [name for relation, name in BREADCRUMBS.items() if relation not in relations]
    return ParseReport(
        found=tuple(row for row in rows if row.origin in STATED),
        guessed=tuple(row for row in rows if row.origin not in STATED),
        missing=tuple(missing),
        sections=tuple(sections),
        links=dict(Counter(relations)),
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
    )
