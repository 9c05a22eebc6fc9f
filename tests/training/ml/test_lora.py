"""Training on a tiny real model: exact files, exact resume, limits, errors."""

import hashlib
import json
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from training.ml.checkpoint import latest_checkpoint
from training.ml.config import LoraSettings
from training.ml.device import device_lock
from training.ml.fit import learning_rate_at
from training.ml.hooks import Hooks
from training.ml.isolated import PROJECT
from training.ml.lora import TrainingRequest, TrainingResult, train
from training.ml.loss import holdout_loss
from training.ml.metrics import StepMetrics
from training.ml.model import load_model
from web4site.errors import UserError

SETTINGS = LoraSettings(
    rank=4,
    alpha=8,
    dropout=0.1,
    epochs=3,
    batch_size=2,
    accumulation=2,
    learning_rate=5e-3,
    warmup_steps=1,
    max_length=256,
    log_every=1,
    save_every=2,
    keep_checkpoints=2,
    threads=1,
    device="cpu",
)


@pytest.fixture
def request_in(tmp_path: Path, tiny_base: Path, samples_file: Path):
    def make(name: str = "run", settings: LoraSettings = SETTINGS, **values) -> TrainingRequest:
        given = {"base": tiny_base, "samples": [samples_file], "locks": tmp_path / "locks", **values}
        return TrainingRequest(folder=tmp_path / name, settings=settings, **given)

    return make


