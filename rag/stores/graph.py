"""Tier 2: who came after whom, in a Redis graph (FalkorDB, or any server with GRAPH.QUERY)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings

from rag.stores.traversal import Direction, Step, shortest_path, walk
from web4site.errors import UserError

RELATIONS = ("PRECEDES", "PARENT", "TRACKING", "TOUCHES")
# Named things a document belongs to: field of the row -> (label, relation).
MEMBERSHIPS = {
    "session": ("Session", "IN_SESSION"),
    "agent": ("Agent", "BY"),
    "sprint": ("Sprint", "IN_SPRINT"),
    "components": ("Component", "TOUCHES"),
}
BATCH = 500
# What else one more query is worth: reading an edge among all costs about 10 microseconds, a query 0.3 milliseconds,
# and each document asked about in it 0.07 (measured on 6,400 edges).
EDGES_PER_QUERY = 30
NODES_PER_QUERY = 4
CHEAP = 5


class GraphStore:
    """One named graph. Document nodes are keyed by the primary key of their row."""

    def __init__(self, url: str, name: str) -> None:
        from falkordb import FalkorDB

        self.url = url
        with self._answering():
            self._graph = FalkorDB.from_url(url).select_graph(name)

    def prepare(self) -> None:
        """Create the indexes that every query relies on; safe to repeat."""
        from redis.exceptions import ResponseError

        for label, key in (("Document", "id"), *((label, "name") for label, _ in MEMBERSHIPS.values())):
            with self._answering():
                try:
                    self._graph.query(f"CREATE INDEX FOR (n:{label}) ON (n.{key})")
                except ResponseError as error:
                    if "already indexed" not in str(error):
                        raise

    def write_documents(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows: id, path, title, kind, day, corpus, and lists session, agent, sprint, components of names."""
        for batch in _batches(rows):
            properties = [{key: row[key] for key in ("id", "path", "title", "kind", "day", "corpus")} for row in batch]
            self._query(
                "UNWIND $rows AS row MERGE (d:Document {id: row.id}) SET d += row "
                "WITH d, row WHERE row.kind = 'pdca' SET d:PDCA",
                rows=properties,
            )
            for field, (label, relation) in MEMBERSHIPS.items():
                self._write_memberships(batch, field, label, relation)

    def _write_memberships(self, rows: Sequence[Mapping[str, Any]], field: str, label: str, relation: str) -> None:
        pairs = [{"id": row["id"], "name": name} for row in rows for name in row[field] if name]
        self._query(
            f"UNWIND $ids AS id MATCH (:Document {{id: id}})-[r:{relation}]->(:{label}) DELETE r",
            ids=[row["id"] for row in rows],
        )
        if pairs:
            self._query(
                f"UNWIND $pairs AS pair MATCH (d:Document {{id: pair.id}}) "
                f"MERGE (n:{label} {{name: pair.name}}) MERGE (d)-[:{relation}]->(n)",
                pairs=pairs,
            )

    def mark_trained(self, ids: Sequence[int], adapter: str) -> None:
        for batch in _batches(ids):
            self._query(
                "UNWIND $ids AS id MATCH (d:Document {id: id}) SET d.trained_in_adapter = $adapter",
                ids=list(batch),
                adapter=adapter,
            )

    def delete_documents(self, ids: Sequence[int]) -> None:
        for batch in _batches(ids):
            self._query("UNWIND $ids AS id MATCH (d:Document {id: id}) DETACH DELETE d", ids=list(batch))

    def write_edges(self, edges: Sequence[Mapping[str, Any]]) -> None:
        """Edges between documents: source, target, relation, how. Existing ones are updated."""
        for relation in RELATIONS:
            chosen = [dict(edge) for edge in edges if edge["relation"] == relation]
            for batch in _batches(chosen):
                self._query(
                    "UNWIND $edges AS edge MATCH (a:Document {id: edge.source}), (b:Document {id: edge.target}) "
                    f"MERGE (a)-[r:{relation}]->(b) SET r.how = edge.how",
                    edges=batch,
                )

    def delete_edges(self, edges: Sequence[Mapping[str, Any]]) -> None:
        for relation in RELATIONS:
            chosen = [dict(edge) for edge in edges if edge["relation"] == relation]
            for batch in _batches(chosen):
                self._query(
                    "UNWIND $edges AS edge MATCH (a:Document {id: edge.source})"
                    f"-[r:{relation}]->(b:Document {{id: edge.target}}) DELETE r",
                    edges=batch,
                )

    def walk(
        self, start: int, depth: int, direction: Direction, relations: Sequence[str] = ("PRECEDES",)
    ) -> list[Step]:
        """Edges within `depth` steps, nearest first."""
        return walk(EdgeReader(self._query, direction, relations), start, depth)

    def path(self, start: int, end: int, relations: Sequence[str] = ("PRECEDES",)) -> list[Step]:
        """A shortest path from `start` to `end` over edges in either direction; empty when there is none.

        `depth` of a step is its place on the path, from 1; `source` and `target` stand as the edge was written, so a
        step whose target comes first is walked backwards.
        """
        return shortest_path(EdgeReader(self._query, "both", relations), start, end)

    def edges_at(
        self, nodes: Sequence[int], direction: Direction, relations: Sequence[str] = ("PRECEDES",)
    ) -> list[Step]:
        """Edges that leave these documents ("after"), reach them ("before"), or both."""
        return EdgeReader(self._query, direction, relations)(nodes)

    def members(self, label: str, names: Sequence[str]) -> list[int]:
        """Documents of a session, sprint, agent or component (the label) with one of these names."""
        relation = dict(MEMBERSHIPS.values())[label]
        rows = self._query(
            f"UNWIND $names AS name MATCH (n:{label} {{name: name}})<-[:{relation}]-(d:Document) RETURN DISTINCT d.id",
            names=list(names),
        )
        return [row[0] for row in rows]

    def prune(self) -> None:
        """Remove sessions, agents, sprints and components that no document belongs to any more."""
        for label, relation in MEMBERSHIPS.values():
            self._query(f"MATCH (n:{label}) WHERE NOT (n)<-[:{relation}]-(:Document) DELETE n")

    def edges(self) -> set[tuple[int, int, str]]:
        """Every edge between two documents: source, target, relation."""
        rows = self._query(
            f"MATCH (a:Document)-[r:{'|'.join(RELATIONS)}]->(b:Document) RETURN a.id, b.id, type(r)",
        )
        return {(source, target, relation) for source, target, relation in rows}

    def counts(self) -> dict[str, int]:
        """Nodes by label and edges by relation."""
        nodes = self._query("MATCH (n) UNWIND labels(n) AS label RETURN label, count(n)")
        edges = self._query("MATCH ()-[r]->() RETURN type(r), count(r)")
        return dict([*nodes, *edges])

    def document_ids(self) -> set[int]:
        return {row[0] for row in self._query("MATCH (d:Document) RETURN d.id")}

    def clear(self) -> None:
        """Drop the whole graph."""
        from redis.exceptions import ResponseError

        with self._answering():
            try:
                self._graph.delete()
            except ResponseError:
                return  # there was none

    def _query(self, text: str, **params: Any) -> list[list[Any]]:
        with self._answering():
            return list(self._graph.query(text, params).result_set)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        from redis.exceptions import ConnectionError as RedisConnectionError

        try:
            yield
        except RedisConnectionError:
            raise UserError(
                f"The graph server does not answer at {self.url}: start the platform with `make up`.", exit_code=1
            ) from None


