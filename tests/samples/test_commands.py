"""Commands: JSON last on stdout, exit codes, plain errors."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from samples.jobs import generate_job
from samples.models import Dataset
from web4site.models import Run
from web4site.runs import run_create

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folders(tokenizer: Path) -> None:
    """Commands count tokens by a real tokenizer."""


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]):
    """Run a command with --json; returns (exit code, the object it printed)."""

    def run(*args: str) -> tuple[int, dict]:
        code = 0
        try:
            call_command(*args, "--json")
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return run


def test_from_corpus_to_frozen_files_and_back(corpus, command, tmp_path: Path) -> None:
    code, made = command("generate_samples", "--scale", "0.002")
    assert code == 0 and {"run", "counts", "near_duplicates", "contaminated", "tokens"} <= set(made)
    assert Run.objects.get(pk=made["run"]).status == "succeeded"
    code, frozen = command("freeze_dataset")
    assert code == 0 and frozen["dataset"] == made["dataset"] and len(frozen["sha256"]) == 64
    code, exported = command("export_samples", str(tmp_path / "out"), "--dataset", str(made["dataset"]))
    assert code == 0 and exported["sha256"] == frozen["sha256"] and exported["counts"] == frozen["counts"]
    code, imported = command("import_samples", str(tmp_path / "out"), "--name", "back")
    assert code == 0 and imported["imported"] == sum(frozen["counts"].values()) and imported["refused"] == 0
    code, again = command("freeze_dataset", "back")
    assert again["sha256"] == frozen["sha256"]


def test_validate_exits_by_its_verdict(dataset: Dataset, command) -> None:
    code, good = command("validate_samples", dataset.name)
    assert code == 0 and good["passed"]
    dataset.samples.filter(category="guardrails").update(output="")
    code, bad = command("validate_samples", str(dataset.pk))
    assert code == 1 and not bad["passed"]
    assert "schema" in [check["name"] for check in bad["checks"] if not check["passed"]]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("generate_samples", "--scale", "0"), "scale"),
        (("generate_samples", "--plan", "none.toml"), "no plan file"),
        (("freeze_dataset",), "no draft dataset"),
        (("validate_samples", "77"), "no dataset '77'"),
        (("import_samples", "nowhere.jsonl"), "no JSONL files"),
    ],
)
def test_wrong_usage_is_one_plain_line(db: None, command, args: tuple[str, ...], message: str) -> None:
    code, answer = command(*args)
    assert code == 2 and message in answer["error"]


def test_nothing_indexed_fails_the_run(db: None, command) -> None:
    code, answer = command("generate_samples")
    assert code == 1 and "index a corpus first" in answer["error"]
    assert Run.objects.get().status == "failed"


def test_a_fresh_home_gets_its_models_first(corpus, command, tmp_path: Path, settings) -> None:
    settings.BASE_MODEL_DIR = tmp_path / "none"
    code, answer = command("generate_samples", "--scale", "0.002")
    assert code == 2 and "put its Hugging Face folder there" in answer["error"] and not Run.objects.exists()


def test_estimate(corpus, command) -> None:
    code, answer = command("generate_samples", "--estimate")
    assert code == 0 and len(answer["estimate"]) == 27 and not Dataset.objects.exists()


def test_people_get_tables(dataset: Dataset, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    call_command("validate_samples", dataset.name)
    call_command("export_samples", str(tmp_path / "out"), "--format", "alpaca")
    shown = capsys.readouterr().out
    assert "near-duplicates" in shown and "passed" in shown and "sha256" in shown


def test_job_does_what_the_run_asks_for(corpus) -> None:
    run = run_create(kind=Run.Kind.GENERATE, title="Generate", params={"scale": 0.001, "seed": 4})
    generate_job(run.pk)
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    dataset = Dataset.objects.get(pk=run.result["dataset"])
    assert dataset.run == run and dataset.seed == 4 and dataset.samples.count() == sum(run.result["counts"].values())


@pytest.mark.parametrize(
    ("option", "told"),
    [("--seed=-1", "--seed must lie"), (f"--seed={2**31}", "--seed must lie"), ("--resume=0", "Run 0")],
)
def test_odd_numbers_are_wrong_usage(command, corpus, option: str, told: str) -> None:
    code, result = command("generate_samples", option)
    assert code == 2 and told in result["error"]
    assert not Dataset.objects.exists()


def test_a_cancelled_run_leaves_no_draft(corpus) -> None:
    run = run_create(kind=Run.Kind.GENERATE, title="Generate", params={"scale": 1})
    Run.objects.filter(pk=run.pk).update(cancel_requested=True)
    generate_job(run.pk)
    run.refresh_from_db()
    assert run.status == "cancelled" and not Dataset.objects.exists()


def test_an_import_of_bad_lines_alone_names_each_of_them(command, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"nothing\n\xff\n{}\n")
    code, result = command("import_samples", str(tmp_path / "bad.jsonl"))
    assert code == 1 and "Line 1: not valid JSON" in result["error"]
    assert [row["line"] for row in result["refusals"]] == [1, 2, 3]
    assert (result["imported"], result["refused"]) == (0, 3)
    (tmp_path / "empty.jsonl").touch()
    assert "The files are empty" in command("import_samples", str(tmp_path / "empty.jsonl"))[1]["error"]
