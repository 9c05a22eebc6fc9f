"""Gives a writing task the points that its answer makes, so that the answer follows from the question."""

from __future__ import annotations

import re
from dataclasses import replace

from samples.generators.base import Context, SampleDraft

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"^\s*(?:[-*]|\d{1,2}\.)\s+(?:\[ \] (?:[A-D]: )?)?")
_HEADING = re.compile(r"^#{1,6}\s+(?:PDCA:\s+)?(.+)$")
_BLOCK_LABEL = re.compile(r"^\*\*([^*]+[^*:])\*\*$")
_FIELD = re.compile(r"^\*\*([^*]+):\*\*\s*(.*?)\s*$")
_ADDED = re.compile(r"^Verified: ")
_SECTION = re.compile(r"^(?:objective|plan|do|check|act)$", re.IGNORECASE)
# Header fields say nothing without their name; the elements of a decision are to be recognised without it.
_NAMED = ("Date", "Role", "Session", "Branch", "Title")
# Lines that say how an answer relates to what is shown.
_OF_THE_FORM = (
    "FOLLOWS:",
    "PRECEDES:",
    "Not in ",
    "This stands in ",
    "Nearby it also covers",
    "Beside it the document covers",
)
# What the form adds out of what the question says.
_FORM = ("Where", "Link", "Git status", "From", "To")
_HEADS = (
    "Key points, in no order:",
    "Notes for it, unsorted:",
    "What it has to say:",
    "Points to be made, in any order:",
    "Known so far, as loose notes:",
)
_ASKS = (
    "Write it from the points given.",
    "The notes below say what belongs into it.",
    "Use the notes, put into order.",
    "What it says is noted below.",
    "Work the notes into it.",
)


def with_points(draft: SampleDraft, context: Context) -> SampleDraft:
    """The draft with those statements of its answer as loose notes that the question does not hold yet."""
    titles, points, blocks = _missing(draft)
    if not (titles or points or blocks):
        return draft
    context.rng.shuffle(points)
    parts = [draft.input] if draft.input else []
    parts += [f"Headings: {'; '.join(titles)}"] if titles else []
    if points:
        parts.append("\n".join((context.rng.choice(_HEADS), *(f"- {point}" for point in points))))
    parts += blocks
    return replace(
        draft, instruction=f"{draft.instruction} {context.rng.choice(_ASKS)}", input="\n\n".join(parts).strip()
    )


def _missing(draft: SampleDraft) -> tuple[list[str], list[str], list[str]]:
    """(headings, statements, fenced blocks) of the answer that neither instruction nor input hold."""
    known = _folded(f"{draft.instruction}\n{draft.input}")
    titles: dict[str, None] = {}
    points: dict[str, None] = {}
    for line in _FENCE.sub("", draft.output).splitlines():
        title, point = _read(line)
        if title and not _SECTION.match(title) and _folded(title) not in known:
            titles[title] = None
        if point and _folded(point) not in known:
            points[point] = None
    return list(titles), list(points), [block for block in _FENCE.findall(draft.output) if block not in draft.input]


def _read(line: str) -> tuple[str, str]:
    """(heading, statement) that a line of an answer holds; '' for what it does not."""
    line = line.strip()
    if not line or line.startswith(_OF_THE_FORM):
        return "", ""
    if title := _HEADING.match(line) or _BLOCK_LABEL.match(line):
        return title[1], ""
    line = _ADDED.sub("", _MARK.sub("", line))
    if field := _FIELD.match(line):
        name, said = field[1], field[2].rstrip(".")
        if name in _FORM or (name not in _NAMED and len(said.split()) < 2):
            return "", ""
        return "", f"{name}: {said}" if said and name in _NAMED else said
    return "", "" if line.endswith(":") else line.rstrip(".")


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[*>]", " ", text).lower().split())


def all_known(draft: SampleDraft) -> bool:
    """Whether the question holds every statement of the answer."""
    return not any(_missing(draft))
