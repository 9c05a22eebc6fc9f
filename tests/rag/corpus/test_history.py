"""The git reader on repositories made here; git itself is asked where it is installed."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pygit2
import pytest

from rag.corpus.history import read_history

START = 1_772_000_000
DAY = 86_400


class Repository:
    """Commits one day apart, by the author named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git = pygit2.init_repository(str(folder), initial_head="main")
        self.day = 0

    def write(self, files: dict[str, str | None]) -> None:
        for path, text in files.items():
            file = self.folder / path
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def commit(self, files: dict[str, str | None], author: str = "Vesna", parents: list[str] | None = None) -> str:
        self.write(files)
        self.git.index.add_all()
        self.git.index.write()
        signature = pygit2.Signature(author, "someone@example.org", START + self.day * DAY, 60)
        self.day += 1
        if parents is None:
            parents = [] if self.git.head_is_unborn else [str(self.git.head.target)]
        tree = self.git.index.write_tree()
        return str(self.git.create_commit("HEAD", signature, signature, "a change", tree, parents))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def moment(day: int) -> datetime:
    return datetime.fromtimestamp(START + day * DAY, UTC)


def test_each_file_has_its_last_and_first_commit(repository: Repository) -> None:
    first = repository.commit({"a.md": "one", "sub/b.md": "one"})
    second = repository.commit({"a.md": "two"}, author="Timo")
    third = repository.commit({"c.md": "new", "sub/gone.md": "x"})
    repository.commit({"sub/gone.md": None})
    found = read_history(repository.folder)
    assert {path: known.sha for path, known in found.items()} == {"a.md": second, "sub/b.md": first, "c.md": third}
    known = found["a.md"]
    assert (known.author, known.authored, known.since) == ("Timo", moment(1), moment(0))
    assert known.authored.utcoffset().total_seconds() == 3600
    assert not any(known.modified for known in found.values())


def test_a_folder_of_a_repository_has_its_own_paths(repository: Repository) -> None:
    first = repository.commit({"docs/in/a.md": "one", "docsother.md": "x"})
    repository.commit({"docsother.md": "y"})
    found = read_history(repository.folder / "docs")
    assert {path: known.sha for path, known in found.items()} == {"in/a.md": first}


def test_uncommitted_changes_are_said(repository: Repository) -> None:
    repository.commit({"a.md": "one", "b.md": "one"})
    repository.write({"a.md": "changed", "never committed.md": "x"})
    found = read_history(repository.folder)
    assert {path: known.modified for path, known in found.items()} == {"a.md": True, "b.md": False}
    assert found["a.md"].fields()["commit_state"] == "modified since"


def test_a_merge_changed_only_what_it_mixed(repository: Repository) -> None:
    base = repository.commit({"a.md": "one", "b.md": "one", "c.md": "1\n2\n3"})
    left = repository.commit({"a.md": "left", "c.md": "left\n2\n3"})
    repository.git.set_head(pygit2.Oid(hex=base))
    repository.git.reset(pygit2.Oid(hex=base), pygit2.enums.ResetMode.HARD)
    right = repository.commit({"b.md": "right", "c.md": "1\n2\nright"})
    merge = repository.commit({"a.md": "left", "c.md": "left\n2\nright"}, parents=[right, left])
    found = read_history(repository.folder)
    assert {path: known.sha for path, known in found.items()} == {"a.md": left, "b.md": right, "c.md": merge}


def test_without_history_there_is_none(tmp_path: Path) -> None:
    assert read_history(tmp_path) == {}
    pygit2.init_repository(str(tmp_path / "unborn"))
    assert read_history(tmp_path / "unborn") == {}
    pygit2.init_repository(str(tmp_path / "bare"), bare=True)
    assert read_history(tmp_path / "bare") == {}
    assert read_history(tmp_path / "missing") == {}


def test_a_broken_repository_costs_the_history_alone(repository: Repository) -> None:
    repository.commit({"a.md": "one"})
    shutil.rmtree(repository.folder / ".git" / "objects")
    assert read_history(repository.folder) == {}


def test_nothing_that_a_repository_configures_is_run(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.md": "one", ".gitattributes": "*.md filter=evil diff=evil\n"})
    proof = tmp_path / "it ran"
    command = f"touch '{proof}'"
    for name in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor", "core.sshCommand"):
        repository.git.config[name] = command
    repository.git.config["core.hooksPath"] = str(tmp_path)
    (tmp_path / "post-index-change").write_text(f"#!/bin/sh\n{command}\n")
    (tmp_path / "post-index-change").chmod(0o755)
    repository.write({"a.md": "changed"})
    assert read_history(repository.folder)["a.md"].modified
    assert not proof.exists()


def test_an_author_gives_a_name_and_no_address(repository: Repository) -> None:
    repository.commit({"a.md": "one"}, author="vesna@kiln.example.org")
    name = read_history(repository.folder)["a.md"].author
    assert "@" not in name and "someone" not in name


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_git_says_the_same(repository: Repository) -> None:
    for number in range(12):
        repository.commit({f"{number % 5}/{number % 3}.md": f"text {number}"})
    for path, known in read_history(repository.folder).items():
        command = ["git", "-C", str(repository.folder), "log", "-1", "--format=%H", "--", path]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == known.sha
