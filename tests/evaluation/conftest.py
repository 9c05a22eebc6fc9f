"""Builds and evaluations for the tests of evaluation; the model is scripted where it is beside the point."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from evaluation.models import Evaluation
from evaluation.services.evaluations import evaluation_create_run, evaluation_run
from evaluation.services.live_file import live_file
from rag.embedding import get_embedder
from tests.evaluation.scripted import FakeRuntime, all_perfect
from training.models import Build


@pytest.fixture(autouse=True)
def _no_live_file() -> Iterator[None]:
    live_file().unlink(missing_ok=True)
    yield
    live_file().unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _embedding_by_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Scripted answers repeat the words of their tasks; no model is needed to see that."""
    monkeypatch.setattr(settings, "EMBEDDER", "hash")
    get_embedder.cache_clear()
    yield
    get_embedder.cache_clear()


@pytest.fixture
def make_build(db: None, tmp_path: Path) -> Callable[[str], Build]:
    """Builds of small files; the bytes are no model, which only a real server would notice."""

    def make(name: str, folder: Path | None = None) -> Build:
        file = (folder or tmp_path) / f"{name}.Q4_K_M.gguf"
        file.write_bytes(f"model {name}".encode())
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        return Build.objects.create(
            name=name, base_model="tiny", gguf=str(file), quantization="Q4_K_M", sha256=digest, bytes=20
        )

    return make


@pytest.fixture
def make_evaluation(make_build: Callable[[str], Build]) -> Callable[..., Evaluation]:
    """An evaluation of a new build by a scripted model; perfect unless told otherwise."""

    def make(
        name: str = "candidate",
        profile: str = "demo",
        runtime: FakeRuntime | None = None,
        extra: tuple[str, ...] | None = None,
    ) -> Evaluation:
        build = Build.objects.filter(name=name).first() or make_build(name)
        run = evaluation_create_run(build=build, profile=profile, extra=extra)
        evaluation_run(run=run, runtime=runtime or FakeRuntime(all_perfect()))
        return Evaluation.objects.get(run=run)

    return make


@pytest.fixture
def demo_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the few cases of the demo profile be enough for a gate."""
    monkeypatch.setattr(settings, "GATE_PROFILE", "demo")
