"""Loads the phrase lists of the judges: `phrases/<file>.toml`, one regular expression a line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "phrases"


@cache
def load(file: str) -> Mapping[str, Any]:
    """The content of a phrase file."""
    return tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))


def source(file: str, name: str) -> str:
    """The phrases of a list as one group of a regular expression."""
    return f"(?:{'|'.join(load(file)[name]['phrases'])})"


def pattern(file: str, name: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Any phrase of a list, between what the list says must stand before and after it."""
    listed = load(file)[name]
    return re.compile(listed.get("before", "") + source(file, name) + listed.get("after", ""), flags)


def words(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())
