"""What retrieval is measured against: plain BM25, naive chunks in Chroma, and the fusion of the two."""

import re
import sqlite3
from collections.abc import Callable, Iterable

CHARACTERS = 1000
DEPTH = 60
# The usual constant of reciprocal rank fusion (Cormack et al., 2009).
OFFSET = 60
BATCH = 256

Search = Callable[[str], list[int]]
"""A question to documents, best first."""


def word_search(corpus: int) -> Search:
    """SQLite's BM25 over what is embedded of each of our chunks: any word of the question, nothing else."""
    from rag.corpus.types import context_text
    from rag.models import Chunk

    store = sqlite3.connect(":memory:", check_same_thread=False)
    store.execute("CREATE VIRTUAL TABLE chunk USING fts5(document UNINDEXED, text)")
    chunks = Chunk.objects.filter(document__corpus=corpus).values_list("document", "heading_path", "text")
    rows = ((document, context_text(tuple(headings), text)) for document, headings, text in chunks.iterator())
    store.executemany("INSERT INTO chunk VALUES (?, ?)", rows)

    def search(question: str) -> list[int]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        sql = f"SELECT document FROM chunk WHERE chunk MATCH ? ORDER BY bm25(chunk) LIMIT {DEPTH}"
        return _distinct(document for (document,) in store.execute(sql, (words,))) if words else []

    return search


def naive_search(corpus: int) -> Search:
    """Every thousand characters of a document, whatever stands there, in Chroma with the same embedder."""
    import chromadb

    from rag.embedding import get_embedder
    from rag.models import Document

    pieces = [
        (key, text[start : start + CHARACTERS])
        for key, text in Document.objects.filter(corpus=corpus).values_list("pk", "text")
        for start in range(0, len(text), CHARACTERS)
    ]
    client = chromadb.EphemeralClient()
    name = f"naive-{corpus}"
    if name in {collection.name for collection in client.list_collections()}:
        client.delete_collection(name)
    collection = client.create_collection(name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
    for start in range(0, len(pieces), BATCH):
        batch = pieces[start : start + BATCH]
        vectors = get_embedder().embed_documents([text for _, text in batch])
        collection.add(
            ids=[str(start + place) for place in range(len(batch))],
            embeddings=list(vectors),
            metadatas=[{"document": key} for key, _ in batch],
        )

    def search(question: str) -> list[int]:
        vector = get_embedder().embed_query(question)
        found = collection.query(query_embeddings=[vector.tolist()], n_results=DEPTH, include=["metadatas"])
        return _distinct(int(str(metadata["document"])) for metadata in (found["metadatas"] or [[]])[0])

    return search


def fused(*searches: Search) -> Search:
    """Documents by the sum of 1 / (60 + rank) over the searches."""

    def search(question: str) -> list[int]:
        scores: dict[int, float] = {}
        for one in searches:
            for rank, document in enumerate(one(question), start=1):
                scores[document] = scores.get(document, 0.0) + 1 / (OFFSET + rank)
        return sorted(scores, key=lambda document: -scores[document])

    return search


def _distinct(documents: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(documents))
