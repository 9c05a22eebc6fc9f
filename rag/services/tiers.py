"""The three tiers compared, and the derived ones rebuilt from SQL where they differ."""

from collections.abc import Iterator

from django.db.models import QuerySet

from rag.corpus.types import context_text
from rag.embedding import get_embedder
from rag.models import Chunk, Collection, Corpus, Document, IndexPart, StagedFile
from rag.services.documents import graph_row, lexical_record
from rag.services.links import links_compare, links_repair
from rag.services.metadata import chunk_metadata
from rag.services.switching import staged_discard, staged_settle
from rag.services.thesaurus import thesaurus_update
from rag.stores import get_graph, get_lexical, get_vectors
from rag.stores.vectors import VectorRecord
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report, silent

BATCH = 256


def tiers_compare() -> list[str]:
    """Differences in plain words; empty when all tiers hold the same documents and chunks."""
    return list(_differences())


def _differences() -> Iterator[str]:
    if running := corpora_indexing():
        yield f"an index run is writing {', '.join(running)}: compare again when it has ended"
        return
    if staged := StagedFile.objects.count():
        yield f"staging: {staged} files of an interrupted run"
    if empty := _empty_documents().count():
        yield f"documents: {empty} that an interrupted run left without text"
    for collection in Collection.values:
        missing, extra = _vector_difference(collection)
        if missing or extra:
            yield f"collection {collection}: {len(missing)} chunks missing, {len(extra)} too many"
    uids = set(Chunk.objects.values_list("uid", flat=True))
    words = get_lexical().uids()
    if uids != words:
        yield f"word index: {len(uids - words)} chunks missing, {len(words - uids)} too many"
    documents = set(Document.objects.values_list("pk", flat=True))
    nodes = get_graph().document_ids()
    if documents != nodes:
        yield f"graph: {len(documents - nodes)} documents missing, {len(nodes - documents)} too many"
        return
    unwritten, unknown = links_compare()
    if unwritten or unknown:
        yield f"graph: {len(unwritten)} links missing, {len(unknown)} too many"


def _vector_difference(collection: str) -> tuple[set[str], set[str]]:
    wanted = set(Chunk.objects.filter(document__collection=collection).values_list("uid", flat=True))
    present = get_vectors().uids(collection)
    return wanted - present, present - wanted


def corpora_indexing() -> list[str]:
    """Names of the corpora that a living run is writing at this moment."""
    alive = Run.objects.filter(status=Run.Status.RUNNING).exclude(pk__in=Run.stale())
    return list(Corpus.objects.filter(run__in=alive).values_list("name", flat=True))


def _empty_documents() -> QuerySet[Document]:
    return Document.objects.filter(sha256="", chunks=None)


def tiers_repair(report: Report = silent) -> list[str]:
    """Finish or drop what interrupted runs left, then bring vectors, word index and graph in line with SQL.

    Returns the differences it found, in plain words.
    """
    if running := corpora_indexing():
        # What it has written ahead would look like too much.
        raise UserError(f"An index run is writing {', '.join(running)}: wait for it or cancel it.", exit_code=1)
    found = tiers_compare()
    for corpus in Corpus.objects.filter(staged_files__isnull=False).distinct():
        staged_settle(corpus=corpus)
        staged_discard(corpus=corpus, keys=list(corpus.staged_files.values_list("pk", flat=True)))
    IndexPart.objects.exclude(run__status__in=Run.ACTIVE).delete()
    _empty_documents().delete()
    for collection in Collection.values:
        missing, extra = _vector_difference(collection)
        get_vectors().delete(collection, sorted(extra))
        _vectors_add(collection, sorted(missing), report)
    _words_repair()
    _graph_repair()
    thesaurus_update()
    return found


def _vectors_add(collection: str, uids: list[str], report: Report) -> None:
    for start in range(0, len(uids), BATCH):
        report(Progress(start, len(uids), f"Embedding {collection}"))
        chunks = list(Chunk.objects.filter(uid__in=uids[start : start + BATCH]).select_related("document"))
        texts = [context_text(tuple(chunk.heading_path), chunk.text) for chunk in chunks]
        vectors = get_embedder().embed_documents(texts)
        records = [
            VectorRecord(chunk.uid, vector, text, chunk_metadata(chunk.document, chunk))
            for chunk, vector, text in zip(chunks, vectors, texts, strict=True)
        ]
        get_vectors().upsert(collection, records)


def _words_repair() -> None:
    store = get_lexical()
    uids = set(Chunk.objects.values_list("uid", flat=True))
    present = store.uids()
    store.delete(present - uids)
    missing = sorted(uids - present)
    for start in range(0, len(missing), BATCH):
        chunks = Chunk.objects.filter(uid__in=missing[start : start + BATCH]).select_related("document")
        store.write([lexical_record(chunk.document, chunk) for chunk in chunks])


def _graph_repair() -> None:
    graph = get_graph()
    graph.prepare()
    documents = set(Document.objects.values_list("pk", flat=True))
    present = graph.document_ids()
    graph.delete_documents(sorted(present - documents))
    graph.write_documents([graph_row(row) for row in Document.objects.filter(pk__in=documents - present)])
    links_repair()
