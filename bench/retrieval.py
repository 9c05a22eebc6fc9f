"""Retrieval by stage, beside plain BM25 and plain vectors over the same chunks and questions."""

import re
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from bench.measuring import Measurement, index_ensure, percentile, read_questions

# The corpus tells three weeks of September 2026; "yesterday" in a question means the day before this one.
TODAY = date(2026, 9, 25)
K = 5
ROUNDS = 3

Search = Callable[[str], list[str]]


def run() -> list[Measurement]:
    from rag.retrieval import retrieve

    index_ensure()
    stages: dict[str, list[float]] = defaultdict(list)

    def hybrid(question: str) -> list[str]:
        found = retrieve(question, k=K, today=TODAY)
        for name, spent in found.latency_ms.items():
            stages[name].append(spent)
        return [hit.path for hit in found.hits]

    searches: dict[str, Search] = {"hybrid": hybrid, "BM25 alone": _bm25(), "vectors alone": _vectors()}
    questions = read_questions()
    for search in searches.values():
        search(questions[0]["query"])
    stages.clear()
    spent, answers = _ask(searches, questions)
    rows = [row for name, times in spent.items() for row in _times(f"{name}, whole query", times)]
    for name, times in stages.items():
        if name != "total":
            rows += _times(f"hybrid, {name}", times)
    for name, found in answers.items():
        rows += _quality(name, questions, found)
    return rows


def _ask(
    searches: dict[str, Search], questions: Sequence[dict[str, Any]]
) -> tuple[dict[str, list[float]], dict[str, list[list[str]]]]:
    """Milliseconds and last answers by search; each question goes to all in turn, so that they share the load."""
    spent: dict[str, list[float]] = defaultdict(list)
    answers: dict[str, list[list[str]]] = {}
    for _ in range(ROUNDS):
        answers = {name: [] for name in searches}
        for question in questions:
            for name, search in searches.items():
                began = time.perf_counter()
                answers[name].append(search(question["query"]))
                spent[name].append((time.perf_counter() - began) * 1000)
    return spent, answers


def _times(name: str, times: Sequence[float]) -> list[Measurement]:
    note = f"{len(times)} times"
    return [Measurement(f"{name}, p{q}", percentile(times, q / 100), "ms", note) for q in (50, 95)]


def _quality(name: str, questions: Sequence[dict[str, Any]], answers: Sequence[list[str]]) -> list[Measurement]:
    pairs = list(zip(questions, answers, strict=True))
    ranks = [_rank(question["expect"], paths) for question, paths in pairs if question["expect"]]
    silent = [not paths for question, paths in pairs if not question["expect"]]
    note = f"{len(ranks)} questions with an answer"
    return [
        Measurement(f"{name}, right document first", sum(rank == 1 for rank in ranks) / len(ranks), "share", note),
        Measurement(f"{name}, right document among {K}", sum(rank > 0 for rank in ranks) / len(ranks), "share", note),
        Measurement(
            f"{name}, silent where nothing is right",
            sum(silent) / len(silent),
            "share",
            f"{len(silent)} questions without",
        ),
    ]


def _rank(expected: Sequence[str], paths: Sequence[str]) -> int:
    """Place of the first right path, from 1; 0 when there is none."""
    return next((place for place, path in enumerate(paths, 1) if any(part in path for part in expected)), 0)


def _bm25() -> Search:
    """SQLite's BM25 over what is embedded of each chunk: any word of the question, nothing else."""
    from rag.corpus.types import context_text
    from rag.models import Chunk

    store = sqlite3.connect(":memory:")
    store.execute("CREATE VIRTUAL TABLE chunk USING fts5(path UNINDEXED, text)")
    chunks = Chunk.objects.values_list("document__path", "heading_path", "text")
    rows = ((path, context_text(tuple(headings), text)) for path, headings, text in chunks.iterator())
    store.executemany("INSERT INTO chunk VALUES (?, ?)", rows)

    def search(question: str) -> list[str]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        sql = "SELECT path FROM chunk WHERE chunk MATCH ? ORDER BY bm25(chunk) LIMIT 60"
        return _first_paths(path for (path,) in store.execute(sql, (words,)))

    return search


def _vectors() -> Search:
    """The nearest chunks of all collections, nothing else."""
    from rag.embedding import get_embedder
    from rag.models import Chunk, Collection
    from rag.stores import get_vectors

    paths = dict(Chunk.objects.values_list("uid", "document__path"))

    def search(question: str) -> list[str]:
        hits = get_vectors().query(Collection.values, get_embedder().embed_query(question), 60)
        return _first_paths(paths[hit.uid] for hit in hits)

    return search


def _first_paths(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(paths))[:K]
