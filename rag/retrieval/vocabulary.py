"""Words that carry no content in a question, English and German, and English for German words of the trade."""

import re
import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))
_ENGLISH, _GERMAN = frozenset(_DATA["english"].split()), frozenset(_DATA["german"].split())
STOP_WORDS = _ENGLISH | _GERMAN
TIME_WORDS = frozenset(_DATA["time"].split())
_GERMAN_ONLY = _GERMAN - _ENGLISH - {"den", "die", "man", "so", "war", "will"}
_BOTH = frozenset(_DATA["both"].split())
ENGLISH_FOR: dict[str, str] = _DATA["english_for"]
# What may follow a German word of the list, and what joins the parts of a compound.
_INFLECTIONS = ("e", "n", "s", "t", "en", "er", "es", "em", "te", "ten", "est")
_JOINTS = ("", "s", "n", "en", "es", "er")
_SHORTEST = 4
# Other words that often end a German compound.
_TAILS = {word: word for word in ("container", "test", "server", "agent", "skript")}


def is_german(text: str) -> bool:
    """Whether a question has at least two words, or a fifth of its words, that only German has."""
    words = re.findall(r"\w+", text.lower())
    german = sum(word in _GERMAN_ONLY or (word in ENGLISH_FOR and word not in _BOTH) for word in words)
    return german >= 2 or german * 5 > len(words) > 0 < german


def in_english(text: str) -> str:
    """The text with the German words that are known in English; of a compound the parts that are."""
    return re.sub(r"\w+", lambda match: _translated(match[0]), text)


def _translated(word: str) -> str:
    lower = word.lower()
    if lower in STOP_WORDS:
        return word
    return _known(lower) or _compound(lower) or word


def _known(word: str) -> str:
    """English for a word as it stands or inflected; "" for an unknown one."""
    if word in ENGLISH_FOR:
        return ENGLISH_FOR[word]
    stems = (word.removesuffix(ending) for ending in _INFLECTIONS if word.endswith(ending))
    return next((ENGLISH_FOR[stem] for stem in stems if len(stem) >= _SHORTEST and stem in ENGLISH_FOR), "")


def _compound(word: str) -> str:
    """English for two words in one, or at least for the second; "" where that is unknown."""
    cuts = range(3, len(word) - 2)
    exact = [(word[:cut], found) for cut in cuts if (found := _TAILS.get(word[cut:]) or ENGLISH_FOR.get(word[cut:]))]
    inflected = [(word[:cut], found) for cut in cuts if len(word) - cut >= _SHORTEST and (found := _known(word[cut:]))]
    parts = exact or inflected
    both = (f"{first} {second}" for head, second in parts if (first := _head(head)))
    return next(both, parts[0][1] if parts else "")


def _head(head: str) -> str:
    """English for the first part of a compound, with or without what joins it to the second."""
    stems = (head.removesuffix(joint) for joint in _JOINTS if head.endswith(joint))
    return next((ENGLISH_FOR[stem] for stem in stems if stem in ENGLISH_FOR), "")
