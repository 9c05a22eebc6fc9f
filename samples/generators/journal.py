"""A PDCA journal as statements: what was wanted, planned, done, checked and learned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.corpus.types import Section
from samples.generators.journal_blocks import SECTIONS, Block, read_blocks
from samples.generators.text import (
    FILLER,
    headings,
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
_TROUBLE = re.compile(
    r"\b(?:bug|broken|breaks?|missing|problem|issue|fail\w*|wrong|error|need(?:s|ed)?|request\w*|asked|complain\w*|"
    r"violat\w*|inconsisten\w*|conflict\w*|unclear|outdated|duplicat\w*)\b",
    re.IGNORECASE,
)
_TRON = re.compile(
    r"^\W*(?:\d+[.)]\s*)?\W*(trigger|response|outcome|next)\W{0,4}:\W*(.*?)(?=^\W*(?:\d+[.)]\s*)?\W*"
    r"(?:trigger|response|outcome|next)\W{0,4}:|^\s*$|^#|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
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
    learned. `wishes` are what the user said, verbatim. `decisions` are (taken, what) as ticked in the entry. `blocks`
    are the labelled blocks of Plan, Do, Check and Act in order, what the entry changes in the process counted as Act.
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
    tron: dict[str, str]
    spans: dict[str, tuple[int, int]]
    issue: str = ""
    decisions: tuple[tuple[bool, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    summary: str = ""

    @classmethod
    def read(cls, title: str, objective: str, text: str, sections: Sequence[Section]) -> Journal:
        spans: dict[str, tuple[int, int]] = {}
        for section in sections:
            spans.setdefault(section.name, (section.start, section.end))
        body = {name: _body(text, spans.get(name)) for name in ("plan", "do", "check", "act", "process_update")}
        parts = {name: tuple(_useful(statements(body[name]))) for name in body}
        tron = _tron(body["plan"])
        act, check = parts["act"], parts["check"]
        blocks = tuple(
            block
            for name, shown in (*zip(SECTIONS, SECTIONS, strict=True), ("process_update", "act"))
            if name in spans
            for block in read_blocks(shown, text, *spans[name])
        )
        learned = [item for item in (*act, *parts["process_update"], *check) if _LESSON.search(item)]
        learned = [*_told(blocks, "learning"), *learned] or [item for item in act if _RULE.search(item)]
        wish_zone = _body(text, spans.get("tron_feedback")) or text[:6000]
        issue = _issue(text)
        return cls(
            title=_title(title),
            objective=_objective(objective, text, spans),
            plan=tuple(item for item in parts["plan"] if not _is_tron(item, tron)),
            do=parts["do"],
            check=check,
            act=act,
            lessons=tuple(dict.fromkeys(map(_without_label, learned))),
            wishes=tuple(dict.fromkeys(quotes(wish_zone))),
            topics=tuple(dict.fromkeys(headings(body["plan"]) + headings(body["do"]))),
            tron=tron or _told_tron(blocks, issue, quotes(wish_zone)),
            spans=spans,
            issue=issue,
            decisions=_decisions(_body(text, spans.get("qa_decisions"))),
            blocks=blocks,
            summary=_summary(text, sections),
        )

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
TRON = ("trigger", "response", "outcome", "next")


def _tron(plan: str) -> dict[str, str]:
    """The four elements as the author labelled them, {} unless all four have content."""
    found = {label.lower(): plain(text) for label, text in _TRON.findall(plan)}
    return {name: found[name] for name in TRON} if all(found.get(name) for name in TRON) else {}


def _is_tron(statement: str, tron: dict[str, str]) -> bool:
    return any(statement in f"{name.title()}: {text}" or text in statement for name, text in tron.items())


def _told_tron(blocks: Sequence[Block], issue: str, wishes: list[str]) -> dict[str, str]:
    """The same four told from a journal that has none: what set it off, what was decided, what came, what next."""
    triggers = [issue, *(f'The user said: "{wish}"' for wish in wishes), *_told(blocks, "situation", "cause")]
    responses = _told(blocks, "decision") or _told(blocks, "approach") or _told(blocks, "action")
    outcomes = [item for item in _told(blocks, "result") if not _TROUBLE.match(item)]
    following = _told(blocks, "next") or _told(
        [block for block in blocks if block.section == "act"], "action", "consequence"
    )
    found = ([item for item in triggers if item], responses, outcomes, following)
    if not all(found) or len({items[0] for items in found}) < len(TRON):
        return {}
    return {name: items[0] for name, items in zip(TRON, found, strict=True)}


def _told(blocks: Sequence[Block], *aspects: str) -> list[str]:
    return [item for block in blocks if block.aspect in aspects for item in block.items if is_statement(item)]


def _title(title: str) -> str:
    found = clean_title(title)
    return "" if _NO_TITLE.match(found) or is_private(found) else found


def _issue(text: str) -> str:
    """What the header says was wrong; '' when it names nothing."""
    found = _ISSUE.search(text[:3000])
    said = plain(found[1]) if found else ""
    return "" if len(said.split()) < MIN_ISSUE or FILLER.search(said) or is_private(said) else said[:300]


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
