"""Training and building by command and by the queue."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from rq.serializers import JSONSerializer

from tests.training.services.conftest import FAST
from training.models import Adapter, Build
from training.services.builds import build_start
from training.services.trainings import training_start


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
