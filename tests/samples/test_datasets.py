"""Freeze, export, import: byte-equal round trips, immutability, and lines refused by number."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.models import Dataset, Sample
from samples.records import FORMATS, json_array
from samples.services.datasets import content_hash, dataset_export, dataset_freeze, dataset_verify, file_names
from samples.services.generation import samples_generate
from samples.services.imports import MAX_LINE, dataset_import, parse_line
from samples.services.reviews import review_reject
from samples.services.validation import dataset_validate
from tests.samples.counting import quarter
from web4site.errors import UserError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folders(tokenizer: Path) -> None:
    """Datasets of a test lie in its own folder."""


def test_frozen_files_are_what_the_manifest_says(dataset: Dataset) -> None:
    dataset_freeze(dataset=dataset)
    folder = Path(dataset.folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["sha256"] == dataset.sha256 == content_hash(manifest["files"])
    assert {entry["category"]: entry["samples"] for entry in manifest["files"]} == dataset.counts
    assert dataset_verify(dataset=dataset) == []
    assert not list(folder.parent.glob(".freezing*"))


def test_same_seed_and_corpus_freeze_under_the_same_hash(corpus, wide_plan) -> None:
    hashes = set()
    for _ in range(2):
        made = samples_generate(plan=wide_plan, seed=7, count_tokens=quarter)
        hashes.add(dataset_freeze(dataset=Dataset.objects.get(pk=made["dataset"])).sha256)
    assert len(hashes) == 1


def test_frozen_is_for_good(dataset: Dataset, people) -> None:
    dataset_freeze(dataset=dataset)
    with pytest.raises(UserError, match="frozen already"):
        dataset_freeze(dataset=dataset)
    with pytest.raises(UserError, match="frozen"):
        review_reject(sample=dataset.samples.first(), actor=people.reviewer, reason="bad code")


def test_a_changed_file_is_noticed(dataset: Dataset) -> None:
    dataset_freeze(dataset=dataset)
    file = Path(dataset.folder) / "guardrails.jsonl"
    file.chmod(0o644)
    file.write_text(file.read_text() + "{}\n")
    assert dataset_verify(dataset=dataset) == ["guardrails.jsonl was changed"]
    checks = {check["name"]: check for check in dataset_validate(dataset=dataset)["checks"]}
    assert not checks["frozen files unchanged"]["passed"]


def test_rejected_samples_stay_out(dataset: Dataset, people) -> None:
    sample = dataset.samples.filter(category="guardrails", split="train").first()
    review_reject(sample=sample, actor=people.reviewer, reason="bad code")
    dataset_freeze(dataset=dataset)
    assert sample.sample_id not in (Path(dataset.folder) / "guardrails.jsonl").read_text()


def test_nothing_to_freeze_is_a_plain_error(db: None) -> None:
    with pytest.raises(UserError, match="no training samples"):
        dataset_freeze(dataset=Dataset.objects.create(name="empty"))


def test_export_and_import_are_byte_equal(dataset: Dataset, tmp_path: Path) -> None:
    first = dataset_export(dataset=dataset, directory=tmp_path / "one")
    imported = dataset_import(path=tmp_path / "one", name="back", count_tokens=quarter)
    second = dataset_export(dataset=imported.dataset, directory=tmp_path / "two")
    assert content_hash(first) == content_hash(second)
    for entry in first:
        assert (tmp_path / "one" / entry["name"]).read_bytes() == (tmp_path / "two" / entry["name"]).read_bytes()
    assert imported.dataset.counts == {entry["category"]: entry["samples"] for entry in first}
    assert imported.refused == 0


@pytest.mark.parametrize("file_format", list(FORMATS))
def test_formats_hold_the_same_samples(dataset: Dataset, tmp_path: Path, file_format: str) -> None:
    for entry in dataset_export(dataset=dataset, directory=tmp_path / file_format, file_format=file_format):
        text = (tmp_path / file_format / entry["name"]).read_text()
        rows = json.loads(text) if entry["name"].endswith(".json") else [json.loads(line) for line in text.splitlines()]
        assert len(rows) == entry["samples"] > 0
        answers = {_answer(row) for row in rows}
        split = {"split": "eval"} if entry["category"] == "eval" else {"split": "train", "category": entry["category"]}
        assert answers == set(dataset.samples.filter(**split).values_list("output", flat=True))


def _answer(row: dict) -> str:
    if "messages" in row:
        assert [message["role"] for message in row["messages"]] == ["user", "assistant"]
        return row["messages"][1]["content"]
    if "conversations" in row:
        assert [turn["from"] for turn in row["conversations"]] == ["human", "gpt"]
        return row["conversations"][1]["value"]
    return row["output"]


GOOD = {
    "instruction": "Weigh the dough of the morning batch.",
    "input": "",
    "output": "The dough of the morning batch weighs eleven kilograms.",
    "metadata": {"task_type": "note", "category": "guardrails", "sample_id": "a" * 24},
}


def _with(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode() + b"\n"


def test_bad_lines_are_refused_by_number_and_good_ones_come_in(db: None, tmp_path: Path) -> None:
    file = tmp_path / "mixed.jsonl"
    lines = [
        _with(),
        b"not json\n",
        b'{"instruction": "\xff\xfe"}\n',
        _with(output=3),
        _with(metadata={**GOOD["metadata"], "category": "cooking", "sample_id": "b" * 24}),
        b"[" * 100_000 + b"\n",
        b'{"instruction": "' + b"x" * (MAX_LINE + 10) + b'"}\n',
        _with(),
        _with(
            output="Write to ghp_" + "a1B2" * 9 + " for the dough.",
            metadata={**GOOD["metadata"], "sample_id": "c" * 24},
        ),
        _with(instruction="A NUL \u0000 in here", metadata={**GOOD["metadata"], "sample_id": "d" * 24}),
        _with(instruction="=HYPERLINK(evil) is only text", metadata={**GOOD["metadata"], "sample_id": "e" * 24}),
        b"\n",
        b"[1, 2]\n",
    ]
    file.write_bytes(b"".join(lines))
    result = dataset_import(path=file, name="mixed", count_tokens=quarter)
    assert result.imported == 2
    assert {row["line"]: row["reason"] for row in result.refusals} == {
        2: "not valid JSON",
        3: "not valid UTF-8",
        4: "output: violates type string",
        5: "unknown category",
        6: "not valid JSON",
        7: f"longer than {MAX_LINE:,} bytes",
        8: "the same sample_id again",
        9: "holds token",
        10: "holds characters that no text may hold",
        13: "not a JSON object",
    }
    assert set(result.dataset.samples.values_list("sample_id", flat=True)) == {"a" * 24, "e" * 24}


def test_an_import_of_nothing_leaves_nothing(db: None, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("nothing\n")
    with pytest.raises(UserError, match="Line 1: not valid JSON"):
        dataset_import(path=tmp_path / "bad.jsonl", name="bad", count_tokens=quarter)
    assert not Dataset.objects.exists()
    with pytest.raises(UserError, match="no JSONL files"):
        dataset_import(path=tmp_path / "missing.jsonl", name="bad", count_tokens=quarter)


@settings(deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: json.dumps({**GOOD, "input": text}).encode()))
def test_no_line_breaks_the_reader(line: bytes) -> None:
    parsed = parse_line(line)
    assert isinstance(parsed, str) or parsed["output"] == GOOD["output"]


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=5))
def test_arrays_are_json(rows: list[dict[str, str]]) -> None:
    assert json.loads(b"".join(json_array(rows))) == rows


def test_validation_passes_and_finds_what_is_wrong(dataset: Dataset) -> None:
    result = dataset_validate(dataset=dataset)
    assert result["passed"], [check for check in result["checks"] if not check["passed"]]
    twin = dataset.samples.filter(split="train", category="style_core").first()
    Sample.objects.create(
        dataset=dataset,
        sample_id="f" * 24,
        category=twin.category,
        task_type=twin.task_type,
        instruction=twin.instruction,
        input=twin.input,
        output=twin.output + " again",
        metadata={},
        tokens=9,
    )
    checks = {check["name"]: check for check in dataset_validate(dataset=dataset)["checks"]}
    assert not checks["schema"]["passed"] and checks["schema"]["examples"] == ("f" * 24,)
    assert not checks["provenance"]["passed"]
    assert checks["near-duplicates"]["value"] > 0


def test_file_names_follow_the_plan(dataset: Dataset) -> None:
    names = file_names(dataset)
    assert names[0] == "style_core" and names[-1] == "eval" and len(names) == 9
