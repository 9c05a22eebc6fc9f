"""The blocks of a journal: a sub-heading or label with the statements below it, in the team's words.

A statement alone often says little ("v1: the whole history"); with its label and its neighbours it does. Blocks are
what most tasks about journals quote, choose from and put into another order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from samples.generators.text import (
    FILLER,
    is_private,
    plain,
    sentence,
)

SECTIONS = ("plan", "do", "check", "act")
MIN_ITEM_WORDS = 3
MAX_ITEM = 420
MAX_CODE = 420
MIN_BLOCK = 40

_FENCE_LINE = re.compile(r"^\s{0,12}(```+|~~~+)\s*(\w*)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*)$")
_TAG = re.compile(r"\[?\b(?:requirement|task|subtask|test):uuid:[\w<>-]+\]?(?:\s*[-–—:]\s*)?")
_ITEM = re.compile(r"^(\s*)(?:[-*+•]|\d{1,2}[.)])\s+(?:\[[ xX]\]\s*)?(.+)$")
# A bold line, a sign of its state behind it, or any line that ends in a colon.
_LABEL = re.compile(r"^\W{0,6}\*\*[^*\n]{2,90}\*\*\W{0,6}$|^[^*\n|]{3,}:\s*$")
MAX_LABEL = 90
# Each line that begins with a sign of its state says something of its own.
_SIGN = re.compile("^[\u2300-\u2bff\U0001f000-\U0001faff]")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.)]|[A-Z]\d?[.)])\s+")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SKIPPED = re.compile(
    r"^(?:objectives?|artifact links?|quick links?|metadata|recovery information|cross-references|git status"
    r"|dual links?|emotion\w*.*|.*reflection.*|satisfaction|gratitude|determination|pride|humility|commitment"
    r"|appreciation|confidence|anticipation|celebrat\w*.*|mood.*|files? (?:created|modified|changed)"
    r"|(?:tron|qa|user) (?:feedback|quotes?|input).*|my answer|qa decisions?.*)\W*$",
    re.IGNORECASE,
)
_HEADER_ITEM = re.compile(
    r"^(?:objective|date|role|agent|branch|commit|session|sprint|mood|status|time|timestamp|requirements? traceability"
    r"|previous \w+|next pdca|github|link|file|qa feedback|user feedback|user quote|tron)"
    r"(?: \w{1,9})?(?: \([^()]{0,20}\))?:",
    re.IGNORECASE,
)
# Below a label within a section these are content.
_MAY_BE_CONTENT = re.compile(r"^(?:file|objective|session|sprint|time)\b", re.IGNORECASE)
# What is left of a link without its halves.
_EMPTIED = re.compile(r"`\s*\||\|\s*`|\[\s*\]\(|^\W*\||^\s*:|:\s*`\W*$|``")
# Navigation, and what only the writing of the entry needed.
_AROUND = re.compile(
    r"^(?:back to\b|journal overview|after completing this pdca|this pdca\b|pdca entry\b)", re.IGNORECASE
)
_ASPECTS = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("action", r"\b(?:completed|achieved|achievements?|accomplish\w*|done|taken|executed)\b"),
        ("cause", r"\b(?:root cause|cause|why|reason|hypothesis)"),
        (
            "learning",
            r"\b(?:learn\w*|lesson|insight|prevent\w*|improve\w*|principle|key|best practice|rule|understanding)",
        ),
        (
            "next",
            r"\b(?:next|follow|immediate|future|outstanding|remaining|recommend\w*|automation|upcoming|pending|todo"
            r"|phase \d|to do)",
        ),
        ("criteria", r"\b(?:accept\w*|criteria|targets?|metrics?|goals?|expected|definition of done|requirements?)\b"),
        (
            "decision",
            r"\b(?:decision\w*|decided|option\w*|rationale|strategy|approach|selected|solution|design|architecture)\b",
        ),
        (
            "situation",
            r"\b(?:issues?|problems?|context|background|current state|situation|gaps?|challenges?|incident|trigger"
            r"|findings?|discover\w*|analysis|symptoms?|errors?|violations?|scope|failure|limitations?|risks?"
            r"|assumptions?|constraints?|inputs?|dependenc\w*|estimates?)\b",
        ),
        (
            "result",
            r"\b(?:verif\w*|valid\w*|results?|evidence|complian\w*|status|tests?|tested|outcome|metrics"
            r"|success\w*)\b",
        ),
        (
            "action",
            r"\b(?:implement\w*|actions?|steps?|chang\w*|creat\w*|commands?|updat\w*|fix\w*|applied|executed)\b",
        ),
    )
)
_BY_SECTION = {"plan": "approach", "do": "action", "check": "result", "act": "consequence"}
_TEACHES = re.compile(
    r"\b(?:learn\w*|lesson|insight|never|always|because|next time|root cause|prevent\w*|avoid\w*|must|ensures?"
    r"|instead of|only|should|before|every|keep)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A label and its statements; `start` and `end` are offsets in the document, `aspect` says what the block tells.

    `code` is a short fenced block below the label, with its language; '' without one.
    """

    section: str
    label: str
    items: tuple[str, ...]
    aspect: str
    start: int
    end: int
    code: str = ""

    @property
    def size(self) -> int:
        return len(self.label) + sum(len(item) + 3 for item in self.items) + len(self.code)

    def render(self, items: Sequence[str] | None = None, *, code: bool = True) -> str:
        """The block as markdown, with all of its statements or some."""
        said = "\n".join(f"- {sentence(item)}" for item in (self.items if items is None else items))
        parts = [f"**{self.label}**\n{said}" if self.label else said]
        if code and self.code and items is None:
            parts.append(self.code)
        return "\n\n".join(parts)


