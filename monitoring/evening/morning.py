"""Morning validation: hard questions to the live model, with retrieval, as a team member would ask them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitoring.agent.answering import query_answer, query_create
from monitoring.models import Query
from rag.models import Document
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress
from web4site.runs import RunReporter

QUESTIONS_FILE = Path(__file__).with_name("questions.toml")
CHANNEL = "validation"
TARGET = 0.8


@dataclass(frozen=True, slots=True)
class HardQuestion:
    """A question with what a right answer shows.

    `terms`: each entry must occur in the answer, whatever the case; alternatives are separated by "|".
    `cites`: the citations must hold a document whose path contains one of these; it is only asked where such a
    document is indexed.
    """

    id: str
    question: str
    terms: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()

    def faults(self, query: Query) -> list[str]:
        """What is wrong with an answered question; [] when it is right."""
        if query.status != Query.Status.ANSWERED:
            return [query.error or f"the question ended as {query.status}"]
        answer = query.answer.lower()
        missing = [term for term in self.terms if not any(one in answer for one in term.lower().split("|"))]
        faults = [f"lacks {term!r}" for term in missing]
        paths = [citation["path"] for citation in query.citations]
        if self.cites and not any(wanted in path for wanted in self.cites for path in paths):
            faults.append(f"does not cite {' or '.join(self.cites)}")
        return faults

    def can_be_asked(self) -> bool:
        return not self.cites or any(Document.objects.filter(path__contains=wanted).exists() for wanted in self.cites)


def read_questions(file: Path = QUESTIONS_FILE) -> list[HardQuestion]:
    """The questions of a TOML file; raises UserError with what is wrong with it."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))["question"]
        questions = [
            HardQuestion(row["id"], row["question"], tuple(row.get("terms", ())), tuple(row.get("cites", ())))
            for row in rows
        ]
    except FileNotFoundError:
        raise UserError(f"There is no question file {file}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{file.name} is no question file: {type(error).__name__}: {error}.") from None
    if not questions or any(not (one.terms or one.cites) for one in questions):
        raise UserError(f"{file.name}: every question needs `terms` or `cites`, and there must be one.")
    return questions


def validate_morning(run: Run, report: RunReporter) -> dict[str, Any]:
    """The work of a validation run: {outcome, passed, asked, skipped, rate, target, questions}.

    Raises UserError when the model answers nothing at all: then there is no rate.
    """
    file = Path(run.params["questions"]) if run.params.get("questions") else QUESTIONS_FILE
    questions = read_questions(file)
    asked = [one for one in questions if one.can_be_asked()]
    if not asked:
        raise UserError("None of the documents the questions are about is indexed: run `manage.py index` first.")
    rows = []
    for number, question in enumerate(asked):
        report(Progress(number, len(asked), question.question))
        rows.append(_ask(question))
    if all(row["status"] == Query.Status.FAILED for row in rows):
        raise UserError(f"None of {len(rows)} questions was answered. {rows[0]['why']}", exit_code=1)
    passed = sum(row["passed"] for row in rows)
    rate = passed / len(rows)
    report(Progress(len(asked), len(asked), f"{passed} of {len(asked)}"))
    missed = ", ".join(row["id"] for row in rows if not row["passed"])
    short = f"{passed} of {len(rows)} hard questions ({rate:.0%}) against {TARGET:.0%}: {missed}"
    return {
        "outcome": "passed" if rate >= TARGET else "below_target",
        "why": "" if rate >= TARGET else short,
        "passed": passed,
        "asked": len(rows),
        "skipped": len(questions) - len(asked),
        "rate": round(rate, 4),
        "target": TARGET,
        "questions": rows,
    }


def _ask(question: HardQuestion) -> dict[str, Any]:
    query = query_create(question=question.question, channel=CHANNEL, sources="always")
    query.claim()
    for _ in query_answer(query):
        pass
    faults = question.faults(query)
    return {
        "id": question.id,
        "passed": not faults,
        "why": "; ".join(faults),
        "status": str(query.status),
        "query": query.pk,
        "ms": query.total_ms,
    }
