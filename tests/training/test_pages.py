"""Pages of training: what they show, who may act, what a stranger's input does."""

import io
import json
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone

from evaluation.models import Deployment
from samples.models import Dataset
from tests.training.conftest import freeze
from training.ml.manifest import sha256_of
from training.models import Adapter, Build, Training, TrainingPoint
from training.selectors import training_points
from training.urls import urlpatterns
from web4site.models import Run


@pytest.fixture
def dataset(db, tmp_path) -> Dataset:
    (tmp_path / "guardrails.jsonl").write_text('{"instruction": "a", "output": "b"}\n', encoding="utf-8")
    return freeze(tmp_path, "week 47")


@pytest.fixture
def training(dataset) -> Training:
    run = Run.objects.create(kind="train", title="Train demo on week 47", status="running", done=3, total=9)
    training = Training.objects.create(
        run=run,
        dataset=dataset,
        preset="demo",
        settings={"rank": 16, "alpha": 32, "max_seconds": 0},
        base_model="smollm2-135m",
        folder="/nowhere",
    )
    TrainingPoint.objects.create(training=training, step=0, epoch=0, holdout_loss=2.1)
    for step, loss in enumerate((2.0, 1.5, 1.0), 1):
        TrainingPoint.objects.create(
            training=training, step=step, epoch=step / 9, loss=loss, learning_rate=1e-3, grad_norm=0.7,
            tokens_per_second=211, memory_bytes=3 * 2**30,
        )  # fmt: skip
    return training


@pytest.fixture
def build(training) -> Build:
    adapter = Adapter.objects.create(
        name="web4-x", training=training, base_model="smollm2-135m", folder="/nowhere", sha256="ef" * 32,
        bytes=20_000_000, loss_first=2.0, loss_last=1.0, manifest={"kind": "adapter"},
    )  # fmt: skip
    return Build.objects.create(
        name="web4-x-q4-k-m", adapter=adapter, base_model="smollm2-135m", gguf="/nowhere/x.gguf",
        quantization="Q4_K_M", sha256="01" * 32, bytes=105_000_000,
        parity={
            "passed": True, "prompts": 5, "prompt_ids_equal": 1.0, "answers_equal_fp16": 0.96,
            "answers_tied_fp16": 1.0, "tokens_equal_quantized": 0.9,
        },
        manifest={"merge_difference": 1.2e-5},
    )  # fmt: skip


def test_every_page_says_its_main_facts(client_for, people, build, training):
    client = client_for(people.outsider)
    for url, words in {
        reverse("training:run_list"): ["week 47", "web4-x", "2.000"],
        training.get_absolute_url(): ["Adapter", "web4-x", "3.0\xa0GB", "smollm2-135m"],
        reverse("training:adapter_list"): ["web4-x", "19.1\xa0MB"],
        build.adapter.get_absolute_url(): ["web4-x-q4-k-m", "ef" * 32],
        reverse("training:build_list"): ["web4-x-q4-k-m", "100.1\xa0MB", "96 %"],
        build.get_absolute_url(): ["1.2e-05", "100 % here", "/nowhere/x.gguf"],
    }.items():
        page = client.get(url).content.decode()
        assert [word for word in words if word not in page] == [], url


@pytest.mark.parametrize("number", [0, 77, 2**63, 10**30])
def test_numbers_without_a_row_are_not_found(client_for, people, number):
    client = client_for(people.approver)
    for pattern in urlpatterns:
        words = dict.fromkeys(pattern.pattern.converters, "loss") | {"pk": number}
        if "pk" in pattern.pattern.converters:
            url = reverse(f"training:{pattern.name}", kwargs=words)
            assert client.post(url).status_code == 404, url
            assert client.get(url).status_code in (404, 405), url


