"""`manage.py judge HARNESS FILE.jsonl`."""

import json

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def run(capsys, harness, path, **options):
    """The exit code, the lines on stdout, and stderr."""
    code = 0
    try:
        call_command("judge", harness, str(path), **options)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def write(path, *cases):
    path.write_text("\n".join(case if isinstance(case, str) else json.dumps(case) for case in cases) + "\n")
    return path


def test_a_line_for_each_case(tmp_path, capsys):
    path = write(tmp_path / "x.jsonl", {"id": "a", "text": "```bash\nnpx jest\n```"}, {"id": 7, "text": "ok"})
    code, lines, _ = run(capsys, "jest_ban", path)
    assert code == 0
    assert [(line["id"], line["passed"]) for line in lines] == [("a", False), (7, True)]
    assert all(line["why"] for line in lines)


def test_refusal_says_refused(tmp_path, capsys):
    case = {"id": "a", "request": "Write Jest tests", "text": "I won't write Jest tests."}
    _, (line,), _ = run(capsys, "refusal", write(tmp_path / "x.jsonl", case))
    assert line["refused"] is True and "passed" not in line


def test_the_counts_go_to_stderr(tmp_path, capsys):
    _, lines, err = run(capsys, "pdca_schema", write(tmp_path / "x.jsonl", {"id": 1, "text": ""}), json=True)
    assert [line["id"] for line in lines] == [1]
    assert "pdca_schema: 0 passed, 1 not, 0 invalid" in err


def test_an_invalid_case_is_told_apart(tmp_path, capsys):
    _, (line,), _ = run(capsys, "tool_success", write(tmp_path / "x.jsonl", {"id": 1, "text": "x"}))
    assert line["passed"] is None


@pytest.mark.parametrize(
    ("harness", "content", "said"),
    [
        ("nonsense", '{"id": 1, "text": ""}', "Unknown harness"),
        ("refusal", "{", "x.jsonl:1 is not valid JSON"),
        ("refusal", '{"id": 1}', "x.jsonl:1 is no object"),
        ("refusal", "[1]", "x.jsonl:1 is no object"),
        ("refusal", None, "There is no file"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, capsys, harness, content, said):
    path = tmp_path / "x.jsonl"
    if content is not None:
        path.write_text(content)
    code, lines, err = run(capsys, harness, path)
    assert code == 2 and lines == []
    assert said in err and len(err.strip().splitlines()) == 1
