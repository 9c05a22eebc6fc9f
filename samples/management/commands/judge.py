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
    needs_database = False
    help = 'Judge outputs from a file of {"id", "text"} lines: one verdict a line on stdout.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("harness", help=f"one of {', '.join(JUDGES)}")
        parser.add_argument("file", help="JSONL; tool_success also needs task and expected_tool, refusal needs request")

    def run(self, **options: Any) -> None:
        harness = options["harness"]
        if harness not in JUDGES:
            raise UserError(f"Unknown harness {harness!r}: use one of {', '.join(JUDGES)}.")
        counts = {True: 0, False: 0, None: 0}
        outcome = "refused" if harness == "refusal" else "passed"
        for case in read_cases(Path(options["file"])):
            verdict = judge(harness, **{key: value for key, value in case.items() if key not in ("id", "name")})
            counts[verdict.passed] += 1
            print(json.dumps({"id": case.get("id"), outcome: verdict.passed, "why": verdict.why}, ensure_ascii=False))
        summary = f"{counts[True]} {outcome}, {counts[False]} not, {counts[None]} invalid"
        self.stderr.write(f"{harness}: {summary}", self.style.NOTICE)


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
