"""TRON format: labelled Trigger, Response, Outcome and Next, each with content, in this order, inside Plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from samples.judges._content import is_placeholder
from samples.judges._markdown import Kind, Line, plain, read_lines, sections
from samples.judges.verdict import Verdict, failed, passed

ELEMENTS = ("trigger", "response", "outcome", "next")

_NAME = r"(trigger|response|outcome|next)(?:\s+(?:steps?|actions?))?(?:\s*\([^()]*\))?"
_NUMBER = r"(?:\d+[.)]?\s+)?(?:\(?[tron]\)?\s*[-–—:.]?\s+)?"
_LABEL = re.compile(rf"^{_NUMBER}{_NAME}\s*(?::|\s[-–—]\s)(.*)$", re.IGNORECASE)
_BARE_LABEL = re.compile(rf"^{_NUMBER}{_NAME}\s*$", re.IGNORECASE)
_BOLD_START = re.compile(rf"^\W{{0,8}}(\*\*|__)[^\w*]{{0,8}}{_NUMBER}{_NAME}[^\w*]{{0,8}}\1(.*)$", re.IGNORECASE)
_BOLD_INSIDE = re.compile(
    r"(?=\*\*[^\w*]{0,8}\[?[TRON]\]?(?:\*\*)?(?:rigger|esponse|utcome|ext)\b[^*\n]{0,30}(?::\s*\*\*|\*\*\s*:))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Element:
    """One labelled element and the text it labels."""

    name: str
    content: str

    @property
    def has_content(self) -> bool:
        return not is_placeholder(self.content)


def tron_format(text: str, **_: object) -> Verdict:
    """The four elements as labels (bold, bullet, number, sub-heading, table row), filled, in order, inside Plan."""
    plans = [section for section in sections(read_lines(text), range(1, 7)) if section.name == "plan"]
    if not plans:
        return failed("no Plan section")
    verdicts = [_judge_plan(tron_elements(plan.lines)) for plan in plans]
    return next((verdict for verdict in verdicts if verdict.passed), verdicts[0])


def tron_elements(lines: Sequence[Line]) -> tuple[Element, ...]:
    """The labelled elements of a Plan in the order they are written; content may follow on later lines."""
    found: list[Element] = []
    content: list[str] = []
    name = ""
    for line in (piece for whole in _transposed(lines) for piece in _split_labels(whole)):
        label = _label(line)
        if label or line.kind is Kind.HEADING:
            if name:
                found.append(Element(name, "\n".join(content)))
            name, content = (label[0], [label[1]]) if label else ("", [])
        elif name:
            content.append(line.text)
    if name:
        found.append(Element(name, "\n".join(content)))
    return tuple(found)


def _judge_plan(elements: Sequence[Element]) -> Verdict:
    labelled = {element.name for element in elements}
    filled = [element.name for element in elements if element.has_content]
    for name in ELEMENTS:
        if name not in labelled:
            return failed(f"no {name.capitalize()} label in Plan")
        if name not in filled:
            return failed(f"{name.capitalize()} has no content")
    remaining = iter(filled)
    if not all(name in remaining for name in ELEMENTS):
        return failed(f"order is {', '.join(filled)}")
    return passed("Trigger, Response, Outcome, Next in order with content")


def _label(line: Line) -> tuple[str, str] | None:
    """The element a line labels and the text after the label on the same line."""
    if line.kind in (Kind.CODE, Kind.QUOTE):
        return None
    if line.kind is Kind.ROW:
        bare = _BARE_LABEL.match(plain(line.cells[0]).rstrip(": ")) if line.cells else None
        return (bare[1].lower(), " ".join(line.cells[1:])) if bare else None
    bold = _BOLD_START.match(line.text.replace("[", "").replace("]", "")[:4000])
    if bold:
        return bold[2].lower(), bold[3].strip().removeprefix(":")
    text = plain(line.text[:4000])
    labelled = _LABEL.match(text)
    if labelled:
        return labelled[1].lower(), _after_label(line.text)
    bare = _BARE_LABEL.match(text) if line.kind in (Kind.HEADING, Kind.ITEM) else None
    return (bare[1].lower(), "") if bare else None


def _after_label(text: str) -> str:
    """What follows the label's colon or dash, markup kept for the placeholder check."""
    return re.split(r":|\s[-–—]\s", text, maxsplit=1)[-1].strip("* _")


def _split_labels(line: Line) -> Iterator[Line]:
    """Several bold labels on one line are as good as one line each."""
    if line.kind not in (Kind.TEXT, Kind.ITEM):
        yield line
        return
    for piece in _BOLD_INSIDE.split(line.text):
        if piece.strip():
            yield Line(line.kind, piece.strip())


def _transposed(lines: Sequence[Line]) -> Iterator[Line]:
    """A table whose header names the elements reads like one row for each element."""
    header: tuple[str, ...] = ()
    for line in lines:
        names = [plain(cell).lower() for cell in line.cells]
        if sum(name in ELEMENTS for name in names) > 1:
            header = line.cells
        elif header and line.kind is Kind.ROW:
            yield from (
                Line(Kind.ROW, cell, cells=pair) for pair in zip(header, line.cells, strict=False) for cell in pair[1:]
            )
            header = ()
        else:
            yield line
