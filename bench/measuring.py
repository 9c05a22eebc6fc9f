"""What a benchmark gives back, and the questions and the corpus that all of them measure on."""

import json
import math
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
CORPUS = PROJECT / "rag" / "sample_corpus"
QUESTIONS = PROJECT / "tests" / "rag" / "retrieval" / "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number with its unit; `note` says what it was measured on."""

    name: str
    value: float
    unit: str
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; `share` 0-1."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def peak_memory_mb() -> float:
    """Largest resident size of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def read_questions() -> list[dict[str, Any]]:
    """Labelled questions: `{"query", "expect"}`; `expect` holds parts of the right paths, [] where nothing is right."""
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def index_ensure() -> None:
    """Index the bundled corpus into this home unless an earlier benchmark did."""
    from rag.models import Document
    from rag.services.indexing import index_root

    if not Document.objects.exists():
        index_root(root=CORPUS)
