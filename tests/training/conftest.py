"""Tiny real models and samples for training tests."""

import json
from pathlib import Path

import pytest

from samples.models import Dataset
from samples.services.datasets import content_hash
from tests.training.tiny import SENTENCES, write_tiny_model
from training.ml.manifest import sha256_of


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("base") / "tiny-llama")


@pytest.fixture(scope="session")
def tiny_qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("base") / "tiny-qwen2", "qwen2")


@pytest.fixture(scope="session")
def samples_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve samples of different lengths in the record form of a frozen dataset."""
    path = tmp_path_factory.mktemp("samples") / "train.jsonl"
    records = [
        {
            "instruction": f"Question {number}?",
            "input": "With context." if number % 3 == 0 else "",
            "output": " ".join(SENTENCES[: 1 + number % 4]),
            "metadata": {"sample_id": f"s{number}"},
        }
        for number in range(12)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def freeze(folder: Path, name: str) -> Dataset:
    """The JSONL files in `folder` as a frozen dataset."""
    files = [{"name": file.name, "sha256": sha256_of(file)} for file in sorted(folder.glob("*.jsonl"))]
    (folder / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    values = {"status": "frozen", "sha256": content_hash(files), "folder": str(folder)}
    return Dataset.objects.update_or_create(name=name, defaults=values)[0]
