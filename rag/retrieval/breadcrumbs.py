"""Documents that a question names, and what lies before and after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from rag.models import Document
from rag.retrieval.question import Direction, Question
from rag.stores import get_graph

MAX_ANCHORS = 5
# A shorter phrase is rather a word in quotes than a title.
MIN_TITLE = 12


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document near an anchor: steps away, and how it is connected."""

    document: int
    depth: int
    why: str


def find_anchors(question: Question) -> list[int]:
    """Documents named in the question: by quoted title, by exact path, else by a part of one."""
    found: list[int] = []
    for phrase in question.phrases:
        if len(phrase) >= MIN_TITLE:
            found += _keys(Document.objects.filter(title__icontains=phrase))
    for name in question.ids if not found else ():
        exact = Document.objects.filter(path__in=[name, f"{name}.md", f"{name}.ts"])
        found += _keys(exact) or _keys(Document.objects.filter(path__icontains=name))
    return list(dict.fromkeys(found))[:MAX_ANCHORS]


def _keys(rows: QuerySet[Document]) -> list[int]:
    return list(rows.order_by("path").values_list("pk", flat=True)[:MAX_ANCHORS])


def neighbours(anchors: Sequence[int], depth: int, direction: Direction) -> list[Neighbour]:
    """What precedes or follows the anchors, nearest first; the anchors themselves are left out."""
    titles = dict(Document.objects.filter(pk__in=anchors).values_list("pk", "path"))
    found: dict[int, Neighbour] = {}
    for anchor in anchors:
        for step in get_graph().walk(anchor, depth, direction):
            for document, side in ((step.source, "before"), (step.target, "after")):
                if document in titles or (direction != "both" and side != direction):
                    continue
                steps = "step" if step.depth == 1 else "steps"
                why = f"{step.depth} {steps} {side} {titles[anchor]} (link: {step.how})"
                if document not in found or step.depth < found[document].depth:
                    found[document] = Neighbour(document, step.depth, why)
    return sorted(found.values(), key=lambda item: item.depth)
