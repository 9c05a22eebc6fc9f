"""A PDCA journal as statements: what was wanted, planned, done, checked and learned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.corpus.types import Section
from samples.generators.journal_blocks import SECTIONS, Block, read_blocks
from samples.generators.journal_tron import is_element, told, told_trons, written_tron
from samples.generators.text import (
    FILLER,
    headings,
    is_claim,
    is_private,
    is_statement,
    plain,
    prose,
    quotes,
    sentence,
    statements,
)

_TITLE_PREFIX = re.compile(
    r"^\W*(?:(?:pdca|journal)(?:\s+(?:cycle|entry|document|session))?)\b\s*[-:–—.]*\s*", re.IGNORECASE
)
_TITLE_DATE = re.compile(r"\s*[-–—(]*\s*\d{4}-\d{2}-\d{2}(?:[-T ]?(?:UTC)?[- ]?\d{2}:?\d{2}(?::?\d{2})?Z?)?\)?\s*$")
_LESSON = re.compile(
    r"\b(?:learn|lesson|insight|root cause|never|always|next time|because|realiz|improv|must)\w*", re.I
)
# What an Act says for good without calling it a learning.
_RULE = re.compile(
    r"\b(?:keep|rules?|ensure|avoid|prevent|should|every|each|nobody|may|remember|until|costs?|first|before|standard)\b",
    re.IGNORECASE,
)
_LEARNING_LABEL = re.compile(
    r"^(?:key |process |main )?(?:learnings?|lessons?(?: learned)?|insights?)\s*:\s+", re.IGNORECASE
)
_ISSUE = re.compile(r"^\W*\**\W*Issues?\W{0,4}:\W*(.+)$", re.IGNORECASE | re.MULTILINE)
_DECISION = re.compile(r"^\s*[-*]\s+\[([ xX])\]\s+(.+)$", re.MULTILINE)
_NO_TITLE = re.compile(r"^(?:summary|plan|objective|one-line summary|untitled)?$", re.IGNORECASE)
_FIELD_LINE = re.compile(
    r"^(?:date|role|objective|requirements? traceability|agent role|agent|session|sprint|task|issues|branch"
    r"|project journal session|previous commit|previous pdca|next pdca|artifact links?|status|generated"
    r"|cmm\d?)\b.{0,4}:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Journal:
    """The statements of one PDCA by section; any of them may be empty.

    `spans` maps a section name to its character offsets. `lessons` are statements, from Act first, that say what was
    learned. `trons` are decisions in four elements: the author's own, or some told from the entry. `wishes` are what
    the user said, verbatim. `decisions` are (taken, what) as ticked in the entry. `blocks` are the labelled blocks of
    Plan, Do, Check and Act in order; what the entry changes in the process counts as Act. `in_form` says that its
    author labels the decision; who does that puts the rest where it belongs as well.
    """

    title: str
    objective: str
    plan: tuple[str, ...]
    do: tuple[str, ...]
    check: tuple[str, ...]
    act: tuple[str, ...]
    lessons: tuple[str, ...]
    wishes: tuple[str, ...]
    topics: tuple[str, ...]
    trons: tuple[dict[str, str], ...]
    spans: dict[str, tuple[int, int]]
    issue: str = ""
    decisions: tuple[tuple[bool, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    summary: str = ""
    in_form: bool = False

    @classmethod
    def read(cls, title: str, objective: str, text: str, sections: Sequence[Section]) -> Journal:
        spans: dict[str, tuple[int, int]] = {}
        for section in sections:
            spans.setdefault(section.name, (section.start, section.end))
        body = {name: _body(text, spans.get(name)) for name in (*SECTIONS, "process_update")}
        parts = {name: tuple(_useful(statements(body[name]))) for name in body}
        read = [
            block
            for name, shown in (*zip(SECTIONS, SECTIONS, strict=True), ("process_update", "act"))
            if name in spans
            for block in read_blocks(shown, text, *spans[name])
        ]
        # The change of the process often stands within Act.
        blocks = tuple(
            block for at, block in enumerate(read) if not any(o.start <= block.start < o.end for o in read[:at])
        )
        issue, said = _issue(text), quotes(_body(text, spans.get("tron_feedback")) or text[:6000])
        written = written_tron(body["plan"])
        return cls(
            title=_title(title),
            objective=_objective(objective, text, spans),
            plan=tuple(item for item in parts["plan"] if not is_element(item, written)),
            do=parts["do"],
            check=parts["check"],
            act=parts["act"],
            lessons=_lessons(blocks, parts),
            wishes=tuple(dict.fromkeys(said)),
            topics=tuple(dict.fromkeys(headings(body["plan"]) + headings(body["do"]))),
            trons=(written,) if written else told_trons(blocks, issue, said),
            spans=spans,
            issue=issue,
            decisions=_decisions(_body(text, spans.get("qa_decisions"))),
            blocks=blocks,
            summary=_summary(text, sections),
            in_form=bool(written),
        )

    @property
    def tron(self) -> dict[str, str]:
        """The first decision; {} where there is none."""
        return self.trons[0] if self.trons else {}

    @property
    def complete(self) -> bool:
        """Enough in each of the five parts to be retold as a whole PDCA."""
        planned = self.tron or len(self.plan) >= 2
        return bool(self.subject and planned and self.do and self.check and self.lessons)

    @property
    def subject(self) -> str:
        """What the entry is about, in one phrase: the objective, else the title."""
        return self.objective or self.title

    def span(self, *names: str) -> list[tuple[int, int]]:
        return [self.spans[name] for name in names if name in self.spans]


MIN_ISSUE = 3


def _lessons(blocks: Sequence[Block], parts: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What was learned: what stands under such a label, then what sounds like it; praise only for want of more."""
    sounding = [item for name in ("act", "process_update", "check") for item in parts[name] if _LESSON.search(item)]
    found = [*told(blocks, "learning"), *sounding] or [item for item in parts["act"] if _RULE.search(item)]
    found = [item for item in found if not is_claim(item)] or found
    return tuple(dict.fromkeys(map(_without_label, found)))


