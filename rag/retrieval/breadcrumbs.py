"""Documents that a question names, and what lies before, after and between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from rag.models import Document
from rag.retrieval.question import Question
from rag.retrieval.ways import Direction
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
    found = [key for one in question.called for key in one.documents[: 1 if question.between else None]]
    for phrase in question.phrases if not found else ():
        if len(phrase) >= MIN_TITLE:
            found += _keys(Document.objects.filter(title__icontains=phrase))
    for name in question.ids if not found else ():
        exact = Document.objects.filter(path__in=[name, f"{name}.md", f"{name}.ts"])
        found += _keys(exact) or _keys(Document.objects.filter(path__icontains=name))
    return list(dict.fromkeys(found))[:MAX_ANCHORS]


def _keys(rows: QuerySet[Document]) -> list[int]:
    return list(rows.order_by("path").values_list("pk", flat=True)[:MAX_ANCHORS])


def neighbours(anchors: Sequence[int], depth: int, direction: Direction, relation: str = "PRECEDES") -> list[Neighbour]:
    """What precedes or follows the anchors, nearest first; the anchors themselves and their copies are left out."""
    titles = _with_copies(anchors)
    found: dict[int, Neighbour] = {}
    for anchor in titles:
        for step in get_graph().walk(anchor, depth, direction, [relation]):
            for document, side in ((step.source, "before"), (step.target, "after")):
                if document in titles or (direction != "both" and side != direction):
                    continue
                steps = "step" if step.depth == 1 else "steps"
                link = f"link: {step.how}" if relation == "PRECEDES" else f"{relation.lower()} link: {step.how}"
                why = f"{step.depth} {steps} {side} {titles[anchor]} ({link})"
                if document not in found or step.depth < found[document].depth:
                    found[document] = Neighbour(document, step.depth, why)
    return sorted(found.values(), key=lambda item: item.depth)


def path_between(start: int, end: int) -> list[Neighbour]:
    """The documents on a shortest chain of links from one to the other, both included; empty when there is none."""
    steps = get_graph().path(start, end)
    if not steps:
        return []
    found, here = [Neighbour(start, 0, "named in the question, the start")], start
    for step in steps:
        forward = step.source == here
        here = step.target if forward else step.source
        side = "after" if forward else "before"
        found.append(
            Neighbour(here, step.depth, f"step {step.depth} of {len(steps)}, {side} the one above ({step.how})")
        )
    return found


def _with_copies(anchors: Sequence[int]) -> dict[int, str]:
    """Paths by key of the anchors and of the documents with the same bytes: a link may lead to any of them."""
    hashes = Document.objects.filter(pk__in=anchors).exclude(sha256="").values("sha256")
    either = Q(pk__in=anchors) | Q(sha256__in=hashes)
    return dict(Document.objects.filter(either).order_by().values_list("pk", "path"))
