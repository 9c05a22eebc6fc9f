"""What a question is about: its period, direction, identifiers, symbols, people, and the words that carry content."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from rag.models import Collection
from rag.retrieval.dates import Period, find_period

Route = Literal["semantic", "breadcrumb", "temporal", "hybrid"]
Direction = Literal["before", "after", "both"]

ALL_DEPTH = 50
MAX_VAGUE_TERMS = 3
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about all also am an and any are as at be been being but by can could did do does doing done for from get
        give go had has have he her him his how i if in into is it its just know like made make many may me more most
        much must my no not of on or other our out over please pdca pdcas previous next said same say see she should
        show so some such tell than that the their them then there these they this those through to too under up upon
        us used using very was we were what when where which while who whom whose why will with would you your entry
        entries document documents happened happen recorded anything something""",
    )
)
_WORD = re.compile(r"[^\W_][\w'-]*")
_QUOTED = re.compile(r"`([^`\n]{2,120})`|[\"“]([^\"”\n]{3,160})[\"”]")
_SYMBOL = re.compile(
    r"\b(?:[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|[a-z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+|\w+\(\)|\w+_\w+"
    r"|[\w-]+\.(?:ts|tsx|js|md|sh|json|ya?ml|py)|--[a-z][\w-]+)(?!\w)"
)
_ID = re.compile(
    r"(?:[\w.@-]+/)+[\w.@-]+\.(?:md|ts|tsx)\b"
    r"|(?:[\w.@-]+/)*[\w.-]*(?:\d{4}-\d{2}-\d{2}-(?:UTC-)?\d{4}|\d{8}-\d{4,6}|\d{4}-\d{2}-\d{2}[-.](?!\s)[\w.-]*[a-z])"
    r"[\w./-]*"
    r"|[\w-]+(?:\.[\w-]+)*\.pdca(?:\.md)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:before|preced\w+|previous|prior|predecessors?|led (?:up )?to|lead (?:up )?to|leads (?:up )?to|leading to"
    r"|earlier than|came first|built on|follows? on from|continu\w+ from|history of|upstream|(?:based|builds?) on)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:after|follow(?:s|ed|ing|-?up)?|next|successors?|subsequent\w*|came later|resulted|continued|downstream"
    r"|what happened then|succeed\w*)\b",
    re.IGNORECASE,
)
_CHAIN = re.compile(r"\b(?:chain|breadcrumbs?|neighbou?rs?|thread|lineage|trail|linked|depth)\b", re.IGNORECASE)
_DEPTH = re.compile(
    r"\bdepth\s+(?:of\s+)?(\d{1,3})\b|\b(\d{1,3})\s+(?:steps?|hops?|levels?|pdcas?|entries)\s+(?:before|after|back|deep)",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"\b(?:chain|all|whole|entire|history of|lineage|trail)\b", re.IGNORECASE)