def test_the_start_page_says_how_much_memory_each_preset_needs(client_for, people, dataset, settings, tiny_base):
    settings.BASE_MODEL_DIR = tiny_base
    page = client_for(people.reviewer).get(reverse("training:run_start")).content.decode()
    assert "Memory needed at most in bfloat16 (in float32)" in page
    less, more = re.search(r"demo ([\d.]+)\xa0MB \(([\d.]+)\xa0MB\)", page).groups()
    assert 500 < float(less) < float(more)
    settings.BASE_MODEL_DIR = tiny_base / "nowhere"
    assert "Memory needed" not in client_for(people.reviewer).get(reverse("training:run_start")).content.decode()


def test_runs_are_compared_by_curve_and_settings(client_for, people, training):
    other_run = Run.objects.create(kind="train", title="other", status="succeeded", result={"device": "cpu"})
    other = Training.objects.create(
        run=other_run, dataset=training.dataset, preset="balanced", settings={**training.settings, "rank": 32},
        base_model="smollm2-135m", folder="/elsewhere",
    )  # fmt: skip
    TrainingPoint.objects.create(training=other, step=1, loss=3.0)
    client = client_for(people.outsider)
    query = {"runs": [other_run.pk, training.run_id, 999, "x"]}
    page = client.get(reverse("training:run_compare"), query)
    assert [row.run_id for row in page.context["trainings"]] == [other_run.pk, training.run_id]
    differing = {row["name"]: row["values"] for row in page.context["rows"] if row["differs"]}
    assert differing["preset"] == ["balanced", training.preset] and differing["rank"][0] == 32
    assert "dataset" not in differing
    figure = client.get(reverse("training:run_compare_plot"), query).json()
    names = [f"run {other_run.pk}", f"run {training.run_id}", f"run {training.run_id}, hold-out"]
    assert [line["name"] for line in figure["data"]] == names
    for numbers in ({}, {"runs": ["9" * 24, "²"]}):
        assert "Nothing to compare" in client.get(reverse("training:run_compare"), numbers).content.decode()


def test_the_first_batch_is_shown_with_what_is_learned_marked(client_for, people, training, tmp_path):
    client, url = client_for(people.outsider), reverse("training:run_batch", args=[training.run_id])
    assert "once the first step begins" in client.get(url).content.decode()
    Training.objects.filter(pk=training.pk).update(folder=str(tmp_path))
    sample = {"category": "tron", "length": 9, "tokens": [["<b>ask</b>", False], ["The answer.", True]]}
    (tmp_path / "first_batch.json").write_text(json.dumps([sample]), encoding="utf-8")
    fragment = client.get(url).content.decode()
    assert "<mark>The answer.</mark>" in fragment and "<span>&lt;b&gt;ask" in fragment
    assert "tron, 9 tokens, the first 2 shown" in fragment


def test_what_is_needed_is_not_deleted_and_the_rest_goes_with_its_files(
    client_for, people, build, tmp_path, settings, django_capture_on_commit_callbacks
):
    settings.ARTIFACTS_DIR = tmp_path
    folder, gguf = tmp_path / "adapter", tmp_path / "build" / "x.gguf"
    for made in (folder, gguf.parent):
        made.mkdir()
        (made / "manifest.json").write_text("{}", encoding="utf-8")
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    gguf.write_bytes(b"GGUF")
    Adapter.objects.update(folder=str(folder))
    Build.objects.update(gguf=str(gguf))
    adapter, client = build.adapter, client_for(people.approver)
    adapter_url = reverse("training:adapter_delete", args=[adapter.pk])
    build_url = reverse("training:build_delete", args=[build.pk])
    assert client_for(people.reviewer).post(build_url).status_code == 403
    page = client.post(adapter_url, follow=True).content.decode()
    assert "web4-x is needed by build web4-x-q4-k-m" in page and folder.is_dir()
    deployment = Deployment.objects.create(build=build, kind=Deployment.Kind.BASELINE)
    assert "is needed by deployment" in client.post(build_url, follow=True).content.decode() and gguf.is_file()
    deployment.delete()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(build_url)
    assert not Build.objects.exists() and not gguf.parent.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(adapter_url)
    assert not Adapter.objects.exists() and not folder.exists() and Training.objects.exists()


