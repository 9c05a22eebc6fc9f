"""Questions about what lies before, after or between documents: which edges, which way, how far."""

import re

from rag.retrieval.named_ways import find_named_way
from rag.retrieval.periods import Period
from rag.retrieval.ways import MARK, Direction, Way, find_depth

# Without a document's name, "before" later than after so many words belongs to a story.
EARLY = 8
# "What did A lead to?" turns the verb's direction round: A is then its subject.
_ASKED_OF = r"(did|does|do|didn't|doesn't)\b[^?]{0,160}?\b"


Rule = tuple[re.Pattern[str], Direction, str, bool]


def _rules(direction: Direction, *patterns: str, relation: str = "PRECEDES", certain: bool = True) -> list[Rule]:
    return [(re.compile(rf"\b(?:{pattern})", re.IGNORECASE), direction, relation, certain) for pattern in patterns]


_ENTRY = r"(?:pdcas?|entry|entries|journals?|sessions?|documents?|cycles?|steps?|notes?)"
_CAME = (
    r"(?:(?:came|come|comes|stands?|happened|was (?:done|written)) )?(?:(?:right|just|directly|immediately|shortly) )?"
)
# The first rule that matches decides: inverted and passive forms stand before the plain ones. What is matched is cut
# out of the question, or only its groups where it has some.
_RULES: tuple[Rule, ...] = (
    *_rules("after", _ASKED_OF + r"(track|list)\b", r"tracked by\b", relation="TRACKING"),
    *_rules("before", r"(?:tracks|tracking|keeps track of)\b", relation="TRACKING"),
    *_rules("before", r"(?:children|child|sub-?(?:pdcas?|entries)) of\b|belongs? (?:to|under)\b", relation="PARENT"),
    *_rules("after", r"parents?(?: " + _ENTRY + r")?(?: of)?\b", relation="PARENT"),
    *_rules("after", _ASKED_OF + r"((?:lead|led|result|evolve|grow|turn)\b(?: up)? ?(?:to|in|into)?)\b", certain=False),
    *_rules("after", _ASKED_OF + r"(precede)\b"),
    *_rules("before", _ASKED_OF + r"((?:follow(?![ -]?up)|succeed|build (?:up)?on|continue|pick up)\b(?: on| from)*)"),
    *_rules("before", r"(?:is|was|were|are)\b[^?]{0,160}?\b((?:based|built|continued|followed up) (?:up)?on)\b"),
    *_rules("before", r"preceded by\b"),
    *_rules("after", r"(?:followed|succeeded|continued|superseded|replaced) by\b"),
    *_rules("before", _CAME + r"(?:before|prior to|ahead of|earlier than)\b"),
    *_rules("before", r"(?:preced\w+|predecessors?|previous|came first|upstream|vorgänger|davor|vorher|vor de[mrn])\b"),
    *_rules("before", r"(?:led|leads?|leading)(?: up)? to\b", certain=False),
    *_rules("before", r"(?:history|origins?) of\b", r"how did (?:we|it|this) (?:get|come|arrive) (?:to|at)\b",
            certain=False),
    *_rules("after", r"(?:follow(?:s|ed)?(?:[ -]?ups?)?|following (?:up|on)|builds? (?:up)?on|successors?"
                     r"|continu(?:es?|ed|ing) (?:on|from|by)|succeed\w*|picks? up|picked up|based on)\b"
                     r"(?: on| from| of| to| by)*"),
    *_rules("after", _CAME + r"(?:after(?:wards?)?|subsequent\w*|downstream|later than)\b"),
    *_rules("after", r"(?:came|comes|come|is|was|happened|happens) (?:the )?(?:next|later|then)\b", rf"next {_ENTRY}\b",
            r"(?:nachfolger|danach|nach de[mrn])\b"),
    *_rules("after", r"became of\b|result(?:s|ed)? (?:of|from|in)\b|consequences? of\b|outcome of\b", certain=False),
    *_rules("after", r"next\b"),
)  # fmt: skip
_MODAL = re.compile(r"\b(?:must|should|may|might|can|could|cannot|to)\s+(?:not\s+)?$", re.IGNORECASE)
_DOING = re.compile(r"\s+\w{2,}ing\b", re.IGNORECASE)
_CHAIN = re.compile(r"\b(?:chain|breadcrumbs?|neighbou?rs?|thread|lineage|trail|linked|depth|kette)\b", re.IGNORECASE)
_BOTH = re.compile(r"\bbefore and after\b|\bafter and before\b|\baround\b|\bneighbou?rs?\b", re.IGNORECASE)
# Without a named document these words say that "before" and "after" speak of the journal's entries.
_OF_ENTRIES = re.compile(
    rf"\b(?:{_ENTRY}|came|comes|lead|led|leads|leading|preced\w+|predecessors?|success\w+|succeed\w*|follow\w*|builds?|built"
    r"|chain|breadcrumbs?|parents?|track\w*|became|consequences?"
    r"|what happened (?:right|just|next|then|after|before))\b",
    re.IGNORECASE,
)


def find_way(text: str, *, named: bool, period: Period | None = None) -> Way | None:
    """The way a question asks to walk, or None.

    `named`: it names a document. A single day may say which document is meant, a longer period is what is asked for.
    """
    if not named and not (_OF_ENTRIES.search(text) or _CHAIN.search(text)):
        return None
    if period and not named and not period.is_day:
        return None
    depth, counted = find_depth(text)
    chain = _CHAIN.search(text)
    if (both := _BOTH.search(text)) and (named or chain):
        return Way("both", (both.span(), *counted), depth=depth)
    if MARK in text and (way := find_named_way(text)):
        return way
    for pattern, direction, relation, certain in _RULES:
        match = pattern.search(text)
        if match and not named and (len(text[: match.start()].split()) > EARLY or _is_told(text, match)):
            continue
        if match and (certain or named or not period):
            groups = tuple(match.span(number) for number in range(1, len(match.groups()) + 1) if match[number])
            return Way(direction, (*(groups or (match.span(),)), *counted), relation, depth)
    if chain and (named or "chain" in text.lower()):
        return Way("both", (chain.span(), *counted), depth=depth)
    return None


def _is_told(text: str, match: re.Match[str]) -> bool:
    """Whether the word is a part of what is told: "what must not follow", "reading it all before going on"."""
    bare = match[0].lower() in ("before", "after")
    return bool(_MODAL.search(text[: match.start()]) or (bare and _DOING.match(text[match.end() :])))
