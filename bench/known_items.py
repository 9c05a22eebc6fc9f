"""Questions made from a corpus itself, at random but always the same: what they ask for is known without labels."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

COUNT = 60
SEED = 7
OBJECTIVE = 150
SENTENCE_WORDS = range(8, 26)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_PLAIN = re.compile(r"[\w ,;:'()-]+[.!?]?")


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A question, and documents of which one must be found."""

    kind: str
    query: str
    documents: frozenset[int]
    today: date | None = None


def known_items(corpus: int, count: int = COUNT) -> Iterator[KnownItem]:
    """At most `count` of each kind: an objective, a sentence from the middle, a day, a neighbour."""
    chance = random.Random(SEED)
    copies = _copies(corpus)
    for make in (_objectives, _sentences, _days, _neighbours):
        found = sorted(make(corpus), key=lambda item: (item.query, sorted(item.documents)))
        for item in chance.sample(found, min(count, len(found))):
            same = frozenset(copy for key in item.documents for copy in copies.get(key, (key,)))
            yield KnownItem(item.kind, item.query, same, item.today)


def _copies(corpus: int) -> dict[int, Sequence[int]]:
    """Documents with the same bytes, by document."""
    from rag.models import Document

    groups: dict[str, list[int]] = {}
    for key, sha256 in Document.objects.filter(corpus=corpus).values_list("pk", "sha256"):
        groups.setdefault(sha256, []).append(key)
    return {key: group for group in groups.values() for key in group}


def _objectives(corpus: int) -> Iterator[KnownItem]:
    from rag.models import Document

    rows = Document.objects.filter(corpus=corpus, kind="pdca").exclude(objective="")
    texts: dict[str, set[int]] = {}
    for key, objective in rows.values_list("pk", "objective"):
        texts.setdefault(" ".join(objective.split())[:OBJECTIVE], set()).add(key)
    return (KnownItem("objective", text, frozenset(keys)) for text, keys in texts.items())


def _sentences(corpus: int) -> Iterator[KnownItem]:
    from rag.models import Chunk

    texts: dict[str, set[int]] = {}
    # Examples of tool calls are not searched unless a question is about tools.
    chunks = Chunk.objects.filter(document__corpus=corpus, index__gt=0).exclude(document__kind="tool_examples")
    for key, text in chunks.values_list("document", "text"):
        plain = [part.strip() for part in _SENTENCE.split(text)]
        fitting = [part for part in plain if len(part.split()) in SENTENCE_WORDS and _PLAIN.fullmatch(part)]
        for sentence in fitting[len(fitting) // 2 :][:1]:
            texts.setdefault(sentence, set()).add(key)
    return (KnownItem("sentence", text, frozenset(keys)) for text, keys in texts.items())


def _days(corpus: int) -> Iterator[KnownItem]:
    from rag.models import Document

    days: dict[date, set[int]] = {}
    for key, day in Document.objects.filter(corpus=corpus, kind="pdca", date__isnull=False).values_list("pk", "date"):
        if day:
            days.setdefault(day, set()).add(key)
    for day, keys in days.items():
        yield KnownItem("day", f"What happened on {day.day} {day:%B %Y}?", frozenset(keys), day)


def _neighbours(corpus: int) -> Iterator[KnownItem]:
    from rag.models import Link

    links = Link.objects.filter(source__corpus=corpus, relation="PRECEDES", target__isnull=False)
    after: dict[str, set[int]] = {}
    before: dict[str, set[int]] = {}
    for source, target, here, there in links.values_list("source", "target", "source__path", "target__path"):
        after.setdefault(PurePosixPath(here).name, set()).add(target)
        before.setdefault(PurePosixPath(there).name, set()).add(source)
    for name, keys in after.items():
        yield KnownItem("successor", f"What follows {name}?", frozenset(keys))
    for name, keys in before.items():
        yield KnownItem("predecessor", f"What came right before {name}?", frozenset(keys))
