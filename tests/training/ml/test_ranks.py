"""Several processes that train together: the same training as one process does, and one end for all."""

import json
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import Tensor
from torch.testing import assert_close

from training.ml.checkpoint import latest_checkpoint
from training.ml.config import LoraSettings
from training.ml.data import Encoded
from training.ml.isolated import PROJECT
from training.ml.lora import TrainingRequest, train
from training.ml.ranks import Ranks

SETTINGS = LoraSettings(
    rank=4,
    alpha=8,
    dropout=0.0,
    epochs=3,
    batch_size=1,
    accumulation=4,
    learning_rate=5e-3,
    warmup_steps=1,
    max_length=256,
    save_every=2,
    eval_every=4,
    threads=1,
    device="cpu",
    precision="float32",
)
# What each process runs. DYING names a rank that is killed without warning in the middle of a step.
WORKER = """
import os, pickle, signal, sys
from pathlib import Path
from training.ml import fit
from training.ml.hooks import Hooks
from training.ml.lora import follow, train
from training.ml.ranks import follows
from training.services.signals import stop_requests
from web4site.errors import UserError

clip, steps = fit.learning_rate_at, []
def at(step, *rest):
    if step == 5 and os.environ.get("DYING") == os.environ["RANK"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return clip(step, *rest)
fit.learning_rate_at = at
try:
    if follows():
        follow()
    else:
        request = pickle.loads(Path(sys.argv[1]).read_bytes())
        hooks = Hooks(on_step=lambda metrics: print("LOSS", metrics.step, metrics.loss, flush=True))
        with stop_requests():
            train(request, hooks)
    threads = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    print("GLOO", [name for name in threads if "gloo" in name], flush=True)
except UserError as error:
    print("SAID", os.environ["RANK"], error, flush=True)
    sys.exit(error.exit_code)
"""
LAUNCH = """
import sys
from training.ml.ranks import launch
from web4site.errors import UserError
try:
    launch(2, sys.argv[1:])
except UserError as error:
    print("LAUNCHER", error)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def request_in(tmp_path: Path, tiny_base: Path, samples_file: Path):
    def make(name: str, **values) -> TrainingRequest:
        given = {"base": tiny_base, "samples": [samples_file], "holdout": samples_file, "settings": SETTINGS, **values}
        return TrainingRequest(folder=tmp_path / name, locks=tmp_path / f"{name}-locks", **given)

    return make


def run_together(request: TrainingRequest, *, dying: str = "") -> subprocess.CompletedProcess[str]:
    """Train in two processes; the lines that they and the launcher print."""
    folder = request.locks
    folder.mkdir(exist_ok=True)
    (folder / "worker.py").write_text(WORKER)
    (folder / "request").write_bytes(pickle.dumps(request))
    return subprocess.run(
        [sys.executable, "-c", LAUNCH, str(folder / "worker.py"), str(folder / "request")],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "DYING": dying},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@given(st.lists(st.integers(1, 900), max_size=30), st.integers(1, 5))
def test_every_micro_batch_goes_to_one_rank_and_none_has_much_more_than_another(lengths, count):
    batches = [[Encoded([number] * length, [])] for number, length in enumerate(lengths)]
    shares = [Ranks(index, count).share(batches) for index in range(count)]
    assert sorted(batch[0].ids[0] for share in shares for batch in share) == list(range(len(lengths)))
    loads = [sum(len(batch[0].ids) for batch in share) for share in shares]
    assert max(loads) - min(loads) <= max(lengths, default=0)


def adapter_of(folder: Path) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Weights, and what the manifest says of the training."""
    manifest = json.loads((folder / "adapter" / "manifest.json").read_text())
    return load_file(folder / "adapter" / "adapter_model.safetensors"), manifest["result"]


def assert_same_training(folder: Path, expected: Path) -> None:
    (weights, result), (others, other) = adapter_of(folder), adapter_of(expected)
    assert_close(weights, others, rtol=1e-3, atol=1e-5)
    for name in ("loss_first", "loss_last", "holdout_first", "holdout_last"):
        assert result[name] == pytest.approx(other[name], rel=1e-5)


@pytest.mark.slow
def test_two_processes_train_what_one_trains_and_the_end_of_one_is_the_end_of_both(request_in):
    alone, together, cut = request_in("alone"), request_in("together"), request_in("cut")
    train(alone)
    done = run_together(together)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^LOSS (\d+)", done.stdout, re.MULTILINE) == [str(step) for step in range(1, 10)]
    assert re.findall(r"^GLOO (.*)", done.stdout, re.MULTILINE) == ["[]", "[]"]  # none can outlive the interpreter
    assert sorted(path.name for path in together.folder.iterdir()) == ["adapter", "checkpoints"]
    assert_same_training(together.folder, alone.folder)

    died = run_together(cut, dying="1")
    assert died.returncode == 1
    assert "SAID 0 Another process of this training ended" in died.stdout
    assert "LAUNCHER Process 1 of the training was ended by SIGKILL" in died.stdout
    assert not (cut.folder / "adapter").exists()
    assert latest_checkpoint(cut.folder / "checkpoints").name == "step-000004"
    train(replace(cut, resume=True))
    assert_same_training(cut.folder, alone.folder)
