"""Decoding, finding files, names, dates, headers, sections and kinds."""

from pathlib import Path

import pytest

from rag.corpus.dates import find_date
from rag.corpus.decoding import MAX_BYTES, UnreadableDocument, decode
from rag.corpus.names import parse_name, path_fields
from rag.corpus.reader import find_files, parse_document, read_document
from rag.corpus.sections import pdca_name, section_name
from rag.corpus.types import DocumentKind, Origin, ParsedDocument

FOUR = "## Plan\n\np\n\n## Do\n\nd\n\n## Check\n\nc\n\n## Act\n\na\n"


def parse(text: str, path: str = "journal/2025-03-04-UTC-0910-tide-gauge.pdca.md") -> ParsedDocument:
    return parse_document(path, text, "")


@pytest.mark.parametrize(
    ("data", "text", "faults"),
    [
        (b"plain\r\nlines\rend", "plain\nlines\nend", 0),
        ("\ufeffmark".encode(), "mark", 1),
        ("wide ✓".encode("utf-16"), "wide ✓", 1),
        ("Häfen".encode("latin-1"), "Häfen", 1),
        (b"", "", 0),
        (b"a" * 200_000, "a" * 200_000, 1),
    ],
)
def test_decodes(data: bytes, text: str, faults: int) -> None:
    decoded = decode(data)
    assert decoded.text == text
    assert len(decoded.faults) == faults


