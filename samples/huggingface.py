"""A dataset as a folder of Hugging Face `datasets`: splits train and test, without any network. No Django.

Columns are those of the record; `metadata` is the JSON text of a dataset file, so that nothing is lost, and what people
filter by stands beside it in columns of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samples.records import Record
from web4site.errors import UserError

if TYPE_CHECKING:
    from datasets import DatasetDict

HUGGINGFACE = "huggingface"
EVAL = "eval"
MARKER = "dataset_dict.json"


def is_folder(path: Path) -> bool:
    """True for a folder that `DatasetDict.save_to_disk` wrote."""
    return (path / MARKER).is_file()


def write_folder(directory: Path, files: Mapping[str, Iterable[Record]]) -> list[dict[str, Any]]:
    """Write the records of all categories as split train and those of "eval" as test; returns entries as for files.

    Written beside the folder and renamed. Raises UserError when the folder is there and holds something else.
    """
    if directory.exists() and any(directory.iterdir()) and not is_folder(directory):
        raise UserError(f"{directory} is not empty: name a new folder.")
    directory.parent.mkdir(parents=True, exist_ok=True)
    counts = dict.fromkeys(files, 0)
    with tempfile.TemporaryDirectory(prefix=".exporting-", dir=directory.parent) as folder:
        staging = Path(folder) / "dataset"
        made = _made({name: _counted(name, records, counts) for name, records in files.items()}, Path(folder))
        made.save_to_disk(staging)
        shutil.rmtree(directory, ignore_errors=True)
        staging.rename(directory)
    return [
        {
            "name": str(file.relative_to(directory)),
            "category": "" if file.suffix != ".arrow" else file.parent.name,
            "samples": _in_split(file.parent.name, counts) if file.suffix == ".arrow" else 0,
            "bytes": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    ]


def read_folder(directory: Path) -> Iterator[tuple[str, int, Record | str]]:
    """(split, row from 1, record or what is wrong with it) of each row. Raises UserError for what it cannot read."""
    datasets = _library()
    try:
        found = datasets.load_from_disk(str(directory))
        splits = found.items() if isinstance(found, datasets.DatasetDict) else [("train", found)]
    except Exception as error:  # pyarrow, json and the library each raise their own
        raise UserError(f"{directory} cannot be read as a Hugging Face dataset: {error}.") from None
    for split, rows in splits:
        for number, row in enumerate(rows, 1):
            yield split, number, _record(row)


def _record(row: Mapping[str, Any]) -> Record | str:
    try:
        return {
            "instruction": row["instruction"],
            "input": row["input"],
            "output": row["output"],
            "metadata": json.loads(row["metadata"]),
        }
    except (KeyError, TypeError, ValueError):
        return "has not the columns instruction, input, output and metadata (JSON)"


def _row(record: Record) -> dict[str, Any]:
    metadata = record["metadata"]
    return {
        **{name: record[name] for name in ("instruction", "input", "output")},
        **{name: str(metadata.get(name, "")) for name in ("sample_id", "category", "task_type", "document")},
        "tokens": int(metadata.get("tokens", 0)),
        "metadata": json.dumps(metadata, ensure_ascii=False, sort_keys=True),
    }


def _counted(name: str, records: Iterable[Record], counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for record in records:
        counts[name] += 1
        yield _row(record)


def _in_split(split: str, counts: Mapping[str, int]) -> int:
    return sum(count for name, count in counts.items() if (name == EVAL) == (split == "test"))


def _made(files: Mapping[str, Iterator[dict[str, Any]]], folder: Path) -> DatasetDict:
    """Arrow files of both splits, written in batches."""
    datasets = _library()
    text = datasets.Value("string")
    names = ("instruction", "input", "output", "sample_id", "category", "task_type", "document")
    features = datasets.Features({**dict.fromkeys(names, text), "tokens": datasets.Value("int64"), "metadata": text})
    splits = {"train": [name for name in files if name != EVAL], "test": [name for name in files if name == EVAL]}
    made = datasets.DatasetDict()
    for split, parts in splits.items():
        if not parts:
            continue
        file = folder / f"{split}.arrow"
        with datasets.arrow_writer.ArrowWriter(path=str(file), features=features, writer_batch_size=500) as writer:
            for name in parts:
                for row in files[name]:
                    writer.write(row)
            writer.finalize()
        made[split] = datasets.Dataset.from_file(str(file))
    return made


def _library() -> Any:
    """`datasets`, told to stay off the network and to be quiet."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
    import datasets
    import datasets.arrow_writer

    datasets.disable_progress_bars()
    return datasets
