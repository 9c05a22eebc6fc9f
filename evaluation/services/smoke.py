"""A few questions to a server just before a model goes live on it."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from evaluation.canaries import SMOKE_FILE, Canary, read_canaries
from evaluation.harnesses.base import Outcome, Ruling
from evaluation.models import Deployment
from evaluation.runtimes.base import Request, Runtime, RuntimeFailure, user
from evaluation.runtimes.llamacpp import LlamaServer
from evaluation.services.builds import build_check_file
from evaluation.services.history import history_ask, history_entries
from rag.models import Document
from web4site.services.embedded import services_running

logger = logging.getLogger(__name__)
SERVING, HISTORY, PARITY = "serving", "history-through-retrieval", "parity"
HISTORY_SECONDS = 120.0
TERM = re.compile(r"[^\W\d_]{5,}")
TERMS_NEEDED = 3


def smoke_test(*, deployment: Deployment, runtime: Runtime | None = None) -> dict[str, Any]:
    """Ask the smoke questions of `runtime`, or of a short-lived server of the deployment's own file.

    They go from bare serving to a question about the team's own past, answered through retrieval. Returns
    `{passed, checks: [{name, passed, required, why, seconds}]}`. The baseline has learnt nothing: of it only
    serving is required. The result is stored on the deployment.
    """
    if runtime is None:
        build_check_file(deployment.build)
        with LlamaServer(Path(deployment.build.gguf)) as server:
            return smoke_test(deployment=deployment, runtime=server)
    checks = [_serving(runtime)]
    if checks[0]["passed"]:  # a server that hangs would let every question wait for minutes
        checks += _questions(runtime, deployment)
    result = {"passed": all(check["passed"] for check in checks if check["required"]), "checks": checks}
    deployment.smoke = result
    deployment.save(update_fields=["smoke"])
    return result


def _questions(runtime: Runtime, deployment: Deployment) -> Iterator[dict[str, Any]]:
    for canary in read_canaries(SMOKE_FILE):
        yield _check(runtime, canary, deployment.is_gated)
    if document := history_entries().first():
        yield _history(runtime, document, deployment.is_gated)
    if deployment.runtime == "ollama" and settings.OLLAMA_HOST:
        yield _parity(runtime, deployment)


def smoke_faults(result: dict[str, Any]) -> str:
    """What went wrong, in one line."""
    failed = [check for check in result["checks"] if check["required"] and not check["passed"]]
    return "; ".join(f"{check['name']}: {check['why']}" for check in failed)


def _serving(runtime: Runtime) -> dict[str, Any]:
    """The server is healthy, streams words, and says the same thing twice."""
    question = Request(user("Say good morning to the team."), 24)
    try:
        if not runtime.health():
            return _row(SERVING, Ruling(Outcome.FAILED, "the server is not healthy"))
        # The first answer computes the prompt, later ones find it in the cache: between the two rounding differs, and
        # with it a word now and then.
        runtime.generate(question)
        answer = runtime.generate(question)
        streamed = "".join(runtime.stream(question))
    except RuntimeFailure as error:
        return _row(SERVING, Ruling(Outcome.FAILED, str(error)))
    if not any(char.isalpha() for char in answer.text):
        return _row(SERVING, Ruling(Outcome.FAILED, f"no words in the answer {answer.text[:40]!r}"), answer.seconds)
    if streamed.strip() != answer.text.strip():
        return _row(SERVING, Ruling(Outcome.FAILED, "the streamed answer differs from the whole one"), answer.seconds)
    return _row(SERVING, Ruling(Outcome.PASSED, "healthy, streams, repeats itself exactly"), answer.seconds)


def _check(runtime: Runtime, canary: Canary, required: bool) -> dict[str, Any]:
    try:
        answer = runtime.generate(canary.request())
    except RuntimeFailure as error:
        return _row(canary.id, Ruling(Outcome.FAILED, str(error)), required=required)
    return _row(canary.id, canary.check(answer.text, answer.seconds), answer.seconds, required)


def _history(runtime: Runtime, document: Document, required: bool) -> dict[str, Any]:
    """Ask for the objective of an entry: it has to be found, and the answer has to be told from what was found.

    When retrieval itself is down the check says so and holds nobody up: it is not the model's fault.
    """
    question = f"What was the objective of {document.title}?"
    try:
        with services_running("redis", "chroma"):
            asked = history_ask(question, document)
    except Exception as error:
        logger.exception("Retrieval failed in a smoke test")
        return _row(HISTORY, Ruling(Outcome.FAILED, f"retrieval does not answer: {error}"), required=False)
    if not asked.told:
        return _row(HISTORY, Ruling(Outcome.FAILED, f"retrieval did not find {document.path}"), required=required)
    try:
        answer = runtime.generate(Request(user(asked.prompt), 100))
    except RuntimeFailure as error:
        return _row(HISTORY, Ruling(Outcome.FAILED, str(error)), required=required)
    ruling = _grounded(answer.text, document.path, _terms(asked.told) - _terms(question))
    if answer.seconds > HISTORY_SECONDS:
        ruling = Ruling(Outcome.FAILED, f"took {answer.seconds:.0f} s of {HISTORY_SECONDS:.0f} s")
    return _row(HISTORY, ruling, answer.seconds, required)


def _grounded(answer: str, path: str, terms: set[str]) -> Ruling:
    """The answer names things that stand in what was found and not in the question."""
    named = sorted(terms & _terms(answer))
    if len(named) >= min(TERMS_NEEDED, len(terms)):
        return Ruling(Outcome.PASSED, f"cites {path}; tells of {', '.join(named[:4])}")
    return Ruling(Outcome.FAILED, f"cites {path}, but tells nothing of it: {answer[:80]!r}")


def _terms(text: str) -> set[str]:
    return {word.lower() for word in TERM.findall(text)}


def _parity(runtime: Runtime, deployment: Deployment) -> dict[str, Any]:
    """Ollama says what llama.cpp says of the same file."""
    from evaluation.runtimes.ollama import ollama_parity

    try:
        with LlamaServer(Path(deployment.build.gguf)) as reference:
            passed, why = ollama_parity(runtime, reference)
    except RuntimeFailure as error:
        passed, why = False, str(error)
    return _row(PARITY, Ruling(Outcome.PASSED if passed else Outcome.FAILED, why))


def _row(name: str, ruling: Ruling, seconds: float = 0.0, required: bool = True) -> dict[str, Any]:
    passed = ruling.outcome == Outcome.PASSED
    return {"name": name, "passed": passed, "required": required, "why": ruling.why, "seconds": round(seconds, 2)}
