"""Edges between documents: resolved over the whole corpus once its files are stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from rag.corpus.links import Resolver, resolve_links
from rag.corpus.types import DocumentKind
from rag.corpus.types import Link as WrittenLink
from rag.models import Chunk, Corpus, Document, Link
from rag.stores import get_graph, get_vectors

UNRESOLVED = "unresolved"
BREADCRUMBS = ("FOLLOWS", "PRECEDES", "PARENT", "TRACKING")

Edge = tuple[int, int | None, str, str, str]
"""source, target, relation, as written, how"""
GraphKey = tuple[int, int, str]
"""source, target, relation"""


@dataclass(frozen=True, slots=True)
class StoredLinks:
    """A document as `resolve_links` wants it, from its row."""

    pk: int
    path: str
    kind: DocumentKind
    links: tuple[WrittenLink, ...]


def links_resolve(*, corpus: Corpus, full: bool = False) -> dict[str, int]:
    """Bring the edges of a corpus up to date in SQL and graph; returns their number by relation."""
    documents = _documents(corpus)
    wanted = set(_edges(documents))
    rows = Link.objects.filter(source__corpus=corpus)
    present = {(link.source_id, link.target_id, link.relation, link.written, link.how): link.pk for link in rows}
    gone = [edge for edge in present if edge not in wanted]
    new = [edge for edge in wanted if edge not in present]
    graph = get_graph()
    graph.delete_edges([_graph_edge(edge) for edge in gone if edge[1]])
    graph.write_edges([_graph_edge(edge) for edge in (wanted if full else new) if edge[1]])
    graph.prune()
    with transaction.atomic():
        Link.objects.filter(pk__in=[present[edge] for edge in gone]).delete()
        Link.objects.bulk_create(
            Link(source_id=source, target_id=target, relation=relation, written=written, how=how)
            for source, target, relation, written, how in new
        )
    _neighbours_store(corpus, wanted)
    counts: dict[str, int] = {}
    for edge in wanted:
        name = edge[2] if edge[1] else UNRESOLVED
        counts[name] = counts.get(name, 0) + 1
    return counts


def links_compare() -> tuple[set[GraphKey], set[GraphKey]]:
    """Edges that the graph lacks, and those that it has beyond SQL."""
    rows = Link.objects.filter(target__isnull=False)
    wanted = set(rows.values_list("source", "target", "relation"))
    present = get_graph().edges()
    return wanted - present, present - wanted


def links_repair() -> None:
    """Bring the edges of the graph in line with SQL; its documents must be there already."""
    missing, extra = links_compare()
    graph = get_graph()
    graph.delete_edges([_graph_key(key) for key in extra])
    how = dict(_hows(missing))
    graph.write_edges([{**_graph_key(key), "how": how[key]} for key in missing])
    graph.prune()


def _graph_key(key: GraphKey) -> dict[str, Any]:
    source, target, relation = key
    return {"source": source, "target": target, "relation": relation}


def _hows(keys: set[GraphKey]) -> Iterable[tuple[GraphKey, str]]:
    rows = Link.objects.filter(source__in={source for source, _, _ in keys}, target__isnull=False)
    for source, target, relation, how in rows.values_list("source", "target", "relation", "how"):
        yield (source, target, relation), how


def _documents(corpus: Corpus) -> list[StoredLinks]:
    rows = corpus.documents.order_by("path").values_list("pk", "path", "kind", "links")
    return [
        StoredLinks(pk, path, DocumentKind(kind), tuple(WrittenLink(**link, resolved=None) for link in links))
        for pk, path, kind, links in rows
    ]


def _edges(documents: list[StoredLinks]) -> Iterable[Edge]:
    keys = {document.path: document.pk for document in documents}
    for edge in resolve_links(documents):
        yield keys[edge.source], keys[edge.target], edge.relation, edge.target[:1000], edge.how[:40]
    resolver = Resolver(keys)
    for document in documents:
        for link in document.links:
            if link.relation in BREADCRUMBS and resolver.resolve(document.path, link) is None:
                # A Previous link that leads nowhere still says that something came before.
                relation = "PRECEDES" if link.relation == "FOLLOWS" else link.relation
                yield document.pk, None, relation, (link.target or link.github)[:1000], UNRESOLVED


def _graph_edge(edge: Edge) -> dict[str, Any]:
    source, target, relation, _, how = edge
    return {"source": source, "target": target, "relation": relation, "how": how}


def _neighbours_store(corpus: Corpus, edges: set[Edge]) -> None:
    """Write prev_pdca and next_pdca to the documents and chunks whose neighbours changed."""
    paths = dict(corpus.documents.values_list("pk", "path"))
    neighbours: dict[int, dict[str, str]] = {}
    for source, target, relation, _, _ in sorted(edges, key=str):
        if relation == "PRECEDES" and target:
            neighbours.setdefault(source, {}).setdefault("next_pdca", paths[target])
            neighbours.setdefault(target, {}).setdefault("prev_pdca", paths[source])
    changed: list[Document] = []
    for row in corpus.documents.defer("text"):
        found = neighbours.get(row.pk, {})
        wanted = {name: found.get(name, "") for name in ("prev_pdca", "next_pdca")}
        if any(row.field(name) != value for name, value in wanted.items()):
            row.metadata |= {name: {"value": value, "origin": "graph"} for name, value in wanted.items()}
            changed.append(row)
    _chunks_update(changed)
    # Last, so that an interrupted update of the chunks is repeated.
    Document.objects.bulk_update(changed, ["metadata"], batch_size=200)


def _chunks_update(documents: list[Document]) -> None:
    by_key = {row.pk: row for row in documents}
    updates: dict[str, dict[str, dict[str, str]]] = {}
    for uid, key in Chunk.objects.filter(document__in=list(by_key)).values_list("uid", "document"):
        row = by_key[key]
        values = {name: row.field(name) for name in ("prev_pdca", "next_pdca")}
        updates.setdefault(row.collection, {})[uid] = values
    for collection, metadata in updates.items():
        get_vectors().update_metadata(collection, metadata)
