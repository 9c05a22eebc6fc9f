"""What a question is about: its period, direction, identifiers, symbols, people, and the words that carry content."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.models import Collection
from rag.retrieval.dates import find_period
from rag.retrieval.directions import find_way
from rag.retrieval.hours import Hours, find_hours
from rag.retrieval.names import Names, Pair
from rag.retrieval.periods import Period
from rag.retrieval.sprints import SprintPart, find_sprint_part
from rag.retrieval.titles import Called, Titles, marked
from rag.retrieval.vocabulary import STOP_WORDS, TIME_WORDS, in_english, is_german
from rag.retrieval.ways import MARK, Direction, Way
from rag.retrieval.wording import calendar_words

Route = Literal["semantic", "breadcrumb", "temporal", "hybrid"]
Order = Literal["latest", "earliest"]

MAX_VAGUE_TERMS = 3
LONG = 3
_WORD = re.compile(r"[^\W_][\w'-]*")
_QUOTED = re.compile(r"`([^`\n]{2,120})`|[\"“„]([^\"”“\n]{3,160})[\"”“]")
_SYMBOL = re.compile(
    r"\b(?:[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|[a-z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|\w+\(\)|\w+_\w+"
    r"|(?<![\w-])[\w-]+\.(?:ts|tsx|js|mjs|cjs|md|sh|json|ya?ml|py|html|css|toml|txt))(?!\w)|(?<!\S)--[a-z][\w-]+(?!\w)"
)
_LITERAL = re.compile(
    r"(?<![\w.@/-])(?:@?[\w.-]+/)+[\w.@-]*\w"  # a path or a package
    r"|\b[A-Z]{2,}-\d+(?:\.\d+)*\b"  # REQ-033
    r"|\b(?=\w*\d)(?=\w*[a-f])[0-9a-f]{7,40}\b"  # a commit
    r"|\bv?\d+(?:\.\d+){1,4}(?:-\w+)?\b|\b\d{3,}\b"  # a version, a number
    r"|\b[A-Z][A-Z0-9]*_?[A-Z0-9_]{4,}\b"  # ECONNRESET
    r"|\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w+)+(?:\(\))?"  # Class.method
)
_ID = re.compile(
    r"(?<![\w.@/-])(?:(?:[\w.@-]+/)+[\w.@-]+\.(?:md|ts|tsx)\b"
    r"|(?:[\w.@-]+/)*[\w.-]*?(?:\d{4}-\d{2}-\d{2}-(?:UTC-)?\d{4}|\d{8}-\d{4,6}|\d{4}-\d{2}-\d{2}[-.](?!\s)[\w.-]*[a-z])"
    r"[\w./-]*"
    r"|[\w-]+(?:\.[\w-]+)*\.pdca(?:\.md)?)",
    re.IGNORECASE,
)
# No name or path is longer; reading takes time by the square of a word's length.
LONGEST = 250
_ENDLESS = re.compile(rf"\S{{{LONGEST},}}")
_ENTRY = r"(?:pdcas?|entry|entries|time|journals?|sessions?|notes?|documents?|thing|eintrag|einträge)"
# Later in a sentence, "latest" is about a version rather than about an entry.
_EARLY = r"^\W*(?:\w+\W+){0,5}?"
_RECENTLY = (
    r"(?:recently|lately|of late|in recent (?:days|weeks)|these (?:last )?days|kürzlich|neulich|in letzter zeit)"
)
_LATEST = re.compile(
    rf"{_EARLY}(?:latest|newest|most recent(?:ly)?|last\b(?=.*\b(?:about|on|by|from|of)\b)|neueste\w*|zuletzt)\b"
    rf"|{_EARLY}{_RECENTLY}\b|\b{_RECENTLY}\W*$"
    rf"|\b(?:latest|newest|most recent|last) (?:\w+ )?{_ENTRY}\b|\bletzte\w* (?:eintrag|pdca)\b"
    r"|\bwhen (?:did|was|were)\b.{1,60}?\blast\b",
    re.IGNORECASE,
)
_EARLIEST = re.compile(
    rf"{_EARLY}(?:earliest|oldest|älteste\w*)\b|\b(?:earliest|oldest|(?:very )?first) (?:\w+ )?{_ENTRY}\b"
    r"|\bwhen (?:did|was|were)\b.{1,60}?\bfirst\b"
    r"|\bfor the first time\b|\bfirst (?:mentioned|written|appear\w*)\b|\berste\w* (?:eintrag|pdca)\b",
    re.IGNORECASE,
)
# These may as well describe the entry whose neighbours are asked for, so that a direction goes before them.
_LATEST_OF = re.compile(
    rf"\b(?:latest|newest|most recent|last) (?:[\w-]+ ){{2,3}}{_ENTRY}\b"
    r"|\bwhat (?:did|was|were|has|have)\b.{1,60}?\b(?:last|most recently)\W*$",
    re.IGNORECASE,
)
_EARLIEST_OF = re.compile(
    rf"\bfirst (?:[\w-]+ ){{2,3}}{_ENTRY}\b|\bwhat (?:did|was|were)\b.{{1,60}}?\bfirst\W*$", re.IGNORECASE
)
_RELATIVE_ORDER = re.compile(
    rf"\b(?:last|latest|newest|most recent(?:ly)?|first|earliest|oldest|{_RECENTLY})\b", re.IGNORECASE
)
_PATH = re.compile(
    r"\b(?:from|between|von|zwischen)\b.+?\b(?:to|until|and|bis|und|nach|zu)\b"
    r"|\bhow\b.+?\b(?:lead|led|get|got) (?:\w+ )?to\b",
    re.IGNORECASE,
)
_TOPICS = (
    (Collection.COMPONENTS, r"\b(?:class(?:es)?|components?|constructors?|interfaces?|methods?|typescript|source|code"
                            r"|implements?|layer\s?\d|functions?|init|toScenario|\.tsx?)\b"),
    (Collection.TOOL_EXAMPLES, r"\b(?:tool[- ]calls?|tool examples?|which tool|what tool|use the tool)\b"),
    (Collection.PROCESS_DOCS, r"\b(?:process(?:es)?|roles?|rules?|how (?:do|should|must) (?:we|i|you)|guidelines?"
                              r"|conventions?|policy|procedure|checklist|responsib\w+|allowed|standards?|must|should|may"
                              r"|(?:has|have|need|needs) to|do i|can i|forbidden|required|mandatory)\b"),
    (Collection.PROCESS_FRAMEWORK, r"\b(?:topic|lessons?|framework|behaviou?r|trainai|cmm\s?\d?|tron|dual links?"
                                   r"|process(?:es)?|rules?|how (?:do|should|must) (?:we|i|you)|checklist|allowed|must"
                                   r"|should|may|(?:has|have|need|needs) to|do i|can i)\b"),
)  # fmt: skip
# What is so is in the rules; what was done is in the journals.
_PRESENT = re.compile(r"\b(?:do|does|is|are|may|must|should|can|how to)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:did|was|were|had|has|have|came|went|got|became|\w{3,}ed)\b", re.IGNORECASE)
_TOPIC_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _TOPICS)
_NOBODY = Names()
_UNTITLED = Titles()


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read.

    `about` is its text without period and direction; `terms` are its content words in order; `ids` are names of
    documents as written, `called` those it calls by title to ask for their neighbours; `literals` must stand in a text
    as they are: symbols, quotations, numbers, paths.
    """

    text: str
    about: str
    terms: tuple[str, ...]
    symbols: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    called: tuple[Called, ...] = ()
    period: Period | None = None
    sprint_part: SprintPart | None = None
    hours: Hours | None = None
    way: Way | None = None
    between: bool = False
    order: Order | None = None
    topics: tuple[Collection, ...] = ()
    people: tuple[Pair, ...] = ()

    @property
    def direction(self) -> Direction | None:
        return self.way.direction if self.way else None

    @property
    def depth(self) -> int:
        return self.way.depth if self.way else 1

    @property
    def route(self) -> Route:
        """Breadcrumb: neighbours of a document; temporal: a period or an order in time; hybrid: several."""
        temporal = bool(self.period or self.order)
        if self.between or (self.way and (self.ids or self.called or not temporal)):
            return "breadcrumb"
        if temporal:
            return "hybrid" if self.people or self.symbols else "temporal"
        return "hybrid" if self.people or self.literals or self.ids else "semantic"