@pytest.mark.parametrize("data", [b"a\0b", bytes(range(1, 9)) * 50, b"x" * MAX_BYTES, "a\0b".encode("utf-16")])
def test_refuses_binary_and_huge_files(data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        decode(data)


def test_finds_only_files_worth_reading(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "secret.md"
    outside.write_text("outside")
    for path in ("a.md", "b/c.ts", "b/d.jsonl", "b/e.png", ".git/f.md", "node_modules/g/h.md", "B.MARKDOWN"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    (root / "link.md").symlink_to(outside)
    (root / "loop").symlink_to(root, target_is_directory=True)
    assert sorted(find_files(root)) == ["B.MARKDOWN", "a.md", "b/c.ts", "b/d.jsonl"]


@pytest.mark.parametrize("path", ["../secret.md", "link.md", "missing.md", "folder", "a\0b.md", "a\udce4.md"])
def test_reads_nothing_outside_the_root(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("outside")
    (root / "link.md").symlink_to(tmp_path / "secret.md")
    with pytest.raises(UnreadableDocument) as caught:
        read_document(root, path)
    assert caught.value.reason
    assert path not in caught.value.reason


@pytest.mark.parametrize(
    ("path", "date", "time", "slug"),
    [
        ("2025-03-04-UTC-0910-tide-gauge.md", "2025-03-04", "09:10", "tide-gauge"),
        ("2025-03-04-UTC-0910.md", "2025-03-04", "09:10", ""),
        ("2025-03-04-UTC-0910-tide-gauge-pdca.md", "2025-03-04", "09:10", "tide-gauge"),
        ("2025-03-04-UTC-0910.tide.gauge.pdca.md", "2025-03-04", "09:10", "tide.gauge"),
        ("2025-03-04-UTC-091059.pdca.md", "2025-03-04", "09:10:59", ""),
        ("2025-03-04-0910-tide.md", "2025-03-04", "09:10", "tide"),
        ("2025-03-04-tide-gauge.md", "2025-03-04", "", "tide-gauge"),
        ("2025-03-XX-tide.md", "2025-03", "", "tide"),
        ("2025-03-XX-UTC-tide.pdca.md", "2025-03", "", "tide"),
        ("2025-03-04-UTC-0910.12-tide.pdca.md", "2025-03-04", "09:10", "12-tide"),
        ("2025-03-04-UTC-0910.pdca.md", "2025-03-04", "09:10", ""),
        ("2025-03-04-UTC-2415-late.md", "2025-03-04", "", "late"),
        ("2025-02-30-UTC-0910-never.md", "", "09:10", "never"),
        ("session/2025-03-04-UTC-0800-start/0910.tide.md", "2025-03-04", "09:10", "tide"),
        ("2025-03-04-2boats-moored.md", "2025-03-04", "", "2boats-moored"),
        ("planning.md", "", "", "planning"),
    ],
)
def test_reads_names(path: str, date: str, time: str, slug: str) -> None:
    name = parse_name(path)
    assert (name.date, name.time, name.slug) == (date, time, slug)


def test_reads_the_name_of_the_plan() -> None:
    name = parse_name("pdca/20250304-091059-Maren.Developer.pdca.md")
    assert (name.date, name.time, name.agent, name.role) == ("2025-03-04", "09:10:59", "Maren", "Developer")
    assert name.dated
    assert name.pdca_suffix


def test_reads_folders() -> None:
    path = "scrum.pmo/project.journal/2025-03-04-harbour/sprint-7/pdca/role/tester/x.md"
    assert path_fields(path) == {"session": "2025-03-04-harbour", "sprint": "7", "agent_role": "tester"}
    assert path_fields("scrum.pmo/roles/_shared/PDCA/x.md") == {}


@pytest.mark.parametrize(
    ("text", "date", "time"),
    [
        ("2025-03-04-UTC-1510", "2025-03-04", "15:10"),
        ("2025-03-04 UTC 20:52", "2025-03-04", "20:52"),
        ("2025-03-04", "2025-03-04", ""),
        ("2025-03-04T20:52:11Z", "2025-03-04", "20:52:11"),
        ("Mon Mar 17 12:02:38 UTC 2025", "2025-03-17", "12:02:38"),
        ("March 4, 2025", "2025-03-04", ""),
        ("4 March 2025 at 9:05", "2025-03-04", "09:05"),
        ("04.03.2025", "2025-03-04", ""),
        ("2025-13-04", "", ""),
        ("some day", "", ""),
    ],
)
def test_reads_dates(text: str, date: str, time: str) -> None:
    assert find_date(text)[:2] == (date, time)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Plan", "plan"),
        ("**📋 PLAN**", "plan"),
        ("P - PLAN", "plan"),
        ("**P - PLAN**", "plan"),
        ("3. PLAN", "plan"),
        ("📋 **1. PLAN**", "plan"),
        ("1f.1 PLAN: raise the gate", "plan"),
        ("A — ACT", "act"),
        ("**🔧 DO** ", "do"),
        ("Check (verified)", "check"),
        ("Plan 📋", "plan"),
        ("Do 🔨", "do"),
        ("CHECK PHASE", "check"),
        ("D - DO", "do"),
        ("DO - Build the gauge", "do"),
        ("Act ✅ - done", "act"),
        ("Check-in", None),
        ("Do's and don'ts", None),
        ("Do’s", None),
        ("Plan/Do overview", None),
        ("**Artifact** Links", None),
        ("Do not delete", None),
        ("Action items", None),
        ("Planning", None),
        ("Checklist", None),
        ("Actual state", None),
    ],
)
def test_names_pdca_headings(heading: str, name: str | None) -> None:
    assert pdca_name(heading) == name


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("**📊 SUMMARY**", "summary"),
        ("### TRON Feedback (2025-03-04)", "tron_feedback"),
        ("⚖️ QA Decisions Required", "qa_decisions"),
        ("🔗 Artifact Links", "artifact_links"),
        ("💫 EMOTIONAL REFLECTION: calm", "reflection"),
        ("🎯 PDCA PROCESS UPDATE", "process_update"),
        ("Tide gauge wiring", "tide_gauge_wiring"),
        ("Do", "do_detail"),
    ],
)
def test_names_other_headings(heading: str, name: str) -> None:
    assert section_name(heading) == name


