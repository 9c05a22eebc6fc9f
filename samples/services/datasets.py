"""Datasets: frozen for good, exported for other tools."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from samples.huggingface import HUGGINGFACE, write_folder
from samples.models import Category, Dataset, Sample
from samples.records import FORMATS, Record, json_lines
from samples.services.summary import dataset_summary
from web4site.errors import UserError
from web4site.models import Run
from web4site.row_numbers import row_number

EVAL_FILE = "eval"
MANIFEST = "manifest.json"


def dataset_latest(*, status: str | None = None) -> Dataset:
    """The newest dataset; raises UserError where there is none."""
    found = Dataset.objects.filter(**({"status": status} if status else {})).first()
    if found is None:
        raise UserError(f"There is no {status or ''} dataset: manage.py generate_samples makes one.".replace("  ", " "))
    return found


def dataset_find(*, key: str | None, status: str | None = None) -> Dataset:
    """A dataset by number or name, the newest one without a key. Raises UserError."""
    if key is None:
        return dataset_latest(status=status)
    number = row_number(key)
    found = Dataset.objects.filter(name=key) if number is None else Dataset.objects.filter(pk=number)
    if not found:
        raise UserError(f"There is no dataset '{key}': the page Datasets lists them all.")
    return found[0]


def dataset_freeze(*, dataset: Dataset) -> Dataset:
    """Write the dataset's files under their hash and close it for good; rejected samples stay out.

    The hash covers the files alone, so the same seed and corpus give the same hash. Raises UserError when the dataset
    is frozen already or holds no training sample.
    """
    if dataset.status == Dataset.Status.FROZEN:
        raise UserError(f"{dataset.name} is frozen already.")
    if dataset.status == Dataset.Status.UNFINISHED:
        raise UserError(f"{dataset.name} is not finished: resume or discard it.")
    if not _included(dataset).filter(split=Sample.Split.TRAIN).exists():
        raise UserError(f"{dataset.name} has no training samples to freeze.")
    settings.DATASETS_DIR.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".freezing-", dir=settings.DATASETS_DIR))
    try:
        files = [_write_file(staging, name, dataset, "jsonl") for name in file_names(dataset)]
        sha256 = content_hash(files)
        # People have rejected and edited since the draft was counted.
        _, dataset.tokens = dataset_summary(dataset=dataset)
        _write_manifest(staging, dataset, files, sha256)
        folder = settings.DATASETS_DIR / f"{dataset.pk}-{sha256[:12]}"
        if folder.exists():
            shutil.rmtree(folder)
        for file in staging.iterdir():
            file.chmod(0o444)
        staging.chmod(0o755)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    counts = {file["category"]: file["samples"] for file in files}
    won = Dataset.objects.filter(pk=dataset.pk, status=Dataset.Status.DRAFT).update(
        status=Dataset.Status.FROZEN,
        sha256=sha256,
        folder=str(folder),
        counts=counts,
        tokens=dataset.tokens,
        frozen_at=timezone.now(),
    )
    dataset.refresh_from_db()
    if not won and dataset.sha256 != sha256:
        raise UserError(f"{dataset.name} was frozen by somebody else at the same time.", exit_code=1)
    return dataset


def dataset_discard(*, dataset: Dataset) -> None:
    """Delete an unfinished dataset. Raises UserError for any other, or while its run still works."""
    if dataset.status != Dataset.Status.UNFINISHED:
        raise UserError(f"{dataset.name} is finished: only an unfinished dataset can be discarded.")
    if dataset.run and dataset.run.is_active and not Run.stale().filter(pk=dataset.run.pk).exists():
        raise UserError(f"Run {dataset.run_id} still works on {dataset.name}: cancel it first.")
    dataset.delete()


def dataset_export(*, dataset: Dataset, directory: Path, file_format: str = "jsonl") -> list[dict[str, Any]]:
    """Write one file per category and one for the hold-out; returns their entries (name, samples, bytes, sha256)."""
    if file_format not in (*FORMATS, HUGGINGFACE):
        raise UserError(f"Exports come as {', '.join((*FORMATS, HUGGINGFACE))}, not '{file_format}'.")
    if directory.exists() and not directory.is_dir():
        raise UserError(f"{directory} is a file: name a folder to export to.")
    if file_format == HUGGINGFACE:
        return write_folder(directory, {name: records(dataset, name) for name in file_names(dataset)})
    directory.mkdir(parents=True, exist_ok=True)
    return [_write_file(directory, name, dataset, file_format) for name in file_names(dataset)]


def dataset_verify(*, dataset: Dataset) -> list[str]:
    """What has changed in a frozen dataset's files since; [] when they are as they were frozen."""
    folder = Path(dataset.folder)
    if not dataset.folder or not (folder / MANIFEST).is_file():
        return [f"{MANIFEST} is missing"]
    try:
        written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        if content_hash(written) != dataset.sha256:
            return ["the manifest was changed"]
    except (ValueError, KeyError, TypeError):
        return ["the manifest was changed"]
    hashes = {str(entry["name"]): entry["sha256"] for entry in written}
    added = [f"{file.name} was added" for file in sorted(folder.glob("*.jsonl")) if file.name not in hashes]
    return [*filter(None, (_file_fault(folder / name, sha256) for name, sha256 in hashes.items())), *added]


