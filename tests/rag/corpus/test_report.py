"""The parse report: found, guessed, missing; the same from a fresh document and from what the index keeps."""

from dataclasses import asdict

from rag.corpus.reader import parse_document
from rag.corpus.report import parse_report, stored_report
from rag.corpus.types import ParsedDocument

TEXT = """# PDCA: Tide gauge

**Role:** Developer
**Agent:** {{AGENT}}
**Previous PDCA:** [x](2025-03-03-UTC-0910-a.md)
**Next PDCA:** N/A

## Plan

p

## Do

d

## Check

```
never closed
"""


def document() -> ParsedDocument:
    return parse_document("sprints/sprint-7/2025-03-04-UTC-0910-gauge.pdca.md", TEXT, "")


def test_says_what_was_found_guessed_and_missing() -> None:
    report = parse_report(document())
    found = {field.name: (field.value, field.origin) for field in report.found}
    guessed = {field.name: field.origin for field in report.guessed}
    assert found["date"] == ("2025-03-04", "name")
    assert found["agent_role"] == ("Developer", "header")
    assert found["objective"] == ("Tide gauge", "h1")
    assert guessed["sprint"] == "path"
    assert guessed["verification_status"] == "body"
    assert {"agent_name", "branch", "act section", "link to the next PDCA"} <= set(report.missing)
    assert not {"date", "plan section", "link to the previous PDCA"} & set(report.missing)
    assert report.links == {"FOLLOWS": 1}
    assert not report.complete


def test_names_the_line_of_each_fault() -> None:
    faults = [(fault.line, fault.message) for fault in parse_report(document()).faults]
    assert (4, "agent is there, but not filled in") in faults
    assert (18, "code fence is never closed") in faults
    assert faults == sorted(faults, key=lambda fault: fault[0])


def test_the_index_can_say_the_same() -> None:
    read = document()
    metadata = {name: {"value": field.value, "origin": field.origin.value} for name, field in read.fields.items()}
    metadata["next_pdca"] = {"value": "later.md", "origin": "graph"}
    stored = stored_report(
        read.kind.value,
        metadata,
        [asdict(section) for section in read.sections],
        [asdict(link) for link in read.links],
        [asdict(fault) for fault in read.faults],
    )
    assert stored == parse_report(read)


def test_other_kinds_have_other_expectations() -> None:
    code = parse_report(parse_document("components/Gauge/src/layer2/Gauge.ts", "class Gauge {}", ""))
    assert code.missing == ()
    assert parse_report(parse_document("Gauge.ts", "class Gauge {}", "")).missing == ("layer", "components_affected")
    assert parse_report(parse_document("docs/a.md", "# A", "")).complete
