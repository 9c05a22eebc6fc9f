"""All processes of the platform, and its first-start preparation."""

import secrets
import sys

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from web4site.roles import roles_create
from web4site.services.embedded import answers, embedded_services
from web4site.services.supervisor import Service

MANAGE = [sys.executable, str(settings.PROJECT_DIR / "manage.py")]


def always() -> bool:
    """Health of a process that serves nobody directly: being alive is enough."""
    return True


def platform_services() -> list[Service]:
    """Every process of `manage.py up`, in start order."""
    return [*embedded_services().values(), web_service(), *map(worker_service, settings.QUEUE_NAMES), cron_service()]


def web_service() -> Service:
    command = [
        *(sys.executable, "-m", "gunicorn", "web4site.wsgi:application"),
        *("--bind", f"{settings.WEB_HOST}:{settings.WEB_PORT}", "--worker-class", "gthread"),
        *("--workers", "2", "--threads", "8", "--timeout", "120", "--graceful-timeout", "5"),
        *("--chdir", str(settings.PROJECT_DIR), "--control-socket", str(settings.RUN_DIR / "gunicorn.ctl")),
        *("--config", str(settings.PROJECT_DIR / "rag" / "warming.py")),
    ]
    return Service(
        "web",
        lambda: command,
        lambda: answers(f"http://127.0.0.1:{settings.WEB_PORT}/health/"),
        settings.WEB_PORT,
        "WEB4_PORT",
    )


def worker_service(queue: str) -> Service:
    command = [*MANAGE, "rqworker", queue, "--serializer", "rq.serializers.JSONSerializer"]
    # On SIGTERM a training saves its checkpoint; past these seconds the worker is killed, the sweeper marks the run.
    return Service(f"worker-{queue}", lambda: command, always, stop_seconds=15)


def cron_service() -> Service:
    return Service("cron", lambda: [*MANAGE, "rqcron", "web4site.cron"], always, stop_seconds=5)


def platform_prepare() -> str | None:
    """Database, roles and the first admin; safe to repeat. Returns the admin's password when it was made just now."""
    for folder in (settings.WEB4_HOME, settings.RUN_DIR, settings.LOG_DIR, settings.MODELS_DIR):
        folder.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    roles_create()
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser("admin", password=password)
    return password
