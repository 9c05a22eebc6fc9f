"""Commands of the index: their JSON, their exit codes, and one clear line when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command, load_command_class

pytestmark = pytest.mark.usefixtures("stores")
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def run(capsys: pytest.CaptureFixture[str], *arguments: Any, code: int = 0) -> tuple[str, str]:
    """Output and errors of a command that ends with this exit code."""
    try:
        call_command(*map(str, arguments))
        ended = 0
    except SystemExit as stop:
        ended = int(stop.code or 0)
    captured = capsys.readouterr()
    assert ended == code, captured
    return captured.out, captured.err


def last(output: str) -> dict[str, Any]:
    return json.loads(output.strip().splitlines()[-1])


def test_index_prints_its_counts_and_files(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = last(run(capsys, "index", corpus, "--json")[0])
    assert result.keys() >= {"found", "indexed", "skipped", "failed", "unchanged", "chunks", "edges", "files"}
    assert result["indexed"] + result["skipped"] + result["failed"] == result["found"] == len(result["files"])
    assert result["files"][0].keys() == {"path", "status", "reason"}
    again = last(run(capsys, "index", corpus, "--json")[0])
    assert again["unchanged"] == again["skipped"] == 5
    shown, _ = run(capsys, "index", corpus)
    assert "5 skipped: unchanged" in shown


@pytest.mark.parametrize(("place", "words"), [("nowhere", "There is no folder"), (".", "nothing to index")])
def test_index_of_a_wrong_root(place: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = run(capsys, "index", tmp_path / place, "--json", code=2)
    assert words in last(out)["error"]
    assert "Traceback" not in err


def test_retrieve_answers_one_question(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "index", corpus)
    result = last(run(capsys, "retrieve", "What happened on 2026-03-03?", "--json")[0])
    assert (result["route"], [hit["path"] for hit in result["hits"]]) == (
        "temporal",
        ["journal/2026-03-03-UTC-0900-glaze.md"],
    )
    assert result["hits"][0].keys() >= {"path", "pdca_id", "collection", "score", "why", "chunk", "text"}
    assert result["latency_ms"]["total"] > 0
    yesterday = last(run(capsys, "retrieve", "What happened yesterday?", "--today", "2026-03-05", "--json")[0])
    assert [hit["path"] for hit in yesterday["hits"]] == ["journal/2026-03-04-UTC-0900-fire.md"]
    assert "Nothing found" in run(capsys, "retrieve", "What happened on 1999-01-01?")[0]
    unsure = last(run(capsys, "retrieve", "zeppelin maintenance of the kiln", "--json")[0])
    assert unsure["hits"] == [] and 0 < len(unsure["nearest"]) <= 3
    assert "Nearest, not certain" in run(capsys, "retrieve", "zeppelin maintenance of the kiln")[0]


def test_retrieve_answers_a_file_line_by_line(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "index", corpus)
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": 1, "query": "What happened on 2026-03-02?"}\n\n{"id": "b", "query": "on 2026-03-04?"}\n')
    lines = [json.loads(line) for line in run(capsys, "retrieve", "--batch", file)[0].splitlines()]
    assert [line["id"] for line in lines] == [1, "b"]
    assert all(line.keys() >= {"id", "route", "hits", "latency_ms"} for line in lines)
    file.write_text('{"id": 1, "query": "clay"}\nnot json\n')
    out, err = run(capsys, "retrieve", "--batch", file, code=1)
    assert len(out.splitlines()) == 2
    assert "1 line(s)" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("retrieve",),
        ("retrieve", "x", "-k", "0"),
        ("retrieve", "x", "--today", "soon"),
        ("retrieve", "x", "--collection", "nothing"),
        ("retrieve", "--batch", "/nowhere.jsonl"),
        ("graph", "x", "--depth", "0"),
        ("graph", "no such document"),
        ("graph",),
        ("graph", "x", "--agent", "y"),
        ("graph", "--agent", "nobody"),
        ("graph", "--agent", "Vesna", "--since", "soon"),
        ("scan", "/nowhere.jsonl"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_two(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    _, err = run(capsys, *arguments, code=2)
    assert err.strip().splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in err


def test_graph_shows_breadcrumbs_in_both_directions(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "index", corpus)
    result = last(run(capsys, "graph", "glaze", "--depth", "2", "--json")[0])
    assert [node["depth"] for node in result["nodes"]] == [-1, 0, 1]
    assert [(edge["source"][-8:], edge["target"][-8:]) for edge in result["edges"]] == [
        ("crack.md", "glaze.md"),
        ("glaze.md", "-fire.md"),
    ]
    before = last(run(capsys, "graph", "glaze", "--depth", "2", "--direction", "before", "--json")[0])
    assert len(before["nodes"]) == 2
    _, err = run(capsys, "graph", "2026-03", code=2)
    assert "not unique" in err


def test_graph_finds_the_path_between_two_and_what_an_agent_wrote(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "index", corpus)
    path = last(run(capsys, "graph", "fire", "--to", "crack", "--json")[0])
    assert [node["path"][-8:] for node in path["nodes"]] == ["-fire.md", "glaze.md", "crack.md"]
    assert [(edge["target"][-8:], edge["backwards"]) for edge in path["edges"]] == [
        ("-fire.md", False),
        ("glaze.md", False),
    ]
    assert "No breadcrumbs connect them" in run(capsys, "graph", "fire", "--to", "Potter/process")[0]
    timeline = last(run(capsys, "graph", "--agent", "vesna", "--since", "2026-03-03", "--json")[0])
    assert (timeline["agent"], len(timeline["documents"]), len(timeline["edges"])) == ("Vesna", 2, 1)
    assert timeline["documents"][0].keys() >= {"date", "session", "sprint", "path"}
    assert "2026-03-02" in run(capsys, "graph", "--agent", "vesna")[0]
    assert "Nothing in this period" in run(capsys, "graph", "--agent", "vesna", "--until", "1999-01-01")[0]


def test_scan_redacts_and_never_repeats_a_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "texts.jsonl"
    lines = [{"id": "a", "text": f"token = {SECRET}"}, {"id": "b", "text": "clay and glaze"}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + f'{{"id": "c", "{SECRET}\n')
    out, err = run(capsys, "scan", file, "--json", code=1)
    first, second, third, _ = (json.loads(line) for line in out.splitlines())
    assert third == {"id": None, "error": "line 3 is not a JSON object with id and text"}
    assert (first["id"], second) == ("a", {"id": "b", "kinds": ["none"], "redacted": "clay and glaze"})
    assert "token" in first["kinds"]
    assert SECRET not in out + err
    file.write_text('{"id": "a", "text": null}\n')
    out, err = run(capsys, "scan", file, code=1)
    assert "line 1 is not" in json.loads(out)["error"] and "1 line(s)" in err


def test_the_shell_gets_the_exit_code_and_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "index", str(tmp_path / "nowhere"), "--json"]
    done = subprocess.run(command, cwd=settings.PROJECT_DIR, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert "There is no folder" in last(done.stdout)["error"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["graph", "x", "--depth", "deep"], "--depth: invalid int value"),
        (["scan"], "required: FILE.jsonl"),
        (["retrieve", "x", "--nothing"], "unrecognized arguments"),
    ],
)
def test_wrong_arguments_are_json_where_json_is_asked_for(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wanted in ([], ["--json"]):
        command = load_command_class("rag", arguments[0])
        with pytest.raises(SystemExit) as stop:
            command.run_from_argv(["manage.py", *arguments, *wanted])
        shown = capsys.readouterr()
        assert stop.value.code == 2 and words in shown.err
        assert (words in json.loads(shown.out)["error"]) if wanted else not shown.out
