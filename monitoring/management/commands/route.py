"""`manage.py route FILE.jsonl`: what the router would fetch for each prompt."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from monitoring.agent.router import route
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError


class Command(BaseCommand):
    needs_database = False
    help = 'Router decisions for prompts, one {"id","prompt"} a line.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def run(self, *, file: Path, **options: Any) -> None:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    print(json.dumps(_decide(line, number)), flush=True)


def _decide(line: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        prompt = str(entry["prompt"])
    except (ValueError, KeyError, TypeError):
        raise UserError(f'Line {number} is not {{"id": ..., "prompt": ...}}.') from None
    since = time.perf_counter()
    decision = route(prompt)
    return {
        "id": entry.get("id"),
        "needs_history": decision.needs_history,
        "needs_tools": decision.needs_tools,
        "needs_process": decision.needs_process,
        "tools": list(decision.tools),
        "ms": round((time.perf_counter() - since) * 1000, 4),
    }