def read_blocks(section: str, text: str, start: int, end: int) -> list[Block]:
    """The blocks of a section whose heading line begins at `start`; what is private or says nothing is left out."""
    found: list[Block] = []
    for label, lines, code, first, last in _raw_blocks(text, start, end):
        shown = _label(label)
        # A sentence that leads to a list gives it its sense; cut off it would give it another.
        if len(shown) > MAX_LABEL or _SKIPPED.match(shown) or is_private(shown):
            continue
        items = tuple(dict.fromkeys(item for item in map(_item, lines) if _says_something(item, section, shown)))
        if sum(map(len, items)) >= MIN_BLOCK:
            found.append(Block(section, shown, items, _aspect(section, shown, items), first, last, code))
    return found


def _raw_blocks(text: str, start: int, end: int) -> Iterator[tuple[str, list[str], str, int, int]]:
    """(label, lines, code, start, end) of every stretch between two headings or labels."""
    label, lines, code, first = "", list[str](), "", start
    position = text.find("\n", start, end) + 1 or end
    fence, inside, language = "", list[str](), ""
    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        line = text[position:stop]
        mark = _FENCE_LINE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2]:
                body = "\n".join(inside).strip("\n")
                if language not in ("quote", "markdown", "md") and not code and 10 <= len(body) <= MAX_CODE:
                    code = f"```{language}\n{body}\n```"
                fence = ""
            else:
                inside.append(line)
        elif mark:
            fence, inside, language = mark[1], [], mark[2].lower()
        elif heading := _opens(line):
            if lines or code:
                yield label, lines, code, first, position
            label, lines, code, first = heading, [], "", position
        else:
            _add(lines, line)
        position = stop + 1
    if lines or code:
        yield label, lines, code, first, end


def _opens(line: str) -> str:
    """The label a line opens a block with, or ''."""
    heading = _HEADING.match(line)
    if heading:
        return heading[1]
    item = _ITEM.match(line)
    body = item[2] if item else line
    return body if _LABEL.match(body.strip()) else ""


def _add(lines: list[str], line: str) -> None:
    """A line of its own, or the rest of a wrapped one."""
    stripped = line.strip()
    if not stripped or stripped.startswith(("|", "---", "===", "***", ">", "<")):
        lines.append("")
        return
    item = _ITEM.match(line)
    begins = item or stripped.startswith("**") or _SIGN.match(stripped)
    if lines and lines[-1] and not begins and not lines[-1].endswith("  "):
        lines[-1] = f"{lines[-1]} {line.strip() if not line.endswith('  ') else line.lstrip()}"
    else:
        lines.append(item[2] if item else line.lstrip())


def _label(raw: str) -> str:
    return _NUMBERED.sub("", plain(_TAG.sub("", raw)).strip(" :#")).strip(" :-–—")


def _item(line: str) -> str:
    return plain(_TAG.sub("", line)).strip()


def _says_something(item: str, section: str, label: str) -> bool:
    """Whether an item is content; below a label one word is, for a list that loses an item says something else."""
    if len(item) > MAX_ITEM or len(_WORD.findall(item)) < (1 if label else MIN_ITEM_WORDS) or item.endswith(":"):
        return False
    is_header = _HEADER_ITEM.match(item) and not (section and label and _MAY_BE_CONTENT.match(item))
    if is_header or _AROUND.match(item):
        return False
    return not (
        FILLER.search(item) or _EMPTIED.search(item) or is_private(item) or item.count("|") > 1 or item[0] in "\"“'>"
    )


def _aspect(section: str, label: str, items: tuple[str, ...]) -> str:
    for name, words in _ASPECTS:
        if label and words.search(label):
            return name
    if section == "act":
        return "learning" if sum(map(bool, map(_TEACHES.search, items))) * 2 > len(items) else "consequence"
    return _BY_SECTION.get(section, "")


def render(blocks: Iterable[Block]) -> str:
    return "\n\n".join(block.render() for block in blocks)


def sectioned(blocks: Sequence[Block], *, code: bool = False) -> str:
    """The blocks below the headings of their sections."""
    parts: list[str] = []
    last = ""
    for block in blocks:
        if block.section != last:
            parts.append(f"## {block.section.title()}")
            last = block.section
        parts.append(block.render(code=code))
    return "\n\n".join(parts)


def cut(blocks: Iterable[Block], characters: int, *, at_least: int = 1) -> list[Block]:
    """The first blocks that fit; the last one that would not is taken with as many statements as do."""
    chosen: list[Block] = []
    used = 0
    for block in blocks:
        room = characters - used
        if block.size > room and len(chosen) >= at_least:
            break
        if block.size > room:
            block = shortened(block, max(room, 260))
        chosen.append(block)
        used += block.size
    return chosen


def runs(blocks: Sequence[Block], characters: int) -> list[list[Block]]:
    """Neighbouring blocks in groups of about so many characters; a block twice as long is cut."""
    total = sum(block.size for block in blocks)
    goal, used = total / max(1, round(total / characters)), 0.0
    found: list[list[Block]] = []
    for block in blocks:
        if not found or used >= goal:
            found.append([])
            used = 0
        found[-1].append(shortened(block, 2 * characters) if block.size > 2 * characters else block)
        used += block.size
    return found


def shortened(block: Block, characters: int) -> Block:
    """The block with its first statements only."""
    kept: list[str] = []
    used = len(block.label)
    for item in block.items:
        if kept and used + len(item) > characters:
            break
        kept.append(item)
        used += len(item) + 3
    return Block(block.section, block.label, tuple(kept), block.aspect, block.start, block.end)