def test_headings_in_fences_are_none() -> None:
    document = parse(f"# PDCA: x\n\n```markdown\n## Plan\n## Summary\n```\n\n{FOUR}")
    assert [section.name for section in document.sections].count("plan") == 1
    assert "summary" not in {section.name for section in document.sections}
    assert document.faults == ()


def test_an_open_fence_hides_nothing() -> None:
    document = parse("# PDCA\n\n## Plan\n\n```bash\nls\n\n## Do\n\nd\n\n## Check\n\nc\n\n## Act\n\na\n")
    assert [s.name for s in document.sections][1:] == ["plan", "do", "check", "act"]
    assert [fault.line for fault in document.faults] == [5]


def test_a_stray_fence_line_does_not_turn_the_others_around() -> None:
    stray = "# PDCA\n\n```\n\n## Plan\n\np\n\n## Do\n\n```\nls\n```\n\n## Check\n\nc\n\n## Act\n\n```\nok\n```\n"
    assert {s.name for s in parse(stray).sections} >= {"plan", "do", "check", "act"}


def test_a_rule_below_labels_is_no_heading() -> None:
    document = parse(f"# PDCA\n\n**Date:** 2025-03-04\n**Role:** Tester\n---\n\n{FOUR}")
    assert len(document.sections) == 5
    assert document.value("agent_role") == "Tester"


def test_sections_span_their_subsections() -> None:
    text = "# T\n\n## Plan\n\n### Steps\n\ns\n\n## Do\n\nd\n"
    document = parse(text)
    spans = {s.name: text[s.start : s.end] for s in document.sections}
    assert spans["plan"] == "## Plan\n\n### Steps\n\ns\n\n"
    assert spans["steps"] == "### Steps\n\ns\n\n"


@pytest.mark.parametrize(
    "label",
    [
        "**🗓️ Date:** {}",
        "**Date:** {}",
        "**Date**: {}",
        "**📅 Date:** {}",
        "- **Date:** {}",
        "Date: {}",
        "> **Date:** {}",
    ],
)
def test_reads_label_forms(label: str) -> None:
    document = parse(f"# PDCA\n\n{label.format('2025-03-05 UTC 10:00')}\n\n{FOUR}", "x/y-pdca.md")
    assert document.fields["date"].value == "2025-03-05"
    assert document.fields["date"].origin is Origin.HEADER


HEADER = """# 📋 **PDCA Cycle: Tide gauge**

**🗓️ Date:** 2025-03-05-UTC-1510
**🎯 Objective:** Read the gauge
- every minute
- in centimetres

**👤 Agent Role:** Developer → Gauge keeper
**👤 Agent:** Maren (proud! 🎊)
**🎯 Sprint:** Sprint 12 → Gauges
**👤 Branch:** dev/tide → working copy
**CMM Level:** CMM3
**Template Version:** 3.2.4
**🚨 Issues:** None
**📎 Previous Commit:** 0af3c91 - wire the gauge
**Session:** N/A

"""


def test_reads_a_header() -> None:
    document = parse(HEADER + FOUR)
    expected = {
        "date": "2025-03-04",
        "date_header": "2025-03-05",
        "timestamp": "2025-03-04T09:10:00Z",
        "objective": "Read the gauge; every minute; in centimetres",
        "agent_role": "Developer",
        "agent_role_context": "Gauge keeper",
        "agent_name": "Maren",
        "sprint": "12",
        "branch": "dev/tide",
        "cmm_level": "3",
        "template_version": "3.2.4",
        "issues": "None",
        "commit_sha": "0af3c91",
        "quality_score": "90",
    }
    assert {key: document.value(key) for key in expected} == expected
    assert "session" not in document.fields
    assert any("the name says 2025-03-04" in fault.message for fault in document.faults)


def test_a_missing_section_is_taken_from_another_level() -> None:
    text = (
        "# PDCA\n\n## Goal\n\n### P - PLAN\n\np\n\n## D - DO\n\n### Act\n\nx\n\n## C - CHECK\n\nc\n\n## A - ACT\n\na\n"
    )
    sections = parse(text).sections
    assert [section.name for section in sections[1:]] == ["goal", "plan", "do", "act_detail", "check", "act"]


