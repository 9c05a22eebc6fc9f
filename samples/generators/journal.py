"""A PDCA journal as statements: what was wanted, planned, done, checked and learned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.corpus.types import Section
from samples.generators.text import headings, is_statement, plain, prose, quotes, statements

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
_FIELD_LINE = re.compile(
    r"^(?:date|role|agent role|agent|session|sprint|task|issues|branch|project journal session|previous commit|"
    r"previous pdca|next pdca|artifact links?|status|generated|cmm\d?)\b.{0,4}:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Journal:
    """The statements of one PDCA by section; any of them may be empty.

    `spans` maps a section name to its character offsets. `lessons` are statements, from Act first, that say what was
    learned. `wishes` are what the user said, verbatim.
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

    @classmethod
    def read(cls, title: str, objective: str, text: str, sections: Sequence[Section]) -> Journal:
        spans: dict[str, tuple[int, int]] = {}
        for section in sections:
            spans.setdefault(section.name, (section.start, section.end))
        body = {name: _body(text, spans.get(name)) for name in ("plan", "do", "check", "act", "process_update")}
        parts = {name: tuple(_useful(statements(body[name]))) for name in body}
        tron = _tron(body["plan"])
        act, check = parts["act"], parts["check"]
        learned = [item for item in (*act, *parts["process_update"], *check) if _LESSON.search(item)]
        learned = learned or [item for item in act if _RULE.search(item)]
        wish_zone = _body(text, spans.get("tron_feedback")) or text[:6000]
        return cls(
            title=clean_title(title),
            objective=_objective(objective, text, spans),
            plan=tuple(item for item in parts["plan"] if not _is_tron(item, tron)),
            do=parts["do"],
            check=check,
            act=act,
            lessons=tuple(dict.fromkeys(map(_without_label, learned))),
            wishes=tuple(dict.fromkeys(quotes(wish_zone))),
            topics=tuple(dict.fromkeys(headings(body["plan"]) + headings(body["do"]))),
            tron=tron or _told_tron(parts, quotes(wish_zone)),
            spans=spans,
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


TRON = ("trigger", "response", "outcome", "next")


def _tron(plan: str) -> dict[str, str]:
    """The four elements as the author labelled them, {} unless all four have content."""
    found = {label.lower(): plain(text) for label, text in _TRON.findall(plan)}
    return {name: found[name] for name in TRON} if all(found.get(name) for name in TRON) else {}


def _is_tron(statement: str, tron: dict[str, str]) -> bool:
    return any(statement in f"{name.title()}: {text}" or text in statement for name, text in tron.items())


def _told_tron(parts: dict[str, tuple[str, ...]], wishes: list[str]) -> dict[str, str]:
    """The same four told from a journal that has none: what set it off, what was done, what came, what next."""
    troubles = (item for item in (*parts["plan"], *parts["do"]) if _TROUBLE.search(item))
    triggers = wishes or list(troubles)[:1]
    responses = [item for item in (*parts["plan"], *parts["do"]) if item not in triggers]
    found = (triggers, responses, parts["check"], parts["act"][::-1])
    if not all(found):
        return {}
    return {name: items[0] for name, items in zip(TRON, found, strict=True)}


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
