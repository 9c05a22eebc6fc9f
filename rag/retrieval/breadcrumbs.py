"""Documents that a question names, and what lies before and after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from rag.models import Document
from rag.retrieval.question import Direction, Question
from rag.stores import get_graph

MAX_ANCHORS = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document near an anchor: steps away, and how it is connected."""

    document: int
    depth: int
    why: str


def find_anchors(question: Question) -> list[int]:
    """Documents named in the question, the exact path before a part of one."""
    found: list[int] = []
    for name in question.ids:
        exact = Document.objects.filter(path__in=[name, f"{name}.md", f"{name}.ts"])
        rows: QuerySet[Document] = exact if exact.exists() else Document.objects.filter(path__icontains=name)
        found += [key for key in rows.order_by("path").values_list("pk", flat=True)[:MAX_ANCHORS] if key not in found]
    return found[:MAX_ANCHORS]


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
