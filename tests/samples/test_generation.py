"""Generation over a small real corpus: all categories, provenance, splits, reproducibility."""

from datetime import timedelta

import pytest

from rag.models import Document
from samples.candidates import Candidate, Maker, Request, identity
from samples.dedup import NearDuplicates
from samples.fingerprint import fingerprint
from samples.generators.base import SampleDraft
from samples.generators.registry import TASKS, tasks_by_sub_category
from samples.generators.sources import Library
from samples.judges import judge
from samples.models import Category, Dataset, Sample
from samples.plan import DEFAULT_PLAN, load_plan
from samples.services.generation import generation_resume, plan_estimate, samples_generate, samples_resume
from samples.tokens import EachText
from tests.samples.corpus import files
from tests.samples.counting import quarter
from tests.samples.storing import store
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress

pytestmark = pytest.mark.django_db


def test_every_category_gives_samples(dataset: Dataset) -> None:
    made = set(dataset.samples.values_list("category", flat=True))
    assert made == set(Category.values)


def test_every_task_of_the_registry_belongs_to_a_plan() -> None:
    plans = [load_plan(), *map(load_plan, DEFAULT_PLAN.parent.glob("plans/*.toml"))]
    assert set(tasks_by_sub_category()) == {part.key for plan in plans for part in plan.parts}
    assert len({task.key for task in TASKS}) == len(TASKS)


def test_every_sample_knows_where_it_comes_from(dataset: Dataset) -> None:
    for sample in dataset.samples.select_related("document").prefetch_related("chunks"):
        assert sample.document is not None
        assert sample.metadata["document"] == sample.document.path
        assert sample.metadata["generator"] and sample.metadata["sample_id"] == sample.sample_id
        chunks = sample.chunks.all()
        assert chunks, f"{sample.metadata['task']} has no chunk"
        assert {chunk.document_id for chunk in chunks} == {sample.document_id}


def test_forms_pass_their_judges(dataset: Dataset) -> None:
    judged = 0
    for sample in dataset.samples.filter(metadata__judge__in=["pdca_template", "tron_format", "empty_constructor"]):
        assert judge(sample.metadata["judge"], sample.output).passed
        judged += 1
    assert judged > 10


def test_only_fitting_tool_examples_enter(dataset: Dataset) -> None:
    asked = list(dataset.samples.filter(metadata__task="corpus_example").values_list("instruction", flat=True))
    assert asked == ["Read the file recipes/rye.md"]


def test_no_two_samples_are_alike(dataset: Dataset) -> None:
    seen = NearDuplicates()
    for sample in dataset.samples.all():
        assert seen.is_new(sample.category, fingerprint(sample.instruction, sample.input, sample.output))


def test_hold_out_shares_neither_document_nor_words_with_training(dataset: Dataset) -> None:
    units: dict[str, set[str]] = {"train": set(), "eval": set()}
    grams: dict[str, set[int]] = {"train": set(), "eval": set()}
    for sample in dataset.samples.all():
        units[sample.split].add(f"{sample.metadata['document']}#{sample.metadata['part']}")
        found = fingerprint("", sample.input, sample.output)
        grams[sample.split] |= set(found.answer_grams.tolist())
        if sample.split == "train":
            grams["train"] |= set(found.input_grams.tolist())
    assert units["eval"] and not units["eval"] & units["train"]
    assert not grams["eval"] & grams["train"]


def test_documents_that_must_not_be_trained_on_stay_out(corpus, wide_plan) -> None:
    closed = Document.objects.filter(kind="pdca").order_by("path")[2]
    Document.objects.filter(pk=closed.pk).update(ok_to_train=False)
    result = samples_generate(plan=wide_plan, count_tokens=quarter)
    made = Sample.objects.filter(dataset_id=result["dataset"])
    assert not made.filter(document=closed).exists()
    assert not any("salt corrections" in text for text in made.values_list("output", flat=True))