class EdgeReader:
    """Edges at given nodes: a query for each level, until that would cost as much as reading all edges at once.

    So a short walk touches little of a large graph, a chain of 3,000 is not 3,000 round trips, and neither costs
    more than twice what the better way would have.
    """

    def __init__(self, query: Callable[..., list[list[Any]]], direction: Direction, relations: Sequence[str]) -> None:
        self._query = query
        self._direction = direction
        self._kinds = "|".join(name for name in RELATIONS if name in relations)
        self._spent = 0.0
        self._total: int | None = None
        self._all: dict[int, list[Step]] | None = None

    def __call__(self, nodes: Sequence[int]) -> list[Step]:
        if self._all is None:
            self._spent += 1 + len(nodes) / NODES_PER_QUERY
            if self._spent > CHEAP and self._spent * EDGES_PER_QUERY >= self._count():
                self._all = self._read_all()
        if self._all is None:
            return self._near(nodes)
        return [step for node in nodes for step in self._all.get(node, ())]

    def _near(self, nodes: Sequence[int]) -> list[Step]:
        patterns = {
            "after": (f"(d)-[r:{self._kinds}]->(o:Document)", "d.id, o.id"),
            "before": (f"(o:Document)-[r:{self._kinds}]->(d)", "o.id, d.id"),
        }
        rows = [
            row
            for side, (pattern, ends) in patterns.items()
            if self._direction in (side, "both")
            for row in self._query(
                f"UNWIND $ids AS id MATCH (d:Document {{id: id}}) MATCH {pattern} RETURN {ends}, type(r), r.how",
                ids=list(nodes),
            )
        ]
        return _steps(rows)

    def _count(self) -> int:
        if self._total is None:
            self._total = self._query(f"MATCH ()-[r:{self._kinds}]->() RETURN count(r)")[0][0]
        return self._total

    def _read_all(self) -> dict[int, list[Step]]:
        rows = self._query(f"MATCH (a:Document)-[r:{self._kinds}]->(b:Document) RETURN a.id, b.id, type(r), r.how")
        found: dict[int, list[Step]] = {}
        for step in _steps(rows):
            if self._direction in ("after", "both"):
                found.setdefault(step.source, []).append(step)
            if self._direction in ("before", "both") and (self._direction, step.source) != ("both", step.target):
                found.setdefault(step.target, []).append(step)
        return found


def _steps(rows: Iterable[Sequence[Any]]) -> list[Step]:
    return [Step(source, target, relation, how or "", 0) for source, target, relation, how in rows]


@cache
def get_graph() -> GraphStore:
    """The graph of this installation."""
    return GraphStore(settings.GRAPH_URL, settings.GRAPH_NAME)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
