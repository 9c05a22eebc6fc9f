"""Words that carry no content in a question, English and German, and English for German words of the trade."""

import re
import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))
_ENGLISH, _GERMAN = frozenset(_DATA["english"].split()), frozenset(_DATA["german"].split())
STOP_WORDS = _ENGLISH | _GERMAN
TIME_WORDS = frozenset(_DATA["time"].split())
_GERMAN_ONLY = _GERMAN - _ENGLISH - {"den", "die", "man", "so", "war", "will"}
ENGLISH_FOR: dict[str, str] = _DATA["english_for"]
# Words that stand at the end of German compounds, longest first.
_ENDINGS = sorted({*ENGLISH_FOR, "container", "test", "server"}, key=len, reverse=True)


def is_german(text: str) -> bool:
    """Whether a question has at least two words, or a fifth of its words, that only German has."""
    words = re.findall(r"\w+", text.lower())
    german = sum(word in _GERMAN_ONLY or word in ENGLISH_FOR for word in words)
    return german >= 2 or german * 5 > len(words) > 0 < german


def in_english(text: str) -> str:
    """The text with the German words of the trade in English; of a compound its last part."""
    return re.sub(r"\w+", lambda match: _translated(match[0]), text)


def _translated(word: str) -> str:
    lower = word.lower()
    if lower in ENGLISH_FOR:
        return ENGLISH_FOR[lower]
    ending = next((known for known in _ENDINGS if lower.endswith(known) and len(lower) > len(known) + 2), "")
    return ENGLISH_FOR.get(ending, ending) if ending else word
