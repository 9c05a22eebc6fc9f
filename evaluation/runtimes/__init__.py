"""Model runtimes behind one small protocol (see `base`)."""

from django.conf import settings

from evaluation.runtimes.openai import RemoteServer


def live_runtime() -> RemoteServer:
    """The server of the live model: the embedded one, or the team's Ollama, which speaks the same protocol."""
    return RemoteServer(settings.OLLAMA_HOST or settings.MODEL_URL, model=settings.MODEL_ALIAS)