def test_same_seed_same_samples_and_another_seed_others(corpus, wide_plan) -> None:
    def ids(seed: int) -> set[str]:
        result = samples_generate(plan=wide_plan, seed=seed, count_tokens=quarter)
        return set(Sample.objects.filter(dataset_id=result["dataset"]).values_list("sample_id", flat=True))

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


def test_shortfall_is_reported_with_its_reason(corpus, wide_plan) -> None:
    result = samples_generate(plan=wide_plan.scaled(100), count_tokens=quarter)
    assert result["shortfall"]
    for row in result["shortfall"]:
        assert row["made"] < row["requested"] and row["reason"]
    assert sum(result["counts"].values()) == Sample.objects.filter(dataset_id=result["dataset"]).count()


def test_the_number_of_processes_changes_nothing(corpus, wide_plan) -> None:
    def ids(workers: int) -> list[str]:
        result = samples_generate(plan=wide_plan, seed=3, count_tokens=quarter, workers=workers)
        return list(
            Sample.objects.filter(dataset_id=result["dataset"]).order_by("pk").values_list("sample_id", flat=True)
        )

    assert ids(1) == ids(2)


class Killed(BaseException):
    """Ends a generation as a signal would, wherever it is."""


@pytest.mark.parametrize("reports", [1, 4, 25, 53])
def test_an_interrupted_generation_resumes_to_the_same_samples(corpus, wide_plan, reports: int) -> None:
    left = [reports]

    def kill(progress: Progress) -> None:
        left[0] -= progress.total > 0
        if left[0] < 0:
            raise Killed

    whole = samples_generate(plan=wide_plan, seed=3, count_tokens=quarter, workers=1)
    with pytest.raises(Killed):
        samples_generate(plan=wide_plan, seed=3, count_tokens=quarter, workers=1, report=kill, name="cut")
    cut = Dataset.objects.get(name="cut")
    assert cut.status == Dataset.Status.UNFINISHED
    # Killed in the middle of a step: some samples are stored that the checkpoint knows nothing of.
    dropped = cut.checkpoint.get("steps", [])[:-1]
    Dataset.objects.filter(pk=cut.pk).update(checkpoint={**cut.checkpoint, "steps": dropped})
    cut.refresh_from_db()
    resumed = samples_resume(dataset=cut, count_tokens=quarter, workers=1)
    cut.refresh_from_db()
    assert cut.status == Dataset.Status.DRAFT and resumed["counts"] == whole["counts"]
    assert resumed["contaminated"] == whole["contaminated"]
    first, second = (
        set(Sample.objects.filter(dataset_id=made["dataset"]).values_list("sample_id", "split"))
        for made in (whole, resumed)
    )
    assert first == second


