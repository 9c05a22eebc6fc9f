"""The evening loop: real index, samples, freeze, canaries and deployment; only training and building are small."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from evaluation.models import Deployment
from evaluation.services.activation import deployment_rollback
from monitoring.evening.learning import STEPS
from monitoring.evening.loop import evening_execute
from monitoring.models import Alert
from rag.models import Document
from rag.stores import VectorStore, get_graph, get_vectors
from samples.judges import judge
from samples.models import Dataset
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.monitoring.evening.small import DAY, approved_live, index_day, leave_adapter, means, write_day
from web4site.models import Run

PARAMS = {"date": DAY.isoformat()}


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path, stores: None) -> Path:
    """The home's folders, apart for each test; the stores stay those of the session."""
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    settings.DATASETS_DIR = tmp_path / "datasets"
    settings.RUN_DIR = tmp_path / "run"
    settings.LOG_DIR = tmp_path / "logs"
    settings.WEB4_HOME = tmp_path
    settings.ALERT_WEBHOOK = settings.ALERT_EMAIL = ""
    return tmp_path


@pytest.fixture
def day(tmp_path: Path) -> Path:
    root = tmp_path / "corpus"
    index_day(root, range(4))
    assert Document.objects.filter(collection="daily_buffer").count() == 4
    return root


def statuses(result: dict) -> dict[str, str]:
    return {row["name"]: row["status"] for row in result["steps"]}


def test_a_good_evening_deploys_and_the_buffer_is_learned_in_all_tiers(day, home):
    before = approved_live()
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert result["outcome"] == "deployed", result
    assert set(statuses(result).values()) == {"succeeded"} and list(statuses(result)) == list(STEPS)
    live = Deployment.objects.get(status="live")
    assert live.pk == result["deployment"] and live.build.adapter.parent == before.build.adapter
    before.refresh_from_db()
    assert before.status == "retired" and not Alert.objects.exists()
    documents = Document.objects.filter(path__startswith="journal/")
    assert set(documents.values_list("collection", "trained_in_adapter")) == {
        ("pdca_historical", live.build.adapter.name)
    }
    uid = documents[0].chunks.values_list("uid", flat=True)[0]
    assert get_vectors().get("pdca_historical", [uid])[uid]["trained_in_adapter"] == live.build.adapter.name
    assert get_vectors().count("daily_buffer") == 0
    rows = get_graph()._query("MATCH (d:Document) RETURN DISTINCT d.trained_in_adapter")
    assert rows == [[live.build.adapter.name]]
    assert json.loads((home / "run" / "live.json").read_text())["deployment"] == live.pk


def test_what_was_learned_is_archived_and_the_old_adapter_backed_up(day, home):
    before = approved_live()
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    archive = json.loads(Path(result["archive"]).read_text())
    assert Path(result["archive"]).parent == home / "artifacts" / "evening" / DAY.isoformat()
    assert len(archive["documents"]) == 4 and archive["run"] == result["run"]
    assert all(document["text"] and document["trained_in_adapter"] for document in archive["documents"])
    backup = Path(result["backup"]) / "adapter_model.safetensors"
    assert backup.read_bytes() == (Path(before.build.adapter.folder) / backup.name).read_bytes()
    dataset = Dataset.objects.get(pk=result["dataset"])
    assert dataset.status == "frozen" and 0 < dataset.samples.count() <= 200
    assert set(dataset.samples.values_list("document__corpus__root", flat=True)) == {str(day)}


def test_one_failed_canary_rolls_back_and_loses_nothing(day, home):
    live = approved_live()
    answer = all_perfect()
    wrong = FakeRuntime(lambda question: "Jest." if "test framework" in question else answer(question))
    result = evening_execute("evening_loop", params=PARAMS, means=means(wrong))
    assert result["outcome"] == "rolled_back" and "pattern-vitest-only" in result["why"]
    assert statuses(result)["mark documents trained"] == "skipped"
    assert Deployment.objects.get(pk=result["deployment"]).status == "rolled_back"
    assert Deployment.objects.get(status="live") == live
    assert not (home / "run" / "live.json").exists()
    waiting = Document.objects.filter(collection="daily_buffer", trained_in_adapter="")
    assert waiting.count() == 4 and get_vectors().count("daily_buffer") > 0
    alert = Alert.objects.get()
    assert "rolled back" in alert.title and "19 of 20" in alert.body and alert.run_id == result["run"]


