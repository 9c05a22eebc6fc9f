"""Swapping the tool ecosystem: one collection replaced, everything else as it was, bad lines named."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from rag.models import Chunk, Collection, Document
from rag.retrieval import retrieve
from rag.services.indexing import index_root
from rag.services.tiers import tiers_compare
from rag.services.tools import tools_swap
from rag.stores import get_vectors
from samples.judges.tool_example import tool_example_fault
from web4site.errors import UserError

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.WEB4_HOME = tmp_path / "home"


def example(instruction: str, tool: str, parameters: dict[str, Any], **more: Any) -> str:
    output = json.dumps({"tool_calls": [{"name": tool, "parameters": parameters}]})
    return json.dumps({"task_type": "tool_call", "instruction": instruction, "output": output, **more})


CONTINUE = [
    example("Open the kiln log", "read_file", {"path": "kiln.log"}, tool_ecosystem="continue"),
    example("Find the glaze recipe", "grep", {"pattern": "glaze", "path": "."}, tool_ecosystem="continue"),
]
CURSOR = [
    example("Open the kiln log", "read_file", {"target_file": "kiln.log"}),
    example("Open the kiln log", "read_file", {"target_file": "kiln.log"}),
    example("Which files mention the glaze recipe?", "grep_search", {"query": "glaze"}, tool_ecosystem="cursor"),
    example(
        "Delete the kiln log", "read_file", {"target_file": "kiln.log"}, is_negative=True, expected_tool="delete_file",
        reason="Reading deletes nothing.", author="Vesna",
    ),
]  # fmt: skip
BAD = [
    "not json",
    example("Open", "read_file", {"path": "kiln.log"}),
    example("Open", "read_file", {}),
    example("Open", "fire_kiln", {"target_file": "x"}),
    example("Open", "read_file", {"target_file": ""}),
    example("Open", "read_file", {"target_file": 3}),
    example("Open", "read_file", {"target_file": "x"}, tool_ecosystem="continue"),
    json.dumps({"instruction": "Open", "output": "just text"}),
    example("Open", "ls", {}, is_negative=True, expected_tool="fire_kiln"),
]


def write(folder: Path, lines: list[str], name: str = "tools.jsonl") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
    return file


def swap(file: Path, ecosystem: str = "cursor", *, strict: bool = False) -> dict[str, Any]:
    return tools_swap(
        files=[file], ecosystem=ecosystem, check=lambda given: tool_example_fault(given, ecosystem), strict=strict
    )


def state() -> set[tuple[str, str]]:
    """Every chunk outside the collection, in SQL and in the vectors."""
    others = [name for name in Collection.values if name != Collection.TOOL_EXAMPLES]
    rows = Chunk.objects.exclude(document__kind="tool_examples").values_list("uid", flat=True)
    return {("sql", uid) for uid in rows} | {(name, uid) for name in others for uid in get_vectors().uids(name)}


def tools(question: str) -> list[tuple[str, str]]:
    hits = retrieve(question, k=10, collections=[Collection.TOOL_EXAMPLES]).hits
    rows = Chunk.objects.filter(document__path__in=[hit.path for hit in hits], text__in=[hit.text for hit in hits])
    return sorted((row.fields["tool_ecosystem"], row.fields["tool_name"]) for row in rows)


def test_another_ecosystem_takes_the_place_of_the_first(corpus: Path, tmp_path: Path) -> None:
    write(corpus, CONTINUE, "tools/continue.jsonl")
    index_root(root=corpus)
    before = state()
    assert {ecosystem for ecosystem, _ in tools("open the kiln log")} == {"continue"}
    result = swap(write(tmp_path, CURSOR))
    assert (result["lines"], result["distinct"], result["refused"], result["retired"]) == (4, 3, 0, 1)
    assert {ecosystem for ecosystem, _ in tools("open the kiln log")} == {"cursor"}
    assert get_vectors().count(Collection.TOOL_EXAMPLES) == 3
    assert state() == before
    assert tiers_compare() == []
    assert index_root(root=corpus)["unchanged"] == 6
    assert {ecosystem for ecosystem, _ in tools("open the kiln log")} == {"cursor"}, "the next run brings nothing back"


def test_and_back_again(tmp_path: Path) -> None:
    swap(write(tmp_path, CURSOR))
    result = swap(write(tmp_path, CONTINUE), "continue")
    assert (result["distinct"], result["chunks"]) == (2, 2)
    assert {row.path for row in Document.objects.all()} == {"continue.jsonl"}
    assert tiers_compare() == []


def test_a_negative_example_keeps_its_reason(tmp_path: Path) -> None:
    swap(write(tmp_path, CURSOR))
    chunk = Chunk.objects.get(fields__is_negative="true")
    assert (chunk.fields["expected_tool"], chunk.fields["reason"]) == ("delete_file", "Reading deletes nothing.")
    assert json.loads(chunk.fields["extra"]) == {"author": "Vesna"}
    assert "Wrong tool call:" in chunk.text
    [stored] = get_vectors().get(Collection.TOOL_EXAMPLES, [chunk.uid]).values()
    assert stored["expected_tool"] == "delete_file"
    assert Chunk.objects.get(text__startswith="Open the kiln log").fields["count"] == "2"


def test_bad_lines_are_named_and_the_others_taken(tmp_path: Path) -> None:
    result = swap(write(tmp_path, [*BAD, "", CURSOR[0]]))
    assert (result["lines"], result["refused"], result["distinct"]) == (len(BAD) + 1, len(BAD), 1)
    assert [fault["line"] for fault in result["faults"]] == list(range(1, len(BAD) + 1))
    expected = ("no JSON", "no parameter 'path'", "lacks target_file", "fire_kiln", "is empty", "no string", "another",
                "no tool", "fire_kiln")  # fmt: skip
    for fault, said in zip(result["faults"], expected, strict=True):
        assert said in fault["reason"]


@pytest.mark.parametrize(("lines", "strict"), [(BAD, False), ([*BAD, *CURSOR], True), ([], False)])
def test_a_file_that_cannot_be_used_changes_nothing(tmp_path: Path, lines: list[str], strict: bool) -> None:
    swap(write(tmp_path, CURSOR))
    with pytest.raises(UserError, match="Nothing was changed"):
        swap(write(tmp_path, lines), strict=strict)
    assert get_vectors().count(Collection.TOOL_EXAMPLES) == 3


def test_the_command_names_every_line_where_all_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        call_command("swap_tools", str(write(tmp_path, BAD)), "--ecosystem", "cursor", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert stop.value.code == 1 and "Nothing was changed" in answer["error"]
    assert [fault["line"] for fault in answer["faults"]] == list(range(1, len(BAD) + 1))


@pytest.mark.parametrize("ecosystem", ["", "../cursor", "Cursor", "a b"])
def test_an_ecosystem_is_a_name(tmp_path: Path, ecosystem: str) -> None:
    with pytest.raises(UserError, match="short name"):
        tools_swap(files=[write(tmp_path, CURSOR)], ecosystem=ecosystem, check=lambda given: "")


def test_a_secret_in_a_refused_line_is_not_repeated(tmp_path: Path) -> None:
    secret = "AKIA" + "Q3EGRZ7KXM5T2VWN"
    result = swap(write(tmp_path, [example("Open", secret, {}), CURSOR[0]]))
    assert result["refused"] == 1
    assert secret not in json.dumps(result)
