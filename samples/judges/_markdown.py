"""How judges read markdown: visible lines with their kind, fences with their language, PDCA sections.

markdown-it-py finds the blocks; only its block rules run, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

SECTIONS = ("objective", "plan", "do", "check", "act")

_PARSER = MarkdownIt("commonmark").enable("table").disable("reference")
_PARSER.core.ruler.enableOnly(["normalize", "block"])

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_MARKUP = str.maketrans("", "", "*_`~[]#")
_SECTION = re.compile(
    r"^(?:(?:(?:step|phase|part|section)\s+)?\d+[a-z]?(?:\.\d+)*\s*[.):]?\s*[-–—]?\s*)?"
    r"(?:[pdcao]\s*[-–—:.)]\s*)?"
    r"(objective|plan|do|check|act)(?:\s*:|\s+[-–—(]|\s*$)"
)
_OBJECTIVE_LINE = re.compile(r"^\W*\*\*\W*objective\s*(?::\s*\*\*|\*\*\s*:)", re.IGNORECASE)


class Kind(StrEnum):
    """What a visible line belongs to."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    ROW = "row"
    QUOTE = "quote"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a reader sees it: list markers and heading marks removed, inline markup kept.

    `level` is a heading's level, else 0. `cells` are a table row's, else empty.
    """

    kind: Kind
    text: str
    level: int = 0
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block; `language` is the first word of its info string in lower case."""

    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Section:
    """A PDCA section: its canonical name, heading level (0 for a bold Objective line) and lines."""

    name: str
    level: int
    lines: tuple[Line, ...]


def read_lines(text: str) -> tuple[Line, ...]:
    """All visible lines in order; HTML comments and HTML blocks are left out, code is kept as `Kind.CODE`."""
    lines: list[Line] = []
    open_blocks: list[str] = []
    row: list[str] = []
    for position, token in enumerate(tokens := _parse(text)):
        if token.type in ("list_item_open", "blockquote_open"):
            open_blocks.append(token.type)
        elif token.type in ("list_item_close", "blockquote_close"):
            open_blocks.pop()
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            lines.append(Line(Kind.ROW, " | ".join(row), cells=tuple(row)))
        elif token.type in ("fence", "code_block"):
            lines.extend(Line(Kind.CODE, code) for code in token.content.splitlines())
        elif token.type == "inline":
            opener = tokens[position - 1]
            if opener.type in ("td_open", "th_open"):
                row.append(strip_comments(token.content).strip())
            else:
                lines.extend(_inline_lines(token, opener, open_blocks))
    return tuple(lines)


def read_fences(text: str) -> tuple[Fence, ...]:
    """The fenced code blocks of a text; one that is never closed runs to the end."""
    return tuple(
        Fence(re.split(r"[^a-z0-9+#]", token.info.strip().lower().lstrip("{."), maxsplit=1)[0], token.content)
        for token in _parse(text)
        if token.type == "fence"
    )


def section_name(heading: str) -> str | None:
    """The PDCA section a heading names, numbering, bold, emoji and a subtitle allowed; None for any other."""
    found = _SECTION.match(plain(heading).lower()[:200])
    return found[1] if found else None


def sections(lines: Sequence[Line], levels: range = range(2, 5)) -> tuple[Section, ...]:
    """The PDCA sections in order.

    A section ends at the next PDCA heading or at any heading of its own level or above. The bold
    line `**Objective:** ...` opens a section as well; it ends at the next heading.
    """
    found: list[Section] = []
    name, level, own = "", 0, list[Line]()
    for line in lines:
        opened = _opened_section(line, levels)
        ends = line.kind is Kind.HEADING and line.level <= (level or 6)
        if (opened or ends) and name:
            found.append(Section(name, level, tuple(own)))
            name = ""
        if opened:
            name, level, own = opened, line.level, []
            if line.kind is not Kind.HEADING:
                own.append(Line(Kind.TEXT, line.text.split(":", 1)[1].lstrip("* ")))
        elif name:
            own.append(line)
    if name:
        found.append(Section(name, level, tuple(own)))
    return tuple(found)


def section_texts(text: str) -> dict[str, str]:
    """The visible text of each PDCA section by its name, without its heading; code is no text."""
    found: dict[str, str] = {}
    for section in sections(read_lines(text)):
        said = "\n".join(line.text for line in section.lines if line.kind is not Kind.CODE)
        found[section.name] = f"{found.get(section.name, '')}\n{said}".strip()
    return found


def plain(text: str) -> str:
    """Inline text without links' targets, emphasis, brackets and emoji."""
    bare = _LINK.sub(r"\1", text).translate(_MARKUP)
    kept = "".join(char if char.isalnum() or char in " .,:;()/-–—&'" else " " for char in bare)
    return " ".join(kept.split())


def strip_inline_code(text: str) -> str:
    """The text with `inline code` replaced by a blank."""
    return re.sub(r"(`+)[^`\n]*\1", " ", text)


def strip_comments(text: str) -> str:
    """The text without HTML comments; one that is never closed hides the rest."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        kept.append(text[position:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        position = end + 3
    return "".join((*kept, text[position:]))


@lru_cache(maxsize=1)
def _parse(text: str) -> list[Token]:
    """The tokens of a text, to be read only; a judge asks for those of one text several times."""
    return _PARSER.parse(text)


def _inline_lines(token: Token, opener: Token, open_blocks: Sequence[str]) -> Iterator[Line]:
    content = strip_comments(token.content)
    if opener.type == "heading_open" and not open_blocks and _is_heading(opener, content):
        yield Line(Kind.HEADING, content.strip(), int(opener.tag[1:]))
        return
    kind = Kind.TEXT
    if open_blocks:
        kind = Kind.QUOTE if "blockquote_open" in open_blocks else Kind.ITEM
    for line in content.split("\n"):
        if line.strip():
            yield Line(kind, line.strip())


def _is_heading(opener: Token, content: str) -> bool:
    """A `---` below a line of labels is a rule between them and the rest, not an underline of a heading."""
    return opener.markup.startswith("#") or ("\n" not in content and ":" not in content)


def _opened_section(line: Line, levels: range) -> str | None:
    if line.kind is Kind.HEADING and line.level in levels:
        return section_name(line.text)
    if line.kind in (Kind.TEXT, Kind.ITEM) and _OBJECTIVE_LINE.match(line.text[:200]):
        return "objective"
    return None
