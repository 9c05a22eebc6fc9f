"""Lessons and checks of a behaviour topic."""

from __future__ import annotations

import re

from samples.generators.sources import Source
from samples.generators.text import plain, shorten

_TOPIC_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|- \[[ xX]\])\s+\W*(.+)$", re.MULTILINE)


def topic_items(source: Source, section: str) -> list[str]:
    span = next(((s.start, s.end) for s in source.sections if s.name == section), None)
    return [item.strip() for item in _TOPIC_ITEM.findall(source.text[slice(*span)])] if span else []


def subject_of(lesson: str) -> str:
    """What a lesson is about, in its first words: neither code nor half a link."""
    bare = plain(re.sub(r"`[^`]*`|\[[^\]]*\]\S*|https?://\S+", " ", lesson))
    head = re.split(r"[:.(|]|\s[-–—]\s", bare, maxsplit=1)[0].strip()
    return shorten(head if len(head.split()) > 1 else bare, 60).strip(" :.|")