def test_a_command_waits_for_the_silence_of_a_killed_run(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = Run.objects.create(kind=Run.Kind.GENERATE, title="killed")
    killed.claim()
    dataset.status, dataset.run, dataset.lineage = Dataset.Status.UNFINISHED, killed, {"corpus_sha256": "x"}
    dataset.save()
    monkeypatch.setattr("web4site.models.STALE_AFTER", timedelta(seconds=0.3))
    with pytest.raises(UserError, match="half a minute"):
        generation_resume(dataset=dataset, enqueue=True)
    assert generation_resume(dataset=dataset).params["resume"] == dataset.pk


def test_a_changed_corpus_cannot_be_resumed(corpus, dataset: Dataset) -> None:
    Dataset.objects.filter(pk=dataset.pk).update(status=Dataset.Status.UNFINISHED)
    Document.objects.filter(kind="pdca").first().delete()
    dataset.refresh_from_db()
    with pytest.raises(UserError, match="changed since"):
        samples_resume(dataset=dataset, count_tokens=quarter)


def test_estimate_names_what_is_missing(corpus) -> None:
    rows = plan_estimate(plan=load_plan(), count_tokens=quarter, workers=1)
    assert {row["sub_category"] for row in rows} == {part.sub_category for part in load_plan().parts}
    short = next(row for row in rows if row["sub_category"] == "empty_constructor")
    assert short["short"] == 3000 - short["possible"] > 0 and "sources" in short["reason"]


def test_a_limit_and_a_set_of_documents_for_the_evening(corpus) -> None:
    todays = Document.objects.filter(path__startswith="journal/2026-03-0")
    result = samples_generate(documents=todays, limit=40, count_tokens=quarter)
    made = Sample.objects.filter(dataset_id=result["dataset"])
    assert 25 <= made.count() <= 50 and result["counts"]["eval"] == 0
    assert set(made.values_list("document__kind", flat=True)) == {"pdca"}


def test_nothing_indexed_is_a_plain_error(db: None) -> None:
    with pytest.raises(UserError, match="index a corpus first"):
        samples_generate(count_tokens=quarter)
    assert not Dataset.objects.exists()


def test_missing_tokenizer_is_a_plain_error(corpus, settings, tmp_path) -> None:
    settings.BASE_MODEL_DIR = tmp_path
    with pytest.raises(UserError, match="Prepare the base model first"):
        samples_generate()


def test_odd_documents_cost_only_their_own_samples(db: None, wide_plan) -> None:
    odd = {
        "journal/2026-04-01-UTC-0900-empty.pdca.md": "# PDCA: Empty\n\n## Plan\n\n## Do\n\n## Check\n\n## Act\n",
        "journal/2026-04-02-UTC-0900-fence.pdca.md": "# PDCA: Fence\n\n## Plan\n\n```\nnever closed\n\n## Do\n\n- x\n",
        "components/Broken/1.0.0/src/ts/layer2/Broken.ts": "export class Broken { init( { \n constructor(",
        "components/Odd/1.0.0/src/ts/layer2/Odd.ts": "export class Ödd { private ñ = '𝒳'; init() { this.ñ = '𝒴'; } }"
        * 3,
        "tools/continue.jsonl": 'not json\n{"instruction": "x"}\n{"instruction": 3}\n',
    }
    store(files() | odd)
    result = samples_generate(plan=wide_plan, count_tokens=quarter)
    assert "the generator failed on a document" not in result["refused"]
    assert sum(result["counts"].values()) > 50


def test_chunks_are_those_the_text_was_taken_from(dataset: Dataset) -> None:
    for sample in dataset.samples.filter(category="domain_representatives"):
        text = "\n".join(chunk.text for chunk in sample.chunks.all())
        assert any(len(line) > 20 and line.lstrip("-#*> ").rstrip(".") in text for line in sample.output.splitlines())


def test_no_draft_draws_on_both_sides_of_the_hold_out(library: Library) -> None:
    bands = {part.key: (1, 10_000) for part in load_plan().parts}
    count = EachText(quarter)
    task, source, draft = _draft_of_several(library)
    request = Request(task, source, 0, 400)

    def ids(held_out: frozenset[str]) -> set[str]:
        maker = Maker(library, bands, seed=0, ecosystem="continue", count_tokens=count, held_out=held_out)
        return {made.sample_id for made in maker.answer([request])[0] if isinstance(made, Candidate)}

    assert identity(draft) in ids(frozenset())
    assert identity(draft) not in ids(frozenset(draft.others))


def _draft_of_several(library: Library) -> tuple[int, int, SampleDraft]:
    """A task and a source that make a draft of several documents, and that draft, judged good."""
    bands = {part.key: (1, 10_000) for part in load_plan().parts}
    maker = Maker(library, bands, seed=0, ecosystem="continue", count_tokens=EachText(quarter))
    for place, task in enumerate(TASKS):
        for number, source in enumerate(library.sources):
            if source.kind in task.kinds:
                for made in maker.answer([Request(place, number, 0, 400)])[0]:
                    if isinstance(made, Candidate) and set(made.draft.others) - {source.key}:
                        return place, number, made.draft
    raise AssertionError("no task of the registry draws on several documents")