@pytest.mark.parametrize(
    ("line", "key", "value", "origin"),
    [
        ("**📎 Previous Commit:** `0af3c91` - wire it", "commit_sha", "0af3c91", Origin.HEADER),
        ("**🔗 Last Commit SHA:** 0af3c91", "previous_commit", "0af3c91", Origin.HEADER),
        ("**Commits:** Pending", "previous_commit", "Pending", Origin.HEADER),
        ("**Issues**: N/A - all is well", "issues", "N/A - all is well", Origin.HEADER),
        ("**🏅 CMM Badge:** CMM3 (defined)", "cmm_level", "3", Origin.HEADER),
        ("**CMM Level**: 4", "cmm_level", "4", Origin.HEADER),
        ("**📋 Template Version:** 3.2.4.2", "template_version", "3.2.4.2", Origin.HEADER),
        ("**TEMPLATE VERIFICATION: Template version 3.2.4.2 verified**", "template_version", "3.2.4.2", Origin.BODY),
        ("**👤 Agent:** Maren Berg 🎊", "agent_name", "Maren Berg", Origin.HEADER),
        ("**👤 Role:** Developer (Lock Keeper)", "agent_role", "Developer", Origin.HEADER),
        ("**👤 Role:** Developer (Lock Keeper)", "agent_role_context", "Lock Keeper", Origin.HEADER),
        ("**🎭 Role:** Developer 🕵️‍♂️", "agent_role", "Developer", Origin.HEADER),
        ("**Branch:** dev/tide", "branch", "dev/tide", Origin.HEADER),
        ("**🎯 Project Journal Session:** 2025-03-04-harbour → Gauges", "session", "2025-03-04-harbour", Origin.HEADER),
        ("**Objective:** **Read** the `gauge`", "objective", "Read the gauge", Origin.HEADER),
        ("**Sprint:** N/A → Continuous", "sprint_context", "Continuous", Origin.HEADER),
    ],
)
def test_reads_header_values(line: str, key: str, value: str, origin: Origin) -> None:
    document = parse(f"# PDCA\n\n{line}\n\n{FOUR}")
    assert document.fields[key].value == value
    assert document.fields[key].origin is origin


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("- Branch: $(git rev-parse HEAD)", "branch"),
        ("**Branch:** the main line", "branch"),
        ("**Date:** TBD", "date_header"),
        ("- Commit: (pending)", "commit_sha"),
        ("**🏅 CMM Badge:** TBD", "cmm_level"),
        ("**Agent:** {{AGENT_NAME}}", "agent_name"),
        ("**Role:** [your role]", "agent_role"),
    ],
)
def test_placeholders_are_no_values(line: str, key: str) -> None:
    document = parse(f"# PDCA\n\n{line}\n\n{FOUR}")
    assert key not in document.fields
    if "main line" not in line:
        assert [(fault.line, "not filled in" in fault.message) for fault in document.faults] == [(3, True)]


def test_the_title_may_carry_the_level() -> None:
    assert parse(f"# CMM3 PDCA: Gauge\n\n{FOUR}").fields["cmm_level"].origin is Origin.H1
    assert "cmm_level" not in parse(f"# PDCA: Fix a CMM3 violation\n\n{FOUR}").fields


