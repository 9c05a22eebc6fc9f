"""The trainAI knowledge base: numbered topics with required reading, key lessons and a checklist."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.corpus.types import Section

_TOPIC = re.compile(r"^(\d{1,2})\.\s+[^\w]*([\w-]+)\s+[-–—]\s+(.+)$")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its number, short name and title, and its span in the text."""

    number: int
    name: str
    title: str
    start: int
    end: int


def read_topics(sections: Sequence[Section]) -> tuple[Topic, ...]:
    """Topics in document order."""
    return tuple(
        Topic(int(found[1]), found[2], found[3].strip(), section.start, section.end)
        for section in sections
        if (found := _TOPIC.match(section.heading))
    )
