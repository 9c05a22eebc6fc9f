"""Builds of what was trained, through rows."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.training.services.conftest import FAST, trained
from training.ml.lock import locked
from training.models import Adapter, Build
from training.services.builds import build_create, build_run
from training.services.deletion import adapter_delete
from training.services.trainings import training_create, training_run
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress


def test_builds_of_adapter_and_base(dataset):
    adapter = Adapter.objects.get(name=trained(dataset).result["adapter"])
    run = build_run(run=build_create(adapter=adapter, quantization="Q8_0"))
    assert (run.status, run.error) == ("succeeded", "")
    build = Build.objects.get(pk=run.result["build"])
    assert build.adapter == adapter and Path(build.gguf).stat().st_size == build.bytes
    assert build.parity["passed"] and build.name == f"{adapter.name}-q8-0"
    assert Path(build.gguf).name == f"{adapter.name}.Q8_0.gguf"
    names = [build_run(run=build_create(adapter=None, quantization="F16")).result["name"] for _ in range(2)]
    assert names == ["tiny-llama-f16", "tiny-llama-f16-2"]
    assert [build.is_baseline for build in Build.objects.order_by("pk")] == [False, True, True]


@pytest.mark.parametrize("damage", [lambda content: content[:-8] + b"\0" * 8, lambda content: content[:1000]])
def test_a_changed_adapter_is_neither_built_nor_continued(dataset, adapter, damage):
    weights = Path(adapter.folder) / "adapter_model.safetensors"
    weights.write_bytes(damage(weights.read_bytes()))
    for run in (build_run(run=build_create(adapter=adapter)), trained(dataset, parent=adapter)):
        assert run.status == "failed"
        assert "is not what was trained (adapter_model.safetensors changed or lost)" in run.error
    assert not Build.objects.exists()


def test_an_adapter_is_only_built_on_its_base_model(dataset, adapter, settings, tiny_base, tmp_path):
    queued = training_create(dataset=dataset, preset="demo", overrides=FAST)
    other = tmp_path / "other"
    shutil.copytree(tiny_base, other)
    settings.BASE_MODEL_DIR = other
    same = build_run(run=build_create(adapter=adapter, quantization="F16"))
    assert same.status == "succeeded", "another name for the same model"
    assert "was to train tiny-llama, but WEB4_BASE_MODEL is other" in training_run(run=queued).error
    content = (other / "model.safetensors").read_bytes()
    (other / "model.safetensors").write_bytes(content[:-4] + b"\0\0\0\0")
    wrong = build_run(run=build_create(adapter=adapter, quantization="F16"))
    assert wrong.status == "failed" and "model.safetensors of" in wrong.error and "WEB4_BASE_MODEL" in wrong.error


def test_builds_wait_for_each_other_and_clear_what_a_killed_one_left(adapter, settings):
    left = settings.ARTIFACTS_DIR / "builds" / ".killed-work" / "merged"
    left.mkdir(parents=True)
    run = build_create(adapter=adapter, quantization="F16")
    seen: list[str] = []
    with ExitStack() as other:
        other.enter_context(locked(settings.RUN_DIR / "build.lock", busy=pytest.fail))

        def listen(progress: Progress) -> None:
            if not seen:
                assert left.is_dir()
                other.close()
            seen.append(progress.message)

        build_run(run=run, listener=listen)
    assert (run.status, run.error) == ("succeeded", "")
    assert seen[:2] == ["waiting for another build to end", "merging the adapter"]
    assert [folder.name for folder in (settings.ARTIFACTS_DIR / "builds").iterdir()] == [run.result["name"]]


def test_a_waiting_build_can_be_cancelled(adapter, settings):
    run = build_create(adapter=adapter)
    with locked(settings.RUN_DIR / "build.lock", busy=pytest.fail):
        build_run(run=run, listener=lambda progress: run.request_cancel())
    assert run.status == "cancelled"


def test_an_adapter_that_waits_for_its_build_is_not_deleted(adapter):
    run = build_create(adapter=adapter)
    with pytest.raises(UserError, match=f"is being built by run {run.pk}"):
        adapter_delete(adapter=adapter)
    # As by a retry of an old build.
    Run.objects.update(kind="other")
    adapter_delete(adapter=adapter)
    build_run(run=run)
    assert run.error == "The adapter was deleted after this build was started: choose another one."
