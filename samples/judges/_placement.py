"""Which one of several numbered places an answer decides for: layers, levels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from samples.judges.verdict import Verdict, failed, passed

MAX_TEXT = 20_000
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
# Before the name of a place: it is ruled out, or only compared with.
_NOT_HERE = re.compile(
    r"(?:\b(?:not|never|nor|neither|rather than|instead of|don['’]t|no|isn['’]t|below|beyond|above|beneath|under"
    r"|(?:low|high|small|great)er than|more than|less than|unlike|short of|towards?|before it is|until it is|without"
    r"|nothing to do with|anything but|except|apart from|think of)\b"
    r"(?:(?!\bbut\b)[^.,;:\n]){0,60})$",
    re.IGNORECASE,
)
# After it: what would be there, or what it asks for.
_WERE_IT = re.compile(
    r"\s*(?:\?|,?\s*(?:it |this |that |which |you |one )?(?:would|could|might|will|needs?|requires?|asks? for|demands?"
    r"|comes? (?:next|later|after)|is (?:wrong|missing|not reached|the next))\b)",
    re.IGNORECASE,
)
# The sentence decides: "so it belongs to layer 2", "the answer is CMM3".
_DECIDES = re.compile(
    r"\b(?:(?:it|this|that|they|these|code|class|file|answer|practice|team|work|way)\b[^.,;:\n]{0,40}?"
    r"\b(?:is|are|belongs?|goes?|lies?|lives?|sits?|stays?|fits?|counts? as|reach(?:es)?|stands?)"
    r"|(?:so|thus|hence|therefore|answer|result|conclusion|level|place it|put it)\b\W{0,4}(?:is|in|into|at|to)?)"
    r"(?:(?!\bor\b)[^.;\n]){0,30}$",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\W{0,3}(?:or|and/or|to|and|through|-|–|/)\W{0,3}(?:maybe |perhaps |even |in |possibly )?$", re.IGNORECASE
)
_BETWEEN = re.compile(r"\b(?:between|either|anywhere from|somewhere)\b[^.;\n]{0,30}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Named:
    """A place as an answer names it; `decided` where its sentence says that it is the one."""

    number: str
    decided: bool
    hedged: bool


def placement(text: str, name: re.Pattern[str], expected: str, what: str) -> Verdict:
    """Whether the answer decides for place `expected`; group 1 of `name` is the number, `what` the kind of place.

    Places that are ruled out, compared with or only wished for do not count. Where the answer says which one it is,
    this holds; else the first that it names. An answer that leaves a choice decides for none.
    """
    named = [place for sentence in _SENTENCE_END.split(text[:MAX_TEXT]) for place in _named(sentence, name)]
    if not named:
        return failed(f"names no {what}")
    decided = [place for place in named if place.decided] or named[:1]
    if any(place.hedged for place in decided):
        return failed(f"leaves a choice of {what}s")
    numbers = {place.number for place in decided}
    if numbers != {expected}:
        return failed(f"decides for {what} {', '.join(sorted(numbers))}, not {expected}")
    return passed(f"{what} {expected}")


def _named(sentence: str, name: re.Pattern[str]) -> list[_Named]:
    matches = list(name.finditer(sentence))
    found = []
    for index, match in enumerate(matches):
        before, after = sentence[max(0, match.start() - 80) : match.start()], sentence[match.end() :]
        if _NOT_HERE.search(before) or _WERE_IT.match(after):
            continue
        follower = matches[index + 1] if index + 1 < len(matches) else None
        hedged = bool(_BETWEEN.search(before)) or (
            follower is not None
            and follower[1] != match[1]
            and bool(_HEDGE.fullmatch(sentence[match.end() : follower.start()]))
        )
        found.append(_Named(match[1], bool(_DECIDES.search(before)), hedged))
    return found
