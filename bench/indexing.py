"""How fast a corpus is indexed, and how fast it is found unchanged."""

import time

from bench.measuring import CORPUS, Measurement


def run() -> list[Measurement]:
    from rag.embedding import get_embedder
    from rag.services.indexing import index_root

    # Loading the embedder is not indexing.
    get_embedder().embed_documents(["warm"])
    began = time.perf_counter()
    found = index_root(root=CORPUS)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    index_root(root=CORPUS)
    unchanged = time.perf_counter() - began
    note = f"{found['found']} files, {found['chunks']} chunks"
    return [
        Measurement("first index", seconds, "s", note),
        Measurement("files", found["found"] / seconds, "1/s"),
        Measurement("chunks, embedded and stored", found["chunks"] / seconds, "1/s"),
        Measurement("index again, nothing changed", unchanged, "s", note),
    ]
