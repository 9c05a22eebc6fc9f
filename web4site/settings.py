"""Settings of the Web4 Agent; every value a team may change comes from the environment (see README)."""

import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured

# Lets forms and admin classes name their model as a type argument at run time too.
django_stubs_ext.monkeypatch()


class Environment(environ.Env):
    """Reads typed values; a value of the wrong type stops the start with the name of its variable."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"The environment variable {var} is wrong: {error}") from None


env = Environment()

PROJECT_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(PROJECT_DIR / ".env")

# Everything the platform writes lives under this one folder.
WEB4_HOME = Path(env.str("WEB4_HOME", default=str(PROJECT_DIR / "var"))).resolve()
RUN_DIR = WEB4_HOME / "run"
LOG_DIR = WEB4_HOME / "logs"
MODELS_DIR = WEB4_HOME / "models"
ARTIFACTS_DIR = WEB4_HOME / "artifacts"
DATASETS_DIR = WEB4_HOME / "datasets"

# --- Addresses. A URL that is set replaces the embedded service of that name. ---
WEB_HOST = env.str("WEB4_HOST", default="127.0.0.1")
WEB_PORT = env.int("WEB4_PORT", default=8000)
REDIS_PORT = env.int("WEB4_REDIS_PORT", default=6479)
CHROMA_PORT = env.int("WEB4_CHROMA_PORT", default=8479)
MODEL_PORT = env.int("WEB4_MODEL_PORT", default=8579)

REDIS_URL = env.str("REDIS_URL", default="")
GRAPH_URL = env.str("GRAPH_URL", default="")
CHROMA_URL = env.str("CHROMA_URL", default="")
OLLAMA_HOST = env.str("OLLAMA_HOST", default="")
if OLLAMA_HOST and "://" not in OLLAMA_HOST:
    OLLAMA_HOST = f"http://{OLLAMA_HOST}"  # Ollama itself reads host:port

EMBEDDED_REDIS = not REDIS_URL
EMBEDDED_GRAPH = not GRAPH_URL
EMBEDDED_CHROMA = not CHROMA_URL
REDIS_URL = REDIS_URL or f"redis://127.0.0.1:{REDIS_PORT}/0"
# FalkorDB is a Redis module: the embedded server carries queue and graph alike.
GRAPH_URL = GRAPH_URL or f"redis://127.0.0.1:{REDIS_PORT}/0"
CHROMA_URL = CHROMA_URL or f"http://127.0.0.1:{CHROMA_PORT}"
MODEL_URL = f"http://127.0.0.1:{MODEL_PORT}"

# --- Models ---
BASE_MODEL = env.str("WEB4_BASE_MODEL", default="smollm2-135m")
BASE_MODEL_DIR = MODELS_DIR / BASE_MODEL
# `organisation/model`: fetched from the Hugging Face hub where it is not there yet.
BASE_MODEL_HUB_ID = BASE_MODEL if BASE_MODEL.count("/") == 1 and not Path(BASE_MODEL).is_absolute() else ""
EMBEDDER_DIR = MODELS_DIR / "all-minilm-l6-v2"
EMBEDDER = env.str("WEB4_EMBEDDER", default="minilm")  # "hash": a deterministic stand-in for tests
GRAPH_NAME = env.str("WEB4_GRAPH", default="web4")  # several installations can share one graph server
MODEL_ALIAS = "web4-agent:latest"
# The evaluation profile that a model must pass to be deployed: full, or quick or demo for a trial.
GATE_PROFILE = env.str("WEB4_GATE_PROFILE", default="full")
# Harnesses that are asked beside the six, as quality gates: five_layer, cmm_level, history.
EXTRA_HARNESSES = env.list("WEB4_EXTRA_HARNESSES", default=[])
# Who trained or proposed a model may not approve it, and two approvers have to.
FOUR_EYES = env.bool("WEB4_FOUR_EYES", default=False)
TOOL_ECOSYSTEM = env.str("WEB4_TOOL_ECOSYSTEM", default="continue")
CORPUS_DIR = Path(env.str("WEB4_CORPUS", default=str(PROJECT_DIR / "rag" / "sample_corpus")))

# --- Alerts ---
ALERT_WEBHOOK = env.str("WEB4_ALERT_WEBHOOK", default="")
ALERT_EMAIL = env.str("WEB4_ALERT_EMAIL", default="")
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25

# --- Django ---
DEBUG = env.bool("WEB4_DEBUG", default=False)
ALLOWED_HOSTS = env.list("WEB4_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("WEB4_TRUSTED_ORIGINS", default=[])


def _secret_key() -> str:
    """The key from the environment, else one generated once and kept beside the database."""
    if key := env.str("WEB4_SECRET_KEY", default=""):
        return key
    from web4site.secret_key import read_or_create

    return read_or_create(WEB4_HOME / "secret_key")


SECRET_KEY = _secret_key()

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_rq",
    "web4site",
    "rag",
    "samples",
    "training",
    "evaluation",
    "monitoring",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "web4site.urls"
WSGI_APPLICATION = "web4site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web4site.navigation.navigation",
            ],
            "builtins": ["web4site.templatetags.ui"],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{WEB4_HOME / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Several processes write: wait for the lock, take it at the start of a transaction, keep readers going.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One queue per resource, so that an hour of training never delays a click. JSON, not pickle: a queue is input too.
QUEUE_NAMES = ("default", "index", "train", "evaluate")
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "SERIALIZER": "rq.serializers.JSONSerializer", "DEFAULT_TIMEOUT": 24 * 3600}
    for name in QUEUE_NAMES
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "monitoring:overview"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("WEB4_TIME_ZONE", default="UTC")
USE_I18N = False
USE_TZ = True

# WhiteNoise serves assets straight from the packages that carry them: no collect step, no CDN.
STATIC_URL = "static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "web4site.finders.PlotlyFinder",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = "Lax"

# Models and telemetry: nothing here ever reaches for the network behind the user's back.
OFFLINE_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "TOKENIZERS_PARALLELISM": "false",
    # RQ forks; macOS aborts a forked child that touches Objective-C unless told otherwise.
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    # Threads that wait must not spin: on a shared core it made a small model five times slower.
    "OMP_WAIT_POLICY": "PASSIVE",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("WEB4_LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "chromadb": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
    },
}
