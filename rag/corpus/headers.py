"""Header fields: `**🗓️ Date:** ...` and its many spellings, before the first PDCA section."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from rag.corpus.markdown import Block
from rag.corpus.sections import PDCA_SECTIONS
from rag.corpus.types import Section

MAX_LINE = 2_000
MAX_VALUE = 600
HEADER_LINES = 60
MAX_BULLETS = 8
ANSWERS = {"issues", "previous_commit"}
"""Fields where "none" or "pending" is what the author has to say, and is kept."""

LABELS = {
    "date": "date", "datum": "date", "created": "date", "created at": "date", "date time": "date", "date utc": "date",
    "started": "date",
    "timestamp": "timestamp", "time": "time", "utc time": "time",
    "objective": "objective", "objectives": "objective", "goal": "objective", "session objective": "objective",
    "role": "agent_role", "agent role": "agent_role", "current role": "agent_role", "to role": "agent_role",
    "agent": "agent_name", "agent name": "agent_name", "agent identity": "agent_name", "author": "agent_name",
    "issues": "issues", "issue": "issues",
    "previous commit": "previous_commit", "previous commit sha": "previous_commit",
    "last commit": "previous_commit", "last commit sha": "previous_commit", "commits": "previous_commit",
    "commit": "commit_sha", "commit sha": "commit_sha", "git commit": "commit_sha",
    "session": "session", "project journal session": "session", "journal session": "session",
    "sprint": "sprint", "current sprint": "sprint", "branch": "branch", "git branch": "branch",
    "cmm": "cmm_level", "cmm level": "cmm_level", "cmm badge": "cmm_level", "cmm status": "cmm_level",
    "template version": "template_version", "pdca template version": "template_version",
    "pdca template": "template_version",
    "task": "task", "task type": "task_type", "type": "task_type",
    "component": "components_affected", "components": "components_affected",
    "components affected": "components_affected", "affected components": "components_affected",
    "verification": "verification_status", "verification status": "verification_status",
}  # fmt: skip
_LABEL = re.compile(
    r"^\s{0,6}(?:[-*+>]\s+){0,2}\[?(?:\*\*|__)?[^\w\[(`]{0,12}"
    r"(?P<label>[A-Za-z][A-Za-z/&_\- ]{1,40}?)\s*(?:\*\*|__)?\s*(?:\([^)]{0,40}\))?\s*"
    r":\s*(?:\*\*|__)?\s*(?P<value>.*)$"
)
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+(.*)$")
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\(([^()\n]{0,600})\)")
_MARKUP = re.compile(r"\*\*|__|`")
_QUOTED = re.compile(r"""^(?:"[^"]*"|'[^']*')$""")
_JOINTS = re.compile(r"[/_-]")
_SPACES = re.compile(r"\s+")
_NOTHING = re.compile(
    r"^(?:n/?a|none|tbd|todo|unknown|to be (?:updated|filled|added|defined|determined)\b.*|\(?pending\b.*|[-–—]+|\.+"
    r"|\{.*\}|\[.*\]|<.*>|\$\(.*|\$\{.*|)\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A `label: value` line; `line` is 0-based, `label` is lower case without symbols."""

    label: str
    value: str
    line: int


def label_lines(lines: Sequence[str], first: int = 0, last: int | None = None) -> Iterator[LabelLine]:
    """All label lines in `lines[first:last]`."""
    for number in range(first, len(lines) if last is None else min(last, len(lines))):
        found = _LABEL.match(lines[number][:MAX_LINE])
        if found:
            label = _SPACES.sub(" ", _JOINTS.sub(" ", found["label"])).strip().lower()
            yield LabelLine(label, found["value"].strip(), number)


@dataclass(frozen=True, slots=True)
class Header:
    """Known fields with their values, and the label lines of those that say there is none (yet)."""

    values: dict[str, str]
    unfilled: tuple[LabelLine, ...]


def read_header(lines: Sequence[str], sections: Sequence[Section], starts: Sequence[int], skipped: Set[int]) -> Header:
    """Known fields as the header and metadata sections give them; the first value of a field wins."""
    found: dict[str, str] = {}
    unfilled: dict[str, LabelLine] = {}
    for first, last in _zones(lines, sections, starts):
        for entry in label_lines(lines, first, last):
            key = LABELS.get(entry.label)
            if key is None or entry.line in skipped or (key in found and key not in unfilled):
                continue
            value = _value(entry, lines, key)
            if not is_nothing(value):
                found[key] = value
                unfilled.pop(key, None)
            elif key not in unfilled:
                unfilled[key] = entry
                if key in ANSWERS and (said := value.strip("[]() ")):
                    found[key] = said
    if "issues" in found:  # to have none is an answer
        unfilled.pop("issues", None)
    return Header(found, tuple(unfilled.values()))


def _zones(lines: Sequence[str], sections: Sequence[Section], starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Line ranges that hold header fields: the top, then sections that call themselves metadata."""
    first_pdca = next((s.start for s in sections if s.name in PDCA_SECTIONS), None)
    top = len(lines) if first_pdca is None else line_of(starts, first_pdca)
    yield 0, min(top, HEADER_LINES)
    for section in sections:
        if section.name == "metadata":
            yield line_of(starts, section.start), line_of(starts, section.end)


def line_of(starts: Sequence[int], offset: int) -> int:
    """0-based line that holds a character offset."""
    return max(0, bisect_right(starts, offset) - 1)


def fenced_lines(blocks: Sequence[Block], starts: Sequence[int]) -> set[int]:
    """0-based lines that belong to a code fence."""
    return {
        number
        for block in blocks
        if block.kind == "fence"
        for number in range(line_of(starts, block.start), line_of(starts, max(block.start, block.end - 1)) + 1)
    }


def _value(entry: LabelLine, lines: Sequence[str], key: str) -> str:
    value = plain_value(entry.value)
    if key == "objective" or not value:
        value = "; ".join(filter(None, (value, *_bullets(lines, entry.line + 1))))
    return value[:MAX_VALUE]


def is_nothing(value: str) -> bool:
    """A value that says there is none: N/A, TBD, (pending), an unfilled placeholder."""
    return bool(_NOTHING.match(value))


def _bullets(lines: Sequence[str], first: int) -> list[str]:
    """List items that continue a label's value, up to the first other line."""
    items: list[str] = []
    for line in lines[first : first + MAX_BULLETS]:
        found = _BULLET.match(line[:MAX_LINE])
        if not found or _LABEL.match(line[:MAX_LINE]):
            break
        items.append(plain_value(found[1]))
    return items


def plain_value(value: str) -> str:
    """A value without bold, code marks, link targets and the quotes around it, on one line."""
    plain = _SPACES.sub(" ", _MARKUP.sub("", _LINK.sub(r"\1", value))).strip()
    return plain[1:-1] if _QUOTED.match(plain) else plain
