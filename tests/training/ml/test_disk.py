"""A file system that is really full: every library fails in its own way, people read one line."""

import errno
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from training.ml.build import BuildRequest, build_gguf
from training.ml.checkpoint import CHECKPOINTS
from training.ml.config import LoraSettings
from training.ml.hooks import Hooks
from training.ml.isolated import PROJECT
from training.ml.lora import TrainingRequest, train
from training.ml.metrics import StepMetrics
from web4site.errors import UserError
from web4site.progress import Progress

SIZE = "24m"
SETTINGS = LoraSettings(
    rank=16, epochs=1, accumulation=1, max_length=256, save_every=1, keep_checkpoints=2, threads=1, device="cpu"
)


def test_a_full_disk_is_named_and_costs_nothing_that_was_finished(tmp_path, tiny_base, samples_file):
    """The trainings and builds below run in a mount name space of their own, on a small file system in memory."""
    disk = tmp_path / "disk"
    disk.mkdir()
    space = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    mount = f"mount -t tmpfs -o size={SIZE} tmpfs {disk}"
    if not shutil.which("unshare") or subprocess.run([*space, mount], capture_output=True, check=False).returncode:
        pytest.skip("this system allows no file system of one's own")
    paths = [str(disk), str(tiny_base), str(samples_file)]
    inside = [*space, f'{mount} && exec "$@"', "sh", sys.executable, "-m", "tests.training.ml.test_disk", *paths]
    done = subprocess.run(inside, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def fill_up(disk: Path, base: Path, samples: Path) -> None:
    request = TrainingRequest(base=base, samples=[samples], folder=disk / "run", locks=disk, settings=SETTINGS)
    checkpoints = request.folder / CHECKPOINTS

    # Room for nothing, and for the weights without the optimizer: safetensors fails, then torch.
    for resume, leaving in ((False, 0), (True, 1_000_000)):
        hooks = Hooks(on_step=partial(full_at_third, disk, leaving))
        with pytest.raises(UserError, match="disk is full at step 3; step-000002 is kept"):
            train(replace(request, resume=resume), hooks)
        assert sorted(path.name for path in checkpoints.iterdir()) == ["step-000001", "step-000002"]
        empty(disk)

    def full_at_adapter(phase: str) -> None:
        if phase == "writing the adapter":
            fill(disk, leaving=600_000)

    with refused():
        train(replace(request, resume=True), Hooks(on_phase=full_at_adapter))
    assert [path.name for path in request.folder.iterdir()] == [CHECKPOINTS]
    empty(disk)
    result = train(replace(request, resume=True))
    assert result.stopped == "completed" and result.adapter
    shutil.rmtree(checkpoints)
    for step, leaving in ((0, 100_000), (1, 100_000), (2, 300_000), (3, 0)):
        build_on_full_disk(disk, base, result.adapter, step, leaving)


def full_at_third(disk: Path, leaving: int, metrics: StepMetrics) -> None:
    if metrics.step == 3:
        fill(disk, leaving=leaving)


def build_on_full_disk(disk: Path, base: Path, adapter: Path, step: int, leaving: int) -> None:
    """Merging, writing the GGUF, quantizing and keeping it, each with too little room."""

    def full_at_step(progress: Progress) -> None:
        if progress.done == step:
            fill(disk, leaving=leaving)

    with refused():
        build_gguf(BuildRequest(base, adapter, disk / "builds" / "one", "one"), full_at_step)
    assert not list((disk / "builds").iterdir())
    empty(disk)


def refused():
    return pytest.raises(OSError, check=lambda error: error.errno == errno.ENOSPC)


def fill(disk: Path, *, leaving: int) -> None:
    with (disk / "filler").open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(disk).free - leaving)))


def empty(disk: Path) -> None:
    (disk / "filler").unlink()


if __name__ == "__main__":
    fill_up(*map(Path, sys.argv[1:]))
