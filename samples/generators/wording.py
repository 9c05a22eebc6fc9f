"""Instructions that vary: each is put together from curated lists, by seeded choice."""

from __future__ import annotations

import random
import string
import tomllib
from functools import cache
from pathlib import Path

FILES = (Path(__file__).with_name("wording.toml"), Path(__file__).with_name("wording_code.toml"))


@cache
def wordings() -> dict[str, dict[str, list[str]]]:
    """{key: {"opening", "ask", "closing"}}; opening and closing may be missing."""
    return {key: entry for file in FILES for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items()}


def instruct(key: str, rng: random.Random, **slots: str) -> str:
    """One wording of the instruction `key`, its `$slots` filled in."""
    entry = wordings()[key]
    parts = (rng.choice(entry.get("opening", [""])), rng.choice(entry["ask"]), rng.choice(entry.get("closing", [""])))
    text = " ".join(part for part in parts if part)
    return string.Template(text).substitute(slots)
