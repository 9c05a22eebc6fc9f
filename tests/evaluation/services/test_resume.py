"""An evaluation that was cut off goes on; several samples a prompt are cases of their own."""

import pytest

from evaluation.harnesses.base import Outcome
from evaluation.harnesses.registry import HARNESSES
from evaluation.models import Case, Evaluation
from evaluation.runtimes.base import RuntimeFailure
from evaluation.scores import Scored, case_id, design_effect, harness_gate, prompt_id
from evaluation.services.evaluations import evaluation_create_run, evaluation_resume, evaluation_run
from evaluation.services.plans import Sampling
from tests.evaluation.scripted import FakeRuntime, all_perfect
from web4site.errors import UserError
from web4site.models import Run
from web4site.runs import run_retry

pytestmark = pytest.mark.django_db
DEMO_CASES = 5 * 3 + 6 + 20


def cut_off(make_build, after: int = 25) -> Run:
    """A run whose process goes away after some cases."""
    runtime, perfect = FakeRuntime(), all_perfect()

    def answer(question: str) -> str:
        if len(runtime.questions) > after:
            raise KeyboardInterrupt
        return perfect(question)

    runtime.fallback = answer
    run = evaluation_create_run(build=make_build("cut"), profile="demo")
    with pytest.raises(KeyboardInterrupt):
        evaluation_run(run=run, runtime=runtime)
    assert run.status == Run.Status.FAILED and Case.objects.count() == after
    return run


def test_resume_asks_only_what_is_missing(make_build) -> None:
    run = cut_off(make_build)
    runtime = FakeRuntime(all_perfect())
    again = evaluation_run(run=evaluation_resume(run=run), runtime=runtime)
    assert again.status == Run.Status.SUCCEEDED and len(runtime.questions) == DEMO_CASES - 25
    evaluation = Evaluation.objects.get()
    assert evaluation.run == again and evaluation.cases.count() == DEMO_CASES and evaluation.cleared


def test_retry_of_the_page_goes_on_too(make_build) -> None:
    run = run_retry(cut_off(make_build))
    runtime = FakeRuntime(all_perfect())
    assert evaluation_run(run=run, runtime=runtime).status == Run.Status.SUCCEEDED
    assert len(runtime.questions) == DEMO_CASES - 25
    # A retry of what has succeeded is a new evaluation.
    evaluation_run(run=run_retry(run), runtime=FakeRuntime(all_perfect()))
    assert Evaluation.objects.count() == 2


def test_invalid_and_changed_cases_are_asked_again(make_build) -> None:
    run = evaluation_create_run(build=make_build("weak"), profile="demo")
    runtime = FakeRuntime(all_perfect())
    runtime.enqueue(*[RuntimeFailure("no server")] * 4)
    evaluation_run(run=run, runtime=runtime)
    assert "4 of 41 cases could not be judged" in run.error and f"--resume {run.pk}" in run.error
    Case.objects.filter(case_id="refusal-refuse-000").update(prompt="what was asked in an older version")
    runtime = FakeRuntime(all_perfect())
    assert evaluation_run(run=evaluation_resume(run=run), runtime=runtime).status == Run.Status.SUCCEEDED
    assert len(runtime.questions) == 5
    with pytest.raises(UserError, match="nothing to resume"):
        evaluation_resume(run=Evaluation.objects.get().run)


def test_only_an_interrupted_evaluation_can_be_resumed(make_build) -> None:
    with pytest.raises(UserError, match="no evaluation that began"):
        evaluation_resume(run=Run.objects.create(kind=Run.Kind.INDEX, title="another"))
    run = evaluation_create_run(build=make_build("busy"), profile="demo")
    Run.objects.filter(pk=run.pk).update(params={**run.params, "evaluation": 1})
    run.refresh_from_db()
    run.claim()
    with pytest.raises(UserError, match="still works"):
        evaluation_resume(run=run)


def test_samples_are_cases_with_seeds_of_their_own(make_build) -> None:
    sampling = Sampling(samples=3, temperature=0.7, seed=5)
    run = evaluation_create_run(build=make_build("thrice"), profile="demo", sampling=sampling)
    evaluation_run(run=run, runtime=FakeRuntime(all_perfect()))
    evaluation = Evaluation.objects.get()
    assert evaluation.cases.exclude(harness="canaries").count() == 3 * 21
    assert evaluation.cases.filter(harness="canaries").count() == 20
    assert evaluation.report["sampling"]["samples"] == 3 and evaluation.report["sampling"]["seed"] == 5
    gate = next(gate for gate in evaluation.report["gates"] if gate["name"] == "pdca_schema")
    # Nine right answers to three prompts prove no more than three.
    assert (gate["n"], gate["rate"]) == (9, 1.0) and gate["interval"][0] < 0.5


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"samples": 99}, {"samples": 2}, {"temperature": 3.0}])
def test_impossible_sampling_is_named(wrong) -> None:
    with pytest.raises(UserError):
        Sampling(**wrong)


def test_case_names_lead_back_to_prompts() -> None:
    assert case_id("tron_format-003", 0) == "tron_format-003"
    assert prompt_id(case_id("tron_format-003", 2)) == "tron_format-003"


def scored(*passed: list[bool]) -> list[Scored]:
    return [
        Scored(case_id(f"pdca_schema-{prompt:03}", sample), Outcome.PASSED if right else Outcome.FAILED)
        for prompt, samples in enumerate(passed)
        for sample, right in enumerate(samples)
    ]


def test_the_design_effect_lies_between_independent_and_identical_samples() -> None:
    assert design_effect(scored([True], [False], [True])) == 1
    identical = scored(*[[right] * 4 for right in (True, False, True, True, False) * 4])
    assert design_effect(identical) == pytest.approx(4, rel=0.1)
    mixed = scored(*[[True, False, True, False]] * 10)
    assert design_effect(mixed) == 1
    assert design_effect([]) == 1
    wide, narrow = (harness_gate(HARNESSES["pdca_schema"], cases).interval for cases in (identical, mixed))
    assert wide.high - wide.low > narrow.high - narrow.low
