"""Models on an Ollama server, through its official client."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from evaluation.models import Deployment
from training.ml.modelfile import read_chat
from web4site.errors import UserError

PARAMETERS: dict[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 40,
    "num_ctx": 4096,
}


def ollama_upload(deployment: Deployment) -> None:
    """Upload the GGUF and create `<alias name>:<deployment>` from it; nobody is served by it yet."""

    def upload(client: Any) -> None:
        file = Path(deployment.build.gguf)
        # A file that was not built here is the base model's.
        chat = deployment.build.manifest.get("chat") or read_chat(settings.BASE_MODEL_DIR).as_dict()
        digest = client.create_blob(file)
        files = {file.name: digest}
        client.create(
            model=_version(deployment),
            files=files,
            template=chat["template"],
            system=chat["system"],
            parameters={**PARAMETERS, "stop": chat["stop"]},
            stream=False,
        )

    _call(upload)


def ollama_point(deployment: Deployment) -> None:
    """Make the alias this deployment's version, and look that it is."""

    def point(client: Any) -> None:
        client.copy(_version(deployment), deployment.alias)
        client.show(deployment.alias)

    _call(point)


def _version(deployment: Deployment) -> str:
    return f"{deployment.alias.split(':')[0]}:{deployment.pk}"


def _call(work: Callable[[Any], None]) -> None:
    import ollama

    try:
        work(ollama.Client(host=settings.OLLAMA_HOST))
    except (ollama.ResponseError, ConnectionError, httpx.HTTPError) as error:
        raise UserError(f"Ollama at {settings.OLLAMA_HOST} refused the model: {error}", exit_code=1) from error
