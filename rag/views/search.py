"""Questions to the index."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from rag.drawing import stacked, timeline
from rag.forms import SearchForm
from rag.presenting import read_as, show_hits, why_nothing
from web4site.errors import UserError
from web4site.exports import export

HIT_COLUMNS = ("path", "pdca_id", "collection", "score", "why", "chunk", "title", "date", "text")


def search(request: HttpRequest) -> HttpResponseBase:
    form = SearchForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid() and form.cleaned_data["q"]:
        context |= _found(form)
    if (file_format := request.GET.get("export")) and "result" in context:
        return export([asdict(hit) for hit in context["result"].hits], HIT_COLUMNS, file_format, "hits")
    return render(request, "rag/search.html", context)


def _found(form: SearchForm) -> dict[str, Any]:
    from rag.retrieval import retrieve
    from rag.retrieval.facts import hot_documents

    values = form.cleaned_data
    try:
        result = retrieve(
            values["q"],
            k=values["k"] or 10,
            today=values["today"],
            filters=form.filters,
            collections=[values["collection"]] if values["collection"] else None,
        )
    except UserError as error:
        return {"error": str(error)}
    return {
        "result": result,
        "hits": show_hits(result.question, result.hits),
        "nearest": show_hits(result.question, result.nearest),
        "read_as": read_as(result.question),
        "nothing": why_nothing(result.question, form.is_filtered),
        "stages": stacked((name, spent) for name, spent in result.latency_ms.items() if name != "total"),
        "days": timeline(date.fromisoformat(hit.date) for hit in result.hits if hit.date),
        "cache": hot_documents.statistics(),
    }
