"""A day's journal, and small means: a trainer and a builder that only leave the rows and files they should."""

import hashlib
from datetime import date
from pathlib import Path

from django.conf import settings

from evaluation.models import Deployment
from monitoring.evening.means import Means
from rag.services.indexing import index_root
from samples.models import Dataset
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.samples.corpus import ENTRIES, entry_text
from training.models import Adapter, Build, Training
from web4site.models import Run

DAY = date(2026, 11, 20)


def write_day(root: Path, entries: range, day: date = DAY) -> None:
    """Journal entries of one day, as files."""
    (root / "journal").mkdir(parents=True, exist_ok=True)
    for index in entries:
        stem = ENTRIES[index][0]
        old = stem[:10]
        text = entry_text(index).replace(old, day.isoformat())
        (root / "journal" / f"{stem.replace(old, day.isoformat())}.pdca.md").write_text(text, encoding="utf-8")


def index_day(root: Path, entries: range, day: date = DAY) -> None:
    write_day(root, entries, day)
    index_root(root=root, daily=day)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def words(text: str) -> int:
    """Stands in for the base model's tokenizer, which is beside the point."""
    return len(text) // 4


def leave_adapter(run: Run, dataset: Dataset, parent: Adapter | None, report: object = None) -> Adapter:
    """What a training leaves: its run, its row, an adapter with weights in a folder."""
    child = Run.objects.create(kind="train", title="train", parent=run, status="succeeded")
    folder = settings.ARTIFACTS_DIR / "trainings" / f"run-{child.pk}" / "adapter"
    folder.mkdir(parents=True)
    weights = f"weights {child.pk}".encode()
    (folder / "adapter_model.safetensors").write_bytes(weights)
    training = Training.objects.create(
        run=child, dataset=dataset, preset="incremental", base_model="tiny", parent=parent, folder=str(folder.parent)
    )
    return Adapter.objects.create(
        name=f"adapter-{child.pk}",
        training=training,
        parent=parent,
        base_model="tiny",
        folder=str(folder),
        sha256=sha256(weights),
        bytes=len(weights),
    )


def leave_build(run: Run, adapter: Adapter, report: object = None) -> Build:
    file = settings.ARTIFACTS_DIR / "builds" / adapter.name / "model.gguf"
    file.parent.mkdir(parents=True)
    content = f"GGUF {adapter.name}".encode()
    file.write_bytes(content)
    return Build.objects.create(
        name=f"{adapter.name}-q4",
        adapter=adapter,
        base_model="tiny",
        gguf=str(file),
        quantization="Q4_K_M",
        sha256=sha256(content),
        bytes=len(content),
    )


def means(runtime: FakeRuntime | None = None) -> Means:
    """Small means with a model that knows everything, unless a runtime is given."""
    return Means(
        train=leave_adapter,
        build=leave_build,
        runtime=runtime or FakeRuntime(all_perfect()),
        count_tokens=words,
    )


def approved_live() -> Deployment:
    """A trained model that a person approved, live."""
    run = Run.objects.create(kind="train", title="first")
    dataset = Dataset.objects.create(name="first", status="frozen")
    adapter = leave_adapter(run, dataset, None)
    deployment = Deployment.objects.create(build=leave_build(run, adapter))
    deployment.move(Deployment.Status.LIVE, allowed_from=(Deployment.Status.CANDIDATE,), comment="approved by a person")
    return deployment
