"""What goes wrong on a real machine is one clear line that says what to do, never a traceback."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(*arguments, home, **environment):
    """Run a command in a home and on ports of its own."""
    ports = {name: str(free_port()) for name in ("WEB4_REDIS_PORT", "WEB4_CHROMA_PORT", "WEB4_MODEL_PORT")}
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "WEB4_HOME": str(home), "WEB4_EMBEDDER": "hash", **ports, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_line(done, *words, code):
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in done.stderr + done.stdout
    assert done.returncode == code, done.stderr
    assert len(errors) == 1, done.stderr
    for word in words:
        assert word in errors[0]


def test_a_wrong_path(tmp_path):
    done = manage("index", "/no/such/folder", "--json", home=tmp_path)
    assert_one_line(done, "/no/such/folder", "check the path", code=2)
    assert "no/such/folder" in json.loads(done.stdout.splitlines()[-1])["error"]


def test_an_empty_folder(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert_one_line(manage("index", empty, home=tmp_path / "home"), "nothing to index", ".md", code=2)


def test_a_cycle_on_a_wrong_path(tmp_path):
    assert_one_line(manage("cycle", "--corpus", "/no/such/folder", home=tmp_path), "/no/such/folder", code=2)


def test_an_unknown_profile_is_wrong_usage(tmp_path):
    done = manage("cycle", "--profile", "huge", home=tmp_path)
    assert done.returncode == 2 and "invalid choice" in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = manage("index", ROOT / "docs", home=tmp_path, WEB4_REDIS_PORT=port)
    assert_one_line(done, f"Port {port}", "in use", "WEB4_REDIS_PORT", code=2)


@pytest.mark.skipif(os.geteuid() != 0 or not sys.platform.startswith("linux"), reason="needs root to make a tiny disk")
def test_a_full_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets not even root mount a tiny disk")
    try:
        (disk / "filling").write_bytes(b"x" * 900_000)
        done = manage("index", ROOT / "docs", home=disk / "home")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    assert_one_line(done, "full", code=1)


def test_a_database_of_another_version(tmp_path):
    manage("smoke", home=tmp_path)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        database.execute("ALTER TABLE evaluation_deployment DROP COLUMN smoke")
    assert_one_line(manage("deploy", "1", home=tmp_path), "does not fit the program", "migrate", code=1)


def test_a_missing_compiler(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "bash", "make", "python3", "grep", "echo", "awk", "touch"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    done = subprocess.run(
        ["make", "install", f"VENV={tmp_path}/venv", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tools)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and "a C++ compiler is needed" in done.stdout
    assert not (tmp_path / "venv").exists()


def test_an_invalid_setting_is_named(tmp_path):
    done = manage("doctor", home=tmp_path, WEB4_PORT="eight thousand")
    assert done.returncode != 0 and "WEB4_PORT" in done.stderr and "Traceback" not in done.stderr