def _file_fault(file: Path, sha256: str) -> str:
    if not file.is_file():
        return f"{file.name} is missing"
    return "" if _file_hash(file) == sha256 else f"{file.name} was changed"


def file_names(dataset: Dataset) -> list[str]:
    """Categories that have samples, in the order of the plan, then the hold-out."""
    found = set(
        _included(dataset).filter(split=Sample.Split.TRAIN).order_by().values_list("category", flat=True).distinct()
    )
    names = [category for category in Category.values if category in found]
    held_out = _included(dataset).filter(split=Sample.Split.EVAL).exists()
    return [*names, EVAL_FILE] if held_out else names


def records(dataset: Dataset, name: str) -> Iterator[Record]:
    """The records of one file, in order of their ids."""
    samples = _included(dataset)
    if name == EVAL_FILE:
        samples = samples.filter(split=Sample.Split.EVAL)
    else:
        samples = samples.filter(split=Sample.Split.TRAIN, category=name)
    rows = samples.order_by("sample_id").values("instruction", "input", "output", "metadata")
    for row in rows.iterator(chunk_size=500):
        yield dict(row)


def content_hash(files: list[dict[str, Any]]) -> str:
    """One hash over the names and hashes of all files."""
    lines = sorted(f"{file['name']} {file['sha256']}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def stream(dataset: Dataset, name: str, file_format: str) -> Iterator[bytes]:
    """One file of an export as a stream of bytes."""
    form = FORMATS[file_format]
    yield from form.write(map(form.shape, records(dataset, name)))


def _included(dataset: Dataset) -> Any:
    return dataset.samples.exclude(review=Sample.Review.REJECTED)


def _write_file(folder: Path, name: str, dataset: Dataset, file_format: str) -> dict[str, Any]:
    """Write to a temporary name, then rename."""
    suffix = FORMATS[file_format].suffix
    final = folder / f"{name}.{suffix}"
    temporary = folder / f".{name}.{suffix}.part"
    digest, size, count = hashlib.sha256(), 0, 0
    with temporary.open("wb") as file:
        for piece in stream(dataset, name, file_format):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
            count += piece.count(b"\n") if FORMATS[file_format].write is json_lines else 0
    temporary.replace(final)
    if FORMATS[file_format].write is not json_lines:
        count = sum(1 for _ in records(dataset, name))
    return {"name": final.name, "category": name, "samples": count, "bytes": size, "sha256": digest.hexdigest()}


def _write_manifest(folder: Path, dataset: Dataset, files: list[dict[str, Any]], sha256: str) -> None:
    reviewed = _included(dataset).filter(review=Sample.Review.APPROVED).count()
    manifest = {
        "name": dataset.name,
        "sha256": sha256,
        "files": files,
        "seed": dataset.seed,
        "lineage": dataset.lineage,
        "parent": dataset.parent.sha256 or dataset.parent.name if dataset.parent else None,
        "plan": dataset.plan,
        "tokens": dataset.tokens,
        "near_duplicates": dataset.near_duplicates,
        "contaminated": dataset.contaminated,
        "approved": reviewed,
        "base_model": settings.BASE_MODEL,
        "run": dataset.run_id,
        "frozen_at": timezone.now().isoformat(),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _file_hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
