"""One document with all that is known of it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from rag import selectors
from rag.corpus.types import Origin
from rag.drawing import draw
from rag.models import Document, Link
from web4site.errors import UserError

CHUNKS_SHOWN = 30
LINKS_SHOWN = 60
COPIES_SHOWN = 20
NEIGHBOURS = 120
CANONICAL = ("objective", "plan", "do", "check", "act", "tron_feedback")


def document_detail(request: HttpRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document.objects.select_related("corpus", "duplicate_of"), pk=pk)
    first = document.duplicate_of or document
    report = selectors.parse_report(document)
    context = {
        "document": document,
        "page": Paginator(document.chunks.all(), CHUNKS_SHOWN).get_page(request.GET.get("page")),
        "canonical": CANONICAL,
        "report": report,
        "git": [field for field in report.guessed if field.origin == Origin.GIT],
        "concluded": [field for field in report.guessed if field.origin != Origin.GIT],
        "position": selectors.time_position(document),
        "copies": first.copies.exclude(pk=document.pk).only("path")[:COPIES_SHOWN],
        "links": _links(document),
        "findings": document.quarantine_entries.select_related("decided_by"),
        **_neighbourhood(document),
    }
    return render(request, "rag/document_detail.html", context)


def _links(document: Document) -> dict[str, Any]:
    """Links of both directions with the other end, cut to what fits a page, and the number of all."""
    columns = ("source", "target", "relation", "written", "how")
    out = document.links_out.select_related("target").only(*columns, *_end("target")).order_by("relation", "pk")
    into = document.links_in.select_related("source").only(*columns, *_end("source")).order_by("relation", "pk")
    return {
        "out": [(link, _is_odd(link, document, link.target)) for link in out[:LINKS_SHOWN]],
        "into": [(link, _is_odd(link, link.source, document)) for link in into[:LINKS_SHOWN]],
        "count_out": out.count(),
        "count_into": into.count(),
    }


def _end(name: str) -> list[str]:
    return [f"{name}__path", f"{name}__date", f"{name}__timestamp"]


def _is_odd(link: Link, source: Document, target: Document | None) -> bool:
    return target is not None and selectors.is_backwards(link.relation, source, target)


def _neighbourhood(document: Document) -> dict[str, Any]:
    """The drawing, or one line that says why there is none."""
    try:
        found = selectors.breadcrumbs(document, depth=2, most=NEIGHBOURS)
    except UserError as error:
        return {"graph_error": str(error)}
    return {"drawing": draw(found), "crumbs": found} if len(found.nodes) > 1 else {}
