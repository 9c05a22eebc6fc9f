"""Retrieval beside plain BM25, naive chunks in Chroma and their fusion, on labelled questions and known items.

`python -m bench retrieval --corpus DIR` measures on that folder as well, if labelled questions are about it.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.known_items import known_items
from bench.measuring import Measurement, index_ensure, percentile
from bench.peers import fused, naive_search, word_search

if TYPE_CHECKING:
    from rag.retrieval.questions import Labelled, Labels

CORPUS_SETTING = "WEB4_BENCH_CORPUS"
ROUNDS = 3
K = 10

Search = Callable[[str], list[int]]
"""A question to documents, best first."""


def run() -> list[Measurement]:
    from rag.models import Corpus
    from rag.services.indexing import index_root

    index_ensure()
    if (root := os.environ.get(CORPUS_SETTING)) and not Corpus.objects.filter(root=Path(root).resolve()).exists():
        index_root(root=root)
    rows: list[Measurement] = []
    for corpus in Corpus.objects.order_by("pk"):
        rows += [*_labelled(corpus.pk), *(_known(corpus.pk, corpus.name))]
    return [*rows, *_times()]


def _labelled(corpus: int) -> Iterator[Measurement]:
    """The questions about this corpus, asked of ours and of each peer; of ours also the half it was not tuned on."""
    from rag.retrieval.questions import Labels, questions_read, split

    labels = Labels()
    indexed = labels.indexed(questions_read())
    files = [file for file, key in labels.corpora(indexed).items() if key == corpus]
    for file in files:
        asked = [question for question in indexed if question.file == file]
        for name, search in _peers(corpus).items():
            yield from _quality(f"{file}: {name}", asked, labels, _of_text(search))
        yield from _quality(f"{file}: ours", asked, labels, lambda question: _ours(question, corpus))
        report = split(asked)[1]
        if not report:
            continue
        yield from _quality(
            f"{file}: ours, half not tuned on", report, labels, lambda question: _ours(question, corpus)
        )


def _of_text(search: Search) -> "Callable[[Labelled], list[int]]":
    return lambda question: search(question.query)


def _ours(question: "Labelled", corpus: int) -> list[int]:
    from rag.retrieval import retrieve

    found = retrieve(question.query, k=K, today=question.today, filters={"corpus": corpus})
    return [hit.document_id for hit in found.hits]


def _peers(corpus: int) -> dict[str, Search]:
    words, naive = word_search(corpus), naive_search(corpus)
    return {"BM25": words, "naive chunks": naive, "fusion of the two": fused(words, naive)}


def _quality(
    name: str, questions: Sequence["Labelled"], labels: "Labels", search: Callable[["Labelled"], list[int]]
) -> Iterator[Measurement]:
    from rag.retrieval.scoring import UNANSWERABLE, score, summary

    scores = [score(q.kind, labels.answer(search(q)), labels.grades(q)) for q in questions]
    table = summary(scores)
    for kind, means in table.items():
        note = f"{means['questions']} questions"
        if kind == UNANSWERABLE:
            yield Measurement(f"{name}, silent where nothing is right", means["silent"], "share", note)
            continue
        yield Measurement(f"{name}, hit@5 {kind}", means["hit@5"], "share", note)
        if kind == "all":
            yield Measurement(f"{name}, hit@1", means["hit@1"], "share", note)
            yield Measurement(f"{name}, nDCG@10", means["ndcg@10"], "share", note)
            yield Measurement(f"{name}, silent where something is right", means["silent"], "share", note)


def _known(corpus: int, name: str) -> Iterator[Measurement]:
    """Questions made from the corpus itself, by what is asked for; each has documents that must be found."""
    from rag.retrieval import retrieve

    words = word_search(corpus)
    results: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for item in known_items(corpus):
        hits = retrieve(item.query, k=5, today=item.today, filters={"corpus": corpus}).hits
        results[item.kind, "ours"].append(bool(item.documents & {hit.document_id for hit in hits}))
        results[item.kind, "BM25"].append(bool(item.documents & set(words(item.query)[:5])))
    for (kind, who), found in results.items():
        yield Measurement(
            f"{name}: {who}, known {kind} among 5", sum(found) / len(found), "share", f"{len(found)} asked"
        )


def _times() -> Iterator[Measurement]:
    """Milliseconds of the whole path over everything indexed, and of its stages, which overlap."""
    from rag.models import Chunk
    from rag.retrieval import retrieve
    from rag.retrieval.questions import Labels, questions_read

    questions = Labels().indexed(questions_read())
    stages: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for question in questions:
            for name, spent in retrieve(question.query, k=K, today=question.today).latency_ms.items():
                stages[name].append(spent)
    chunks = Chunk.objects.count()
    for name, times in sorted(stages.items(), key=lambda item: item[0] != "total"):
        yield from _percentiles("whole question" if name == "total" else f"stage {name}", times, chunks)


def _percentiles(name: str, times: Iterable[float], chunks: int) -> Iterator[Measurement]:
    spent = list(times)
    for share in (50, 95):
        yield Measurement(
            f"{name}, p{share}", percentile(spent, share / 100), "ms", f"{len(spent)} times, {chunks} chunks"
        )
