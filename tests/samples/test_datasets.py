"""Freeze, export, import: byte-equal round trips, immutability, and lines refused by number."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.huggingface import HUGGINGFACE
from samples.models import Category, Dataset, Sample
from samples.plan import load_plan
from samples.records import FORMATS, json_array
from samples.services.comparison import dataset_compare
from samples.services.datasets import (
    content_hash,
    dataset_discard,
    dataset_export,
    dataset_freeze,
    dataset_verify,
    file_names,
)
from samples.services.generation import samples_generate
from samples.services.imports import MAX_LINE, dataset_import, parse_line
from samples.services.reviews import review_edit, review_reject
from samples.services.validation import dataset_validate
from tests.samples.counting import quarter
from training.services.trainings import training_files
from web4site.errors import UserError
from web4site.progress import Progress

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
    (file.parent / "sneaked.jsonl").write_text("{}\n")
    file.unlink()
    assert dataset_verify(dataset=dataset) == ["guardrails.jsonl is missing", "sneaked.jsonl was added"]


@pytest.mark.parametrize("content", ["", "[]", '{"files": []}', '{"files": [{"name": "x"}]}', '{"files": "x"}'])
def test_a_changed_manifest_is_noticed(dataset: Dataset, content: str) -> None:
    dataset_freeze(dataset=dataset)
    manifest = Path(dataset.folder) / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(content)
    assert dataset_verify(dataset=dataset) == ["the manifest was changed"]


def test_rejected_samples_stay_out_and_are_not_counted(dataset: Dataset, people) -> None:
    sample = dataset.samples.filter(category="guardrails", split="train").first()
    before = dataset.tokens
    review_reject(sample=sample, actor=people.reviewer, reason="bad code")
    dataset_freeze(dataset=dataset)
    assert sample.sample_id not in (Path(dataset.folder) / "guardrails.jsonl").read_text()
    manifest = json.loads((Path(dataset.folder) / "manifest.json").read_text())
    assert manifest["tokens"] == dataset.tokens
    assert dataset.tokens["total"] == before["total"] - sample.tokens


def test_nothing_to_freeze_is_a_plain_error(db: None) -> None:
    with pytest.raises(UserError, match="no training samples"):
        dataset_freeze(dataset=Dataset.objects.create(name="empty"))


@pytest.mark.parametrize("file_format", [*FORMATS, HUGGINGFACE])
def test_every_format_comes_back_byte_equal(dataset: Dataset, tmp_path: Path, file_format: str) -> None:
    dataset_export(dataset=dataset, directory=tmp_path / "out", file_format=file_format)
    imported = dataset_import(path=tmp_path / "out", name="back", count_tokens=quarter)
    assert imported.refused == 0 and imported.dataset.status == Dataset.Status.DRAFT
    first, second = dataset_freeze(dataset=dataset), dataset_freeze(dataset=imported.dataset)
    assert first.sha256 == second.sha256 and first.counts == second.counts


def test_the_hugging_face_folder_is_read_by_its_library(dataset: Dataset, tmp_path: Path) -> None:
    import datasets

    written = dataset_export(dataset=dataset, directory=tmp_path / "hf", file_format=HUGGINGFACE)
    found = datasets.load_from_disk(str(tmp_path / "hf"))
    assert set(found) == {"train", "test"} and len(found["test"]) == dataset.counts["eval"]
    assert sum(len(rows) for rows in found.values()) == sum(file["samples"] for file in written) == dataset.size
    assert set(found["train"]["category"]) == set(Category.values)
    # Again into the same folder replaces it; a folder of something else is left alone.
    dataset_export(dataset=dataset, directory=tmp_path / "hf", file_format=HUGGINGFACE)
    with pytest.raises(UserError, match="not empty"):
        dataset_export(dataset=dataset, directory=tmp_path, file_format=HUGGINGFACE)


def test_a_broken_hugging_face_folder_is_a_plain_error(db: None, tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train"]}')
    with pytest.raises(UserError, match="cannot be read"):
        dataset_import(path=tmp_path, name="broken", count_tokens=quarter)
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0 in a cell",
        '=HYPERLINK("http://example.org")',
        "+SUM(1+1) of it",
        "@SUM(1+1)*cmd|' /C calc'!A0",
    ],
)
def test_spreadsheet_formulas_are_refused(text: str) -> None:
    assert parse_line(_with(output=text)) == "output begins like a spreadsheet formula"
    assert parse_line(_with(input=text)) == "input begins like a spreadsheet formula"


@pytest.mark.parametrize(
    "text", ["- Weigh the dough first", "== heading of a page", "-- a dash and words", "@Component of it"]
)
def test_what_only_looks_like_a_formula_comes_in(text: str) -> None:
    assert not isinstance(parse_line(_with(output=text)), str)


def test_a_line_of_fifty_megabytes_costs_no_memory(db: None, tmp_path: Path) -> None:
    file = tmp_path / "huge.jsonl"
    with file.open("wb") as opened:
        opened.write(_with())
        opened.write(b'{"instruction": "')
        for _ in range(50):
            opened.write(b"x" * 1_000_000)
        opened.write(b'"}\n' + _with(metadata={**GOOD["metadata"], "sample_id": "c" * 24}))
    tracemalloc.start()
    result = dataset_import(path=file, name="huge", count_tokens=quarter)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.imported == 2 and [row["line"] for row in result.refusals] == [2]
    assert peak < 15_000_000


def test_an_import_that_is_cut_off_leaves_nothing_and_can_be_repeated(db: None, tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl"
    rows = [_with(metadata={**GOOD["metadata"], "sample_id": f"{number:024x}"}) for number in range(900)]
    file.write_bytes(b"".join(rows))

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataset_import(path=file, name="cut", count_tokens=quarter, report=stop)
    assert not Dataset.objects.exists()
    # A killed process cannot clean up: what it left is replaced.
    Dataset.objects.create(name="cut", status=Dataset.Status.UNFINISHED)
    assert dataset_import(path=file, name="cut", count_tokens=quarter).imported == 900


def test_training_takes_frozen_datasets_only(dataset: Dataset) -> None:
    with pytest.raises(UserError, match="freeze it first"):
        training_files(dataset)
    dataset_freeze(dataset=dataset)
    assert [file.stem for file in training_files(dataset)] == list(Category.values)


def test_an_unfinished_dataset_is_neither_frozen_nor_kept(dataset: Dataset) -> None:
    Dataset.objects.filter(pk=dataset.pk).update(status=Dataset.Status.UNFINISHED)
    dataset.refresh_from_db()
    with pytest.raises(UserError, match="not finished"):
        dataset_freeze(dataset=dataset)
    dataset_discard(dataset=dataset)
    assert not Dataset.objects.exists()


def test_the_manifest_names_the_lineage(dataset: Dataset) -> None:
    dataset_freeze(dataset=dataset)
    manifest = json.loads((Path(dataset.folder) / "manifest.json").read_text())
    assert {"corpus_sha256", "generator", "tokenizer"} <= set(manifest["lineage"])
    with pytest.raises(UserError, match="only an unfinished"):
        dataset_discard(dataset=dataset)


def test_comparison_tells_added_removed_and_changed(dataset: Dataset, people) -> None:
    other = Dataset.objects.get(pk=samples_generate(plan=load_plan().scaled(0.001), count_tokens=quarter)["dataset"])
    found = dataset_compare(before=dataset, after=other)
    ids = [set(made.samples.values_list("sample_id", flat=True)) for made in (dataset, other)]
    assert found.same == len(ids[0] & ids[1]) and found.added + found.changed == len(ids[1] - ids[0])
    assert len(found.added_list) == min(500, found.added)
    assert sum(side.after for side in found.categories) == other.size
    dataset_export(dataset=dataset, directory=settings_folder() / "twin")
    twin = dataset_import(path=settings_folder() / "twin", name="twin", count_tokens=quarter).dataset
    sample = twin.samples.filter(split="train").first()
    review_edit(
        sample=sample, actor=people.reviewer, values={"output": f"{sample.output} Said again."}, count_tokens=quarter
    )
    changed = dataset_compare(before=dataset, after=twin)
    assert (changed.added, changed.removed, changed.changed) == (0, 0, 1)
    assert changed.changed_list[0]["sample_id"] == sample.sample_id


def settings_folder() -> Path:
    from django.conf import settings

    return Path(settings.DATASETS_DIR)


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
        _with(metadata={**GOOD["metadata"], "sample_id": "f" * 24}),
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
        11: "instruction begins like a spreadsheet formula",
        13: "not a JSON object",
    }
    assert set(result.dataset.samples.values_list("sample_id", flat=True)) == {"a" * 24, "f" * 24}


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
    assert not checks["schema"]["passed"] and checks["schema"]["examples"] == ["f" * 24]
    assert not checks["provenance"]["passed"]
    assert checks["near-duplicates"]["value"] > 0


def test_file_names_follow_the_plan(dataset: Dataset) -> None:
    names = file_names(dataset)
    assert names[0] == "style_core" and names[-1] == "eval" and len(names) == 9