def weights_hash(result: TrainingResult) -> str:
    assert result.adapter
    return hashlib.sha256((result.adapter / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_a_training_leaves_exactly_these_files_and_learns(request_in):
    seen: list[StepMetrics] = []
    request = request_in()
    result = train(request, Hooks(on_step=seen.append))
    assert result.stopped == "completed"
    assert sorted(path.name for path in request.folder.iterdir()) == ["adapter", "checkpoints"]
    assert sorted(path.name for path in (request.folder / "adapter").iterdir()) == [
        "adapter.gguf",
        "adapter_config.json",
        "adapter_model.safetensors",
        "manifest.json",
    ]
    assert sorted(path.name for path in (request.folder / "checkpoints").iterdir()) == ["step-000006", "step-000008"]
    assert [metrics.step for metrics in seen] == list(range(1, 10))
    assert seen[-1].epoch == 3 and seen[-1].eta_seconds == 0
    assert result.loss_last < result.loss_first
    assert result.tokens_per_second > 0 and seen[0].memory_bytes > 0


def test_the_manifest_explains_the_adapter(request_in, samples_file):
    request = request_in(facts={"dataset": "set-1"})
    result = train(request)
    manifest = json.loads((result.adapter / "manifest.json").read_text())
    assert manifest["dataset"] == "set-1"
    assert manifest["settings"]["rank"] == 4
    assert manifest["samples"] == {samples_file.name: hashlib.sha256(samples_file.read_bytes()).hexdigest()}
    assert manifest["files"]["adapter_model.safetensors"]["sha256"] == weights_hash(result)
    assert manifest["result"]["steps"] == 9


def test_the_first_batch_is_shown_as_the_model_sees_it_and_categories_are_counted(request_in, tmp_path):
    file = tmp_path / "tron.jsonl"
    record = {"instruction": "And next?", "output": "The check.", "metadata": {"category": "process_framework"}}
    file.write_text(json.dumps(record) + "\n", encoding="utf-8")
    batches, seen = [], []
    request = request_in(samples=[file], settings=replace(SETTINGS, epochs=2))
    train(request, Hooks(on_first_batch=batches.append, on_step=lambda metrics: seen.append(metrics.seen)))
    [[view]] = batches
    assert (view.category, view.length) == ("process_framework", len(view.tokens))
    assert "".join(text for text, learned in view.tokens if learned) == "The check.<|im_end|>"
    assert "".join(text for text, _ in view.tokens).startswith("<|im_start|>user\nAnd next?")
    assert seen == [{"process_framework": 1}, {"process_framework": 2}]


def test_replayed_samples_are_trained_counted_and_named(request_in, samples_file, tmp_path):
    old = tmp_path / "earlier" / "guardrails.jsonl"
    old.parent.mkdir()
    old.write_text(
        "".join(
            json.dumps({"instruction": f"Old {n}?", "output": "Yes.", "metadata": {"category": "old"}}) + "\n"
            for n in range(20)
        ),
        encoding="utf-8",
    )
    seen: list[dict[str, int]] = []
    settings = replace(SETTINGS, epochs=1, replay=0.25)
    result = train(
        request_in(replay=[old], settings=settings), Hooks(on_step=lambda metrics: seen.append(metrics.seen))
    )
    assert (result.data.samples, result.data.replayed) == (16, 4) and seen[-1] == {"": 12, "old": 4}
    manifest = json.loads((result.adapter / "manifest.json").read_text())
    assert manifest["replayed"] == {"earlier/guardrails.jsonl": hashlib.sha256(old.read_bytes()).hexdigest()}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_cancelled_and_resumed_training_equals_an_uninterrupted_one(request_in, precision):
    settings = replace(SETTINGS, precision=precision)
    whole = train(request_in("whole", settings))
    assert whole.precision == precision
    steps: list[int] = []
    cancelled = train(
        request_in("parts", settings),
        Hooks(on_step=lambda metrics: steps.append(metrics.step), should_stop=lambda: len(steps) == 5),
    )
    assert (cancelled.stopped, cancelled.adapter, cancelled.steps) == ("cancelled", None, 5)
    resumed = train(
        request_in("parts", settings, resume=True), Hooks(on_step=lambda metrics: steps.append(metrics.step))
    )
    assert steps == list(range(1, 10))
    assert weights_hash(resumed) == weights_hash(whole)
    assert (resumed.loss_first, resumed.loss_last) == (whole.loss_first, whole.loss_last)


def test_a_killed_training_resumes_from_its_last_checkpoint(request_in):
    class Killed(BaseException):
        """Stands for the process going away between two steps."""

    def kill_at_7(metrics: StepMetrics) -> None:
        if metrics.step == 7:
            raise Killed

    whole = train(request_in("whole"))
    with pytest.raises(Killed):
        train(request_in("parts"), Hooks(on_step=kill_at_7))
    assert latest_checkpoint(request_in("parts").folder / "checkpoints").name == "step-000006"
    assert weights_hash(train(request_in("parts", resume=True))) == weights_hash(whole)


def test_sigkill_at_any_moment_costs_only_the_steps_since_the_checkpoint(request_in):
    """A process of its own, killed without warning while it trains; the rest is trained here."""
    request = request_in("killed", replace(SETTINGS, epochs=12, save_every=5))
    script = "import pickle, sys; from training.ml.lora import train; train(pickle.loads(sys.stdin.buffer.read()))"
    process = subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT, stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(pickle.dumps(request))
    process.stdin.close()
    deadline = time.monotonic() + 120
    while latest_checkpoint(request.folder / "checkpoints") is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (request.folder / "adapter").exists()
    resumed = train(replace(request, resume=True))
    whole = train(request_in("whole", request.settings))
    assert resumed.steps == whole.steps == 36
    assert weights_hash(resumed) == weights_hash(whole)


def test_resume_refuses_other_data_or_settings(request_in):
    train(request_in(settings=replace(SETTINGS, precision="float32")))
    with pytest.raises(UserError, match="other settings or data"):
        train(request_in(settings=replace(SETTINGS, precision="bfloat16"), resume=True))
    with pytest.raises(UserError, match="other settings or data"):
        train(request_in(settings=replace(SETTINGS, learning_rate=1e-3), resume=True))
    with pytest.raises(UserError, match="no intact checkpoint to resume"):
        train(request_in("fresh", resume=True))


def test_limits_stop_with_an_adapter(request_in):
    by_steps = train(request_in("steps", replace(SETTINGS, max_steps=4)))
    by_time = train(request_in("time", replace(SETTINGS, max_seconds=1e-6)))
    assert (by_steps.stopped, by_steps.steps) == ("max_steps", 4)
    assert (by_time.stopped, by_time.steps) == ("max_seconds", 1)
    assert by_steps.adapter and by_time.adapter


def test_training_continues_a_parent_adapter(request_in):
    parent = train(request_in("parent"))
    child = train(request_in("child", replace(SETTINGS, epochs=1), parent=parent.adapter))
    assert child.loss_first < parent.loss_first
    assert json.loads((child.adapter / "adapter_config.json").read_text())["r"] == 4


def test_divergence_is_an_error_and_leaves_no_adapter(request_in, tiny_base, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(tiny_base, broken)
    tensors = load_file(broken / "model.safetensors")
    tensors["model.embed_tokens.weight"][:] = float("nan")
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    request = request_in(base=broken)
    with pytest.raises(UserError, match=r"diverged at step 1 \(loss nan.*lower the learning rate"):
        train(request)
    assert not (request.folder / "adapter").exists()


def test_the_hold_out_is_measured_before_between_and_after_without_changing_the_training(request_in, samples_file):
    measured: list[tuple[int, float]] = []
    plain = train(request_in("plain"))
    settings = replace(SETTINGS, eval_every=4, eval_samples=5)
    request = request_in("measured", settings, holdout=samples_file)
    result = train(request, Hooks(on_holdout=lambda step, loss: measured.append((step, loss))))
    assert [step for step, _ in measured] == [0, 4, 8, 9]
    assert (result.holdout_first, result.holdout_last) == (measured[0][1], measured[-1][1])
    assert result.holdout_last < result.holdout_first
    assert (plain.holdout_first, plain.holdout_last) == (None, None)
    assert weights_hash(result) == weights_hash(plain)


def test_a_training_cancelled_at_its_last_step_is_measured_when_it_is_resumed(request_in, samples_file):
    whole = train(request_in("whole", holdout=samples_file))
    steps: list[int] = []
    hooks = Hooks(on_step=lambda metrics: steps.append(metrics.step), should_stop=lambda: len(steps) == 9)
    assert train(request_in("parts", holdout=samples_file), hooks).stopped == "cancelled"
    resumed = train(request_in("parts", holdout=samples_file, resume=True))
    assert (resumed.steps, resumed.holdout_last) == (9, whole.holdout_last)


def test_hold_out_samples_beyond_the_limit_are_not_measured(request_in, tmp_path):
    file = tmp_path / "eval.jsonl"
    file.write_text(json.dumps({"instruction": "long " * 400, "output": "No."}) + "\n")
    result = train(request_in(holdout=file))
    assert result.adapter and result.holdout_first is None


def test_one_training_per_device(request_in, tmp_path):
    with device_lock(tmp_path / "locks", "cpu"), pytest.raises(UserError, match="Another training is using cpu"):
        train(request_in())


def test_missing_samples_are_named_before_anything_is_loaded(request_in, tmp_path):
    with pytest.raises(UserError, match=r"nothing\.jsonl does not exist"):
        train(request_in(samples=[tmp_path / "nothing.jsonl"]))


def test_a_tokenizer_of_another_model_is_refused(request_in, tiny_base, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(tiny_base, other)
    settings = json.loads((other / "tokenizer.json").read_text())
    settings["added_tokens"].append({**settings["added_tokens"][0], "id": 5000, "content": "<|elsewhere|>"})
    (other / "tokenizer.json").write_text(json.dumps(settings))
    request = request_in(base=other)
    with pytest.raises(UserError, match=r"wrong tokenizer: it makes \d+ tokens and the model knows \d+"):
        train(request)
    assert not request.folder.exists()


@pytest.mark.parametrize(
    ("questions", "message"),
    [([], "no training samples"), (["long " * 400], "No sample has an answer within 256 tokens")],
)
def test_nothing_to_learn_stops_before_anything_is_written(request_in, tmp_path, questions, message):
    file = tmp_path / "nothing.jsonl"
    file.write_text("".join(json.dumps({"instruction": text, "output": "No."}) + "\n" for text in questions))
    request = request_in(samples=[file])
    with pytest.raises(UserError, match=message):
        train(request)
    assert not request.folder.exists()


def test_answers_of_one_token_and_samples_longer_than_the_limit_train(request_in, tmp_path):
    file = tmp_path / "extremes.jsonl"
    answers = ["", "a", "word " * 400]
    file.write_text("".join(json.dumps({"instruction": "?", "output": answer}) + "\n" for answer in answers))
    result = train(request_in(samples=[file]))
    assert result.adapter and (result.data.truncated, result.data.longest) == (1, 256)


def test_gradient_checkpointing_learns_the_same(request_in):
    plain = train(request_in("plain", replace(SETTINGS, dropout=0.0)))
    saving = train(request_in("saving", replace(SETTINGS, dropout=0.0, gradient_checkpointing=True)))
    assert saving.loss_last == pytest.approx(plain.loss_last, rel=1e-4) and saving.loss_last < saving.loss_first


def test_bfloat16_learns_what_float32_learns(request_in, samples_file):
    """Compared by the hold-out loss in float32, which is what a build is made in."""
    import torch
    from transformers import AutoTokenizer

    from training.ml.data import encode_all, read_samples

    cpu, plain = torch.device("cpu"), replace(SETTINGS, dropout=0.0, precision="float32")
    results = [train(request_in(name, replace(plain, precision=name))) for name in ("float32", "bfloat16")]
    samples, _ = encode_all(read_samples([samples_file]), AutoTokenizer.from_pretrained(request_in().base), 256)
    losses = [
        holdout_loss(load_model(request_in().base, plain, cpu, result.adapter), samples, 4, cpu) for result in results
    ]
    assert losses[0] < results[0].loss_first * 0.9 and losses[1] == pytest.approx(losses[0], rel=0.01)
    weights = load_file(results[1].adapter / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}


def test_the_schedule_rises_then_falls():
    rates = [learning_rate_at(step, 100, replace(SETTINGS, warmup_steps=10)) for step in range(100)]
    assert rates[0] == pytest.approx(5e-4) and max(rates) == rates[9] == rates[10] == 5e-3
    assert rates[10:] == sorted(rates[10:], reverse=True) and rates[-1] < 1e-5
    constant = [learning_rate_at(step, 100, replace(SETTINGS, schedule="constant")) for step in range(100)]
    assert set(constant) == {5e-3}
