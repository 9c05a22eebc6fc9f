"""The shape of the house: imports point only downwards, and the web process stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STACK = ["web4site", "rag", "samples", "training", "evaluation", "monitoring"]
# The two files that know the whole stack.
EXCEPTIONS = {"web4site/urls.py", "web4site/cron.py"}
PURE = ["rag/corpus", "samples/judges", "training/ml"]
HEAVY = ("torch", "transformers", "peft", "llama_cpp", "chromadb.server", "accelerate", "datasketch", "scipy")


def sources(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "sample_corpus" not in path.parts)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


@pytest.mark.parametrize("app", STACK)
def test_imports_point_downwards(app):
    above = set(STACK[STACK.index(app) + 1 :])
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources(app)
        if str(path.relative_to(ROOT)) not in EXCEPTIONS
        for module in imported(path)
        if module.split(".")[0] in above
    ]
    assert not wrong


@pytest.mark.parametrize("folder", PURE)
def test_pure_code_does_not_know_django(folder):
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources(folder)
        for module in imported(path)
        if module.split(".")[0] == "django" or module.endswith(".models")
    ]
    assert not wrong


def test_the_web_process_loads_nothing_heavy():
    jobs = [f"{app}.jobs" for app in STACK if (ROOT / app / "jobs.py").exists()]
    code = f"""
import os, sys, importlib
os.environ["DJANGO_SETTINGS_MODULE"] = "web4site.settings"
import django
django.setup()
import web4site.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
for name in {jobs!r}:
    importlib.import_module(name)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
