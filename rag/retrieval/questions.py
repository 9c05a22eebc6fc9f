"""Labelled questions: what people ask, and the documents of the index that answer it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rag.models import Document
from rag.retrieval.scoring import UNANSWERABLE
from web4site.errors import UserError

SHIPPED = Path(__file__).resolve().parent.parent / "questions"
KINDS = ("semantic", "paraphrase", "temporal", "graph", "exact", "process", "code", UNANSWERABLE)
TUNE = "tune"
HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with its labels: `expect` maps a path, or `#` and the start of its SHA-256, to a grade of 1 to 3.

    `half` is "tune" where it was looked at while retrieval was improved: then it never reports.
    """

    id: str
    kind: str
    query: str
    expect: dict[str, int]
    file: str
    today: date | None = None
    half: str = ""


def questions_read(files: Sequence[Path] = ()) -> list[Labelled]:
    """All questions of these files, or of the shipped ones; raises UserError naming the line that is none."""
    found: list[Labelled] = []
    for file in files or sorted(SHIPPED.glob("*.jsonl")):
        if not file.is_file():
            raise UserError(f"There is no file {file}: --questions wants JSON lines with id, kind, query and expect.")
        for number, text in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if text.strip():
                found.append(_labelled(text, f"{file.name}, line {number}", file.name))
    if not found:
        raise UserError("There are no questions to tune on.")
    return found


def _labelled(text: str, where: str, file: str) -> Labelled:
    try:
        line: dict[str, Any] = json.loads(text)
        expect = {str(path): int(grade) for path, grade in line["expect"].items()}
        today = date.fromisoformat(line["today"]) if line.get("today") else None
        half = str(line.get("half", ""))
        question = Labelled(str(line["id"]), str(line["kind"]), str(line["query"]), expect, file, today, half)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{where}: not a question with id, kind, query and expect ({error}).") from None
    if question.kind not in KINDS or (question.kind == UNANSWERABLE) == bool(expect):
        raise UserError(f"{where}: kind must be one of {', '.join(KINDS)}, and only {UNANSWERABLE} expects nothing.")
    if question.half not in ("", TUNE):
        raise UserError(f'{where}: half can only be "{TUNE}".')
    return question


def split(questions: Sequence[Labelled]) -> tuple[list[Labelled], list[Labelled]]:
    """Two halves, always the same: of each file and kind every other question, in the order of the hashes of ids.

    Questions that must not report are all in the first.
    """
    groups: dict[tuple[str, str, str], list[Labelled]] = {}
    for question in questions:
        groups.setdefault((question.file, question.kind, question.half), []).append(question)
    halves: tuple[list[Labelled], list[Labelled]] = [], []
    for (_, _, half), group in sorted(groups.items()):
        for place, question in enumerate(sorted(group, key=_hash)):
            halves[0 if half else place % 2].append(question)
    return halves


def _hash(question: Labelled) -> str:
    return hashlib.sha256(question.id.encode()).hexdigest()


class Labels:
    """Documents of the index by path and hash; documents with equal bytes are one answer."""

    def __init__(self) -> None:
        self._keys: dict[str, list[int]] = {}
        self._corpus: dict[int, int] = {}
        self._same: dict[int, int] = {}
        first: dict[str, int] = {}
        rows = Document.objects.order_by("path", "pk").values_list("pk", "path", "sha256", "corpus")
        for key, path, sha256, corpus in rows:
            self._corpus[key] = corpus
            digest = hashlib.sha256(path.encode()).hexdigest()[:HASH_LENGTH]
            self._keys.setdefault(path, []).append(key)
            self._keys.setdefault(f"#{digest}", []).append(key)
            self._same[key] = first.setdefault(sha256 or str(key), key)

    def grades(self, question: Labelled) -> dict[int, int]:
        """Grade by document, one of each group of equal ones; empty when none of them is indexed."""
        found: dict[int, int] = {}
        for name, grade in question.expect.items():
            for key in self._keys.get(name, ()):
                same = self._same[key]
                found[same] = max(grade, found.get(same, 0))
        return found

    def answer(self, documents: Iterable[int]) -> list[int]:
        """Documents as `grades` names them, each once."""
        return list(dict.fromkeys(self._same.get(key, key) for key in documents))

    def indexed(self, questions: Sequence[Labelled]) -> list[Labelled]:
        """Questions whose best documents are all indexed; unanswerable ones where others of their file are."""
        present = [question for question in questions if question.expect and self._has(question)]
        files = {question.file for question in present}
        return [q for q in questions if q in present or (not q.expect and q.file in files)]

    def corpora(self, questions: Sequence[Labelled]) -> dict[str, int]:
        """The corpus that holds most of the documents of a file's questions, by file."""
        counts: dict[str, Counter[int]] = {}
        for question in questions:
            keys = [key for name in question.expect for key in self._keys.get(name, ())]
            counts.setdefault(question.file, Counter()).update(self._corpus[key] for key in keys)
        return {file: count.most_common(1)[0][0] for file, count in counts.items() if count}

    def _has(self, question: Labelled) -> bool:
        return all(
            name in self._keys for name, grade in question.expect.items() if grade == max(question.expect.values())
        )
