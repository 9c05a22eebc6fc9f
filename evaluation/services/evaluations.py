"""Run the harnesses and canaries on one build."""

import json
import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from evaluation.canaries import read_canaries
from evaluation.harnesses.base import Harness, Outcome, Prompt, Ruling
from evaluation.harnesses.registry import HARNESSES, PROFILES, Profile
from evaluation.models import Case, Evaluation
from evaluation.runtimes.base import Message, Runtime, RuntimeFailure
from evaluation.runtimes.llamacpp import CONTEXT_TOKENS, LlamaServer
from evaluation.scores import CANARIES, MAX_INVALID_SHARE
from evaluation.services.reports import report_make
from training.models import Build
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report
from web4site.runs import RunReporter, run_create, run_enqueue, run_execute

logger = logging.getLogger(__name__)
SEED = 0
TEMPERATURE = 0.0
JOB = "evaluation.jobs.evaluate_job"


@dataclass(frozen=True, slots=True)
class Question:
    """One case to come: what is asked, and who rules on the answer (text, seconds)."""

    harness: str
    case_id: str
    messages: list[Message]
    max_tokens: int
    rule: Callable[[str, float], Ruling]


def evaluation_enqueue(*, build: Build, profile: str, actor: Any = None) -> Run:
    """Put an evaluation on the queue; for pages."""
    return run_enqueue(
        kind=Run.Kind.EVALUATE,
        title=_title(build, profile),
        job=JOB,
        queue="evaluate",
        params=_params(build, profile),
        actor=actor,
    )


def evaluation_create_run(*, build: Build, profile: str, parent: Run | None = None) -> Run:
    """A run for this process to execute at once; for commands and for the steps of a cycle."""
    return run_create(
        kind=Run.Kind.EVALUATE, title=_title(build, profile), params=_params(build, profile), parent=parent
    )


def evaluation_run(*, run: Run, listener: Report | None = None, runtime: Runtime | None = None) -> Run:
    """Execute an evaluation run; the model gets a server process of its own unless `runtime` is given.

    Look at `run_result(run)` for `{evaluation, cleared, overall, gates, harnesses, canaries, ...}`.
    """

    def work(run: Run, report: RunReporter) -> dict[str, Any]:
        build = Build.objects.get(pk=run.params["build"])
        return evaluation_do(run=run, build=build, profile=run.params["profile"], report=report, runtime=runtime)

    return run_execute(run, work, listener=listener)


def evaluation_do(
    *, run: Run, build: Build, profile: str, report: Report, runtime: Runtime | None = None
) -> dict[str, Any]:
    """Ask everything, store each case as it comes, then score.

    Raises UserError when more than 5 % of the cases are invalid: then the rates mean nothing.
    """
    questions = plan(PROFILES[_known(profile)])
    evaluation = Evaluation.objects.create(build=build, run=run, profile=profile)
    report(Progress(0, len(questions), "starting the model"))
    with nullcontext(runtime) if runtime else LlamaServer(Path(build.gguf)) as server:
        for done, question in enumerate(questions, start=1):
            case = _ask(server, question)
            case.evaluation = evaluation
            case.save()
            report(Progress(done, len(questions), f"{question.harness}: {case.case_id} {case.outcome}"))
    result = _finish(evaluation)
    invalid = evaluation.cases.filter(outcome=Case.Outcome.INVALID).count()
    if invalid > MAX_INVALID_SHARE * len(questions):
        raise UserError(
            f"{invalid} of {len(questions)} cases could not be judged, more than 5 %: "
            f"see evaluation {evaluation.pk}, put the cause right, and evaluate again.",
            exit_code=1,
        )
    return result


def plan(profile: Profile) -> list[Question]:
    """Everything a profile asks, harness by harness, canaries last."""
    questions = [
        _harness_question(harness, prompt) for harness in HARNESSES.values() for prompt in profile.sample(harness)
    ]
    for canary in read_canaries():
        questions.append(Question(CANARIES, canary.id, canary.messages(), canary.max_tokens, canary.check))
    return questions


def _harness_question(harness: Harness, prompt: Prompt) -> Question:
    def rule(text: str, seconds: float) -> Ruling:
        return harness.rule(prompt, text)

    return Question(harness.name, prompt.id, harness.messages(prompt), harness.max_tokens, rule)


def _ask(server: Runtime, question: Question) -> Case:
    """One case; whatever goes wrong makes it invalid and nothing else."""
    case = Case(harness=question.harness, case_id=question.case_id, prompt=question.messages[-1]["content"])
    try:
        answer = server.generate(question.messages, max_tokens=question.max_tokens, temperature=TEMPERATURE, seed=SEED)
    except (RuntimeFailure, UserError) as error:
        case.outcome, case.why = Case.Outcome.INVALID, f"no answer: {error}"
        return case
    case.output, case.seconds, case.tokens = answer.text, answer.seconds, answer.tokens
    try:
        ruling = question.rule(answer.text, answer.seconds)
    except Exception as error:
        logger.exception("Judging %s failed", question.case_id)
        ruling = Ruling(Outcome.INVALID, f"the judge failed: {type(error).__name__}: {error}")
    case.outcome, case.why = Case.Outcome(ruling.outcome.value), ruling.why
    return case


def _finish(evaluation: Evaluation) -> dict[str, Any]:
    """Score the stored cases, write the report to the row and to the artifacts."""
    report = report_make(evaluation) | {"sampling": _sampling(evaluation.build)}
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
    return report | {"report": str(file)}


def case_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    fields = ("harness", "case_id", "outcome", "why", "prompt", "output", "seconds", "tokens")
    return list(evaluation.cases.values(*fields))


def _sampling(build: Build) -> dict[str, Any]:
    """What is needed to get the same answers again."""
    return {
        "temperature": TEMPERATURE,
        "seed": SEED,
        "context_tokens": CONTEXT_TOKENS,
        "llama_cpp_python": version("llama-cpp-python"),
        "gguf_sha256": build.sha256,
    }


def _title(build: Build, profile: str) -> str:
    return f"Evaluate {build.name} ({_known(profile)})"[:200]


def _params(build: Build, profile: str) -> dict[str, Any]:
    if not build.is_faithful:
        raise UserError(
            f"Build {build.name} does not say what its trained model says (its parity check failed), so a verdict on "
            "it would mean nothing: build the adapter again."
        )
    return {"build": build.pk, "profile": profile}


def _known(profile: str) -> str:
    if profile not in PROFILES:
        raise UserError(f"There is no profile '{profile}': use one of {', '.join(PROFILES)}.")
    return profile
