"""`manage.py judge HARNESS FILE.jsonl`: run a judge on given outputs, no model involved."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samples.judges import JUDGES, judge
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    help = 'Judge outputs from a file of {"id", "text"} lines: one verdict a line on stdout.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("harness", help=f"one of {', '.join(JUDGES)}")
        parser.add_argument("file", help="JSONL; tool_success also needs task and expected_tool, refusal needs request")

    def run(self, **options: Any) -> dict[str, Any]:
        harness = options["harness"]
        if harness not in JUDGES:
            raise UserError(f"Unknown harness {harness!r}: use one of {', '.join(JUDGES)}.")
        counts = {"passed": 0, "failed": 0, "invalid": 0}
        for case in read_cases(Path(options["file"])):
            verdict = judge(harness, case.pop("text"), **{k: v for k, v in case.items() if k != "id"})
            counts["invalid" if verdict.passed is None else "passed" if verdict.passed else "failed"] += 1
            outcome = "refused" if harness == "refusal" else "passed"
            print(json.dumps({"id": case.get("id"), outcome: verdict.passed, "why": verdict.why}, ensure_ascii=False))
        return {"harness": harness, **counts}

    def render(self, result: dict[str, Any]) -> None:
        self.stderr.write("{harness}: {passed} passed, {failed} failed, {invalid} invalid".format(**result))


def read_cases(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of a JSONL file, all of them checked before the first is handed out."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise UserError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise UserError(f"{path} is a folder: name a JSONL file.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text.") from None
    return iter([_read_case(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()])


def _read_case(line: str, where: str) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError(f"{where} is not valid JSON.") from None
    if not isinstance(case, dict) or not isinstance(case.get("text"), str):
        raise UserError(f'{where} is no object with a "text" string.')
    return case