def _title(title: str) -> str:
    found = clean_title(title)
    return "" if _NO_TITLE.match(found) or is_private(found) else found


def _issue(text: str) -> str:
    """What the header says was wrong; '' when it names nothing."""
    found = _ISSUE.search(text[:3000])
    said = plain(found[1]) if found else ""
    says_none = re.match(r"(?:none|no issues?)\b", said, re.IGNORECASE)
    return "" if says_none or len(said.split()) < MIN_ISSUE or FILLER.search(said) or is_private(said) else said[:300]


def _summary(text: str, sections: Sequence[Section]) -> str:
    """What the author put first: the statements below the heading Summary itself, its links and decisions left out."""
    own = next((section for section in sections if section.name == "summary"), None)
    if own is None:
        return ""
    inner = [other.start for other in sections if own.start < other.start < own.end]
    said = statements(text[own.start : min([own.end, *inner])].partition("\n")[2])
    return " ".join(map(sentence, said))


def _decisions(markdown: str) -> tuple[tuple[bool, str], ...]:
    found = ((mark != " ", plain(said)) for mark, said in _DECISION.findall(markdown))
    return tuple((taken, said) for taken, said in found if len(said.split()) > MIN_ISSUE and not is_private(said))


def clean_title(title: str) -> str:
    """A title without 'PDCA', emoji and date."""
    return _TITLE_DATE.sub("", _TITLE_PREFIX.sub("", plain(title))).strip(" -–—:")


def _body(text: str, span: tuple[int, int] | None) -> str:
    """A section without its heading line."""
    if span is None:
        return ""
    return text[span[0] : span[1]].partition("\n")[2]


def _objective(objective: str, text: str, spans: dict[str, tuple[int, int]]) -> str:
    found = clean_title(objective)
    if not found:
        found = next(iter(statements(_body(text, spans.get("objective")))), "")
    if is_private(found):
        return ""
    return found[:300] if is_statement(found[:300]) or len(found.split()) >= 3 else ""


def _useful(found: list[str]) -> list[str]:
    """Statements of substance: header fields that slipped in and lone labels are left out."""
    return [item for item in found if not _FIELD_LINE.match(item)]


def _without_label(lesson: str) -> str:
    """'Key Learning: test first' reads 'test first': the form adds the label."""
    bare = _LEARNING_LABEL.sub("", lesson, count=1)
    return bare if is_statement(bare) else lesson


def section_text(text: str, span: tuple[int, int]) -> str:
    """A section as written, heading included, without trailing rules."""
    return re.sub(r"(?:\n\s*-{3,}\s*)+$", "", text[span[0] : span[1]].strip()).strip()


def has_prose(text: str) -> bool:
    return len(prose(text).split()) >= 30
