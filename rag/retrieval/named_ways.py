"""Directions in questions that name a document, by what stands before and behind its name.

"What continues A?" and "What does A continue?" ask for opposite things: here the place of the name decides, while
`directions.py` reads questions that only describe a document.
"""

import re
from collections.abc import Iterator

from rag.retrieval.ways import MARK, Direction, Way, find_depth

_ENTRY = r"(?:pdcas?|entry|entries|journals?|sessions?|documents?|cycles?|files?|pages?|eintrag)"
_NAME = rf"""(?:the |de[mrn] )?(?:{_ENTRY} )?(?:called |about |on |of )?["'“„`]?{MARK}\s*["'”“`]?(?: {_ENTRY}\b)?"""
_DOES = rf"(?:does|did|do) {_NAME}"
_IS = rf"(?:is|was|were|are|been|wurde|wird) {_NAME}"

# Verbs and nouns of the order in time; bare forms stand behind "does".
_FOLLOW = r"(?:follow|succeed|continue|resume|extend|pick up|build (?:up)?on)\b"
_FOLLOWS = (
    r"(?:(?:follow|succeed|extend)(?:s|ed)?|(?:continu|resum)(?:es?|ed|ing)|pick(?:s|ed)? up"
    r"|(?:builds?|built) (?:up)?on|(?:is|are|was) based on|(?:goes|go|went) on from|setzt|folgt)(?: on| from| auf)*"
)
_PRECEDE = r"(?:precede|prepare|prompt|trigger|(?:lead|turn|develop|grow)(?: up| on)? ?(?:in)?to)\b"
_PRECEDES = (
    r"(?:(?:preced|prepar)(?:e[sd]?|ing)|(?:lead|leads|led|leading)(?: up)?(?: in)?to|(?:prompt|trigger)(?:s|ed)?)"
)
_LATER = r"(?:successor|follow[- ]?up|sequel|continuation|next (?:pdca|entry|step|one|link)|nachfolger)s?"
_EARLIER = r"(?:predecessor|previous (?:pdca|entry|step|one|link)|precursor|forerunner|vorgänger)s?"
_REPLY = r"(?:reaction|response|answer|reply)s?"
_GREW = r"(?:came?|comes|grew|grow|arose|emerged|evolved|developed|resulted|sprang)"

# Verbs and nouns of links. Whose question has no asker for it may "change A" in a way that is told in A itself.
_LINK = r"(?:touch|change|link|refer|reference|mention|cite|modify|edit|update|point|use)\b"
_LINKS = (
    r"(?:touch(?:e[sd]|ing)?|(?:link|point)(?:s|ed|ing)? (?:in)?to|refer(?:s|red|ring)? to|referenc(?:e[sd]?|ing)"
    r"|mention(?:s|ed|ing)?|cit(?:e[sd]?|ing)|use[sd]?|erwähn\w+|verweis\w+ auf)"
)
_CHANGES = r"(?:(?:chang|updat)(?:e[sd]?|ing)|modif(?:y|ie[sd])|edit(?:s|ed|ing)?|work(?:s|ed|ing)? (?:on|in)|änder\w+)"
_LINKED = (
    r"(?:touched|linked|referred to|referenced|mentioned|cited|changed|modified|edited|updated|used|worked on"
    r"|erwähnt|verlinkt)"
)
_ARTIFACTS = r"(?:art[ie]facts?|links?|references?)"
_ASKER = rf"^(?=.*\b(?:who|whom|whose|when|which|where|{_ENTRY}|everything|everyone|all|wer|wo|welche\w*)\b).*?\b"

Rule = tuple[re.Pattern[str], Direction, str]


def _rules(direction: Direction, *patterns: str, relation: str = "PRECEDES") -> Iterator[Rule]:
    for pattern in patterns:
        yield re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE), direction, relation


# The first rule that matches decides.
_RULES: tuple[Rule, ...] = (
    *_rules("after", rf"{_NAME} as (?:its |the |a )?{_EARLIER}", rf"\bback to {_NAME}\W*$"),
    *_rules("before", rf"{_NAME} as (?:its |the |a )?{_LATER}",
            rf"{_NAME} (?:names|has|gives|calls)\b.* as .*\bprevious",
            rf"{_DOES} (?:link|point|refer|lead) back to", rf"\bback from {_NAME}"),
    # The name is what follows.
    *_rules("before", rf"{_DOES} {_FOLLOW}", rf"{_DOES} (?:come|stem|arise|originate|derive) from",
            rf"{_IS} (?:a |the )?(?:{_REPLY}|{_LATER}) (?:of|to)\b",
            rf"{_NAME}(?: (?:that|which))? {_FOLLOWS}(?! by)\b",
            rf"{_NAME}\W+(?:(?:what|who) )?(?:(?:was|came|is|comes) )?(?:(?:right|just) )?(?:before|prior)\b",
            rf"\bvor {_NAME}"),
    *_rules("after", rf"{_DOES} {_PRECEDE}", rf"{_NAME}(?: (?:that|which))? {_PRECEDES}\b"),
    # The name is what is followed.
    *_rules("after", rf"\b{_FOLLOWS} {_NAME}", rf"\b{_GREW} (?:out of|from) {_NAME}", rf"{_REPLY} to {_NAME}",
            rf"\b(?:once|as soon as|behind|nach|hinter) {_NAME}",
            rf"{_NAME}\W+(?:and )?(?:what )?(?:then|afterwards|next)\b",
            rf"\b(?:forward|ahead|on|onwards) from {_NAME}", rf"{_LATER} (?:of|to|for) {_NAME}"),
    *_rules("before", rf"\b{_PRECEDES} {_NAME}", rf"{_EARLIER} (?:of|to) {_NAME}"),
    *_rules("before", rf"{_ASKER}{_IS}\b[^?]*?\b{_LINKED}", rf"\b{_LINKS} {_NAME}", rf"{_ASKER}{_CHANGES} {_NAME}",
            rf"\b(?:changes?|edits?|updates?|links?|references?) (?:of|to|in) {_NAME}", relation="TOUCHES"),
    *_rules("after", rf"{_DOES} {_LINK}", rf"\b{_LINKED} (?:by|from|in|within) {_NAME}",
            rf"\b{_ARTIFACTS} (?:of|in|from) {_NAME}",
            rf"{_NAME}(?:['’]s)? {_ARTIFACTS}\b", rf"{_NAME} {_LINKS}\b", relation="TOUCHES"),
)  # fmt: skip
_PADDED_MARK = re.compile(rf"{MARK}\s*")


def find_named_way(text: str) -> Way | None:
    """The way from the document whose name is marked in this question; None where no rule knows."""
    depth, counted = find_depth(text)
    for pattern, direction, relation in _RULES:
        if match := pattern.search(text):
            return Way(direction, (*_pieces(match), *counted), relation, depth if relation == "PRECEDES" else 1)
    return None


def _pieces(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """What was matched, without the name."""
    start = match.start()
    for mark in _PADDED_MARK.finditer(match[0]):
        yield start, match.start() + mark.start()
        start = match.start() + mark.end()
    yield start, match.end()
