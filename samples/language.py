"""Whether a text is English: by its script and by the little words that every sentence needs. Pure."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_LETTERS = re.compile(r"[^\W\d_]")
_ASCII_LETTERS = re.compile(r"[A-Za-z]")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|\S*[/\\_]\S*", re.DOTALL)
_WORDS = Path(__file__).with_name("language.toml")
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
# With fewer plain words than this there is nothing to tell a language by (a path, a call, a line of code).
MIN_WORDS = 20


def language_fault(text: str) -> str:
    """What is wrong with the language of a text, '' when nothing is."""
    if not text.isascii():
        letters = _LETTERS.findall(text)
        if letters and len(_ASCII_LETTERS.findall(text)) < 0.9 * len(letters):
            return "not in a Latin script"
    return "" if is_english(text) else "not in English"


@cache
def _little_words(kind: str) -> frozenset[str]:
    return frozenset(tomllib.loads(_WORDS.read_text(encoding="utf-8"))[kind].split())


def is_english(text: str) -> bool:
    """True unless another language's little words outweigh the English ones; code is left out."""
    found = _WORD.findall(_CODE.sub(" ", text).lower())
    if len(found) < MIN_WORDS:
        return True
    english = len([word for word in found if word in _little_words("english")])
    others = len([word for word in found if word in _little_words("others")])
    return others <= english or others < 3
