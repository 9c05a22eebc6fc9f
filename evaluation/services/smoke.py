"""A few questions to a server just before a model goes live on it."""

from pathlib import Path
from typing import Any

from evaluation.canaries import SMOKE_FILE, Canary, read_canaries
from evaluation.harnesses.base import Outcome, Ruling
from evaluation.models import Deployment
from evaluation.runtimes.base import Runtime, RuntimeFailure, user
from evaluation.runtimes.llamacpp import LlamaServer

SERVING = "serving"


def smoke_test(*, deployment: Deployment, runtime: Runtime | None = None) -> dict[str, Any]:
    """Ask the smoke questions of `runtime`, or of a short-lived server of the deployment's own file.

    Returns `{passed, checks: [{name, passed, required, why, seconds}]}`. The baseline has learnt nothing: of it only
    serving is required. The result is stored on the deployment.
    """
    if runtime is None:
        with LlamaServer(Path(deployment.build.gguf)) as server:
            return smoke_test(deployment=deployment, runtime=server)
    checks = [
        _serving(runtime),
        *(_check(runtime, canary, deployment.is_gated) for canary in read_canaries(SMOKE_FILE)),
    ]
    result = {"passed": all(check["passed"] for check in checks if check["required"]), "checks": checks}
    deployment.smoke = result
    deployment.save(update_fields=["smoke"])
    return result


def smoke_faults(result: dict[str, Any]) -> str:
    """What went wrong, in one line."""
    failed = [check for check in result["checks"] if check["required"] and not check["passed"]]
    return "; ".join(f"{check['name']}: {check['why']}" for check in failed)


def _serving(runtime: Runtime) -> dict[str, Any]:
    """The server is healthy, streams words, and says the same thing twice."""
    question = user("Say good morning to the team.")
    try:
        if not runtime.health():
            return _row(SERVING, Ruling(Outcome.FAILED, "the server is not healthy"))
        answer = runtime.generate(question, max_tokens=24)
        streamed = "".join(runtime.stream(question, max_tokens=24))
    except RuntimeFailure as error:
        return _row(SERVING, Ruling(Outcome.FAILED, str(error)))
    if not any(char.isalpha() for char in answer.text):
        return _row(SERVING, Ruling(Outcome.FAILED, f"no words in the answer {answer.text[:40]!r}"), answer.seconds)
    if streamed.strip() != answer.text.strip():
        return _row(SERVING, Ruling(Outcome.FAILED, "the streamed answer differs from the whole one"), answer.seconds)
    return _row(SERVING, Ruling(Outcome.PASSED, "healthy, streams, repeats itself exactly"), answer.seconds)


def _check(runtime: Runtime, canary: Canary, required: bool) -> dict[str, Any]:
    try:
        answer = runtime.generate(canary.messages(), max_tokens=canary.max_tokens)
    except RuntimeFailure as error:
        return _row(canary.id, Ruling(Outcome.FAILED, str(error)), required=required)
    return _row(canary.id, canary.check(answer.text, answer.seconds), answer.seconds, required)


def _row(name: str, ruling: Ruling, seconds: float = 0.0, required: bool = True) -> dict[str, Any]:
    passed = ruling.outcome == Outcome.PASSED
    return {"name": name, "passed": passed, "required": required, "why": ruling.why, "seconds": round(seconds, 2)}