def test_the_next_evening_takes_what_was_rolled_back(day):
    approved_live()
    evening_execute("evening_loop", params=PARAMS, means=means(FakeRuntime(lambda question: "I do not know.")))
    result = evening_execute("evening_loop", params={"date": "2026-11-21"}, means=means())
    assert (result["outcome"], result["documents"], result["moved"]) == ("deployed", 4, 4)


def test_failed_smoke_tests_roll_back_too(day):
    live = approved_live()
    runtime = FakeRuntime(all_perfect())

    class Forgets(FakeRuntime):
        def generate(self, request):
            reply = runtime.generate(request)
            asked = request.messages[-1]["content"]
            return replace(reply, text="I cannot.") if "Excerpt from 2027-03-01" in asked else reply

    result = evening_execute("evening_loop", params=PARAMS, means=means(Forgets()))
    assert result["outcome"] == "rolled_back" and "history-with-citation" in result["why"]
    assert Deployment.objects.get(status="live") == live
    assert Document.objects.filter(collection="daily_buffer").count() == 4


def test_over_the_baseline_a_good_model_becomes_a_candidate_only(day, baseline):
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert result["outcome"] == "candidate" and "approver" in result["why"]
    assert Deployment.objects.get(pk=result["deployment"]).status == "candidate"
    assert Deployment.objects.get(status="live") == baseline
    assert Document.objects.filter(collection="daily_buffer").count() == 4


def test_documents_of_a_candidate_approved_since_count_as_trained(day, baseline):
    first = evening_execute("evening_loop", params=PARAMS, means=means())
    candidate = Deployment.objects.get(pk=first["deployment"])
    baseline.move("retired", allowed_from=("live",))
    candidate.move("live", allowed_from=("candidate",), comment="a person approved it")
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert (result["outcome"], result["settled"]) == ("no_data", 4)
    assert set(Document.objects.values_list("trained_in_adapter", flat=True)) == {first["adapter_name"]}


def test_what_a_rolled_back_model_learned_waits_in_the_buffer_again(day):
    before = approved_live()
    first = evening_execute("evening_loop", params=PARAMS, means=means())
    deployment_rollback(reason="The canaries of the night failed.")
    assert Deployment.objects.get(status="live") == before
    documents = Document.objects.all()
    assert set(documents.values_list("collection", "trained_in_adapter", "training_date")) == {
        ("daily_buffer", "", None)
    }
    uid = documents[0].chunks.values_list("uid", flat=True)[0]
    assert get_vectors().get("daily_buffer", [uid])[uid]["trained_in_adapter"] == ""
    assert get_graph()._query("MATCH (d:Document) RETURN DISTINCT d.trained_in_adapter") == [[""]]
    again = evening_execute("evening_loop", params={"date": "2026-11-21"}, means=means())
    assert (again["outcome"], again["documents"]) == ("deployed", 4)
    assert set(documents.values_list("trained_in_adapter", flat=True)) == {again["adapter_name"]}
    assert first["adapter_name"] != again["adapter_name"]


def test_the_evening_takes_back_what_a_roll_back_could_not_while_a_store_was_away(day, monkeypatch):
    approved_live()
    evening_execute("evening_loop", params=PARAMS, means=means())
    with monkeypatch.context() as away:
        away.setattr("rag.services.documents.get_vectors", lambda: VectorStore("http://127.0.0.1:9"))
        deployment_rollback(reason="The canaries of the night failed.")
    assert not Document.objects.filter(trained_in_adapter="").exists()
    again = evening_execute("evening_loop", params={"date": "2026-11-21"}, means=means())
    assert (again["outcome"], again["documents"], again["returned"]) == ("deployed", 4, 4)


def test_a_document_written_anew_during_the_loop_stays(day):
    approved_live()

    def train(run, dataset, parent, report):
        path = next(day.rglob("*oven-timer*"))
        path.write_text(path.read_text() + "\nOne more finding: the bell of oven three hangs loose.\n")
        write_day(day, range(4, 5))
        from rag.services.indexing import index_root

        index_root(root=day, daily=DAY)
        return leave_adapter(run, dataset, parent)

    result = evening_execute("evening_loop", params=PARAMS, means=replace(means(), train=train))
    assert (result["outcome"], result["moved"]) == ("deployed", 3)
    left = Document.objects.filter(collection="daily_buffer").values_list("path", "trained_in_adapter")
    assert {marker for _, marker in left} == {""} and len(left) == 2


