"""Breadcrumbs, paths and timelines: which documents from the graph, their titles and dates from SQL."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, F, Max, Min

from rag.models import Document
from rag.stores import get_graph
from rag.stores.traversal import Direction, Step
from web4site.errors import UserError

ORDER = (F("timestamp").asc(nulls_last=True), F("date").asc(nulls_last=True), "path")
MAX_NAMED = 5
_DESCRIPTION = re.compile(r"[(,;]|\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class Node:
    """A document on a walk or path.

    On a walk `depth` is negative before the start and positive after it; on a path it is the place from 0.
    """

    id: int
    path: str
    title: str
    date: str
    depth: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A breadcrumb between two paths. `backwards`: its source is dated later than its target."""

    source: str
    target: str
    relation: str
    how: str
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Breadcrumbs:
    """Documents and the breadcrumbs among them; a neighbourhood, earliest first, or a path in its order."""

    nodes: list[Node]
    edges: list[Edge]

    def as_dict(self) -> dict[str, Any]:
        return {"nodes": [asdict(node) for node in self.nodes], "edges": [asdict(edge) for edge in self.edges]}


def breadcrumbs(
    start: Document,
    *,
    depth: int = 3,
    direction: Direction = "both",
    relations: Sequence[str] = ("PRECEDES",),
    most: int | None = None,
) -> Breadcrumbs:
    """What precedes and follows a document within `depth` steps; of both sides together the `most` nearest."""
    depths = {start.pk: 0}
    steps: list[Step] = []
    sides: tuple[tuple[Direction, int], ...] = (("before", -1), ("after", 1))
    for side, sign in sides:
        if direction not in (side, "both"):
            continue
        for step in get_graph().walk(start.pk, depth, side, relations):
            steps.append(step)
            depths.setdefault(step.source if sign < 0 else step.target, sign * step.depth)
    rows = _rows(sorted(depths, key=lambda key: abs(depths[key]))[:most])
    nodes = [_node(rows[key], level) for key, level in depths.items() if key in rows]
    return Breadcrumbs(sorted(nodes, key=lambda node: (node.depth, node.date, node.path)), _edges(steps, rows))


def path_between(start: Document, end: Document) -> Breadcrumbs:
    """The shortest way along breadcrumbs, in either direction, from one document to another; empty when none."""
    steps = get_graph().path(start.pk, end.pk)
    if not steps and start.pk != end.pk:
        return Breadcrumbs([], [])
    keys = [start.pk]
    for step in steps:
        keys.append(step.other(keys[-1]))
    rows = _rows(keys)
    if not rows.keys() >= set(keys):
        return Breadcrumbs([], [])  # it leads over a document that is just being removed
    return Breadcrumbs([_node(rows[key], place) for place, key in enumerate(keys)], _edges(steps, rows))


def _rows(keys: Iterable[int]) -> dict[int, Document]:
    return Document.objects.only("path", "title", "date", "timestamp").in_bulk(list(keys))


def _node(row: Document, depth: int) -> Node:
    return Node(row.pk, row.path, row.title, str(row.date or ""), depth)


def _edges(steps: Iterable[Step], rows: dict[int, Document]) -> list[Edge]:
    """Each edge once; those to a document that SQL no longer has are left out."""
    found = (
        Edge(source.path, target.path, step.relation, step.how, is_backwards(step.relation, source, target))
        for step in steps
        if (source := rows.get(step.source)) and (target := rows.get(step.target))
    )
    return list(dict.fromkeys(found))


def is_backwards(relation: str, source: Document, target: Document) -> bool:
    """True when a document is said to precede one that is dated earlier. Midnight means that only the day is known."""
    if relation != "PRECEDES" or not (source.date and target.date):
        return False
    if source.date != target.date:
        return source.date > target.date
    return _has_time(source.timestamp) and _has_time(target.timestamp) and source.timestamp > target.timestamp  # type: ignore[operator]


def _has_time(moment: datetime | None) -> bool:
    return moment is not None and moment.time() != time(0)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who writes documents. `names` are the spellings met in them, the most frequent first."""

    name: str
    names: tuple[str, ...]
    documents: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document on the timeline of an agent."""

    id: int
    path: str
    title: str
    kind: str
    date: str
    session: str
    sprint: str


@dataclass(frozen=True, slots=True)
class AgentTimeline:
    """What one agent wrote, in order of time, and the breadcrumbs among it."""

    agent: Agent
    documents: list[Entry]
    edges: list[Edge]

    def as_dict(self) -> dict[str, Any]:
        documents = [asdict(entry) for entry in self.documents]
        edges = [asdict(edge) for edge in self.edges]
        return {"agent": self.agent.name, "names": list(self.agent.names), "documents": documents, "edges": edges}


def agents() -> list[Agent]:
    """Everybody who wrote an indexed document, busiest first; spellings of a name are one agent.

    A document without an agent's name belongs to the role it states.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    rows = Document.objects.order_by().values("agent_name", "agent_role")
    for row in rows.annotate(n=Count("pk"), first=Min("date"), last=Max("date")):
        name = row["agent_name"] or row["agent_role"]
        if key := _agent_key(name):
            groups.setdefault(key, []).append({**row, "name": name})
    return sorted(map(_agent, groups.values()), key=lambda agent: (-agent.documents, agent.name))


def _agent(rows: list[dict[str, Any]]) -> Agent:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["name"]] = counts.get(row["name"], 0) + row["n"]
    names = sorted(counts, key=lambda name: (-counts[name], name))
    first = min((row["first"] for row in rows if row["first"]), default=None)
    last = max((row["last"] for row in rows if row["last"]), default=None)
    return Agent(names[0], tuple(names), sum(counts.values()), first, last)


def _agent_key(name: str) -> str:
    """Letters and digits of the name; what follows a bracket, a comma or a dash says what the agent was doing."""
    head = _letters(_DESCRIPTION.split(name, maxsplit=1)[0])
    return head or _letters(name)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def agent_by_name(name: str) -> Agent:
    """The agent of this name in any spelling, or the only one with it as a part; UserError otherwise."""
    everybody = {_agent_key(agent.name): agent for agent in agents()}
    wanted = _agent_key(name)
    if wanted in everybody:
        return everybody[wanted]
    found = [agent.name for key, agent in everybody.items() if wanted and wanted in key]
    if len(found) == 1:
        return everybody[_agent_key(found[0])]
    if not found:
        raise UserError(f"No indexed document names an agent {name!r}: check the name on the Agents page.")
    more = f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    raise UserError(f"{name!r} is not unique: it stands in {', '.join(found[:MAX_NAMED])}{more}.")


def agent_timeline(agent: Agent, *, since: date | None = None, until: date | None = None) -> AgentTimeline:
    """Everything an agent wrote in a period (both days included; undated documents only without a period)."""
    rows = Document.objects.filter(pk__in=get_graph().members("Agent", agent.names)).order_by(*ORDER)
    if since:
        rows = rows.filter(date__gte=since)
    if until:
        rows = rows.filter(date__lte=until)
    found = {row.pk: row for row in rows.only("path", "title", "kind", "date", "timestamp", "session", "sprint")}
    documents = [
        Entry(row.pk, row.path, row.title, row.kind, str(row.date or ""), row.session, row.sprint)
        for row in found.values()
    ]
    return AgentTimeline(agent, documents, _edges(_among(found), found))


def _among(keys: Collection[int]) -> list[Step]:
    steps = get_graph().edges_at(list(keys), "after") if keys else []
    return [step for step in steps if step.target in keys]
