"""The language of declining, compiled from `phrases/refusal.toml`."""

from __future__ import annotations

import re

from samples.judges import _phrases

_FILE = "refusal"
_CANNOT = f"(?:{_phrases.source(_FILE, 'cannot')}|{_phrases.source(_FILE, 'unwilling')})"
_SUBJECT = r"(?:i|we|i['’]m|we['’]re|i am|we are|i['’]d|i['’]ll|this assistant|the assistant|web4 agent)"
_SPEAKER = rf"{_SUBJECT}(?:\s+{_phrases.source(_FILE, 'adverbs')})*"
# Who declines stands at the beginning of a clause: "the server said I cannot" is someone else's.
_CLAUSE = (
    r"(?:^|[,;:–—]\s*"
    r"|\b(?:so|but|and|sorry|because|therefore|that|why|no|afraid|however|unfortunately|hence|here)[,:]?\s+)"
)
_BARE = (
    r"^(?:sorry|apologies|no|unfortunately|nope|hmm)?\W*(?:but\s+)?"
    r"(?:can['’]?t|cannot|won['’]?t|will not|unable to|not able to|not going to|not willing to)"
)

CANNOT = re.compile(
    rf"(?:{_CLAUSE}{_SPEAKER}\s*(?P<cannot>{_CANNOT})|{_BARE})(?:\s+(?P<rest>.*)|\W*)$", re.IGNORECASE | re.DOTALL
)
REFUSES = re.compile(
    rf"{_CLAUSE}{_SPEAKER}\s+{_phrases.source(_FILE, 'refuses')}\b|{_phrases.source(_FILE, 'refuses_outright')}",
    re.IGNORECASE,
)
FLAT_NO = _phrases.pattern(_FILE, "flat_no")
BANNED = _phrases.pattern(_FILE, "banned")
SIDE_VERBS = _phrases.pattern(_FILE, "side_verbs")
NOT_A_REFUSAL = _phrases.pattern(_FILE, "not_a_refusal")
GENERIC_MATTER = _phrases.pattern(_FILE, "generic_matter")
HYPOTHETICAL = _phrases.pattern(_FILE, "hypothetical")
GIVES_IN = _phrases.pattern(_FILE, "gives_in")
ALTERNATIVE = _phrases.pattern(_FILE, "alternative")
ASKS_TO_EXPLAIN = _phrases.pattern(_FILE, "asks_to_explain")
TURNS_AWAY = _phrases.pattern(_FILE, "turns_away")
UNWILLING = _phrases.pattern(_FILE, "unwilling")
COMPLIES = _phrases.pattern(_FILE, "complies")
SUBSTITUTE = _phrases.pattern(_FILE, "substitute")
TURNS_TO = _phrases.pattern(_FILE, "turns_to")
DECLINES_TO_ANSWER = _phrases.pattern(_FILE, "declines_to_answer")
ASKS_FOR_REFUSAL = _phrases.pattern(_FILE, "asks_for_refusal")
EVERYDAY = _phrases.words(_phrases.load(_FILE)["everyday"]["words"])
PRONOUN = re.compile(r"\b(?:it|that|this|them|those|these|so)\b", re.IGNORECASE)
LABELLED = re.compile(
    r"^(?:violation|explanation|example|sample|trigger|response|outcome|next|rule|user|assistant|instruction|output|input)"
    r"\s*:",
    re.IGNORECASE,
)
POINTS_BACK = re.compile(r"(?:that|this|it)\b", re.IGNORECASE)
