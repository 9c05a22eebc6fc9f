"""Bring samples in from JSONL files, line by line; a bad line is refused by its number, the others come in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from samples.models import Category, Dataset, Sample
from samples.quality import schema_faults, secrets
from samples.services.datasets import EVAL_FILE
from samples.services.summary import dataset_summary
from samples.tokens import TokenCounter
from web4site.errors import UserError
from web4site.progress import Progress, Report, silent

MAX_LINE = 1_000_000
MAX_REFUSALS = 200
BATCH = 400
_UNSTORABLE = re.compile(r"\\u0000|[\ud800-\udfff]")


@dataclass
class ImportResult:
    """What came in, and which lines did not: {"file", "line", "reason"}."""

    dataset: Dataset
    imported: int = 0
    refused: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, file: str, line: int, reason: str) -> None:
        self.refused += 1
        if len(self.refusals) < MAX_REFUSALS:
            self.refusals.append({"file": file, "line": line, "reason": reason})


def dataset_import(
    *, path: Path, name: str, report: Report = silent, count_tokens: Callable[[str], int] | None = None
) -> ImportResult:
    """Read a JSONL file, or all of a folder, into a new draft. Raises UserError when nothing at all can be read."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise UserError(f"There are no JSONL files at {path}.")
    if Dataset.objects.filter(name=name).exists():
        raise UserError(f"There is already a dataset '{name}': choose another name.")
    counter = count_tokens or TokenCounter(Path(settings.BASE_MODEL_DIR)).count
    result = ImportResult(Dataset.objects.create(name=name, plan={"imported_from": path.name}))
    seen: set[str] = set()
    for file in files:
        report(Progress(result.imported, 0, file.name))
        _import_file(file, result, seen, counter)
    if not result.imported:
        result.dataset.delete()
        first = result.refusals[0] if result.refusals else {"line": 0, "reason": "the files are empty"}
        raise UserError(f"Nothing was imported. Line {first['line']}: {first['reason']}.", exit_code=1)
    result.dataset.counts, result.dataset.tokens = dataset_summary(dataset=result.dataset)
    result.dataset.save(update_fields=["counts", "tokens"])
    return result


def read_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """(number, line) from 1; None for a line above a million bytes, which is skipped without being held in memory."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) <= MAX_LINE:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        yield number, None


def parse_line(line: bytes | None) -> dict[str, Any] | str:
    """The record of a line, or why it is refused."""
    if line is None:
        return f"longer than {MAX_LINE:,} bytes"
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return "not valid UTF-8"
    except (ValueError, RecursionError):
        return "not valid JSON"
    if not isinstance(record, dict):
        return "not a JSON object"
    faults = schema_faults(record)
    if faults:
        return faults[0]
    if record["metadata"]["category"] not in Category.values:
        return "unknown category"
    if not _is_storable(record):
        return "holds characters that no text may hold"
    if kinds := secrets(record):
        return f"holds {', '.join(kinds)}"
    return record


def _is_storable(record: dict[str, Any]) -> bool:
    """No NUL and no lone surrogates: databases and files refuse them."""
    return not _UNSTORABLE.search(json.dumps(record, ensure_ascii=False))


def _import_file(file: Path, result: ImportResult, seen: set[str], counter: Callable[[str], int]) -> None:
    split = Sample.Split.EVAL if file.stem == EVAL_FILE else Sample.Split.TRAIN
    batch: list[Sample] = []
    with file.open("rb") as opened:
        for number, line in read_lines(opened):
            if line is not None and not line.strip():
                continue
            record = parse_line(line)
            if isinstance(record, str):
                result.refuse(file.name, number, record)
                continue
            if record["metadata"]["sample_id"] in seen:
                result.refuse(file.name, number, "the same sample_id again")
                continue
            seen.add(record["metadata"]["sample_id"])
            batch.append(_row(result.dataset, record, split, counter))
            if len(batch) >= BATCH:
                _store(batch, result)
                batch = []
    _store(batch, result)


@transaction.atomic
def _store(batch: list[Sample], result: ImportResult) -> None:
    Sample.objects.bulk_create(batch)
    result.imported += len(batch)


def _row(dataset: Dataset, record: dict[str, Any], split: str, counter: Callable[[str], int]) -> Sample:
    metadata = record["metadata"]
    quality = metadata.get("quality")
    return Sample(
        dataset=dataset,
        sample_id=metadata["sample_id"],
        category=metadata["category"],
        task_type=str(metadata["task_type"])[:60],
        split=split,
        instruction=record["instruction"],
        input=record["input"],
        output=record["output"],
        tokens=counter("\n".join(filter(None, (record["instruction"], record["input"], record["output"])))),
        quality=quality if isinstance(quality, int | float) and 0 <= quality <= 1 else 0,
        metadata=metadata,
    )
