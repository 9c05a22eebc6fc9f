"""A document's metadata: each field from the best place that has it, with that place named."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from rag.corpus.code import code_fields, read_module
from rag.corpus.dates import find_date
from rag.corpus.headers import HEADER_LINES, LABELS, MAX_VALUE, is_nothing, label_lines, plain_value, read_header
from rag.corpus.links import is_valid_dual
from rag.corpus.names import NameParts, path_fields
from rag.corpus.quality import decisions_pending, quality_score, verification_status
from rag.corpus.sections import plain_heading
from rag.corpus.tools import read_tool_examples
from rag.corpus.tron import decisions, feedback
from rag.corpus.types import DocumentKind, Fault, Link, Origin, Section, Severity, Sourced

_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_CMM = re.compile(r"\bCMM\s*-?\s*(?:level\s*)?([1-5])\b", re.IGNORECASE)
_LEVEL = re.compile(r"\D{0,10}([1-5])\b")
_TEMPLATE = re.compile(r"\btemplate version\W{0,6}v?(\d{1,3}(?:\.\d{1,3}){1,4})\b", re.IGNORECASE)
_TITLE_PREFIX = re.compile(r"^(?:pdca(?: cycle| entry)?(?: \d+)?)\s*[:\-–—]?\s*", re.IGNORECASE)
_COMPONENT = re.compile(r"\bcomponents/([A-Za-z][\w]{2,60})/")
_BRANCH = re.compile(
    r"github\.com/[^/\s]+/[^/\s]+/blob/(.+?)/(?:scrum\.pmo|components|docs|spec|temp|recovery|session)/"
)
_ASIDE = re.compile(r"\s*\([^()]{0,80}\)\s*$|[^\w\s()./&+-]+\s*$")
_ARROW = re.compile(r"\s*(?:→|->)\s*")
_SPACE = re.compile(r"\s")
_SPRINT = re.compile(r"\bsprint[\s-]*(\d+(?:\.\d+)?)|^(\d+(?:\.\d+)?)\b", re.IGNORECASE)
MAX_COMPONENTS = 12
MAX_HEAD = 20_000
MAX_QUOTE = 2_000
FULL_DATE = len("YYYY-MM-DD")
_TASK_TYPES = (
    ("bug_fix", r"\b(?:fix|bug|defect|broken|repair|hotfix|correction)"),
    ("recovery", r"\b(?:recovery|restart|restore)"),
    ("refactoring", r"\b(?:refactor|cleanup|clean up|migration|rename|consolidat)"),
    ("testing", r"\b(?:test|tests|testing|validation|verification)\b"),
    ("release", r"\b(?:release|merge|deploy|publish|upgrade)"),
    ("architecture", r"\b(?:architecture|architectural|design|pattern|layer)"),
    ("requirement", r"\brequirements?\b"),
    ("planning", r"\b(?:plan|planning|sprint|roadmap|backlog)\b"),
    ("process", r"\b(?:process|template|pdca|protocol|workflow|compliance|role)\b"),
    ("documentation", r"\b(?:doc|docs|documentation|readme|article|report)\b"),
    ("implementation", r"\b(?:implement|implementation|feature|create|creation|build|add|component)"),
)
_TASK_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _TASK_TYPES)


@dataclass(frozen=True, slots=True)
class Material:
    """A document as far as it is parsed: what the fields are read from. `fenced` are 0-based lines."""

    path: str
    kind: DocumentKind
    name: NameParts
    title: str
    text: str
    lines: Sequence[str]
    starts: Sequence[int]
    sections: Sequence[Section]
    fenced: Set[int]
    links: Sequence[Link]


class _Fields:
    """Fields as they are collected; the first value of a key stays."""

    def __init__(self) -> None:
        self.values: dict[str, Sourced] = {}
        self.faults: list[Fault] = []

    def put(self, key: str, value: str, origin: Origin) -> None:
        if value and key not in self.values:
            self.values[key] = Sourced(value, origin)

    def get(self, key: str) -> str:
        found = self.values.get(key)
        return found.value if found else ""


def collect_fields(material: Material) -> tuple[dict[str, Sourced], list[Fault]]:
    """All fields the document has, and what was guessed or odd about them."""
    fields = _Fields()
    fields.put("pdca_id", re.sub(r"\.(?:md|markdown)$", "", material.path), Origin.PATH)
    if material.kind is DocumentKind.TYPESCRIPT:
        _put_code(fields, material)
    elif material.kind is DocumentKind.TOOL_EXAMPLES:
        _put_tools(fields, material)
    else:
        _put_prose(fields, material)
    fields.put("components_affected", _components(material), Origin.PATH)
    return fields.values, fields.faults


def _put_code(fields: _Fields, material: Material) -> None:
    module = read_module(material.text)
    if module.has_errors:
        fields.faults.append(Fault(Severity.WARNING, "syntax errors, read as far as possible"))
    for key, value in code_fields(material.path, module).items():
        fields.put(key, value, Origin.PATH if key == "layer" else Origin.BODY)


def _put_tools(fields: _Fields, material: Material) -> None:
    examples, faults = read_tool_examples(material.text)
    fields.faults.extend(faults)
    fields.put("tool_ecosystem", ", ".join(sorted({example.ecosystem for example in examples})), Origin.BODY)
    fields.put("tool_names", ", ".join(sorted({e.tool_name for e in examples if e.tool_name})), Origin.BODY)


def _put_prose(fields: _Fields, material: Material) -> None:
    found = read_header(material.lines, material.sections, material.starts, material.fenced)
    header = found.values
    _put_dates(fields, material, header)
    _put_header(fields, header)
    _put_people(fields, header)
    _put_levels(fields, material, header)
    for entry in found.unfilled if material.kind is DocumentKind.PDCA else ():
        fields.faults.append(Fault(Severity.NOTE, f"{entry.label} is there, but not filled in", entry.line + 1))
    fields.put("agent_name", material.name.agent, Origin.NAME)
    fields.put("agent_role", material.name.role, Origin.NAME)
    for key, value in path_fields(material.path).items():
        fields.put(key, value, Origin.PATH)
    if material.kind is DocumentKind.PDCA:
        _put_objective(fields, material)
        _put_commit_and_branch(fields, material)
        _put_judgements(fields, material)
        _put_tron(fields, material)
        fields.put(
            "task_type", _task_type(f"{material.name.slug} {material.title}", fields.get("objective")), Origin.H1
        )
        fields.put("task_type", "general", Origin.DEFAULT)


def _put_dates(fields: _Fields, material: Material, header: dict[str, str]) -> None:
    """Date precedence: the file name, the header's Date, its Timestamp, the H1, the folders.

    The name is written once, when the journal is begun; headers are copied from the journal before.
    A full date goes before a partial one (`2025-01-XX`), wherever it stands.
    """
    name = material.name
    from_header = find_date(header.get("date", "") + " " + header.get("time", ""))
    from_stamp = find_date(header.get("timestamp", ""))
    candidates = (
        (name.date, name.time, Origin.NAME),
        (*from_header[:2], Origin.HEADER),
        (*from_stamp[:2], Origin.HEADER),
        (*find_date(material.title)[:2], Origin.H1),
        (*find_date(material.path)[:2], Origin.PATH),
    )
    for day, time, origin in sorted(candidates, key=lambda candidate: len(candidate[0]) != FULL_DATE):
        fields.put("date", day, origin)
        if day == fields.get("date"):
            fields.put("time", time, origin)
    fields.put("date_name", name.date, Origin.NAME)
    fields.put("date_header", from_header[0] or from_stamp[0], Origin.HEADER)
    _put_timestamp(fields)
    _note_dates(fields, name, from_header[2] or from_stamp[2])


def _put_timestamp(fields: _Fields) -> None:
    day, time = fields.get("date"), fields.get("time")
    if len(day) == FULL_DATE:
        clock = f"{time}:00" if len(time) == len("HH:MM") else time or "00:00:00"
        fields.put("timestamp", f"{day}T{clock}Z", fields.values["date"].origin)


def _note_dates(fields: _Fields, name: NameParts, impossible: str) -> None:
    for place, odd in (("name", name.impossible), ("header", impossible)):
        if odd:
            fields.faults.append(Fault(Severity.WARNING, f"impossible date or time in the {place}: {odd[:40]}"))
    ours, theirs = fields.get("date_name"), fields.get("date_header")
    if ours and theirs and ours != theirs:
        message = f"the name says {ours}, the header {theirs}; {fields.get('date')} is used"
        fields.faults.append(Fault(Severity.NOTE, message))


def _put_header(fields: _Fields, header: dict[str, str]) -> None:
    for key in ("objective", "issues", "task", "task_type", "template_version", "previous_commit",
                "components_affected", "verification_status"):  # fmt: skip
        fields.put(key, header.get(key, ""), Origin.HEADER)
    if found := _SHA.search(header.get("commit_sha", "")) or _SHA.search(header.get("previous_commit", "")):
        fields.put("commit_sha", found[0], Origin.HEADER)


def _put_people(fields: _Fields, header: dict[str, str]) -> None:
    """Who, where and when: of `X → Y (aside)` the value is X; Y and the aside are its context."""
    for key in ("agent_role", "agent_name", "session", "branch", "sprint"):
        value, _, context = (half.strip() for half in _ARROW.sub("→", header.get(key, "")).partition("→"))
        if key in ("agent_role", "agent_name") and (plain := _ASIDE.sub("", value).strip()):
            context = context or value.removeprefix(plain).strip(" ()")
            value = plain
        is_branch = key != "branch" or not _SPACE.search(value)
        fields.put(key, value if is_branch and not is_nothing(value) else "", Origin.HEADER)
        fields.put(f"{key}_context", context, Origin.HEADER)
    if sprint := _SPRINT.search(fields.get("sprint")):
        fields.values["sprint"] = Sourced(sprint[1] or sprint[2], Origin.HEADER)


def _put_levels(fields: _Fields, material: Material, header: dict[str, str]) -> None:
    """CMM level and template version: the header, then a title that begins with the level, then any label."""
    level = header.get("cmm_level", "")
    if found := _CMM.search(level) or _LEVEL.match(level):
        fields.put("cmm_level", found[1], Origin.HEADER)
    if material.kind is not DocumentKind.PDCA:
        return
    if found := _CMM.match(material.title):
        fields.put("cmm_level", found[1], Origin.H1)
    if found := _TEMPLATE.search("\n".join(material.lines[:HEADER_LINES])[:MAX_HEAD]):
        fields.put("template_version", found[1], Origin.BODY)
    for entry in label_lines(material.lines):
        known = LABELS.get(entry.label) == "cmm_level" and entry.line not in material.fenced
        if known and (found := _CMM.search(entry.value) or _LEVEL.match(plain_value(entry.value))):
            fields.put("cmm_level", found[1], Origin.BODY)


def _put_objective(fields: _Fields, material: Material) -> None:
    """Where the header has none: an Objective label or section anywhere, then the title."""
    for number, line in enumerate(material.lines):
        for entry in label_lines([line]) if number not in material.fenced else ():
            if LABELS.get(entry.label) == "objective":
                fields.put("objective", plain_value(entry.value)[:MAX_VALUE], Origin.BODY)
    for section in material.sections:
        if section.name == "objective":
            body = material.text[section.start : section.end].partition("\n")[2].strip()
            fields.put("objective", plain_value(body.split("\n\n", 1)[0])[:MAX_VALUE], Origin.BODY)
    fields.put("objective", _TITLE_PREFIX.sub("", plain_heading(material.title)), Origin.H1)


def _put_commit_and_branch(fields: _Fields, material: Material) -> None:
    """Where the header has none: a commit label in the body, and the branch of a GitHub link."""
    for entry in label_lines(material.lines):
        if "commit" in entry.label and entry.line not in material.fenced and (found := _SHA.search(entry.value)):
            fields.put("commit_sha", found[0], Origin.BODY)
    for link in material.links:
        if found := _BRANCH.search(link.github):
            fields.put("branch", found[1], Origin.BODY)


def _put_judgements(fields: _Fields, material: Material) -> None:
    text, sections = material.text, material.sections
    fields.put("qa_decisions_pending", str(decisions_pending(text, sections)), Origin.BODY)
    fields.put("verification_status", verification_status(text, sections), Origin.BODY)
    ways = {link.relation for link in material.links if is_valid_dual(link)}
    score = quality_score(fields.get("cmm_level"), sections, {"FOLLOWS", "PRECEDES"} <= ways)
    fields.put("quality_score", str(score), Origin.BODY)


def _put_tron(fields: _Fields, material: Material) -> None:
    fields.put("tron_decision", str(bool(decisions(material.text, material.sections))).lower(), Origin.BODY)
    quote = next(iter(feedback(material.text, material.sections)), None)
    fields.put("tron_feedback", quote.text[:MAX_QUOTE] if quote else "", Origin.BODY)


def _components(material: Material) -> str:
    found = _COMPONENT.finditer(f"{material.path}\n{material.text}")
    return ", ".join(list(dict.fromkeys(match[1] for match in found))[:MAX_COMPONENTS])


def _task_type(*texts: str) -> str:
    """The first kind of work named by the first text that names any."""
    for text in texts:
        plain = re.sub(r"[-._]|PDCA", " ", text)
        if found := next((name for name, pattern in _TASK_PATTERNS if pattern.search(plain)), None):
            return found
    return ""