def test_a_file_that_was_not_made_here_stays_when_its_build_is_deleted(
    client_for, people, db, tmp_path, settings, django_capture_on_commit_callbacks
):
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    strangers = [tmp_path / "bundled.gguf", tmp_path / "artifacts" / "found.gguf"]
    for number, file in enumerate(strangers):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"GGUF")
        build = Build.objects.create(name=f"b{number}", base_model="x", gguf=str(file), sha256=str(number), bytes=4)
        with django_capture_on_commit_callbacks(execute=True):
            client_for(people.approver).post(reverse("training:build_delete", args=[build.pk]))
    assert not Build.objects.exists() and all(file.is_file() for file in strangers)


def test_reviewers_download_adapters_and_files(client_for, people, build, tmp_path):
    urls = [
        reverse(f"training:{kind}_download", args=[row.pk])
        for kind, row in (("adapter", build.adapter), ("build", build))
    ]
    reviewer = client_for(people.reviewer)
    assert [reviewer.get(url).status_code for url in urls] == [404, 404]
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    Adapter.objects.update(folder=str(tmp_path))
    Build.objects.update(gguf=str(tmp_path / "x.gguf"))
    archive = ZipFile(io.BytesIO(reviewer.get(urls[0]).getvalue()))
    assert archive.read("web4-x/adapter_model.safetensors") == b"weights"
    answer = reviewer.get(urls[1])
    assert answer.getvalue() == b"GGUF" and 'filename="x.gguf"' in answer["Content-Disposition"]
    assert [client_for(people.outsider).get(url).status_code for url in urls] == [403, 403]


@pytest.mark.django_db
def test_empty_pages_say_what_to_do(client_for, people):
    client = client_for(people.reviewer)
    for name, words in {
        "run_list": "manage.py train_lora",
        "adapter_list": "manage.py train_lora",
        "build_list": "manage.py build_model latest",
        "run_start": "manage.py freeze_dataset",
    }.items():
        assert words in client.get(reverse(f"training:{name}")).content.decode()


def test_a_registered_file_without_parity_is_shown_as_such(client_for, people, db):
    build = Build.objects.create(
        name="baseline", base_model="b", gguf="/x.gguf", quantization="Q4_1", sha256="0", bytes=1
    )
    for url in (reverse("training:build_list"), build.get_absolute_url()):
        assert "not compared" in client_for(people.outsider).get(url).content.decode()


def test_live_fragment_and_plots_stop_when_the_run_is_over(client_for, people, training):
    client = client_for(people.outsider)
    urls = [
        reverse("training:run_numbers", args=[training.run_id]),
        *(reverse("training:run_plot", args=[training.run_id, curve]) for curve in ("loss", "speed")),
    ]
    assert [client.get(url).status_code for url in urls] == [200, 200, 200]
    training.run.succeed({})
    assert [client.get(url).status_code for url in urls] == [286, 286, 286]
    figure = json.loads(client.get(urls[1]).content)
    assert figure["data"][0]["x"] == [1, 2, 3] and figure["data"][0]["y"] == [2.0, 1.5, 1.0]
    assert figure["data"][1]["y"] == pytest.approx([2.0, 1.8, 1.48])
    assert (figure["data"][2]["x"], figure["data"][2]["y"]) == ([0], [2.1])
    assert client.get(reverse("training:run_plot", args=[training.run_id, "colour"])).status_code == 404


