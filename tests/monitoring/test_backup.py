"""What is backed up comes back, byte for byte, also in another place; and nothing is overwritten by accident."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


class Home:
    """An installation of its own, used through its commands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {**os.environ, "WEB4_HOME": str(path)}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def json(self, *arguments: str) -> dict:
        done = self.manage(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def rows(self, sql: str) -> list[tuple]:
        with sqlite3.connect(self.path / "db.sqlite3") as database:
            return database.execute(sql).fetchall()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """A home with a dataset row that names a folder below it, files in every store, and a live model."""
    home = Home(tmp_path_factory.mktemp("old") / "home")
    home.path.mkdir()
    assert home.manage("migrate", "--verbosity", "0").returncode == 0
    folder = home.path / "datasets" / "1-abc"
    with sqlite3.connect(home.path / "db.sqlite3") as database:
        database.execute(
            "INSERT INTO samples_dataset (name, status, plan, seed, sha256, folder, counts, tokens, lineage, "
            "checkpoint, checks, near_duplicates, contaminated, created_at) "
            "VALUES ('first', 'frozen', '{}', 0, '', ?, '{}', '{}', '{}', '{}', '{}', 0, 0, '2026-11-20')",
            (str(folder),),
        )
    for name in (
        "datasets/1-abc/guardrails.jsonl",
        "redis/appendonlydir/a.aof",
        "chroma/x/data.bin",
        "artifacts/m.gguf",
    ):
        file = home.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"content of {name}")
    live = {"deployment": 1, "gguf": str(home.path / "artifacts" / "m.gguf"), "alias": "web4-agent:latest"}
    (home.path / "run").mkdir(exist_ok=True)
    (home.path / "run" / "live.json").write_text(json.dumps(live))
    (home.path / "logs").mkdir(exist_ok=True)
    (home.path / "logs" / "web.log").write_text("noise")
    return home


@pytest.fixture(scope="module")
def backup(home, tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("backups") / "monday"
    result = home.json("backup", str(directory))
    assert result["files"] == len([file for file in directory.rglob("*") if file.is_file()]) - 1
    return directory


def test_a_backup_comes_back_elsewhere_with_its_paths(home, backup, tmp_path):
    new = Home(tmp_path / "new")
    result = new.json("restore", str(backup))
    assert result["set_aside"] == ""
    for name in (
        "datasets/1-abc/guardrails.jsonl",
        "redis/appendonlydir/a.aof",
        "chroma/x/data.bin",
        "artifacts/m.gguf",
    ):
        assert (new.path / name).read_text() == f"content of {name}"
    assert new.rows("SELECT name, folder FROM samples_dataset") == [("first", str(new.path / "datasets" / "1-abc"))]
    assert json.loads((new.path / "run" / "live.json").read_text())["gguf"] == str(new.path / "artifacts" / "m.gguf")
    assert (new.path / "secret_key").read_text() == (home.path / "secret_key").read_text()
    assert not (new.path / "logs" / "web.log").exists()


def test_a_home_in_use_is_not_overwritten(backup, tmp_path):
    new = Home(tmp_path / "new")
    new.json("restore", str(backup))
    (new.path / "artifacts" / "m.gguf").write_text("newer")
    refused = new.json("restore", str(backup))
    assert "is in use" in refused["error"] and (new.path / "artifacts" / "m.gguf").read_text() == "newer"
    forced = new.json("restore", str(backup), "--force")
    assert (new.path / "artifacts" / "m.gguf").read_text() == "content of artifacts/m.gguf"
    assert (Path(forced["set_aside"]) / "artifacts" / "m.gguf").read_text() == "newer"
    assert new.rows("SELECT count(*) FROM samples_dataset") == [(1,)]


def test_a_damaged_backup_is_refused_before_anything_is_touched(backup, tmp_path):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(backup), str(copy)], check=True)
    (copy / "chroma" / "x" / "data.bin").write_text("rotten")
    new = Home(tmp_path / "new")
    assert "damaged" in new.json("restore", str(copy))["error"]
    assert not (new.path / "db.sqlite3").exists()


def test_a_manifest_that_reaches_outside_is_refused(backup, tmp_path):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(backup), str(copy)], check=True)
    manifest = json.loads((copy / "backup.json").read_text())
    manifest["files"].append({"name": "../evil", "bytes": 0, "sha256": ""})
    (copy / "backup.json").write_text(json.dumps(manifest))
    assert "names files outside" in Home(tmp_path / "new").json("restore", str(copy))["error"]


def test_a_folder_with_something_in_it_is_no_place_for_a_backup(home, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = home.manage("backup", str(tmp_path))
    assert done.returncode == 2 and "is not empty" in done.stderr and "Traceback" not in done.stderr
    inside = home.json("backup", str(home.path / "backup"))
    assert "choose a folder outside" in inside["error"]


def test_nothing_is_copied_while_a_store_runs(home, tmp_path):
    import fcntl

    with (home.path / "run" / "redis.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        done = home.manage("backup", str(tmp_path / "b"))
    assert done.returncode == 2 and "stop it first" in done.stderr
    assert not (tmp_path / "b").exists()
