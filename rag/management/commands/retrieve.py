"""`manage.py retrieve "question"`: hybrid retrieval, for one question or a file of them."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from rag.models import Collection
from rag.retrieval import retrieve
from web4site.commands import Command as BaseCommand
from web4site.errors import UserError

TEXT_WIDTH = 160


class Command(BaseCommand):
    help = "Find what the index knows about a question; --batch answers a file with one JSON object a line."
    services = ("redis", "chroma")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question", nargs="?", default="")
        parser.add_argument("-k", type=int, default=10, help="hits at most (default 10)")
        parser.add_argument("--today", default="", metavar="DATE", help="what 'today' means, YYYY-MM-DD")
        parser.add_argument("--collection", action="append", metavar="NAME", help="only this collection; repeatable")
        parser.add_argument("--batch", metavar="FILE.jsonl", help='lines of {"id", "query"}, "today" if need be')

    def run(
        self,
        *,
        question: str = "",
        k: int = 10,
        today: str = "",
        collection: list[str] | None = None,
        batch: str | None = None,
        **options: Any,
    ) -> dict[str, Any] | None:
        if bool(question.strip()) == bool(batch):
            raise UserError('Give one question, or --batch FILE.jsonl: manage.py retrieve "what did we decide?"')
        if k < 1:
            raise UserError("-k must be 1 or more.")
        if unknown := set(collection or ()) - set(Collection.values):
            raise UserError(f"No collection {', '.join(unknown)}: choose from {', '.join(Collection.values)}.")
        day = _day(today)
        if not batch:
            return retrieve(question, k=k, today=day, collections=collection).as_dict()
        failed = 0
        for line in _lines(Path(batch)):
            failed += "error" in line
            if "error" not in line:
                found = retrieve(line["query"], k=k, today=line["today"] or day, collections=collection)
                line = {"id": line["id"], **found.as_dict()}
            print(json.dumps(line, ensure_ascii=False), flush=True)
        if failed:
            raise UserError(f"{failed} line(s) of {batch} were no questions.", exit_code=1)
        return None

    def render(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"Route: {result['route']} · {result['latency_ms']['total']:.0f} ms")
        if not result["hits"]:
            self.stdout.write("Nothing found that is good enough.")
        if result["nearest"]:
            self.stdout.write("Nearest, not certain:")
        for number, hit in enumerate(result["hits"] or result["nearest"], 1):
            self.stdout.write(f"\n{number:>2}. {hit['path']}  {hit['score']:.3f}\n    {hit['why']}")
            self.stdout.write(f"    {' '.join(hit['text'].split())[:TEXT_WIDTH]}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UserError(f"--today wants a date like 2026-09-21, not {text!r}.") from None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Questions in file order; a line that is none becomes an object with its error."""
    if not path.is_file():
        raise UserError(f"There is no file {path}: --batch wants JSON lines with id and query.")
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                line = json.loads(text)
                today = date.fromisoformat(line["today"]) if line.get("today") else None
                yield {"id": line["id"], "query": str(line["query"]), "today": today}
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                yield {"id": None, "error": f"line {number} is not a JSON object with id and query"}
