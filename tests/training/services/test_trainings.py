"""Trainings through rows, on a tiny real model."""

import json
import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.training.conftest import freeze
from tests.training.services.conftest import FAST, trained
from training.models import Adapter, Training
from training.selectors import adapter_lineage, first_batch, training_points
from training.services.trainings import (
    training_create,
    training_files,
    training_of,
    training_resume,
    training_run,
)
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress


def test_a_training_ends_as_a_run_with_points_and_an_adapter(dataset):
    seen: list[Progress] = []
    run = training_run(run=training_create(dataset=dataset, preset="demo", overrides=FAST), listener=seen.append)
    assert (run.status, run.error) == ("succeeded", "")
    adapter = Adapter.objects.get(name=run.result["adapter"])
    training = run.training
    assert adapter.training == training and adapter.manifest["dataset"] == {"name": "first", "sha256": dataset.sha256}
    assert (Path(adapter.folder) / "adapter_model.safetensors").stat().st_size == adapter.bytes
    points = training_points(training)
    assert [point.step for point in points] == [0, 1, 2, 3]
    assert [point.loss is None for point in points] == [True, False, False, False]
    assert run.result["holdout_first"] == points[0].holdout_loss > 0
    assert run.result["holdout_last"] == points[-1].holdout_loss
    assert run.result["data"]["samples"] == 12
    assert run.result["adapter_bytes"] == adapter.bytes and run.result["rank"] == 4
    assert len(run.result["targets"]) == 7
    assert seen[-1].done == seen[-1].total == 3 and "tokens/s" in seen[-3].message
    assert run.result["loss_last"] == adapter.loss_last > 0
    assert training.settings["rank"] == 4 and training.preset == "demo"


def test_a_training_leaves_events_its_first_batch_and_what_it_saw(dataset):
    training = trained(dataset).training
    events = b"".join(file.read_bytes() for file in (Path(training.folder) / "events").iterdir())
    assert all(name.encode() in events for name in ("train/loss", "train/grad_norm", "holdout/loss"))
    [sample] = first_batch(training)
    assert "".join(text for text, learned in sample["tokens"] if learned).endswith("<|im_end|>")
    training.refresh_from_db()
    assert training.seen == {"": 3}
    shutil.rmtree(training.folder)
    assert first_batch(training) == []


def test_a_cancelled_training_is_resumed_in_a_new_run(dataset):
    run = training_create(dataset=dataset, preset="demo", overrides=FAST)

    def cancel(progress: Progress) -> None:
        if progress.done == 1:
            run.request_cancel()

    training_run(run=run, listener=cancel)
    assert run.status == "cancelled" and not Adapter.objects.exists()
    assert (Path(run.training.folder) / "checkpoints" / "step-000001").is_dir()
    again = training_run(run=training_resume(run=run))
    assert (again.status, again.error) == ("succeeded", "")
    assert [point.step for point in training_points(again.training)] == [0, 1, 2, 3]
    assert again.result["steps"] == 3 and again.training.points.count() == 2


def test_a_finished_training_keeps_its_adapter_and_no_checkpoint(dataset):
    finished = trained(dataset)
    folder = Path(finished.training.folder)
    assert sorted(path.name for path in folder.iterdir()) == ["adapter", "events", "first_batch.json"]
    child = trained(dataset, parent=Adapter.objects.get())
    assert child.status == "succeeded" and (folder / "adapter").is_dir()


def test_a_warning_that_may_stop_leaves_a_checkpoint_and_says_how_to_go_on(dataset):
    """The tiny random model's loss is far above 1.5; twelve samples make epochs of twelve steps."""
    overrides = {**FAST, "max_steps": "14", "save_every": "100", "stop_on": "loss_high,memory"}
    run = training_run(run=training_create(dataset=dataset, preset="demo", overrides=overrides))
    assert run.status == "failed" and not Adapter.objects.exists()
    assert "stopped it at step 12: loss" in run.error and "above 1.5 after epoch 1" in run.error
    assert "resume without this rule" in run.error
    [warning] = [warning for warning in Training.objects.get().warnings if warning["stops"]]
    assert (warning["rule"], warning["step"]) == ("loss_high", 12)
    stubborn = training_run(run=training_resume(run=run))
    assert "stopped it at step 13" in stubborn.error
    with pytest.raises(UserError, match=r"stop_on = .* it must be from"):
        training_resume(run=stubborn, overrides={"stop_on": "hunger"})
    again = training_run(run=training_resume(run=stubborn, overrides={"stop_on": "memory"}))
    assert (again.status, again.result["steps"]) == ("succeeded", 14)


