"""The labelled questions: well formed, enough of each kind, and about documents that exist."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

RAG = Path(__file__).parents[2] / "rag"
CORPUS = RAG / "sample_corpus"
KINDS = {"semantic", "temporal", "graph", "exact", "process", "unanswerable"}
DIGEST = re.compile(r"#[0-9a-f]{16}")
PARAPHRASED = {"paraphrase", "unanswerable"}
FILES = {
    "bundled": (90, KINDS | {"code"}),
    "web4articles": (80, KINDS),
    "bundled_paraphrases": (60, PARAPHRASED),
    "web4articles_paraphrases": (50, PARAPHRASED),
}


def _questions(name: str) -> list[dict[str, Any]]:
    lines = (RAG / "questions" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", FILES)
def test_enough_of_each_kind(name: str) -> None:
    least, kinds = FILES[name]
    counts = Counter(row["kind"] for row in _questions(name))
    assert counts.total() >= least
    assert set(counts) == kinds
    assert min(counts.values()) >= 12
    assert counts["unanswerable"] >= 15


@pytest.mark.parametrize("name", FILES)
def test_each_question_is_well_formed(name: str) -> None:
    for row in _questions(name):
        assert {"id", "kind", "query", "expect"} <= row.keys() <= {"id", "kind", "query", "expect", "today", "half"}
        assert row.get("half", "tune") == "tune"
        assert row["query"].strip() == row["query"] != ""
        assert date.fromisoformat(row.get("today", "2026-01-01"))
        grades = set(row["expect"].values())
        assert grades <= {1, 2, 3}, row["id"]
        assert (3 in grades) != (row["kind"] == "unanswerable"), row["id"]


def test_each_question_is_asked_once() -> None:
    rows = [row for name in FILES for row in _questions(name)]
    assert not [key for key, count in Counter(row["id"] for row in rows).items() if count > 1]
    assert not [key for key, count in Counter(row["query"].lower() for row in rows).items() if count > 1]


def test_bundled_questions_name_documents_that_exist() -> None:
    named = {path for name in ("bundled", "bundled_paraphrases") for row in _questions(name) for path in row["expect"]}
    assert not [path for path in named if not (CORPUS / path).is_file()]


def test_questions_about_other_journals_hold_no_paths() -> None:
    names = ("web4articles", "web4articles_paraphrases")
    named = {key for name in names for row in _questions(name) for key in row["expect"]}
    assert not [key for key in named if not DIGEST.fullmatch(key)]
