"""The untrained base as a build, when it is not the bundled one: a tiny random Qwen2 in place of a large one."""

import shutil
from pathlib import Path

import pytest

from evaluation.services.builds import baseline_build
from evaluation.services.deployments import baseline_ensure
from tests.training.tiny import write_tiny_model
from training.models import Build
from web4site.errors import UserError
from web4site.models import Run


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("base") / "tiny-qwen2", "qwen2")


@pytest.fixture
def other_base(db: None, settings, tmp_path: Path, qwen: Path) -> Path:
    settings.BASE_MODEL, settings.BASE_MODEL_DIR = str(qwen), qwen
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    return settings.ARTIFACTS_DIR / "builds"


def test_another_base_model_is_converted_once_goes_live_and_is_made_again_when_its_file_is_lost(other_base) -> None:
    live = baseline_ensure()
    build = live.build
    assert (live.kind, live.status, build.base_model, build.quantization) == (
        "baseline", "live", "tiny-qwen2", "Q4_K_M",
    )  # fmt: skip
    assert build.is_baseline and build.parity["passed"] and Path(build.gguf).parent.parent == other_base
    assert b"qwen2" in Path(build.gguf).read_bytes()[:4096]
    assert baseline_build() == build and Run.objects.filter(kind="build").count() == 1
    shutil.rmtree(other_base)
    assert Path(baseline_ensure().build.gguf).is_file() and Build.objects.count() == 2
    build.refresh_from_db()
    assert Path(build.gguf).is_file()


def test_a_base_model_that_is_not_there_is_one_clear_line(other_base, settings, tmp_path) -> None:
    settings.BASE_MODEL_DIR = tmp_path / "models" / "nowhere"
    with pytest.raises(UserError, match=r"There is no base model .*nowhere"):
        baseline_build()
    assert Run.objects.get().status == "failed" and not Build.objects.exists()


def test_a_conversion_that_says_something_else_is_no_baseline(other_base, monkeypatch) -> None:
    monkeypatch.setattr("training.ml.parity.MINIMUM_EQUAL", 1.1)
    with pytest.raises(UserError, match="does not say what it says: see build"):
        baseline_build()
