"""A document's metadata: each field from the best place that has it, with that place named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.corpus.dates import find_date
from rag.corpus.headers import LABELS, MAX_VALUE, label_lines, plain_value, read_header
from rag.corpus.links import is_valid_dual
from rag.corpus.markdown import Block
from rag.corpus.names import NameParts, path_fields
from rag.corpus.quality import decisions_pending, quality_score, verification_status
from rag.corpus.sections import plain_heading
from rag.corpus.types import DocumentKind, Fault, Link, Origin, Section, Severity, Sourced

_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_CMM = re.compile(r"\bCMM\s*-?\s*(?:level\s*)?([1-5])\b", re.IGNORECASE)
_TITLE_PREFIX = re.compile(r"^(?:pdca(?: cycle| entry)?(?: \d+)?)\s*[:\-–—]?\s*", re.IGNORECASE)
_COMPONENT = re.compile(r"\bcomponents/([A-Za-z][\w]{2,60})(?=/|\b)")
_BRANCH = re.compile(
    r"github\.com/[^/\s]+/[^/\s]+/blob/(.+?)/(?:scrum\.pmo|components|docs|spec|temp|recovery|session)/"
)
MAX_COMPONENTS = 12
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


@dataclass(slots=True)
class _Fields:
    """Fields as they are collected; the first value of a key stays."""

    values: dict[str, Sourced]

    def put(self, key: str, value: str, origin: Origin) -> None:
        if value and key not in self.values:
            self.values[key] = Sourced(value, origin)

    def get(self, key: str) -> str:
        found = self.values.get(key)
        return found.value if found else ""


def collect_fields(
    path: str,
    kind: DocumentKind,
    name: NameParts,
    title: str,
    text: str,
    lines: Sequence[str],
    starts: Sequence[int],
    sections: Sequence[Section],
    blocks: Sequence[Block],
    links: Sequence[Link],
) -> tuple[dict[str, Sourced], list[Fault]]:
    """All fields the document has, and what was guessed or odd about them."""
    fields, faults = _Fields({}), list[Fault]()
    fields.put("pdca_id", re.sub(r"\.(?:md|markdown)$", "", path), Origin.PATH)
    header = read_header(lines, sections, starts, blocks)
    _put_dates(fields, faults, name, title, path, header)
    _put_header(fields, header)
    _put_from_name_and_path(fields, name, path)
    if kind is DocumentKind.PDCA:
        _put_objective(fields, text, lines, sections, title)
        _put_judgements(fields, text, lines, sections, links)
    fields.put("components_affected", _components(path, text), Origin.PATH)
    fields.put("task_type", _task_type(f"{name.slug} {title}") if kind is DocumentKind.PDCA else "", Origin.H1)
    return fields.values, faults


def _put_dates(
    fields: _Fields, faults: list[Fault], name: NameParts, title: str, path: str, header: dict[str, str]
) -> None:
    """Date precedence: the file name, the header's Date, its Timestamp, the H1, the folders.

    The name is written once, when the journal is begun; headers are copied from the journal before.
    """
    from_header = find_date(header.get("date", "") + " " + header.get("time", ""))
    from_stamp = find_date(header.get("timestamp", ""))
    candidates = (
        (name.date, name.time, Origin.NAME),
        (from_header[0], from_header[1], Origin.HEADER),
        (from_stamp[0], from_stamp[1], Origin.HEADER),
        (*find_date(title)[:2], Origin.H1),
        (*find_date(path)[:2], Origin.PATH),
    )
    full = [c for c in candidates if len(c[0]) == 10]
    for day, time, origin in (*full, *candidates):
        fields.put("date", day, origin)
        if day == fields.get("date"):
            fields.put("time", time, origin)
    fields.put("date_name", name.date, Origin.NAME)
    fields.put("date_header", from_header[0] or from_stamp[0], Origin.HEADER)
    _put_timestamp(fields)
    _date_faults(fields, faults, name, from_header[2] or from_stamp[2])


def _put_timestamp(fields: _Fields) -> None:
    day, time = fields.get("date"), fields.get("time")
    if len(day) == 10:
        clock = f"{time}:00" if len(time) == 5 else time or "00:00:00"
        fields.put("timestamp", f"{day}T{clock}Z", fields.values["date"].origin)


def _date_faults(fields: _Fields, faults: list[Fault], name: NameParts, impossible: str) -> None:
    for place, odd in (("name", name.impossible), ("header", impossible)):
        if odd:
            faults.append(Fault(Severity.WARNING, f"impossible date or time in the {place}: {odd[:40]}"))
    ours, theirs = fields.get("date_name"), fields.get("date_header")
    if ours and theirs and ours != theirs:
        faults.append(Fault(Severity.NOTE, f"the name says {ours}, the header {theirs}; the name is used"))


def _put_header(fields: _Fields, header: dict[str, str]) -> None:
    for key in ("objective", "agent_role", "agent_name", "issues", "session", "sprint", "branch", "task",
                "task_type", "components_affected", "template_version", "verification_status"):  # fmt: skip
        fields.put(key, header.get(key, ""), Origin.HEADER)
    if found := _CMM.search(header.get("cmm_level", "")) or re.match(r"\D{0,10}([1-5])\b", header.get("cmm_level", "")):
        fields.put("cmm_level", found[1], Origin.HEADER)
    fields.put("previous_commit", header.get("previous_commit", ""), Origin.HEADER)
    for key in ("commit_sha", "previous_commit"):
        if found := _SHA.search(header.get(key, "")):
            fields.put("commit_sha", found[0], Origin.HEADER)


def _put_from_name_and_path(fields: _Fields, name: NameParts, path: str) -> None:
    fields.put("agent_name", name.agent, Origin.NAME)
    fields.put("agent_role", name.role, Origin.NAME)
    for key, value in path_fields(path).items():
        fields.put(key, value, Origin.PATH)


def _put_objective(fields: _Fields, text: str, lines: Sequence[str], sections: Sequence[Section], title: str) -> None:
    """Header, then an Objective label or section anywhere, then the title."""
    for entry in label_lines(lines):
        if LABELS.get(entry.label) == "objective":
            fields.put("objective", plain_value(entry.value)[:MAX_VALUE], Origin.HEADER)
    for section in sections:
        if section.name == "objective":
            body = text[section.start : section.end].partition("\n")[2].strip()
            fields.put("objective", plain_value(body.split("\n\n", 1)[0])[:MAX_VALUE], Origin.HEADER)
    fields.put("objective", _TITLE_PREFIX.sub("", plain_heading(title)), Origin.H1)


def _put_judgements(
    fields: _Fields, text: str, lines: Sequence[str], sections: Sequence[Section], links: Sequence[Link]
) -> None:
    if found := next((link for link in links if link.github and _BRANCH.search(link.github)), None):
        match = _BRANCH.search(found.github)
        fields.put("branch", match[1] if match else "", Origin.PATH)
    fields.put("qa_decisions_pending", str(decisions_pending(text, sections)), Origin.HEADER)
    fields.put("verification_status", verification_status(text, sections), Origin.HEADER)
    ways = {link.relation for link in links if is_valid_dual(link)}
    score = quality_score(fields.get("cmm_level"), sections, {"FOLLOWS", "PRECEDES"} <= ways)
    fields.put("quality_score", str(score), Origin.DEFAULT)


def _components(path: str, text: str) -> str:
    names = dict.fromkeys(found[1] for found in _COMPONENT.finditer(f"{path}\n{text}"))
    return ", ".join(list(names)[:MAX_COMPONENTS])


def _task_type(text: str) -> str:
    plain = text.replace("-", " ").replace(".", " ").replace("PDCA", " ")
    return next((name for name, pattern in _TASK_PATTERNS if pattern.search(plain)), "general")
