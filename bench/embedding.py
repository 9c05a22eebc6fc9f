"""Our embedder beside sentence-transformers, same weights and texts: `python -m bench.embedding [DIR QUESTIONS]`.

DIR is any corpus and QUESTIONS its labelled questions (see rag/questions); nothing is stored.
"""

import hashlib
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.measuring import CORPUS, PROJECT, Measurement
from rag.bert_graph import source_folder
from rag.corpus.reader import find_files
from rag.embedding import CONTENT_TOKENS, DIMENSIONS, Vectors, get_embedder
from rag.services.preparing import prepare_file

if TYPE_CHECKING:
    from rag.retrieval.questions import Labelled

QUESTIONS = PROJECT / "rag" / "questions" / "bundled.jsonl"
PEER = "sentence-transformers"
BATCH = 32
THREADS = 2
# Both embed one slice after the other, so that they share whatever else the machine does; the median slice counts.
SLICE = 192
LEAST_SLICES = 12
K = 10

Seconds = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Distinct chunk texts with their tokens; text and document of each chunk; document by path and digest."""

    texts: tuple[str, ...]
    tokens: tuple[int, ...]
    rows: tuple[tuple[int, int], ...]
    same: Mapping[str, int]


def run() -> list[Measurement]:
    return measure(CORPUS, QUESTIONS)


def measure(root: Path, questions: Path) -> list[Measurement]:
    """Embed every chunk of a corpus by both, then let each rank the documents for each question."""
    from rag.retrieval.questions import questions_read

    corpus = _corpus(root)
    peer = _peer()
    ours, theirs, seconds = _embed(corpus.texts, peer)
    asked = [question for question in questions_read([questions]) if question.expect]
    queries = [question.query for question in asked]
    quality = {
        "ours": _quality(corpus, ours, np.stack([get_embedder().embed_query(query) for query in queries]), asked),
        PEER: _quality(corpus, theirs, peer.encode(queries, show_progress_bar=False), asked),
    }
    return [*_speed(corpus, seconds), *_ranking(quality, len(asked))]


def _corpus(root: Path) -> Corpus:
    """What indexing would embed: each text once."""
    texts: dict[str, int] = {}
    rows: list[tuple[int, int]] = []
    tokens: list[int] = []
    first: dict[str, int] = {}
    same: dict[str, int] = {}
    counter = get_embedder().counter
    for file in (prepare_file(root, counter, path) for path in find_files(root)):
        if file.document is None:
            continue
        same[file.path] = same[_digest(file.path)] = document = first.setdefault(file.document.sha256, len(first))
        for chunk in file.chunks:
            if (text := chunk.context_text) not in texts:
                tokens.append(chunk.tokens)
            rows.append((texts.setdefault(text, len(texts)), document))
    return Corpus(tuple(texts), tuple(tokens), tuple(rows), same)


def _digest(path: str) -> str:
    return "#" + hashlib.sha256(path.encode()).hexdigest()[:16]


def _peer() -> Any:
    """The peer as its documentation shows it, on as many threads as we use."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(THREADS)
    return SentenceTransformer(str(source_folder()), device="cpu")


def _embed(texts: Sequence[str], peer: Any) -> tuple[Vectors, Vectors, Seconds]:
    """Vectors [texts, 384] of both, and seconds [slices, 2]."""
    embedder = get_embedder()
    ours = np.zeros((len(texts), DIMENSIONS), np.float32)
    theirs = ours.copy()
    embedder.embed_documents(texts[:BATCH])
    peer.encode(texts[:BATCH], show_progress_bar=False)
    spent: list[tuple[float, float]] = []
    for rows in _slices(len(texts)):
        batch = [texts[row] for row in rows]
        began = time.perf_counter()
        ours[rows] = embedder.embed_documents(batch)
        between = time.perf_counter()
        theirs[rows] = peer.encode(batch, batch_size=BATCH, show_progress_bar=False)
        spent.append((between - began, time.perf_counter() - between))
    return ours, theirs, np.array(spent)


def _rounds(count: int) -> int:
    """How often all texts are embedded, so that there are enough slices."""
    return ceil(LEAST_SLICES / ceil(count / SLICE))


def _slices(count: int) -> Iterator[list[int]]:
    """Rows in slices, drawn at random, so that each is like the whole."""
    shuffle = random.Random(0)
    for _ in range(_rounds(count)):
        order = shuffle.sample(range(count), count)
        yield from (order[start : start + SLICE] for start in range(0, count, SLICE))


def _speed(corpus: Corpus, seconds: Seconds) -> list[Measurement]:
    count, whole = len(corpus.texts), sum(corpus.tokens)
    seen = sum(min(tokens, CONTENT_TOKENS) for tokens in corpus.tokens)
    ours, theirs = seconds.sum(axis=0) / _rounds(count)
    ratios = seconds[:, 1] / seconds[:, 0]
    low, middle, high = np.percentile(ratios, (10, 50, 90))
    note = f"{len(ratios)} slices of {SLICE}, 10 % below {low:.2f}, 10 % above {high:.2f}"
    return [
        Measurement("ours, chunks", count / ours, "1/s", f"{count} chunks, {whole:,} tokens, all of them embedded"),
        Measurement(f"{PEER}, chunks", count / theirs, "1/s", f"{seen:,} tokens, the rest is cut off"),
        Measurement("ours to theirs, chunks", float(middle), "times", note),
        Measurement("ours, tokens", whole / ours, "1/s"),
        Measurement(f"{PEER}, tokens", seen / theirs, "1/s", f"{THREADS} threads, batches of {BATCH}"),
        Measurement("ours to theirs, tokens", float(middle) * whole / seen, "times"),
    ]


def _quality(corpus: Corpus, documents: Vectors, queries: Vectors, asked: Sequence["Labelled"]) -> float:
    """Mean nDCG of ranking documents by their nearest chunk."""
    from rag.retrieval.scoring import score

    texts, places = zip(*corpus.rows, strict=True)
    nearness = queries @ documents[list(texts)].T
    scores = []
    for question, row in zip(asked, nearness, strict=True):
        ranked = list(dict.fromkeys(places[chunk] for chunk in np.argsort(-row)))[:K]
        grades = {corpus.same[name]: grade for name, grade in question.expect.items() if name in corpus.same}
        scores.append(score(question.kind, ranked, grades).ndcg)
    return float(np.mean(scores))


def _ranking(quality: Mapping[str, float], count: int) -> list[Measurement]:
    note = f"{count} questions, documents by their nearest chunk"
    rows = [Measurement(f"{name}, nDCG@{K}", value, "", note) for name, value in quality.items()]
    return [*rows, Measurement(f"ours to theirs, nDCG@{K}", quality["ours"] / quality[PEER], "times")]


if __name__ == "__main__":
    from bench.__main__ import print_rows
    from bench.child import django_start

    django_start()
    folder, file = (Path(sys.argv[1]), Path(sys.argv[2])) if len(sys.argv) > 1 else (CORPUS, QUESTIONS)
    print_rows("embedding", [asdict(row) for row in measure(folder, file)])
