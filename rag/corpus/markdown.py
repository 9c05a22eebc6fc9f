"""The block structure of a markdown text: headings, fences, tables and other blocks, with offsets.

markdown-it-py reads the blocks; only its block rules run, so the cost is linear in the text. Two
repairs are ours: a fence that is never closed does not swallow the rest of the document, and a
`---` below a paragraph of labels is a rule, not a heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.corpus.markdown_large import FENCE_LINE, large_outline
from rag.corpus.types import Fault, Severity

MAX_FENCE_REPAIRS = 8
MAX_REPAIR_CANDIDATES = 12
MAX_SETEXT_LENGTH = 80
MAX_FRONT_MATTER = 300

MAX_NESTING = 60
MAX_LINE = 20_000
MAX_LINES = 20_000
MAX_HEADINGS = 5_000
"""A text beyond one of these is read by `rag.corpus.markdown_large`: splitting a line into table cells costs the
square of their number, every line costs a full parser its time, and what is nested too deeply ends its reading. Of its
headings no more than MAX_HEADINGS count."""


def _block_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.options["maxNesting"] = MAX_NESTING
    return parser


_PARSER = _block_parser()
_HIDDEN_HEADING = re.compile(r"^ {0,3}#{2,3} ", re.MULTILINE)
_YAML_KEY = re.compile(r"\s*(?:#|- |[\"']?[\w.-]{1,60}[\"']?\s*:)")
_LABEL_LINE = re.compile(r"^\W*[\w ]{2,40}\W{0,3}:")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading outside fences: its level, raw text, 0-based line and character offset."""

    level: int
    text: str
    line: int
    start: int


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block: `kind` is markdown-it's token name without `_open`; offsets are half-open."""

    kind: str
    info: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a markdown text is made of, in order."""

    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]
    faults: tuple[Fault, ...]


def line_starts(text: str) -> list[int]:
    """Character offset of each line, plus one entry past the end; the text has `\\n` line ends."""
    return list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))


@lru_cache(maxsize=1)
def outline(text: str) -> Outline:
    """Read the block structure of a markdown text, which is asked for twice. Never raises on any text."""
    starts = line_starts(text)
    lines = text.split("\n")
    front, front_faults = _front_matter(lines)
    lines[:front] = [""] * front
    if len(lines) > MAX_LINES or max(map(len, lines)) > MAX_LINE:
        return _large(lines, starts)
    tokens, faults = _parse_with_repairs(lines)
    if any(token.level >= MAX_NESTING - 2 for token in tokens):
        return _large(lines, starts)
    headings: list[Heading] = []
    blocks: list[Block] = [Block("front_matter", "yaml", 0, starts[front])] if front else []
    for position, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0:
            continue
        first, last = token.map
        start, end = starts[first], min(starts[last], len(text))
        kind = token.type.removesuffix("_open")
        if kind == "heading":
            content = tokens[position + 1].content
            if _is_heading(token.markup.startswith("#"), content):
                headings.append(Heading(int(token.tag[1:]), content.strip(), first, start))
            else:
                kind = "paragraph"
        blocks.append(Block(kind, token.info.strip(), start, end))
    return Outline(tuple(headings), tuple(blocks), (*front_faults, *faults))


def _front_matter(lines: list[str]) -> tuple[int, list[Fault]]:
    """How many lines at the top are YAML between two rules. It is only set apart, never loaded: YAML can be a bomb."""
    if lines[0].rstrip() != "---" or len(lines) < 2 or not _YAML_KEY.match(lines[1]):
        return 0, []
    for number, line in enumerate(lines[1:MAX_FRONT_MATTER], start=1):
        if line.rstrip() in ("---", "..."):
            return number + 1, []
    return 0, [Fault(Severity.WARNING, "front matter is never closed", 1)]


def _large(lines: list[str], starts: list[int]) -> Outline:
    found = large_outline(lines)
    headings: list[Heading] = []
    blocks: list[Block] = []
    beyond = 0
    for piece in found.pieces:
        start, end = starts[piece.first], min(starts[piece.last], starts[-1] - 1)
        is_heading = piece.kind == "heading" and _is_heading(piece.last - piece.first == 1, piece.text)
        if is_heading and len(headings) == MAX_HEADINGS:
            is_heading, beyond = False, beyond or piece.first + 1
        if is_heading:
            headings.append(Heading(piece.level, piece.text, piece.first, start))
        kind = piece.kind if is_heading or piece.kind == "fence" else "paragraph"
        blocks.append(Block(kind, piece.text if kind == "fence" else "", start, end))
    faults = [_open_fence_fault(line) for line in found.open_fences[:MAX_FENCE_REPAIRS]]
    if beyond:
        faults.append(
            Fault(Severity.WARNING, f"from here on headings are read as text: {MAX_HEADINGS:,} count", beyond)
        )
    return Outline(tuple(headings), tuple(blocks), tuple(faults))


def _open_fence_fault(line: int) -> Fault:
    return Fault(Severity.WARNING, "code fence is never closed", line + 1)


def _is_heading(with_hashes: bool, content: str) -> bool:
    if with_hashes:
        return True
    one_line = "\n" not in content and len(content) <= MAX_SETEXT_LENGTH
    return one_line and not _LABEL_LINE.match(content)


def _parse_with_repairs(lines: list[str]) -> tuple[list[Token], list[Fault]]:
    """Parse; while a fence runs open to the end, take away the fence line that hides the most headings."""
    faults: list[Fault] = []
    tokens = _PARSER.parse("\n".join(lines))
    for _ in range(MAX_FENCE_REPAIRS):
        opening = _open_fence(tokens, lines)
        if opening is None:
            break
        stray, lines, tokens = _best_repair(tokens, lines, opening)
        faults.append(_open_fence_fault(stray))
    return tokens, faults


def _best_repair(tokens: list[Token], lines: list[str], opening: int) -> tuple[int, list[str], list[Token]]:
    """The stray fence line, and the lines and tokens without it.

    One stray fence line turns inside and outside around for all fences after it, so the open fence at
    the end need not be the stray one: the earlier fences that hide headings are tried as well, and
    whether the open fence only has a backtick too many.
    """
    hiding = [
        token.map[0]
        for token in tokens
        if token.type == "fence" and token.map and not token.level and _HIDDEN_HEADING.search(token.content)
    ]
    edits = dict.fromkeys([(opening, ""), (opening, "```"), *((line, "") for line in hiding[:MAX_REPAIR_CANDIDATES])])
    repairs = []
    for line, replacement in edits:
        edited = [*lines[:line], replacement, *lines[line + 1 :]]
        parsed = _PARSER.parse("\n".join(edited))
        repairs.append((_visible_headings(parsed), replacement == "", line, edited, parsed))
    _, _, stray, edited, parsed = max(repairs, key=lambda repair: repair[:3])
    return stray, edited, parsed


def _visible_headings(tokens: list[Token]) -> int:
    """Headings of the levels that structure a journal; level 1 is left out, shell comments look like it."""
    return sum(1 for token in tokens if token.type == "heading_open" and token.tag in ("h2", "h3") and not token.level)


def _open_fence(tokens: list[Token], lines: list[str]) -> int | None:
    """Line of a fence that runs to the end of the text without a closing line, if there is one."""
    fence = next((t for t in reversed(tokens) if t.type == "fence" and t.map and not t.level), None)
    if fence is None or fence.map is None:
        return None
    first, last = fence.map
    if any(line.strip() for line in lines[last:]):
        return None
    closing = FENCE_LINE.match(lines[last - 1]) if last - 1 > first else None
    if closing and closing[1].startswith(fence.markup) and not closing[2].strip():
        return None
    return first
