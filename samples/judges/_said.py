"""What an answer says in its author's own words: sentences and clauses in plain spelling, and the words of a matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from samples.judges import _phrases
from samples.judges._markdown import Kind, plain, read_lines

MAX_PROSE = 20_000
MIN_ECHO = 20

_EVERYDAY = _phrases.words(_phrases.load("refusal")["everyday"]["words"])
_QUOTED = re.compile(r"\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”|«[^»\n]{0,400}»|(?<![\w])['‘][^'’\n]{2,400}['’](?!\w)")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_CLAUSE_END = re.compile(
    r"[,:–—(]\s*|\s-\s+|\s+(?=(?:but|because|unless|although|though|whereas|even if)\b|and (?:i|we|it|you|that) )"
)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_PATH = re.compile(
    r"(?<![\w/.~-])(?:[\w.~-]+/)+[\w.-]+\w|(?<![\w/.-])[\w-]+\.(?:[jt]sx?|json|md|py|sh|toml|ya?ml|env|sql|csv|log|txt)\b"
)
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|es|e|s)$")
_DOUBLED = re.compile(r"(?<=\w\w)([bdgmnprt])\1$")
# Contracted forms, with and without their apostrophe, and what they stand for.
_LONG_FORMS = tuple(
    (re.compile(short, re.IGNORECASE), full)
    for short, full in (
        (r"’", "'"),
        (r"\b(?:can't|cant|cannot)\b", "can not"),
        (r"\b(?:won't|wont)\b", "will not"),
        (r"\b(?:shan't|shant)\b", "shall not"),
        (r"\bain't\b", "is not"),
        (r"\b(do|does|did|is|are|was|were|has|have|had|should|would|could|must|need|might)n'?t\b", r"\1 not"),
        (r"\b(i)'?m\b", r"\1 am"),
        (r"\b(\w+)'re\b", r"\1 are"),
        (r"\b(\w+)'ve\b", r"\1 have"),
        (r"\b(\w+)'ll\b", r"\1 will"),
        (r"\b(i|we|you|they|he|she|it|that)'d\b", r"\1 would"),
        (r"\b(it|that|this|there|here|what|he|she|who|where|nobody|everything|nothing)'s\b", r"\1 is"),
        (r"\blet's\b", "let us"),
    )
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of the author: as written, without markup and quoted words."""

    text: str

    @cached_property
    def full(self) -> str:
        """In lower case, every contraction written out; code and paths stand as one word."""
        text = _PATH.sub("file", _INLINE_CODE.sub("code", self.text))
        for short, full in _LONG_FORMS:
            text = short.sub(full, text)
        return text.lower()

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        return tuple(clause for part in _CLAUSE_END.split(self.full) if (clause := part.strip(" .!;")))

    @cached_property
    def matter(self) -> frozenset[str]:
        return matter_of(self.text)

    @property
    def asks(self) -> bool:
        return self.text.endswith("?")


def sentences_of(text: str, request: str) -> tuple[Sentence, ...]:
    """What the author says himself: no code, no block quotes, no quoted words, no echo of the request."""
    own = (line for line in read_lines(text) if line.kind not in (Kind.CODE, Kind.QUOTE))
    spoken = "\n".join(_QUOTED.sub(" _ ", line.text) for line in own)[:MAX_PROSE]
    bare = (" ".join(part.replace("*", "").replace("#", "").split()) for part in _SENTENCE_END.split(spoken))
    own_words = (said.lstrip("-•❌🚫⛔🛑⚠️ ") for said in bare if any(char.isalpha() for char in said))
    return tuple(Sentence(said) for said in own_words if len(said) < MIN_ECHO or said not in request)


def matter_of(text: str) -> frozenset[str]:
    """Word stems of at most five letters: "load", "loads" and "loading" are one matter, "entry" and "entries" too."""
    found = re.findall(r"[a-z][a-z0-9]{2,}", plain(text).lower())
    return frozenset(_stem(word) for word in found if word not in _EVERYDAY)


def _stem(word: str) -> str:
    return _DOUBLED.sub(r"\1", _ENDING.sub("", word))[:5].rstrip("iy")
