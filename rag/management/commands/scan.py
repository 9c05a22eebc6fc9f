"""`manage.py scan FILE.jsonl`: secrets and personal data in given texts; nothing is stored."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from rag.corpus.scan import scan_text
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    help = 'Scan lines of {"id", "text"}; prints {"id", "kinds", "redacted"} a line, or {"id", "error"}.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.jsonl")

    def run(self, *, file: str = "", **options: Any) -> None:
        path = Path(file)
        if not path.is_file():
            raise UserError(f"There is no file {path}: scan wants JSON lines with id and text.")
        failed = 0
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    answer = _scanned(number, line)
                    failed += "error" in answer
                    print(json.dumps(answer, ensure_ascii=False), flush=True)
        if failed:
            raise UserError(f"{failed} line(s) of {path} were not scanned.", exit_code=1)


def _scanned(number: int, line: str) -> dict[str, Any]:
    try:
        given = json.loads(line)
        name, text = given["id"], given["text"]
        if not isinstance(text, str):
            raise TypeError("text must be a string")
    except (ValueError, KeyError, TypeError, RecursionError):
        # Never the line itself: it may hold a secret.
        return {"id": None, "error": f"line {number} is not a JSON object with id and text"}
    found = scan_text(text)
    return {"id": name, "kinds": list(found.kinds) or ["none"], "redacted": found.redacted}
