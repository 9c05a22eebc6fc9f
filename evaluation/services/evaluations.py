"""Run the harnesses and canaries on one build."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from evaluation.harnesses.base import Outcome, Ruling
from evaluation.harnesses.registry import PROFILES
from evaluation.models import Case, Evaluation
from evaluation.runtimes.base import TOP_K, TOP_P, Answer, OneByOne, Runtime, RuntimeFailure
from evaluation.runtimes.batched import SLOTS, BatchedModel
from evaluation.scores import CANARIES, MAX_INVALID_SHARE
from evaluation.services.builds import build_check_file
from evaluation.services.canaries import canaries_of, canary_set_current
from evaluation.services.extras import extra_prompts, extras_chosen
from evaluation.services.incidents import incident_write
from evaluation.services.plans import Question, Sampling, plan
from evaluation.services.reports import report_make
from training.models import Build
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report
from web4site.runs import RunReporter, run_create, run_enqueue, run_execute

logger = logging.getLogger(__name__)
GREEDY = Sampling()
JOB = "evaluation.jobs.evaluate_job"


def evaluation_enqueue(*, build: Build, profile: str, extra: Sequence[str] | None = None, actor: Any = None) -> Run:
    """Put an evaluation on the queue; for pages. `extra` as in `evaluation_create_run`."""
    return run_enqueue(
        kind=Run.Kind.EVALUATE,
        title=_title(build, profile),
        job=JOB,
        queue="evaluate",
        params=_params(build, profile, extra=extra),
        actor=actor,
    )


def evaluation_create_run(
    *,
    build: Build,
    profile: str,
    sampling: Sampling = GREEDY,
    extra: Sequence[str] | None = None,
    parent: Run | None = None,
) -> Run:
    """A run for this process to execute at once; for commands and for the steps of a cycle.

    `extra` names extra harnesses; None stands for those of the setting WEB4_EXTRA_HARNESSES.
    """
    params = _params(build, profile, sampling, extra)
    return run_create(kind=Run.Kind.EVALUATE, title=_title(build, profile), params=params, parent=parent)


def evaluation_resume(*, run: Run) -> Run:
    """A run that goes on where an interrupted one stopped: cases that were judged are not asked again.

    Raises UserError when the run still works, has succeeded, or never began.
    """
    if run.kind != Run.Kind.EVALUATE or "evaluation" not in run.params:
        raise UserError(f"Run {run.pk} is no evaluation that began: evaluate the build anew.")
    if run.status == Run.Status.SUCCEEDED:
        raise UserError(f"Evaluation run {run.pk} has succeeded: there is nothing to resume.")
    if run.is_active and not Run.stale().filter(pk=run.pk).exists():
        raise UserError(f"Run {run.pk} still works, or was killed less than half a minute ago: try again then.")
    return run_create(kind=Run.Kind.EVALUATE, title=run.title, params=run.params)


def evaluation_run(*, run: Run, listener: Report | None = None, runtime: Runtime | None = None) -> Run:
    """Execute an evaluation run; the model gets a process of its own unless `runtime` is given.

    Look at `run_result(run)` for `{evaluation, cleared, overall, gates, harnesses, canaries, ...}`.
    """

    def work(run: Run, report: RunReporter) -> dict[str, Any]:
        return evaluation_do(run=run, report=report, runtime=runtime)

    return run_execute(run, work, listener=listener)


def evaluation_do(*, run: Run, report: Report, runtime: Runtime | None = None) -> dict[str, Any]:
    """Ask everything that has no case yet, store each case as it comes, then score.

    Raises UserError when more than 5 % of the cases are invalid: then the rates mean nothing.
    """
    sampling = Sampling(**run.params.get("sampling", {}))
    evaluation = _evaluation_of(run)
    canary_set = evaluation.canary_set or canary_set_current()
    Evaluation.objects.filter(pk=evaluation.pk).update(canary_set=canary_set)
    evaluation.canary_set = canary_set
    extras, skipped = extra_prompts(run.params.get("extra", ()), evaluation.profile)
    questions = plan(evaluation.profile, sampling, canaries_of(canary_set), extras)
    open_ones = _without_case(evaluation, questions)
    before, total = len(questions) - len(open_ones), len(questions)
    report(Progress(before, total, "starting the model"))
    if runtime is None:
        build_check_file(evaluation.build)
    for done, case in enumerate(_asked(evaluation.build, open_ones, runtime), start=before + 1):
        case.evaluation = evaluation
        case.save()
        report(Progress(done, total, f"{case.harness}: {case.case_id} {case.outcome}"))
    result = _finish(evaluation, {"sampling": _sampling(evaluation.build, sampling), "skipped": skipped})
    invalid = evaluation.cases.filter(outcome=Case.Outcome.INVALID).count()
    if invalid > MAX_INVALID_SHARE * total:
        raise UserError(
            f"{invalid} of {total} cases could not be judged, more than 5 %: see evaluation {evaluation.pk}, "
            f"put the cause right, and go on with `manage.py evaluate --resume {run.pk}`.",
            exit_code=1,
        )
    return result


def _evaluation_of(run: Run) -> Evaluation:
    """The evaluation that an interrupted run began and this one continues; else a new one.

    The run remembers it among its parameters, so that whoever repeats the run goes on with it.
    """
    begun = Evaluation.objects.filter(pk=run.params.get("evaluation")).select_related("run", "build").first()
    if begun and begun.run_id != run.pk and begun.run.status != Run.Status.SUCCEEDED:
        Evaluation.objects.filter(pk=begun.pk).update(run=run)
        begun.refresh_from_db()
        return begun
    evaluation = Evaluation.objects.create(build_id=run.params["build"], run=run, profile=run.params["profile"])
    run.params = {**run.params, "evaluation": evaluation.pk}
    run.save(update_fields=["params"])
    return evaluation


def _without_case(evaluation: Evaluation, questions: list[Question]) -> list[Question]:
    """What is still to be asked. Invalid cases are asked again, and those whose prompt is another one by now."""
    evaluation.cases.filter(outcome=Case.Outcome.INVALID).delete()
    planned = {(question.harness, question.case_id): question.prompt for question in questions}
    kept = set()
    for pk, harness, case, prompt in evaluation.cases.values_list("pk", "harness", "case_id", "prompt"):
        if planned.get((harness, case)) == prompt:
            kept.add((harness, case))
        else:
            Case.objects.filter(pk=pk).delete()
    return [question for question in questions if (question.harness, question.case_id) not in kept]


def _asked(build: Build, questions: list[Question], runtime: Runtime | None) -> Iterator[Case]:
    """The questions' cases as they come: harnesses together, canaries one by one, because their time is judged."""
    if not questions:
        return
    together = [question for question in questions if question.harness != CANARIES]
    alone = [[question] for question in questions if question.harness == CANARIES]
    with nullcontext(OneByOne(runtime)) if runtime else BatchedModel(Path(build.gguf)) as model:
        for group in [together, *alone]:
            for index, answer in model.answers([question.request for question in group]):
                yield _judged(group[index], answer)