def test_a_resumed_training_shows_one_curve(client_for, people, training):
    run = Run.objects.create(kind="train", title="resumed", status="running")
    again = Training.objects.create(
        run=run, dataset=training.dataset, preset="demo", settings={}, base_model="x", folder=training.folder
    )
    for step, loss in ((3, 0.9), (4, 0.8)):
        TrainingPoint.objects.create(
            training=again, step=step, epoch=1, loss=loss, learning_rate=1e-3, grad_norm=0.7, tokens_per_second=1,
            memory_bytes=1,
        )  # fmt: skip
    response = client_for(people.outsider).get(reverse("training:run_plot", args=[run.pk, "loss"]))
    figure = json.loads(response.content)
    assert figure["data"][0]["y"] == [2.0, 1.5, 0.9, 0.8]


def test_a_reviewer_starts_a_training_and_its_row_is_there_at_once(
    services, client_for, people, dataset, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = client_for(people.reviewer).post(
            reverse("training:run_start"), {"dataset": dataset.pk, "preset": "demo", "overrides": "max_steps = 5"}
        )
    run = Run.objects.get()
    assert response.url == reverse("training:run_detail", args=[run.pk])
    assert (run.status, run.queue, run.actor) == ("queued", "train", people.reviewer)
    assert run.training.settings["max_steps"] == 5
    import django_rq

    queue = django_rq.get_queue("train")
    assert f"run-{run.pk}" in queue.job_ids
    queue.empty()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("rank", "write it as name = value"),
        ("rank = -3", "must be at least 1"),
        ("hue = 3", "Unknown training setting"),
    ],
)
def test_a_wrong_setting_is_said_beside_the_field(client_for, people, dataset, overrides, message):
    response = client_for(people.reviewer).post(
        reverse("training:run_start"), {"dataset": dataset.pk, "preset": "demo", "overrides": overrides}
    )
    assert response.status_code == 200 and message in response.content.decode()
    assert not Run.objects.exists()


def test_outsiders_may_look_but_not_act(client_for, people, training):
    client = client_for(people.outsider)
    assert client.get(reverse("training:run_start")).status_code == 403
    assert client.post(reverse("training:build_start"), {"quantization": "Q4_K_M"}).status_code == 403
    assert client.post(reverse("training:run_resume", args=[training.run_id])).status_code == 403


def test_what_cannot_be_started_is_a_message(client_for, people, training, build):
    client = client_for(people.reviewer)
    response = client.post(reverse("training:run_resume", args=[training.run_id]), follow=True)
    assert "only a failed or cancelled one can be resumed" in response.content.decode()
    response = client.post(
        reverse("training:build_start"), {"adapter": build.adapter_id, "quantization": "Q4_K_M"}, follow=True
    )
    assert "Adapter web4-x has lost its files" in response.content.decode()
    response = client.post(reverse("training:build_start"), {"quantization": "Q1"}, follow=True)
    assert "Q1 is not one of the available choices" in response.content.decode()


def test_lists_filter_and_export(client_for, people, build, training):
    client = client_for(people.outsider)
    assert "web4-x" not in client.get(reverse("training:run_list"), {"status": "failed"}).content.decode()
    filtered = client.get(reverse("training:build_list"), {"quantization": "Q8_0"}).content.decode()
    assert "web4-x-q4-k-m" not in filtered and "No builds yet" in filtered
    for name in ("run_list", "adapter_list", "build_list"):
        rows = client.get(reverse(f"training:{name}"), {"export": "jsonl"})
        assert len([json.loads(line) for line in b"".join(rows.streaming_content).splitlines()]) == 1
        assert b"".join(client.get(reverse(f"training:{name}"), {"export": "csv"}).streaming_content).count(b"\n") == 2