# Without an identifier, "before" and "after" are about documents only when the question speaks of them.
_ABOUT_ENTRIES = re.compile(
    r"\b(?:pdcas?|entry|entries|journals?|sessions?|came|happened|led|leads?|preced\w+|predecessor|success\w+|follow\w*"
    r"|chain|breadcrumbs?)\b",
    re.IGNORECASE,
)
_LATEST = re.compile(r"\b(?:latest|newest|most recent(?:ly)?|last (?:pdca|entry|time|journal))\b", re.IGNORECASE)
_EARLIEST = re.compile(r"\b(?:earliest|oldest|very first|first (?:pdca|entry|time|journal))\b", re.IGNORECASE)
_TOPICS = (
    (Collection.COMPONENTS, r"\b(?:class(?:es)?|components?|constructors?|interfaces?|methods?|typescript|source|code"
                            r"|implements?|layer\s?\d|functions?|init|toScenario|\.tsx?)\b"),
    (Collection.TOOL_EXAMPLES, r"\b(?:tool[- ]calls?|tool examples?|which tool|what tool|use the tool)\b"),
    (Collection.PROCESS_DOCS, r"\b(?:process(?:es)?|roles?|rules?|how (?:do|should|must) (?:we|i|you)|guidelines?"
                              r"|conventions?|policy|procedure|checklist|responsib\w+|allowed|standards?)\b"),
    (Collection.PROCESS_FRAMEWORK, r"\b(?:topic|lessons?|framework|behaviou?r|trainai|cmm\s?\d?|tron|dual links?"
                                   r"|process(?:es)?|rules?|how (?:do|should|must) (?:we|i|you)|checklist)\b"),
)  # fmt: skip
_TOPIC_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _TOPICS)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read. `terms` are content words in order; `ids` are names of documents as written."""

    text: str
    terms: tuple[str, ...]
    symbols: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    period: Period | None = None
    direction: Direction | None = None
    depth: int = 1
    order: Literal["latest", "earliest"] | None = None
    topics: tuple[Collection, ...] = ()
    people: tuple[tuple[str, str], ...] = field(default=())

    @property
    def route(self) -> Route:
        """Breadcrumb: neighbours of a named document; temporal: a period or an order in time; hybrid: several."""
        temporal = bool(self.period or self.order)
        if self.direction and (self.ids or not temporal):
            return "breadcrumb"
        if temporal:
            return "hybrid" if self.people or self.symbols else "temporal"
        return "hybrid" if self.people or self.symbols or self.ids else "semantic"


def read_question(text: str, today: date, known: Sequence[tuple[str, str]] = ()) -> Question:
    """Read a question. `known` are (field, value) pairs of people, roles, sprints and sessions in the index."""
    ids = tuple(dict.fromkeys(match[0].strip("./") for match in _ID.finditer(text)))
    rest = _without(text, ids)
    period = find_period(rest, today)
    if period and period.vague and len(content_terms(rest)) > MAX_VAGUE_TERMS:
        period = None
    topical = rest[: period.at[0]] + " " + rest[period.at[1] :] if period else rest
    phrases = tuple((match[1] or match[2]).strip() for match in _QUOTED.finditer(text))
    direction = _direction(topical, ids, period)
    order: Literal["latest", "earliest"] | None = (
        "latest" if _LATEST.search(topical) else "earliest" if _EARLIEST.search(topical) else None
    )
    return Question(
        text=text,
        terms=content_terms(topical),
        symbols=tuple(dict.fromkeys(match[0].rstrip("()") for match in _SYMBOL.finditer(topical))),
        phrases=phrases,
        ids=ids,
        period=period,
        direction=direction,
        depth=_depth(topical),
        order=order,
        topics=tuple(name for name, pattern in _TOPIC_PATTERNS if pattern.search(topical)),
        people=tuple(pair for pair in known if _mentions(rest, *pair)),
    )


def content_terms(text: str) -> tuple[str, ...]:
    """Words that carry content, once each."""
    words = (word.strip("'-") for word in _WORD.findall(text))
    return tuple(dict.fromkeys(word for word in words if len(word) > 1 and word.lower() not in STOP_WORDS))


def _without(text: str, ids: Sequence[str]) -> str:
    for found in ids:
        text = text.replace(found, " ")
    return text


def _direction(text: str, ids: Sequence[str], period: Period | None) -> Direction | None:
    """Only a question that names a document, or quotes what it is about, asks for its neighbours."""
    if not ids and (period or not _ABOUT_ENTRIES.search(text)):
        return None
    before, after = _BEFORE.search(text), _AFTER.search(text)
    if before and after:
        return "both" if _CHAIN.search(text) else ("before" if before.start() < after.start() else "after")
    if before or after:
        return "before" if before else "after"
    return "both" if _CHAIN.search(text) and (ids or "chain" in text.lower()) else None


def _depth(text: str) -> int:
    if found := _DEPTH.search(text):
        return max(1, min(ALL_DEPTH, int(found[1] or found[2])))
    return ALL_DEPTH if _WHOLE.search(text) else 1


def _mentions(text: str, field_name: str, value: str) -> bool:
    if field_name == "sprint":
        return re.search(rf"\bsprint[\s-]*{re.escape(value)}(?![\w.])", text, re.IGNORECASE) is not None
    return re.search(rf"\b{re.escape(value)}(?:'s)?(?!\w)", text) is not None
