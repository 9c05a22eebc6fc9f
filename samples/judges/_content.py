"""When a piece of a PDCA says something: placeholders, filler, verification, learning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from samples.judges import _phrases
from samples.judges._markdown import Kind, Line, plain, strip_inline_code

_QUOTED = re.compile(r"\"[^\"\n]{0,200}\"|“[^”\n]{0,200}”|‘[^’\n]{0,200}’|(?<!\w)'[^'\n]{0,200}'(?!\w)")
_PLACEHOLDERS = _phrases.pattern("content", "placeholders", re.MULTILINE)
_FILLER = _phrases.pattern("content", "filler", re.IGNORECASE | re.MULTILINE)
_GENERIC = _phrases.words(_phrases.load("content")["generic"]["words"])
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")

_VERIFICATION = _phrases.source("content", "verification")
_VERIFIES = _phrases.pattern("content", "verification")
_UNVERIFIED = re.compile(
    rf"\b{_phrases.source('content', 'negation')}(?: \w+){{0,2}} {_VERIFICATION}\b"
    rf"|\b{_VERIFICATION}\b(?:[^.!?;:\n]{{0,40}}\b|\W{{1,4}}){_phrases.source('content', 'postponed')}\b",
    re.IGNORECASE,
)
_LEARNS = _phrases.pattern("content", "learns")
_UNLEARNED = _phrases.pattern("content", "unlearned")


def is_placeholder(text: str) -> bool:
    """True for text that is empty or nothing but a placeholder: TBD, "...", `{{x}}`, N/A, filler."""
    if not any(char.isalnum() for char in text):
        return True
    if _FILLER.search(text):
        return True
    left = _PLACEHOLDERS.sub(" ", text)
    return left != text and not _concrete_words(left)


def empty_talk(lines: Sequence[Line]) -> str | None:
    """Why a section has no concrete content, or None where it has."""
    spoken = "\n".join(line.text for line in lines if line.kind not in (Kind.CODE, Kind.HEADING))
    if not any(char.isalnum() for char in spoken):
        has_code = any(line.kind is Kind.CODE and line.text.strip(" #") and line.text[0] != "#" for line in lines)
        return None if has_code else "is empty"
    bare = _QUOTED.sub(" ", strip_inline_code(spoken))
    found = _PLACEHOLDERS.search(bare) or _FILLER.search(bare)
    if found:
        return f"holds a placeholder: {found[0].strip()!r}"
    if len(_WORD.findall(plain(spoken))) < 3:
        return "is a word or two"
    if len(_concrete_words(spoken)) < 2:
        return "names nothing concrete"
    return None


def verifies(lines: Sequence[Line]) -> bool:
    """Whether a Check names at least one verification that was, or is to be, carried out."""
    if any(line.kind is Kind.ITEM and re.match(r"\[[ xX]\]\s+\S", line.text) for line in lines):
        return True
    return any(_VERIFIES.search(said) and not _UNVERIFIED.search(said) for said in _sentences(lines))


def learns(lines: Sequence[Line]) -> bool:
    """Whether an Act states a learning: a lesson, a rule for the future, what turned out."""
    said = " \n".join(_sentences(lines))
    if _UNLEARNED.search(said):
        return False
    return bool(_LEARNS.search(said))


def _concrete_words(text: str) -> set[str]:
    words = (word.lower().rstrip(".'’-") for word in _WORD.findall(plain(text)))
    return {word for word in words if word not in _GENERIC and any(char.isalpha() for char in word) and len(word) > 1}


def _sentences(lines: Sequence[Line]) -> list[str]:
    return [part for line in lines for part in _SENTENCE_END.split(line.text) if part.strip()]