def read_question(
    text: str, today: date, known: Names = _NOBODY, titles: Titles = _UNTITLED, *, story: bool = False
) -> Question:
    """Read a question. `known` are the people, roles, sprints and sessions of the index, `titles` those of its entries.

    `story`: days in it are a part of what is told, and restrict nothing.
    """
    text = _ENDLESS.sub(lambda match: match[0][:LONGEST], re.sub(f"[\0{MARK}]", " ", text))
    called = titles.called(text)
    ids = tuple(dict.fromkeys(match[0].strip("./") for match in _ID.finditer(marked(text, called))))
    rest = calendar_words(_without(text, ids))
    part = find_sprint_part(rest)
    period = None if story else find_period(rest if part is None else _blank(rest, part.at), today)
    people = known.mentioned(rest)
    told = [term for term in content_terms(rest) if term.lower() not in _spoken(people)]
    if period and period.vague and len(told) > MAX_VAGUE_TERMS:
        period = None
    topical = _cut_out(rest, [found.at for found in (period, part) if found])
    hours = find_hours(topical) if period else None
    topical = _cut_out(topical, hours.at) if hours else topical
    order = _order(topical)
    way = None
    if ids or not order:
        way = find_way(marked(topical, titles.called(topical)), named=bool(ids or called), period=period)
    between = len(ids or called) > 1 and bool(_PATH.search(text))
    order = order or (None if way else _order_of(topical))
    about = _cut_out(topical, way.at) if way else topical
    if order:
        about = _RELATIVE_ORDER.sub(" ", about)
    about = about.replace(MARK, " ")
    if is_german(text):
        about = in_english(about)
    phrases = tuple((match[1] or match[2]).strip() for match in _QUOTED.finditer(text))
    symbols = tuple(dict.fromkeys(match[0].removesuffix("()") for match in _SYMBOL.finditer(about)))
    literals = (*symbols, *phrases, *(match[0].removesuffix("()") for match in _LITERAL.finditer(about)))
    whole = [literal for literal in dict.fromkeys(literals) if not any(literal in o and literal != o for o in literals)]
    timed = bool(period or order or part)
    terms = content_terms(about) or (() if timed or ids else _long_words(about))
    if timed and all(term.lower() in TIME_WORDS | _spoken(people) for term in terms):
        terms = ()
    return Question(
        text=text,
        about=" ".join(about.split()) or text,
        terms=terms,
        symbols=symbols,
        phrases=phrases,
        literals=tuple(whole),
        ids=ids,
        called=tuple(called) if way or between else (),
        period=period,
        sprint_part=part,
        hours=hours,
        way=way,
        between=between,
        order=order,
        topics=_topics(topical),
        people=people,
    )


