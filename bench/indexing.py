"""How fast a corpus is indexed, found unchanged and read again, and what memory that takes."""

import time

from bench.measuring import CORPUS, Measurement, peak_memory_mb


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
    began = time.perf_counter()
    index_root(root=CORPUS, full=True)
    again = time.perf_counter() - began
    note = f"{found['found']} files, {found['chunks']} chunks"
    return [
        Measurement("first index", seconds, "s", note),
        Measurement("files", found["found"] / seconds, "1/s"),
        Measurement("chunks, embedded and stored", found["chunks"] / seconds, "1/s"),
        Measurement("index again, nothing changed", unchanged, "s", note),
        Measurement("index again with --full", again, "s", "all files read again, equal text keeps its vector"),
        Measurement("peak memory of the coordinator", peak_memory_mb(), "MB"),
    ]
