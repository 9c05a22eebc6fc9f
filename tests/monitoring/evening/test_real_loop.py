"""The evening loop with nothing small but the model: real training, merge, GGUF, llama.cpp server, canaries."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from evaluation.models import Deployment, Evaluation
from evaluation.runtimes.base import Request, user
from evaluation.runtimes.llamacpp import LlamaServer
from evaluation.services.deployments import baseline_ensure
from monitoring.evening.loop import evening_execute
from monitoring.evening.means import Means
from rag.models import Document
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.monitoring.evening.small import DAY, index_day, words
from tests.training.tiny import write_tiny_model
from training.models import Adapter

pytestmark = [pytest.mark.slow]
PARAMS = {"date": DAY.isoformat()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("base") / "tiny-llama")


@pytest.fixture
def home(settings, tmp_path: Path, stores: None, tiny: Path) -> Path:
    settings.BASE_MODEL_DIR = tiny
    settings.ARTIFACTS_DIR, settings.DATASETS_DIR = tmp_path / "artifacts", tmp_path / "datasets"
    settings.RUN_DIR, settings.LOG_DIR = tmp_path / "run", tmp_path / "logs"
    settings.WEB4_HOME = tmp_path
    settings.ALERT_WEBHOOK = settings.ALERT_EMAIL = ""
    index_day(tmp_path / "corpus", range(4))
    return tmp_path


def test_a_real_evening_over_the_baseline_rolls_back_what_knows_nothing(home):
    baseline = baseline_ensure()
    served = (home / "run" / "live.json").read_text()
    result = evening_execute("evening_loop", params=PARAMS, means=Means(count_tokens=words, most_samples=40))
    assert result["outcome"] == "rolled_back", result
    adapter = Adapter.objects.get(pk=result["adapter"])
    assert adapter.parent is None and adapter.training.preset == "incremental" and adapter.loss_last > 0
    evaluation = Evaluation.objects.get(pk=result["evaluation"])
    assert evaluation.canaries_total == 20 and evaluation.canaries_passed < 20
    assert any(case.output for case in evaluation.cases.all()), "the real server answered"
    assert Deployment.objects.get(status="live") == baseline
    assert (home / "run" / "live.json").read_text() == served
    assert Document.objects.filter(collection="daily_buffer", trained_in_adapter="").count() == 4


def test_two_real_evenings_continue_one_adapter(home):
    """The first candidate is approved by hand; the second evening continues it and goes live by rule."""
    baseline = baseline_ensure()
    knows_all = Means(count_tokens=words, most_samples=60, runtime=FakeRuntime(all_perfect()))
    first = evening_execute("evening_loop", params=PARAMS, means=knows_all)
    assert first["outcome"] == "candidate", first
    candidate = Deployment.objects.get(pk=first["deployment"])
    baseline.move("retired", allowed_from=("live",))
    candidate.move("live", allowed_from=("candidate",), comment="approved")
    index_day(home / "corpus", range(4, 5))
    second = evening_execute("evening_loop", params=PARAMS, means=knows_all)
    assert (second["outcome"], second["settled"], second["documents"]) == ("deployed", 4, 1), second
    live = Deployment.objects.select_related("build__adapter").get(status="live")
    assert live.build.adapter.parent == candidate.build.adapter
    with LlamaServer(Path(json.loads((home / "run" / "live.json").read_text())["gguf"])) as server:
        assert server.generate(Request(user("Good morning."), 4)).tokens > 0


def test_the_command_tells_outcome_and_steps_as_json(stores, capsys):
    call_command("evening_loop", "--date", DAY.isoformat(), "--json")
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["outcome"] == "no_data" and len(result["steps"]) == 11
    assert {"name", "status", "seconds"} <= set(result["steps"][0])
    with pytest.raises(SystemExit) as left:
        call_command("evening_loop", "--date", "yesterday")
    assert left.value.code == 2