def content_terms(text: str) -> tuple[str, ...]:
    """Words that carry content, once each."""
    words = (word.strip("'-").removesuffix("'s") for word in _WORD.findall(text))
    return tuple(dict.fromkeys(word for word in words if len(word) > 1 and word.lower() not in STOP_WORDS))


def _spoken(people: Sequence[Pair]) -> set[str]:
    """The words of names."""
    return {word.lower() for _, value in people for word in (value, *content_terms(value))}


def _topics(text: str) -> tuple[Collection, ...]:
    found = [name for name, pattern in _TOPIC_PATTERNS if pattern.search(text)]
    if Collection.PROCESS_DOCS not in found and _PRESENT.search(text) and not _PAST.search(text):
        found.append(Collection.PROCESS_DOCS)
    return tuple(found)


def _long_words(text: str) -> tuple[str, ...]:
    """For "How do I write a PDCA?", which consists of words that elsewhere say nothing."""
    return tuple(dict.fromkeys(word for word in _WORD.findall(text) if len(word) > LONG))


def _order(text: str) -> Order | None:
    if _LATEST.search(text):
        return "latest"
    return "earliest" if _EARLIEST.search(text) else None


def _order_of(text: str) -> Order | None:
    if _LATEST_OF.search(text):
        return "latest"
    return "earliest" if _EARLIEST_OF.search(text) else None


def _cut_out(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def _blank(text: str, span: tuple[int, int]) -> str:
    """The text with blanks in that place, so that all others stay where they are."""
    return text[: span[0]] + " " * (span[1] - span[0]) + text[span[1] :]


def _without(text: str, ids: Sequence[str]) -> str:
    for found in sorted(ids, key=len, reverse=True):
        text = text.replace(found, f" {MARK} ")
    return text
