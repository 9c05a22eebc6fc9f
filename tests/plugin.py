"""Gives the test session a home and ports of its own before Django reads its settings (see addopts)."""

import os
import socket
import tempfile


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if "WEB4_TEST_HOME" not in os.environ:
    home = tempfile.mkdtemp(prefix="web4-test-")
    # Children of a test (commands, workers) inherit these and so belong to the same session.
    os.environ.update({"WEB4_TEST_HOME": home, "WEB4_HOME": home})
    for name in ("WEB4_PORT", "WEB4_REDIS_PORT", "WEB4_CHROMA_PORT", "WEB4_MODEL_PORT"):
        os.environ[name] = str(_free_port())
    for name in ("REDIS_URL", "GRAPH_URL", "CHROMA_URL", "DATABASE_URL", "OLLAMA_HOST"):
        os.environ.pop(name, None)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Playwright's synchronous API runs an event loop in the test thread; the ORM is safe in it all the same.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
