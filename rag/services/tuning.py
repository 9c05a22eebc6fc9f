"""Search better parameters of retrieval on one half of the labelled questions; report on the other half."""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from rag.retrieval.engine import prepare
from rag.retrieval.gathering import gather
from rag.retrieval.ordering import order
from rag.retrieval.parameters import (
    Parameters,
    current_parameters,
    parameter_bounds,
    parameters_write,
)
from rag.retrieval.questions import Labelled, Labels, questions_read, split
from rag.retrieval.scoring import CUT, UNANSWERABLE, Score, score, summary
from rag.retrieval.search import Search
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report
from web4site.runs import run_create, run_execute, run_result

TRIALS = 300
SEED = 20
MAX_CHANGED = 3
STEP = 0.2
# What people expect: silence where nothing is right, and hardly any lost answer.
SILENT = 0.8
LOST = 0.02
# Leaving the present values must pay: this much of the objective for moving all of them from end to end.
STAY = 0.02
# Worth of clear decisions in the objective, and how much evidence is clear.
SURE = 0.5
SOFT = 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """A question with everything the tiers said to it, so that a trial only fuses and decides."""

    question: Labelled
    search: Search
    grades: dict[int, int]


def retrieval_tune(
    *, files: Sequence[Path] = (), trials: int = TRIALS, apply: bool = False, listener: Report | None = None
) -> dict[str, Any]:
    """Tune in a run of its own, which people can follow; returns its result."""
    if trials < 1:
        raise UserError("--trials must be 1 or more.")
    questions = questions_read(files)
    run = run_create(
        kind=Run.Kind.OTHER,
        title="Tune retrieval",
        params={"files": sorted({question.file for question in questions}), "trials": trials, "apply": apply},
    )
    run = run_execute(run, lambda run, report: _tune(questions, trials, apply, report), listener=listener)
    return {"run": run.pk, **run_result(run)}


def _tune(questions: Sequence[Labelled], trials: int, apply: bool, report: Report) -> dict[str, Any]:
    labels = Labels()
    indexed = labels.indexed(questions)
    if not any(question.expect for question in indexed):
        raise UserError("None of the questions' documents is indexed: run `manage.py index DIR` first.", exit_code=1)
    corpora = labels.corpora(indexed)
    halves = split(indexed)
    total = len(indexed) + trials
    cases: list[list[Case]] = [[], []]
    for half, chosen in zip(cases, halves, strict=True):
        for question in chosen:
            half.append(_case(question, labels, corpora[question.file]))
            # Never the question itself: whoever improves retrieval must not see the reporting half.
            report(Progress(sum(map(len, cases)), total, "asking all tiers"))
    before = current_parameters()
    began = time.perf_counter()
    after = search_parameters(
        before,
        lambda parameters: objective(_scores(cases[0], labels, parameters)) + SURE * _sureness(cases[0]),
        trials,
        lambda done, best: report(Progress(len(indexed) + done, total, f"trial {done}: {best:.4f}")),
    )
    spent = (time.perf_counter() - began) * 1000 / trials
    result = {
        "questions": {"tune": len(cases[0]), "report": len(cases[1]), "skipped": len(questions) - len(indexed)},
        "trials": trials,
        "ms_per_trial": round(spent, 1),
        "parameters": {"before": before.as_dict(), "after": after.as_dict()},
        "tune": _compared(cases[0], labels, before, after),
        "report": _compared(cases[1], labels, before, after),
        "applied": "",
    }
    if apply:
        note = f"Tuned by tune_retrieval on {timezone.localdate()} with {len(cases[0])} questions in {trials} trials."
        result["applied"] = str(parameters_write(after, note))
    return result


def _case(question: Labelled, labels: Labels, corpus: int) -> Case:
    """Everything the tiers say to a question, asked of the corpus that it is about."""
    depth = int(parameter_bounds()["depth"][1])
    search = prepare(question.query, today=question.today, depth=depth, filters={"corpus": corpus})
    gather(search)
    return Case(question, search, labels.grades(question))


def _sureness(cases: Sequence[Case]) -> float:
    """How clearly the last decisions were right, 0-1: beyond the questions at hand, a narrow right is half a wrong."""
    right = [case.search.margin if case.question.expect else -case.search.margin for case in cases]
    return sum(1 / (1 + math.exp(-margin / SOFT)) for margin in right) / max(1, len(right))


def _scores(cases: Sequence[Case], labels: Labels, parameters: Parameters) -> list[Score]:
    return [
        score(
            case.question.kind,
            labels.answer(candidate.document for candidate in order(case.search, parameters))[:CUT],
            case.grades,
        )
        for case in cases
    ]


def _compared(
    cases: Sequence[Case], labels: Labels, before: Parameters, after: Parameters
) -> dict[str, dict[str, dict[str, float]]]:
    return {
        "before": summary(_scores(cases, labels, before)),
        "after": summary(_scores(cases, labels, after)),
    }


def objective(scores: Sequence[Score]) -> float:
    """0 to 1: the mean over the kinds of hit@5 and nDCG@10, less what silence and lost answers fall short."""
    table = summary(scores)
    answerable = [entry for kind, entry in table.items() if kind not in ("all", UNANSWERABLE)]
    value = sum(entry["hit@5"] + entry["ndcg@10"] for entry in answerable) / (2 * max(1, len(answerable)))
    if silence := table.get(UNANSWERABLE):
        value -= max(0.0, SILENT - silence["silent"])
        value += 0.05 * silence["silent"]
    if everything := table.get("all"):
        value -= max(0.0, everything["silent"] - LOST)
    return value


def search_parameters(
    start: Parameters,
    worth: Callable[[Parameters], float],
    trials: int,
    tell: Callable[[int, float], None] = lambda done, best: None,
) -> Parameters:
    """A (1+1) evolution strategy: change one to three parameters of the best so far, keep what is better.

    Seeded, so that the same questions and index give the same parameters. Steps are normal, a fifth of the bounds wide.
    """
    chance = random.Random(SEED)
    bounds = parameter_bounds()

    def value(parameters: Parameters) -> float:
        values, first = parameters.as_dict(), start.as_dict()
        moved = sum(abs(values[name] - first[name]) / (high - low) for name, (low, high) in bounds.items())
        return worth(parameters) - STAY * moved / len(bounds)

    best, highest = start, value(start)
    for trial in range(1, trials + 1):
        changed = best.as_dict()
        for name in chance.sample(sorted(bounds), chance.randint(1, MAX_CHANGED)):
            low, high = bounds[name]
            changed[name] = round(min(high, max(low, changed[name] + chance.gauss(0, STEP * (high - low)))), 3)
        candidate = Parameters.of(changed)
        if (reached := value(candidate)) > highest:
            best, highest = candidate, reached
        tell(trial, highest)
    return best