def test_the_header_does_not_read_on_into_plan() -> None:
    document = parse("# PDCA\n\n" + FOUR.replace("p\n", "**Role:** Nobody\n"), "2025-03-04-UTC-0910-x.md")
    assert "agent_role" not in document.fields


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("j/2025-03-04-UTC-0910-x.md", FOUR, DocumentKind.PDCA),
        ("j/2025-03-04-UTC-0910-x.pdca.md", "# only a title", DocumentKind.PDCA),
        ("j/notes.md", f"# PDCA: x\n\n{FOUR}", DocumentKind.PDCA),
        ("j/2025-03-04-UTC-0910-howto-fix-pdca.md", FOUR, DocumentKind.PDCA),
        ("j/2025-03-04-UTC-0910-x.md", "# diary", DocumentKind.JOURNAL),
        ("cursor_export.md", f"# PDCA\n{FOUR}", DocumentKind.DIALOGUE),
        ("x.dialouge.md", FOUR, DocumentKind.DIALOGUE),
        ("scrum.pmo/templates/pdca.template.md", f"# PDCA\n{FOUR}", DocumentKind.TEMPLATE),
        ("roles/_shared/PDCA/howto.PDCA.md", f"# PDCA\n{FOUR}", DocumentKind.PROCESS),
        ("roles/Tester/process.md", "# Tester", DocumentKind.PROCESS),
        ("components/Gauge/1.0.0/README.md", "# Gauge", DocumentKind.COMPONENT_DOC),
        ("README.md", f"# PDCA\n{FOUR}", DocumentKind.OTHER),
        ("spec/requirements.md/9.requirement.md", "# r", DocumentKind.REQUIREMENT),
        ("x/2025-03-04-UTC-0910-x.pdca.md", "  \n", DocumentKind.EMPTY),
        ("a/b.ts", "export class A {}", DocumentKind.TYPESCRIPT),
        ("tools.jsonl", "{}", DocumentKind.TOOL_EXAMPLES),
    ],
)
def test_classifies(path: str, text: str, kind: DocumentKind) -> None:
    assert parse(text, path).kind is kind


def test_scores_quality() -> None:
    link = "[GitHub](https://github.com/o/r/blob/main/j/{0}) | [§/j/{0}]({0})"
    both = f"**Previous PDCA:** {link.format('a.md')}\n**Next PDCA:** {link.format('b.md')}\n"
    assert parse(f"# PDCA\n\n**CMM:** 4\n{both}\n{FOUR}").value("quality_score") == "100"
    assert parse(f"# PDCA\n\n{both}\n{FOUR}").value("quality_score") == "80"
    assert parse("# PDCA\n\n## Plan\n").value("quality_score") == "50"


def test_counts_open_decisions_and_verification() -> None:
    text = FOUR.replace("c\n", "✅ passed\n") + "\n## QA Decisions\n\n- [ ] one\n- [x] two\n- [ ] three\n"
    document = parse(text)
    assert document.value("qa_decisions_pending") == "2"
    assert document.value("verification_status") == "verified"


def test_reads_typescript_fields() -> None:
    source = "export class Gauge {\n  constructor() {}\n  init(s: object) { return this; }\n  read() { return 1; }\n}\n"
    document = parse(source, "components/Gauge/1.0.0/src/ts/layer2/Gauge.ts")
    assert document.value("layer") == "2"
    assert "empty_constructor" in document.value("patterns")
    assert document.value("class_names") == "Gauge"
    assert document.value("components_affected") == "Gauge"


@pytest.mark.parametrize("quote", ["```quote\nmind the gate\n```", "> mind the gate", "mind the gate"])
def test_reads_what_the_user_said(quote: str) -> None:
    document = parse(
        f"# PDCA\n\n## Summary\n\n### TRON Feedback (2025-03-04)\n\n{quote}\n\n### My Answer\n\nyes\n\n{FOUR}"
    )
    assert document.value("tron_feedback") == "mind the gate"
    assert document.value("tron_decision") == "false"


def test_reads_a_tron_decision_in_order() -> None:
    labels = ["**Trigger:** flood", "**Response:** close", "**Outcome:** dry", "**Next:** drain"]
    assert parse(FOUR.replace("p\n", "\n".join(labels) + "\n")).value("tron_decision") == "true"
    assert parse(FOUR.replace("p\n", "\n".join(reversed(labels)) + "\n")).value("tron_decision") == "false"
    assert parse(FOUR.replace("d\n", "\n".join(labels) + "\n")).value("tron_decision") == "false"