def test_no_data_stops_early(home):
    approved_live()
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert result["outcome"] == "no_data"
    assert list(statuses(result).values()) == ["succeeded"] * 2 + ["skipped"] * 9
    assert not Dataset.objects.exclude(name="first").exists() and not Alert.objects.exists()


def test_a_document_with_a_secret_is_never_trained_on_and_does_not_wait_for_ever(day):
    Document.objects.update(ok_to_train=False)
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert (result["outcome"], result["not_trainable"]) == ("no_data", 4)
    assert set(Document.objects.values_list("collection", "trained_in_adapter")) == {("pdca_historical", "")}


def test_a_failure_is_alerted_and_leaves_an_incident_in_our_format(day, home, monkeypatch):
    live = approved_live()

    def burn(run, dataset, parent, report):
        raise RuntimeError("the GPU | caught # fire\nlogin: admin password=hunter2hunter2")

    result = evening_execute("evening_loop", params=PARAMS, means=replace(means(), train=burn))
    assert result["outcome"] == "failed" and "caught" in result["error"]
    assert statuses(result)["train"] == "failed" and statuses(result)["build"] == "skipped"
    assert Deployment.objects.get(status="live") == live
    assert Document.objects.filter(collection="daily_buffer", trained_in_adapter="").count() == 4
    alert = Alert.objects.get()
    incident = next((home / "incidents").iterdir())
    assert str(incident) in alert.body
    text = incident.read_text()
    assert "hunter2" not in text and "hunter2" not in alert.body
    verdict = judge("pdca_template", text)
    assert verdict.passed, verdict.why
    assert judge("tron_format", text).passed
    assert 'at the step "train"' in text


def test_two_loops_do_not_run_at_once(day, settings):
    from web4site.services.locks import ServiceLock

    with ServiceLock(settings.RUN_DIR, "evening").exclusive():
        result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert result["outcome"] == "failed" and "already running" in result["error"]


def test_a_cancelled_loop_stops_at_its_next_step_without_alarm(day):
    approved_live()

    def train(run, dataset, parent, report):
        run.request_cancel()
        return leave_adapter(run, dataset, parent)

    result = evening_execute("evening_loop", params=PARAMS, means=replace(means(), train=train))
    assert result["outcome"] == "cancelled" and not Alert.objects.exists()
    assert Document.objects.filter(collection="daily_buffer").count() == 4


def test_a_run_from_the_page_is_done_once(day):
    approved_live()
    run = Run.objects.create(kind="evening", title="Evening loop, started by hand", params=PARAMS)
    first = evening_execute("evening_loop", run.pk, means=means())
    again = evening_execute("evening_loop", run.pk, means=means())
    assert first["outcome"] == again["outcome"] == "deployed"
    assert Deployment.objects.filter(kind="candidate").count() == 2


def test_a_changed_live_adapter_stops_the_loop(day):
    live = approved_live()
    (Path(live.build.adapter.folder) / "adapter_model.safetensors").write_bytes(b"something else")
    result = evening_execute("evening_loop", params=PARAMS, means=means())
    assert result["outcome"] == "failed" and "have changed" in result["error"]


def test_a_loop_that_was_killed_is_reported_by_whatever_runs_next(home):
    killed = Run.objects.create(kind="evening", title="Evening loop", status="failed", finished_at=timezone.now())
    for _ in range(2):
        evening_execute("evening_loop", params=PARAMS, means=means())
    alert = Alert.objects.get()
    assert alert.run == killed and "Evening loop failed" in alert.title


def test_an_alert_goes_out_even_when_no_incident_can_be_written(day, home):
    (home / "incidents").write_text("a file where the folder should be")

    def fill_the_disk(run, dataset, parent, report):
        raise OSError(28, "No space left on device", "weights.safetensors")

    result = evening_execute("evening_loop", params=PARAMS, means=replace(means(), train=fill_the_disk))
    assert result["outcome"] == "failed" and "weights.safetensors" in result["error"]
    assert "No incident draft could be written" in Alert.objects.get().body
