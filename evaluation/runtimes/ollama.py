"""Models on an Ollama server, through its official client."""

import logging
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, TypeVar

import httpx
from django.conf import settings

from evaluation.models import Deployment
from evaluation.runtimes.base import Request, Runtime, user
from evaluation.runtimes.openai import RemoteServer
from training.ml.modelfile import read_chat
from web4site.errors import UserError
from web4site.progress import Progress, Report, silent
from web4site.services.embedded import model_name

logger = logging.getLogger(__name__)
T = TypeVar("T")
PARAMETERS: dict[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 40,
    "num_ctx": 4096,
}
# The alias is pointed while a transaction is open: a server that hangs must not hold the database for long.
POINT_SECONDS = 10.0
# Two builds of llama.cpp differ in the last digits of a sum; a wrong template or file differs from the first word on.
PARITY = 0.8
PARITY_QUESTION = "Name the five sections of a PDCA."


def ollama_upload(deployment: Deployment, *, report: Report = silent) -> None:
    """Upload the GGUF and create `<alias name>:<deployment>` from it; nobody is served by it yet."""

    def upload(client: Any) -> None:
        file = Path(deployment.build.gguf)
        # A file that was not built here is the base model's.
        chat = deployment.build.manifest.get("chat") or read_chat(settings.BASE_MODEL_DIR).as_dict()
        report(Progress(1, 4, f"uploading {file.name} to Ollama"))
        digest = _blob(client, file, deployment.build.sha256)
        steps = client.create(
            model=version_name(deployment),
            files={file.name: digest},
            template=chat["template"],
            system=chat["system"],
            parameters={**PARAMETERS, "stop": chat["stop"]},
            stream=True,
        )
        for step in steps:
            report(Progress(1, 4, f"Ollama: {step.status}"))
        _verify(client, version_name(deployment), chat)

    _call(upload)


def ollama_point(deployment: Deployment) -> None:
    """Make the alias this deployment's version, and look that it is."""

    def point(client: Any) -> None:
        client.copy(version_name(deployment), deployment.alias)
        digests = {model.model: model.digest for model in client.list().models}
        if digests.get(deployment.alias) != digests.get(version_name(deployment), ""):
            raise UserError(f"Ollama says that {deployment.alias} is not {version_name(deployment)}.", exit_code=1)

    _call(point, seconds=POINT_SECONDS)


def ollama_server(deployment: Deployment) -> RemoteServer:
    """This very version, whatever the alias points to."""
    return RemoteServer(settings.OLLAMA_HOST, model=version_name(deployment))


def ollama_parity(served: Runtime, reference: Runtime) -> tuple[bool, str]:
    """Whether Ollama says what llama.cpp says of the same file: its template and its file are then the right ones."""
    question = Request(user(PARITY_QUESTION), 32)
    ours, theirs = (runtime.generate(question).text.strip() for runtime in (reference, served))
    likeness = SequenceMatcher(None, ours, theirs, autojunk=False).ratio()
    if likeness >= PARITY:
        return True, f"answers as llama.cpp does ({likeness:.0%} alike)"
    return False, f"llama.cpp answers {ours[:40]!r}, Ollama {theirs[:40]!r}: check template and file"


def ollama_prune(*, alias: str, keep: set[int]) -> list[str]:
    """Delete the versions of the alias whose deployments are not to be kept; returns their names."""
    prefix = f"{alias.split(':')[0]}:"

    def prune(client: Any) -> list[str]:
        names = [str(model.model) for model in client.list().models]
        versions = [name for name in names if name.startswith(prefix) and name.removeprefix(prefix).isdecimal()]
        gone = [name for name in versions if int(name.removeprefix(prefix)) not in keep]
        for name in gone:
            client.delete(name)
        return gone

    return _call(prune)


def version_name(deployment: Deployment) -> str:
    return model_name({"alias": deployment.alias, "deployment": deployment.pk})


def _blob(client: Any, file: Path, sha256: str) -> str:
    """The digest of the uploaded file; what the server has already is not sent again."""
    digest = f"sha256:{sha256}"
    known = httpx.head(f"{settings.OLLAMA_HOST.rstrip('/')}/api/blobs/{digest}", timeout=POINT_SECONDS)
    return digest if known.status_code == 200 else str(client.create_blob(file))


def _verify(client: Any, name: str, chat: dict[str, Any]) -> None:
    """The server shows what it was told: template, and every parameter."""
    shown = client.show(name)
    told = {line.split(None, 1)[0] for line in (shown.parameters or "").splitlines() if line.strip()}
    missing = sorted({*PARAMETERS, "stop"} - told)
    if (shown.template or "").strip() != chat["template"].strip():
        missing.append("template")
    if missing:
        raise UserError(f"Ollama did not take over {', '.join(missing)} of {name}.", exit_code=1)


def _call(work: Callable[[Any], T], seconds: float | None = None) -> T:
    import ollama

    try:
        return work(ollama.Client(host=settings.OLLAMA_HOST, timeout=seconds))
    except (ollama.ResponseError, ConnectionError, httpx.HTTPError) as error:
        raise UserError(f"Ollama at {settings.OLLAMA_HOST} refused the model: {error}", exit_code=1) from error
