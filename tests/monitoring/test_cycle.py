"""One whole round with nothing small but the model: index, samples, training, build, proof, candidate."""

from pathlib import Path

import pytest

from evaluation.models import Deployment, Evaluation
from evaluation.services.deployments import baseline_ensure
from monitoring.services import cycle
from samples.models import Dataset
from tests.monitoring.evening.small import write_day
from tests.samples.corpus import ENTRIES
from tests.training.tiny import write_tiny_model
from training.models import Build
from web4site.models import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def home(settings, tmp_path: Path, stores: None, monkeypatch) -> Path:
    settings.BASE_MODEL_DIR = write_tiny_model(tmp_path / "models" / "tiny-llama")
    settings.ARTIFACTS_DIR, settings.DATASETS_DIR = tmp_path / "artifacts", tmp_path / "datasets"
    settings.RUN_DIR, settings.LOG_DIR = tmp_path / "run", tmp_path / "logs"
    settings.WEB4_HOME = tmp_path
    monkeypatch.setitem(cycle.PROFILES, "demo", cycle.Profile(0.004, "demo", "demo"))
    monkeypatch.setattr(cycle, "models_prepare", lambda report: {})
    write_day(tmp_path / "journals", range(len(ENTRIES)))
    return tmp_path


@pytest.fixture
def measured_baseline(home) -> Evaluation:
    """Measuring the real base takes minutes; it is measured once for an installation, so say it was."""
    run = Run.objects.create(kind="evaluate", title="Baseline", status="succeeded")
    return Evaluation.objects.create(build=baseline_ensure().build, run=run, profile="demo", overall=0.25)


def test_a_round_ends_with_a_candidate(home, measured_baseline):
    run = cycle.cycle_run(cycle.cycle_create(corpus=home / "journals", profile="demo"))
    assert run.status == "succeeded", run.error
    assert [step["status"] for step in run.steps] == ["succeeded"] * len(cycle.STEPS)
    result = run.result
    index = result["index"]
    assert index["indexed"] + index["skipped"] + index["failed"] == index["found"] == len(ENTRIES)
    assert Dataset.objects.get(pk=result["dataset"]["id"]).status == "frozen"
    assert Dataset.objects.latest("pk").status == "draft", "the next samples wait for reviewers"
    assert Path(result["build"]["gguf"]).stat().st_size == result["build"]["bytes"]
    gates = {gate["name"] for gate in result["evaluation"]["gates"]}
    assert gates >= {"pdca_schema", "pdca_template", "tron_format", "empty_constructor", "tool_success", "refusal"}
    # Two random layers know nothing: shown as it is, and the baseline stays live, marked as not gated.
    assert not result["evaluation"]["cleared"] and result["deployment"]["status"] == "candidate"
    live = Deployment.objects.get(status="live")
    assert live.build == measured_baseline.build and not live.is_gated
    assert Build.objects.get(pk=result["build"]["build"]).adapter.name == result["adapter"]["adapter"]


def test_a_step_that_fails_ends_the_round_and_says_why(home, measured_baseline, monkeypatch):
    monkeypatch.setitem(cycle.PROFILES, "demo", cycle.Profile(0.004, "no-such-preset", "demo"))
    run = cycle.cycle_run(cycle.cycle_create(corpus=home / "journals", profile="demo"))
    states = {step["name"]: step["status"] for step in run.steps}
    assert run.status == "failed" and "no-such-preset" in run.error
    assert states["Freeze dataset"] == "succeeded" and states["Train adapter"] == "failed"
    assert states["Build GGUF"] == "skipped"
