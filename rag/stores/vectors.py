"""Tier 1: vectors in Chroma, one collection per kind of knowledge, cosine distance."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from rag.embedding import Vectors
from web4site.errors import UserError

HNSW: Any = {"space": "cosine", "ef_construction": 128, "ef_search": 128}
BATCH = 1000

Metadata = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class VectorHit:
    """A chunk near a query; `similarity` is the cosine, -1 to 1."""

    uid: str
    collection: str
    similarity: float


@dataclass(frozen=True, slots=True)
class VectorRecord:
    """What is stored for one chunk."""

    uid: str
    vector: Vectors
    text: str
    metadata: Metadata


class VectorStore:
    """The collections of one Chroma server."""

    def __init__(self, url: str) -> None:
        import chromadb
        from chromadb.config import Settings

        self.url = url
        parts = urlsplit(url)
        with self._answering():
            self._client = chromadb.HttpClient(
                host=parts.hostname or "127.0.0.1",
                port=parts.port or 8000,
                ssl=parts.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )
        self._collections: dict[str, Any] = {}
        self._pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="chroma")

    def upsert(self, collection: str, records: Sequence[VectorRecord]) -> None:
        """Write or replace chunks by uid."""
        with self._answering():
            for batch in _batches(records):
                self._collection(collection).upsert(
                    ids=[record.uid for record in batch],
                    embeddings=[record.vector for record in batch],
                    documents=[record.text for record in batch],
                    metadatas=[dict(record.metadata) for record in batch],
                )

    def delete(self, collection: str, uids: Sequence[str]) -> None:
        """Remove chunks; unknown uids are ignored."""
        with self._answering():
            for batch in _batches(uids):
                self._collection(collection).delete(ids=list(batch))

    def update_metadata(self, collection: str, metadata: Mapping[str, Metadata]) -> None:
        """Change some metadata of chunks, by uid; None removes a key, others stay."""
        with self._answering():
            for batch in _batches(list(metadata)):
                self._collection(collection).update(ids=list(batch), metadatas=[dict(metadata[uid]) for uid in batch])

    def copy(self, uids: Sequence[str], source: str, target: str) -> None:
        """Copy chunks to another collection; unknown uids are ignored."""
        with self._answering():
            for batch in _batches(uids):
                found = self._collection(source).get(ids=list(batch), include=["embeddings", "documents", "metadatas"])
                if found["ids"]:
                    self._collection(target).upsert(
                        ids=found["ids"],
                        embeddings=found["embeddings"],
                        documents=found["documents"],
                        metadatas=found["metadatas"],
                    )

    def move(self, uids: Sequence[str], source: str, target: str) -> None:
        """Move chunks to another collection; safe to repeat after a failure."""
        self.copy(uids, source, target)
        self.delete(source, uids)

    def query(
        self, collections: Sequence[str], vector: Vectors, n: int, where: Mapping[str, Any] | None = None
    ) -> list[VectorHit]:
        """The `n` nearest chunks of each collection, best first over all."""

        def ask(name: str) -> list[VectorHit]:
            found = self._collection(name).query(
                query_embeddings=[vector], n_results=n, where=dict(where) if where else None, include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [VectorHit(uid, name, 1 - distance) for uid, distance in pairs]

        with self._answering():
            hits = [hit for found in self._pool.map(ask, collections) for hit in found]
        return sorted(hits, key=lambda hit: (-hit.similarity, hit.uid))

    def get(self, collection: str, uids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Stored metadata by uid; unknown uids are left out."""
        found: dict[str, dict[str, Any]] = {}
        with self._answering():
            for batch in _batches(uids):
                answer = self._collection(collection).get(ids=list(batch), include=["metadatas"])
                found |= zip(answer["ids"], answer["metadatas"], strict=True)
        return found

    def uids(self, collection: str) -> set[str]:
        """All uids of a collection, for comparing the tiers."""
        with self._answering():
            return set(self._collection(collection).get(include=[])["ids"])

    def count(self, collection: str) -> int:
        with self._answering():
            return int(self._collection(collection).count())

    def _collection(self, name: str) -> Any:
        if name not in self._collections:
            self._collections[name] = self._client.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": HNSW}
            )
        return self._collections[name]

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn a silent server into one clear line, and forget collections that another process replaced."""
        import httpx
        from chromadb.errors import InternalError, NotFoundError

        try:
            yield
        except NotFoundError:
            self._collections.clear()
            raise
        except InternalError as error:
            # Its disk is full or read-only, its files are damaged: that concerns every chunk, not only these.
            raise UserError(f"The vector store (Chroma) at {self.url} fails: {error}", exit_code=1) from None
        except (httpx.TransportError, ValueError) as error:
            if isinstance(error, ValueError) and "connect" not in str(error).lower():
                raise
            raise UserError(
                f"The vector store (Chroma) does not answer at {self.url}: start the platform with `make up`.",
                exit_code=1,
            ) from None


@cache
def get_vectors() -> VectorStore:
    """The vector store of this installation."""
    return VectorStore(settings.CHROMA_URL)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
