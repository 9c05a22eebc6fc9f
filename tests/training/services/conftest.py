"""A tiny real model, a frozen dataset, and trainings of seconds."""

import shutil
from pathlib import Path

import pytest

from samples.models import Dataset
from tests.training.conftest import freeze
from training.models import Adapter
from training.services.trainings import training_create, training_run
from web4site.models import Run

FAST = {"max_steps": "3", "accumulation": "1", "threads": "1", "max_seconds": "0", "rank": "4", "save_every": "1"}


@pytest.fixture(autouse=True)
def homes(settings, tmp_path: Path, tiny_base: Path) -> None:
    settings.BASE_MODEL_DIR = tiny_base
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    settings.RUN_DIR = tmp_path / "run"


@pytest.fixture
def dataset(db, tmp_path: Path, samples_file: Path) -> Dataset:
    folder = tmp_path / "dataset"
    folder.mkdir()
    shutil.copy(samples_file, folder / "guardrails.jsonl")
    (folder / "eval.jsonl").write_text('{"instruction": "Next?", "output": "The check."}\n', encoding="utf-8")
    return freeze(folder, "first")


def trained(dataset: Dataset, **values) -> Run:
    return training_run(run=training_create(dataset=dataset, preset="demo", overrides=FAST, **values))


@pytest.fixture
def adapter(dataset) -> Adapter:
    return Adapter.objects.get(name=trained(dataset).result["adapter"])
