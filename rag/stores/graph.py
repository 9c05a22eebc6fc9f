"""Tier 2: who came after whom, in a Redis graph (FalkorDB, or any server with GRAPH.QUERY)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.conf import settings

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
MAX_NODES = 5000

Direction = Literal["before", "after", "both"]


@dataclass(frozen=True, slots=True)
class Step:
    """An edge met on a walk: document ids, and how many steps from the start its far end is."""

    source: int
    target: int
    relation: str
    how: str
    depth: int


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
        """Edges within `depth` steps, nearest first. Breadth first by hand: cycles, hubs and chains of thousands."""
        steps: dict[tuple[int, int, str], Step] = {}
        seen, frontier = {start}, [start]
        for level in range(1, depth + 1):
            reached: list[int] = []
            for step in self._edges_of(frontier, direction, relations, level):
                steps.setdefault((step.source, step.target, step.relation), step)
                reached += [node for node in (step.source, step.target) if node not in seen]
                seen.update(reached)
            frontier = list(dict.fromkeys(reached))
            if not frontier or len(seen) >= MAX_NODES:
                break
        return list(steps.values())

    def _edges_of(self, nodes: Sequence[int], direction: Direction, relations: Sequence[str], level: int) -> list[Step]:
        kinds = "|".join(name for name in RELATIONS if name in relations)
        found: list[Step] = []
        if direction in ("after", "both"):
            found += self._steps(f"(d)-[r:{kinds}]->(o:Document)", "d.id, o.id", nodes, level)
        if direction in ("before", "both"):
            found += self._steps(f"(o:Document)-[r:{kinds}]->(d)", "o.id, d.id", nodes, level)
        return found

    def _steps(self, pattern: str, ends: str, nodes: Sequence[int], level: int) -> list[Step]:
        query = (
            f"UNWIND $ids AS id MATCH (d:Document {{id: id}}) MATCH {pattern} "
            f"RETURN {ends}, type(r), r.how LIMIT {MAX_NODES}"
        )
        return [
            Step(source, target, relation, how or "", level)
            for source, target, relation, how in self._query(query, ids=list(nodes))
        ]

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


@cache
def get_graph() -> GraphStore:
    """The graph of this installation."""
    return GraphStore(settings.GRAPH_URL, settings.GRAPH_NAME)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
