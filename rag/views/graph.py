"""The path between two documents, and what an agent wrote."""

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from rag import selectors
from rag.drawing import timeline
from rag.forms import PathForm, PeriodForm
from web4site.errors import UserError
from web4site.exports import export

PAGE_SIZE = 100
AGENTS_SHOWN = 60
AGENT_COLUMNS = ("name", "documents", "first", "last")
ENTRY_COLUMNS = ("date", "path", "title", "kind", "session", "sprint")


def path_detail(request: HttpRequest) -> HttpResponse:
    """How one gets from a document to another along the breadcrumbs."""
    form = PathForm(request.GET or None)
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        start, end = form.cleaned_data["from"], form.cleaned_data["to"]
        context |= {"start": start, "end": end}
        try:
            found = selectors.path_between(start, end)
        except UserError as error:
            context["error"] = str(error)
        else:
            page = Paginator(_steps(found), PAGE_SIZE).get_page(request.GET.get("page"))
            context |= {"found": found, "page": page}
    return render(request, "rag/path_detail.html", context)


def _steps(found: selectors.Breadcrumbs) -> list[tuple[selectors.Node, selectors.Edge | None, bool]]:
    """Each document with the breadcrumb to the next one, and whether that is walked as it points."""
    edges = [*found.edges, None]
    return [
        (node, edge, edge is not None and edge.source == node.path)
        for node, edge in zip(found.nodes, edges, strict=False)
    ]


def agent_list(request: HttpRequest) -> HttpResponseBase:
    """Everybody who wrote documents."""
    search = request.GET.get("search", "").casefold()
    found = [agent for agent in selectors.agents() if any(search in name.casefold() for name in agent.names)]
    if file_format := request.GET.get("export"):
        rows = ({name: str(getattr(agent, name) or "") for name in AGENT_COLUMNS} for agent in found)
        return export(rows, AGENT_COLUMNS, file_format, "agents")
    page = Paginator(found, AGENTS_SHOWN).get_page(request.GET.get("page"))
    busiest = max((agent.documents for agent in found), default=0)
    return render(request, "rag/agent_list.html", {"page": page, "busiest": busiest})


def agent_detail(request: HttpRequest, name: str) -> HttpResponseBase:
    """The timeline of one agent."""
    form = PeriodForm(request.GET)
    period = form.cleaned_data if form.is_valid() else {}
    try:
        agent = selectors.agent_by_name(name)
    except UserError as error:
        messages.warning(request, str(error))
        return redirect(f"{reverse('rag:agent_list')}?{urlencode({'search': name})}")
    try:
        found = selectors.agent_timeline(agent, since=period.get("since"), until=period.get("until"))
    except UserError as error:
        return render(request, "rag/agent_detail.html", {"agent": agent, "form": form, "error": str(error)})
    if file_format := request.GET.get("export"):
        rows = ({column: getattr(entry, column) for column in ENTRY_COLUMNS} for entry in found.documents)
        return export(rows, ENTRY_COLUMNS, file_format, "timeline")
    context = {
        "agent": agent,
        "form": form,
        "page": Paginator(found.documents, PAGE_SIZE).get_page(request.GET.get("page")),
        "days": timeline(date.fromisoformat(entry.date) for entry in found.documents if entry.date),
        "previous": {edge.target: edge for edge in found.edges},
        "edges": len(found.edges),
    }
    return render(request, "rag/agent_detail.html", context)