def test_a_training_stopped_by_a_rule_is_resumed_without_it(services, client_for, people, training, tmp_path):
    warning = {"rule": "loss_low", "step": 3, "message": "step 3: loss 0.31 is below 0.4", "stops": True}
    checkpoint = tmp_path / "checkpoints" / "step-000003"
    checkpoint.mkdir(parents=True)
    (checkpoint / "state.json").write_text("{}", encoding="utf-8")
    (checkpoint / "sha256.json").write_text(json.dumps({"state.json": sha256_of(checkpoint / "state.json")}))
    settings = {**training.settings, "stop_on": ["loss_low", "memory"]}
    Training.objects.update(folder=str(tmp_path), warnings=[warning], settings=settings)
    training.run.params = {"dataset": training.dataset_id, "preset": "demo", "overrides": {}, "parent": None}
    training.run.save()
    training.run.fail("A warning stopped it at step 3: loss 0.31 is below 0.4.")
    client = client_for(people.reviewer)
    page = client.get(training.get_absolute_url()).content.decode()
    assert "Resume without this rule" in page and "A checkpoint of step 3 is kept" in page
    assert "loss below 0.4, memory above 90% of the device" in page
    client.post(reverse("training:run_resume", args=[training.run_id]), {"without": "loss_low"})
    again = Training.objects.latest("pk")
    assert again.settings["stop_on"] == ["memory"] and again.folder == training.run.training.folder
    assert (again.run.params["done_before"], again.run.status) == (3, "queued")
    shown = client.get(again.get_absolute_url()).content.decode()
    assert "Waiting for a worker" in shown and "Resume" not in shown


def test_a_resumed_training_shows_only_what_it_goes_on_from(training):
    run = Run.objects.create(kind="train", title="again", params={"done_before": 2})
    again = Training.objects.create(run=run, dataset=training.dataset, settings={}, folder=training.folder)
    assert [point.step for point in training_points(again)] == [0, 1, 2], "step 3 came after the checkpoint"
    TrainingPoint.objects.create(training=again, step=3, loss=0.9)
    assert training_points(again)[-1].loss == 0.9


def test_a_resumed_run_counts_its_own_pace():
    begun = timezone.now() - timedelta(seconds=10)
    run = Run(status="running", done=510, total=1000, started_at=begun, params={"done_before": 500})
    assert run.eta_seconds == pytest.approx(490, rel=0.01)
    run.done = 500
    assert run.eta_seconds is None


def test_the_live_fragment_brings_its_buttons_and_says_that_it_stops(client_for, people, training):
    client, url = client_for(people.reviewer), reverse("training:run_numbers", args=[training.run_id])
    fragment = client.get(url).content.decode()
    assert 'id="run-actions" hx-swap-oob="true"' in fragment and "Cancel" in fragment
    training.run.request_cancel()
    assert "stops after this step and saves a checkpoint" in client.get(url).content.decode()
    training.run.mark_cancelled()
    fragment = client.get(url).content.decode()
    assert "Start anew" in fragment and "Cancel" not in fragment, "no checkpoint was left"


def test_rules_are_ticked_on_the_start_page(services, client_for, people, dataset, django_capture_on_commit_callbacks):
    client, url = client_for(people.reviewer), reverse("training:run_start")
    page = client.get(url).content.decode()
    assert "loss above 1.5 after epoch 1" in page and page.count("checked") == 1
    client.post(url, {"dataset": dataset.pk, "preset": "demo", "stop_on": ["loss_high", "grad_norm"]})
    assert Training.objects.latest("pk").settings["stop_on"] == ["loss_high", "grad_norm"]
    client.post(url, {"dataset": dataset.pk, "preset": "demo", "overrides": "stop_on = memory"})
    assert Training.objects.latest("pk").settings["stop_on"] == ["memory"]


def test_an_adapter_shows_its_family_and_who_serves_it(client_for, people, build):
    child = Adapter.objects.create(
        name="web4-y", parent=build.adapter, base_model="smollm2-135m", folder="/nowhere", bytes=1
    )
    Deployment.objects.create(build=build, status="live")
    client = client_for(people.outsider)
    page = client.get(build.adapter.get_absolute_url()).content.decode()
    assert "continued by" in page and "web4-y" in page and "badge-" in page and "live" in page
    page = client.get(child.get_absolute_url()).content.decode()
    assert "2 trainings on smollm2-135m" in page and "week 47" in page
    assert reverse("evaluation:lineage_detail", args=["adapters", child.pk]) in page
