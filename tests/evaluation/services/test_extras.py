"""Extra harnesses: off unless wished, quality gates that can fail and can pass, skipped where they cannot be asked."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from evaluation.harnesses.base import Gate
from evaluation.harnesses.compose import PROMPTS_DIR, read_parts
from evaluation.harnesses.compose_extras import compose_extras, read_extra_parts
from evaluation.harnesses.registry import EXTRAS, HARNESSES
from evaluation.models import Evaluation
from evaluation.services.evaluations import evaluation_create_run
from evaluation.services.evidence import blockers, quality_misses
from evaluation.services.history import history_entries, history_prompts
from rag.services.indexing import index_root
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.samples.corpus import ENTRIES, entry_text
from web4site.errors import UserError
from web4site.models import Run

WITHOUT_INDEX = ("five_layer", "cmm_level")


@pytest.fixture
def journal(db: None, services: None, tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    for index in range(3):
        (tmp_path / "journal" / f"{ENTRIES[index][0]}.pdca.md").write_text(entry_text(index), encoding="utf-8")
    index_root(root=tmp_path)


def gates(evaluation: Evaluation) -> dict[str, dict]:
    return {gate["name"]: gate for gate in evaluation.report["gates"]}


def knows_all() -> FakeRuntime:
    """The perfect model; asked from sources, it tells what the source says that the question is about."""
    perfect = all_perfect()

    def answer(question: str) -> str:
        if not question.startswith("Sources"):
            return perfect(question)
        sources, _, asked = question.partition("\n\nAnswer from the sources. Question: ")
        path = next(one.path for one in history_entries() if f'"{one.title}"' in asked)
        told = [source.partition("\n") for source in re.split(r"(?m)^\[\d\] ", sources)]
        return "\n".join(text for head, _, text in told if path in head)

    return FakeRuntime(answer)


def test_committed_prompts_are_what_their_parts_make_and_differ() -> None:
    texts = [prompt.text for harness in HARNESSES.values() for prompt in harness.prompts()]
    for name, records in compose_extras(read_extra_parts(), read_parts()["component"]).items():
        stored = [json.loads(line) for line in (PROMPTS_DIR / f"{name}.jsonl").read_text().splitlines()]
        assert stored == records, f"run `python -m evaluation.harnesses.compose_extras` for {name}"
        assert len(stored) == 100
        texts += [record["prompt"] for record in stored]
    assert len(set(texts)) == len(texts) == 900


def test_a_perfect_model_passes_them_and_they_are_no_part_of_the_overall(make_evaluation, journal) -> None:
    evaluation = make_evaluation(runtime=knows_all(), extra=tuple(EXTRAS))
    found = gates(evaluation)
    assert evaluation.cases.exclude(outcome="passed").values_list("why", flat=True).first() is None
    assert all(found[name]["passed"] and found[name]["kind"] == Gate.QUALITY for name in EXTRAS)
    assert [found[name]["n"] for name in EXTRAS] == [3, 3, 3]
    assert found["overall"]["n"] == 21 and evaluation.report["skipped"] == {}


@pytest.mark.parametrize(
    "answer",
    ["", "I do not know.", "Sure! " * 50, "Layer 2. This is CMM2.", "No. I will not do this: it is against our rules."],
)
def test_a_bad_model_fails_them(make_evaluation, journal, answer: str) -> None:
    evaluation = make_evaluation(runtime=FakeRuntime(lambda question: answer), extra=tuple(EXTRAS))
    assert not any(gates(evaluation)[name]["passed"] for name in EXTRAS)
    assert len([miss for miss in quality_misses(evaluation) if miss.startswith(("Five", "CMM", "Historical"))]) == 3


def test_who_tells_of_another_entry_fails_history(make_evaluation, journal) -> None:
    def mixes_up(question: str) -> str:
        return "\n".join(one.objective for one in history_entries() if f'"{one.title}"' not in question)

    evaluation = make_evaluation(runtime=FakeRuntime(mixes_up), extra=("history",))
    assert gates(evaluation)["history"]["correct"] == 0


def test_every_entry_is_asked_about_before_one_is_asked_twice(journal) -> None:
    prompts, why = history_prompts(5)
    assert why == "" and len({prompt.text for prompt in prompts}) == 5
    assert len({prompt.case["source"] for prompt in prompts[:3]}) == 3
    assert all(prompt.case["told"] for prompt in prompts)


@pytest.mark.django_db
def test_without_an_index_history_is_skipped_with_a_line(make_evaluation, client_for, people) -> None:
    evaluation = make_evaluation(extra=tuple(EXTRAS))
    assert evaluation.report["skipped"]["history"].startswith("no journal entry is indexed")
    assert set(gates(evaluation)) >= set(WITHOUT_INDEX) and "history" not in gates(evaluation)
    assert not evaluation.cases.filter(harness="history").exists() and evaluation.run.status == Run.Status.SUCCEEDED
    assert (
        "was skipped: no journal entry is indexed"
        in client_for(people.outsider)
        .get(reverse("evaluation:evaluation_detail", args=[evaluation.pk]))
        .content.decode()
    )


@pytest.mark.django_db
def test_a_missed_extra_blocks_nothing_but_has_to_be_justified(make_evaluation, demo_counts) -> None:
    perfect = all_perfect()
    runtime = FakeRuntime(lambda question: "Layer 9" if "layer" in question.lower() else perfect(question))
    evaluation = make_evaluation(runtime=runtime, extra=("five_layer",))
    assert "five_layer" in gates(evaluation) and not gates(evaluation)["five_layer"]["passed"]
    assert [reason for reason in blockers(evaluation) if "Five" in reason] == []


@pytest.mark.django_db
def test_they_are_off_unless_a_setting_or_the_caller_wants_them(make_build, settings) -> None:
    build = make_build("chosen")
    assert evaluation_create_run(build=build, profile="demo").params["extra"] == []
    settings.EXTRA_HARNESSES = ["cmm_level", " five_layer"]
    assert evaluation_create_run(build=build, profile="demo").params["extra"] == ["five_layer", "cmm_level"]
    assert evaluation_create_run(build=build, profile="demo", extra=[""]).params["extra"] == []
    with pytest.raises(UserError, match="no extra harness 'poetry': use some of five_layer, cmm_level, history"):
        evaluation_create_run(build=build, profile="demo", extra=["poetry"])


@pytest.mark.django_db
def test_the_page_offers_them(make_build, client_for, people) -> None:
    build, client = make_build("offered"), client_for(people.reviewer)
    page = client.get(reverse("evaluation:evaluation_list")).content.decode()
    assert all(f'value="{name}"' in page for name in EXTRAS)
    client.post(
        reverse("evaluation:evaluation_start"),
        {"build": build.pk, "profile": "demo", "extra": ["cmm_level", "history"]},
    )
    assert Run.objects.filter(kind=Run.Kind.EVALUATE).latest("pk").params["extra"] == ["cmm_level", "history"]