def _judged(question: Question, answer: Answer | RuntimeFailure) -> Case:
    """One case; whatever goes wrong makes it invalid and nothing else."""
    case = Case(harness=question.harness, case_id=question.case_id, prompt=question.prompt)
    if isinstance(answer, RuntimeFailure):
        case.outcome, case.why = Case.Outcome.INVALID, f"no answer: {answer}"
        return case
    case.output, case.seconds, case.tokens = answer.text, answer.seconds, answer.tokens
    try:
        ruling = question.rule(answer.text, answer.seconds)
    except Exception as error:
        logger.exception("Judging %s failed", question.case_id)
        ruling = Ruling(Outcome.INVALID, f"the judge failed: {type(error).__name__}: {error}")
    case.outcome, case.why = Case.Outcome(ruling.outcome.value), ruling.why
    return case


def _finish(evaluation: Evaluation, circumstances: dict[str, Any]) -> dict[str, Any]:
    """Score the stored cases, write the report to the row and to the artifacts."""
    report = report_make(evaluation) | circumstances
    evaluation.report = report
    evaluation.overall = report["overall"]
    evaluation.cleared = report["cleared"]
    evaluation.canaries_passed = report["canaries"]["passed"]
    evaluation.canaries_total = report["canaries"]["total"]
    file = settings.ARTIFACTS_DIR / "evaluations" / str(evaluation.pk) / "report.json"
    evaluation.save()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps(report | {"cases": case_rows(evaluation)}, indent=1), encoding="utf-8")
    draft.replace(file)
    incident_write(evaluation, file.parent)
    return report | {"report": str(file)}


def case_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    fields = ("harness", "case_id", "outcome", "why", "prompt", "output", "seconds", "tokens")
    return list(evaluation.cases.values(*fields))


def _sampling(build: Build, sampling: Sampling) -> dict[str, Any]:
    """What is needed to get the same answers again."""
    drawn = {"top_k": TOP_K, "top_p": TOP_P} if sampling.temperature else {}
    return {
        **sampling.as_json(),
        **drawn,
        "batched": SLOTS,
        "llama_cpp_python": version("llama-cpp-python"),
        "gguf_sha256": build.sha256,
    }


def _title(build: Build, profile: str) -> str:
    return f"Evaluate {build.name} ({_known(profile)})"[:200]


def _params(
    build: Build, profile: str, sampling: Sampling = GREEDY, extra: Sequence[str] | None = None
) -> dict[str, Any]:
    if not build.is_faithful:
        raise UserError(
            f"Build {build.name} does not say what its trained model says (its parity check failed), so a verdict on "
            "it would mean nothing: build the adapter again."
        )
    chosen = extras_chosen(settings.EXTRA_HARNESSES if extra is None else extra)
    return {"build": build.pk, "profile": profile, "sampling": sampling.as_json(), "extra": chosen}


def _known(profile: str) -> str:
    if profile not in PROFILES:
        raise UserError(f"There is no profile '{profile}': use one of {', '.join(PROFILES)}.")
    return profile