def test_a_training_says_what_it_does_between_the_steps(dataset):
    seen: list[Progress] = []
    run = training_create(dataset=dataset, preset="demo", overrides=FAST)
    training_run(run=run, listener=seen.append)
    said = [progress.message for progress in seen if "tokens/s" not in progress.message]
    assert said == [
        "loading model and samples", "reading the samples", "loading the base model",
        "measuring the hold-out", "measuring the hold-out", "writing the adapter",
    ]  # fmt: skip
    assert (seen[-1].done, seen[-1].total) == (3, 3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_saves_a_checkpoint(dataset, number):
    run = training_create(dataset=dataset, preset="demo", overrides={**FAST, "save_every": "100"})
    before = signal.getsignal(number)

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            os.kill(os.getpid(), number)

    training_run(run=run, listener=stop)
    assert run.status == "cancelled" and signal.getsignal(number) == before
    assert [path.name for path in (Path(run.training.folder) / "checkpoints").iterdir()] == ["step-000002"]


@pytest.fixture
def interrupted(dataset) -> Run:
    """A training that was stopped after its second step, with checkpoints of both."""
    run = training_create(dataset=dataset, preset="demo", overrides=FAST)

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            signal.raise_signal(signal.SIGTERM)

    return training_run(run=run, listener=stop)


def test_a_killed_training_whose_row_nobody_swept_is_resumed_by_the_command(interrupted, capsys):
    silent = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(pk=interrupted.pk).update(status="running", finished_at=None, heartbeat_at=silent)
    call_command("train_lora", "--resume", str(interrupted.pk), "--json")
    assert json.loads(capsys.readouterr().out.strip().splitlines()[-1])["steps"] == 3


def test_a_training_is_resumed_once_at_a_time_and_never_after_its_adapter(interrupted):
    again = training_resume(run=interrupted)
    with pytest.raises(UserError, match=f"run {again.pk} is queued"):
        training_resume(run=interrupted)
    checkpoints = Path(interrupted.training.folder) / "checkpoints"
    shutil.copytree(checkpoints, checkpoints.with_name("before"))
    training_run(run=again)
    # As after a kill between the adapter's row and the end of its run.
    checkpoints.with_name("before").rename(checkpoints)
    Run.objects.filter(pk=again.pk).update(status="failed")
    with pytest.raises(UserError, match="has ended with adapter"):
        training_resume(run=Run.objects.get(pk=again.pk))


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "optimizer.pt", "state.json", "sha256.json"])
def test_a_damaged_checkpoint_is_passed_over(interrupted, name):
    checkpoints = Path(interrupted.training.folder) / "checkpoints"
    (checkpoints / ".step-000002-killed").mkdir()
    content = (checkpoints / "step-000002" / name).read_bytes()
    (checkpoints / "step-000002" / name).write_bytes(content[:-1] + b"x")
    again = training_resume(run=interrupted)
    assert again.params["done_before"] == 1
    training_run(run=again)
    assert (again.status, again.result["steps"], again.training.points.first().step) == ("succeeded", 3, 2)


def test_resume_needs_an_interrupted_training_with_a_checkpoint(dataset):
    finished = trained(dataset)
    with pytest.raises(UserError, match=f"has ended with adapter {finished.result['adapter']}"):
        training_resume(run=finished)
    run = training_create(dataset=dataset, preset="demo", overrides=FAST)
    with pytest.raises(UserError, match="is queued: only a failed or cancelled one"):
        training_resume(run=run)
    run.request_cancel()
    with pytest.raises(UserError, match="left no intact checkpoint"):
        training_resume(run=run)
    with pytest.raises(UserError, match="is no training"):
        training_resume(run=Run.objects.create(kind="index", title="x"))


def test_an_incremental_training_keeps_its_lineage(dataset):
    parent = Adapter.objects.get(name=trained(dataset).result["adapter"])
    child = Adapter.objects.get(name=trained(dataset, parent=parent).result["adapter"])
    assert child.parent == parent and adapter_lineage(child) == [parent, child]
    assert child.name == f"{parent.name.rsplit('run', 1)[0]}run{child.training.run_id}"


def test_an_incremental_training_replays_samples_of_its_ancestors(dataset, tmp_path):
    parent = Adapter.objects.get(name=trained(dataset).result["adapter"])
    folder = tmp_path / "second"
    shutil.copytree(dataset.folder, folder)
    newer = freeze(folder, "second")
    overrides = {**FAST, "replay": "0.4"}
    run = training_run(run=training_create(dataset=newer, preset="demo", overrides=overrides, parent=parent))
    assert (run.result["data"]["samples"], run.result["data"]["replayed"]) == (20, 8)
    again = training_run(run=training_create(dataset=dataset, preset="demo", overrides=overrides, parent=parent))
    assert again.result["data"]["replayed"] == 0, "the parent's samples are the ones trained anyway"


def test_a_retried_run_gets_its_training_row_from_its_parameters(dataset):
    first = training_create(dataset=dataset, preset="demo", overrides=FAST)
    again = Run.objects.create(kind="train", title="again", params=first.params)
    assert training_of(run=again).settings == first.training.settings
    assert training_of(run=again).folder != first.training.folder
    assert Training.objects.count() == 2


def test_a_broken_sample_fails_the_run_with_its_place(dataset):
    (Path(dataset.folder) / "guardrails.jsonl").write_text("{}\n", encoding="utf-8")
    run = trained(freeze(Path(dataset.folder), "first"))
    assert run.status == "failed" and "guardrails.jsonl line 1 is not a training sample" in run.error


def test_a_dataset_changed_after_it_was_chosen_is_not_trained(dataset):
    run = training_create(dataset=dataset, preset="demo", overrides=FAST)
    with (Path(dataset.folder) / "eval.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    training_run(run=run)
    assert run.status == "failed" and "not what was frozen (eval.jsonl was changed)" in run.error


def test_what_cannot_be_trained_is_refused_before_a_run_exists(dataset, tmp_path):
    with pytest.raises(UserError, match="no preset 'turbo'"):
        training_create(dataset=dataset, preset="turbo")
    with pytest.raises(UserError, match="rank = 0"):
        training_create(dataset=dataset, preset="demo", overrides={"rank": "0"})
    lost = Adapter(name="lost", folder=str(tmp_path / "gone"), bytes=0)
    with pytest.raises(UserError, match="Adapter lost has lost its files"):
        training_create(dataset=dataset, preset="demo", parent=lost)
    (Path(dataset.folder) / "guardrails.jsonl").unlink()
    with pytest.raises(UserError, match=r"not what was frozen \(guardrails.jsonl is missing\)"):
        training_create(dataset=dataset, preset="demo")
    dataset.status = "draft"
    with pytest.raises(UserError, match="is a draft: freeze it first"):
        training_files(dataset)
    assert not Run.objects.exists()
