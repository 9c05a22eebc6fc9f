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
    r"|\b(?:so|but|and|sorry|because|therefore|that|why|no|afraid|however|unfortunately|hence|here)[,:]?\s+"
    # What is declined may stand first: "This one I can't take on".
    r"|^(?:this|that|it)(?: one| request| part)?,?\s+)"
)
_BARE = (
    r"^(?:sorry|apologies|no|unfortunately|nope|hmm)?\W*(?:but\s+)?"
    r"(?:can['’]?t|cannot|won['’]?t|will not|unable to|not able to|not going to|not willing to)"
)

CANNOT = re.compile(
    rf"(?:(?:{_CLAUSE}{_SPEAKER}|^(?:i|we)\b[^,;:]{{,80}}\band)\s*(?P<cannot>{_CANNOT})|{_BARE})"
    # Nothing named, or nothing more in this clause: what was asked is meant.
    r"(?:\s+(?P<rest>.*)|\W*|[,:;–—].*)$",
    re.IGNORECASE | re.DOTALL,
)
REFUSES = re.compile(
    rf"{_CLAUSE}{_SPEAKER}\s+{_phrases.source(_FILE, 'refuses')}\b|{_phrases.source(_FILE, 'refuses_outright')}",
    re.IGNORECASE,
)
FLAT_NO = _phrases.pattern(_FILE, "flat_no")
# A sentence without a verb: "No force push.", "No constructor logic here, please."
VERBLESS_NO = re.compile(
    r"^no (?!problem|trouble|worr|doubt|idea|matter|need)"
    r"(?P<what>(?:(?!(?:\w+ed|is|are|was|were|has|have|had|will|can|necessary)\b)[\w-]+ ?){1,4}?)"
    r"(?:(?:in|on|to|for|from|with|without|into|over|here)\b[^.,;:]*)?\s*(?:[.!:,;–—].*)?$",
    re.IGNORECASE,
)
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
OBJECTS = _phrases.pattern(_FILE, "objects")
ACTS = _phrases.pattern(_FILE, "acts")
ASKS_FOR_TEXT = _phrases.pattern(_FILE, "asks_for_text")
EVERYDAY = _phrases.words(_phrases.load(_FILE)["everyday"]["words"])
PRONOUN = re.compile(r"\b(?:it|that|this|them|those|these|so)\b", re.IGNORECASE)
LABELLED = re.compile(
    r"^(?:violation|explanation|example|sample|trigger|response|outcome|next|rule|user|assistant|instruction|output|input)"
    r"\s*:",
    re.IGNORECASE,
)
# To say no more than this is to hesitate.
WEAK = re.compile(r"(?:should|could|would)(?: not|n['’]t)", re.IGNORECASE)
# Unwilling to do these, one declines; unable to, one has no hands.
HANDS_ON = re.compile(r"(?:run|execute|open|access|browse|check|test)\b", re.IGNORECASE)
POINTS_BACK = re.compile(r"(?:that|this|it)\b", re.IGNORECASE)
