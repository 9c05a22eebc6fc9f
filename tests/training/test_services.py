"""Trainings and builds through rows and commands, on a tiny real model."""

import json
import os
import shutil
import signal
from contextlib import ExitStack
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from rq.serializers import JSONSerializer

from samples.models import Dataset
from tests.training.conftest import freeze
from training.ml.lock import locked
from training.models import Adapter, Build, Training
from training.selectors import adapter_lineage, first_batch, training_points
from training.services.builds import build_create, build_run, build_start
from training.services.deletion import adapter_delete
from training.services.trainings import (
    training_create,
    training_files,
    training_of,
    training_resume,
    training_run,
    training_start,
)
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress

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


@pytest.fixture
def adapter(dataset) -> Adapter:
    return Adapter.objects.get(name=trained(dataset).result["adapter"])


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


def test_commands_speak_json(dataset, capsys):
    settings = [part for name, value in FAST.items() for part in ("--set", f"{name}={value}")]
    call_command("train_lora", "--dataset", "first", *settings, "--json")
    trained = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert {"run", "adapter", "loss_first", "loss_last", "tokens_per_second"} <= set(trained)
    call_command("build_model", trained["adapter"], "--quant", "Q8_0", "--json")
    built = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert {"build", "gguf", "sha256", "bytes", "parity"} <= set(built)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train_lora"], "no frozen dataset yet"),
        (["train_lora", "--dataset", "nowhere"], "no frozen dataset 'nowhere'"),
        (["train_lora", "--resume", "77"], "no run 77"),
        (["train_lora", "--resume", "0"], "no run 0"),
        (["train_lora", "--resume", "77", "--preset", "demo"], "leave out --preset"),
        (["train_lora", "--processes", "0"], "it must be at least 1"),
        (["build_model", "latest"], "no adapter 'latest'"),
    ],
)
@pytest.mark.django_db
def test_a_wrong_command_says_what_to_do_in_one_line(arguments, message):
    errors = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command(*arguments, stderr=errors)
    assert left.value.code == 2
    assert message in errors.getvalue() and "Traceback" not in errors.getvalue()


def test_a_setting_without_value_is_explained(dataset):
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("train_lora", "--set", "rank", stderr=errors)
    assert "write it as NAME=VALUE" in errors.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_queue_trains_and_builds(services, dataset, people):
    """Start as the page does, let a worker of the queue do it, look at the rows."""
    import django_rq
    from rq import SimpleWorker

    run = training_start(dataset=dataset, preset="demo", overrides=FAST, actor=people.reviewer)
    assert (run.status, run.training.preset) == ("queued", "demo")
    worker = SimpleWorker(["train"], connection=django_rq.get_connection("train"), serializer=JSONSerializer)
    worker.work(burst=True)
    run.refresh_from_db()
    assert (run.status, run.error) == ("succeeded", "")
    build = build_start(adapter=Adapter.objects.get(), quantization="F16", actor=people.reviewer)
    worker.work(burst=True)
    build.refresh_from_db()
    assert (build.status, build.error) == ("succeeded", "")
    assert Build.objects.get().run == build
