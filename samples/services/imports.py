"""Bring samples in from exported files, line by line; a bad line is refused by its number, the others come in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from samples.huggingface import is_folder, read_folder
from samples.models import Category, Dataset, Sample
from samples.quality import schema_faults, secrets
from samples.records import Record, array_line, record_of
from samples.services.datasets import EVAL_FILE
from samples.services.summary import dataset_summary
from samples.tokens import TokenCounter
from web4site.errors import UserError
from web4site.progress import Progress, Report, silent

MAX_LINE = 1_000_000
MAX_REFUSALS = 200
BATCH = 400
SUFFIXES = (".jsonl", ".json")
_UNSTORABLE = re.compile(r"\\u0000|[\ud800-\udfff]")
# What a spreadsheet would run when a person opens an export: a formula, or a call behind a sign. `==` is a rule.
_FORMULA = re.compile(
    r"\s*(?:=(?!=)\s*[\w\"'(+@-]|[+@-]\s*[A-Za-z]+(?:\.[A-Za-z]+)*\(|[=+@-][^\n]{0,200}\|[^\n]{0,200}!)", re.A
)

# (where, number in it from 1, whether it is held out, its bytes, or the record, or what is wrong with it)
Line = tuple[str, int, bool, bytes | Record | str | None]


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


class NothingImported(UserError):
    """No line was good; carries the result, so that every refused line can be named."""

    def __init__(self, result: ImportResult) -> None:
        first = result.refusals[0] if result.refusals else None
        why = f"Line {first['line']}: {first['reason']}" if first else "The files are empty"
        super().__init__(f"Nothing was imported. {why}.", exit_code=1)
        self.result = result


def dataset_import(
    *, path: Path, name: str, report: Report = silent, count_tokens: Callable[[str], int] | None = None
) -> ImportResult:
    """Read an exported file, or all of a folder, in any format of an export, into a new draft.

    The draft is unfinished until the last line is read: an import that is cut off leaves nothing that counts, and the
    next one of that name begins anew. Raises UserError when nothing at all can be read.
    """
    lines = _lines(path)
    counter = count_tokens or TokenCounter(Path(settings.BASE_MODEL_DIR)).count
    Dataset.objects.filter(name=name, status=Dataset.Status.UNFINISHED, lineage={}).delete()
    if Dataset.objects.filter(name=name).exists():
        raise UserError(f"There is already a dataset '{name}': choose another name.")
    plan = {"imported_from": path.name}
    result = ImportResult(Dataset.objects.create(name=name, status=Dataset.Status.UNFINISHED, plan=plan))
    try:
        _import_all(lines, result, counter, report)
        _finish(result)
    except BaseException:
        result.dataset.delete()
        raise
    return result


def _finish(result: ImportResult) -> None:
    """Count what came in and open the draft."""
    dataset = result.dataset
    if not result.imported:
        raise NothingImported(result)
    dataset.counts, dataset.tokens = dataset_summary(dataset=dataset)
    dataset.status = Dataset.Status.DRAFT
    dataset.save()


def _lines(path: Path) -> Iterator[Line]:
    """All lines or rows there are. Raises UserError when the path holds nothing to read."""
    if path.is_dir() and is_folder(path):
        return ((split, number, split == "test", row) for split, number, row in read_folder(path))
    files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES) if path.is_dir() else [path]
    files = [file for file in files if file.name != "manifest.json"]
    if not files or not all(file.is_file() for file in files):
        raise UserError(f"There are no JSONL files at {path}.")
    return _file_lines(files)


def _file_lines(files: list[Path]) -> Iterator[Line]:
    for file in files:
        with file.open("rb") as opened:
            for number, line in read_lines(opened):
                if line is not None and file.suffix == ".json":
                    line = array_line(line)
                if line is None or line.strip():
                    yield file.name, number, file.stem == EVAL_FILE, line


def _import_all(lines: Iterator[Line], result: ImportResult, counter: Callable[[str], int], report: Report) -> None:
    seen: set[str] = set()
    batch: list[Sample] = []
    for where, number, held_out, line in lines:
        if isinstance(line, bytes | None):
            record = parse_line(line)
        else:
            record = line if isinstance(line, str) else checked(line)
        if not isinstance(record, str) and record["metadata"]["sample_id"] in seen:
            record = "the same sample_id again"
        if isinstance(record, str):
            result.refuse(where, number, record)
            continue
        seen.add(record["metadata"]["sample_id"])
        batch.append(_row(result.dataset, record, Sample.Split.EVAL if held_out else Sample.Split.TRAIN, counter))
        if len(batch) >= BATCH:
            _store(batch, result)
            batch = []
            report(Progress(result.imported, 0, where))
    _store(batch, result)


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


def parse_line(line: bytes | None) -> Record | str:
    """The record of a line, or why it is refused."""
    if line is None:
        return f"longer than {MAX_LINE:,} bytes"
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return "not valid UTF-8"
    except (ValueError, RecursionError):
        return "not valid JSON"
    if not isinstance(row, dict):
        return "not a JSON object"
    try:
        return checked(record_of(row))
    except (KeyError, TypeError, ValueError):
        return "not a row of an export: messages or conversations without input_at and metadata"


def checked(record: Record) -> Record | str:
    """The record itself, or why it is refused."""
    faults = schema_faults(record)
    if faults:
        return faults[0]
    if record["metadata"]["category"] not in Category.values:
        return "unknown category"
    if not _is_storable(record):
        return "holds characters that no text may hold"
    if place := next((name for name in ("instruction", "input", "output") if _FORMULA.match(record[name])), ""):
        return f"{place} begins like a spreadsheet formula"
    if kinds := secrets(record):
        return f"holds {', '.join(kinds)}"
    return record


def _is_storable(record: dict[str, Any]) -> bool:
    """No NUL and no lone surrogates: databases and files refuse them."""
    return not _UNSTORABLE.search(json.dumps(record, ensure_ascii=False))


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
