"""What the documents promise exists: settings, commands, targets, files."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Read by web4site/settings.py, or by the libraries it hands them to.
SETTINGS_SOURCE = (ROOT / "web4site" / "settings.py").read_text()


def test_every_variable_in_the_readme_is_read_by_the_settings():
    table = README.split("## Configuration")[1].split("## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", " ".join(rows)):
        assert f'"{name}"' in SETTINGS_SOURCE, f"{name} is documented but nothing reads it"


def test_every_variable_the_settings_read_is_in_the_readme():
    for name in set(re.findall(r'env\.\w+\(\s*"([A-Z][A-Z0-9_]+)"', SETTINGS_SOURCE)):
        assert f"`{name}`" in README, f"{name} is read but not documented"


README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_targets_and_files_in_documents_exist(document):
    text = document.read_text()
    commands = {*get_commands(), "help"}
    for name in re.findall(r"manage\.py ([a-z_]+)", text):
        assert name in commands, f"{document.name} names manage.py {name}"
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in re.findall(r"\bmake ([a-z-]+)[`\n]", text):
        assert name in targets, f"{document.name} names make {name}"
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_options_in_documents_exist(document):
    for name, rest in re.findall(r"manage\.py ([a-z_]+)([^`#|\n]*)", document.read_text()):
        known = _options(name)
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest):
            assert option in known, f"{document.name} names manage.py {name} {option}"


def _options(name: str) -> set[str]:
    from django.core.management import load_command_class

    if name == "help":
        return set()
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_code_named_in_documents_exists(document):
    """Paths from the project's root; `{a,b}` and `*` are for people."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()}
    for path in re.findall(r"`([\w.-]+/[\w./-]*)`", document.read_text()):
        if path.split("/")[0] in tops - {"var"}:
            assert (ROOT / path).exists(), f"{document.name} names {path}"


def test_benchmarks_in_documents_exist():
    from bench.child import BENCHMARKS

    for document in DOCUMENTS:
        for name in re.findall(r"python -m bench ([a-z]+)", document.read_text()):
            assert name in BENCHMARKS, f"{document.name} names the benchmark {name}"


def test_every_command_explains_itself():
    from django.core.management import load_command_class

    own = {"web4site", "rag", "samples", "training", "evaluation", "monitoring"}
    for name, app in get_commands().items():
        if app in own:
            assert load_command_class(app, name).help, f"manage.py {name} has no help text"
