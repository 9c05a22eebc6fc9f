"""Model runtimes behind one small protocol (see `base`)."""

from evaluation.runtimes.live import LiveServer


def live_runtime() -> LiveServer:
    """The live model: the embedded server, or the team's Ollama, which speaks the same protocol."""
    return LiveServer()
