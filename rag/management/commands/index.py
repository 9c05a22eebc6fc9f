"""`manage.py index DIR`: index a corpus root into the three tiers."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from rag.models import IndexedFile
from rag.services.indexing import index_root, root_check
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar


class Command(BaseCommand):
    help = "Index a corpus root: only what changed, or everything with --full."
    services = ("redis", "chroma")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("root", metavar="DIR")
        parser.add_argument("--full", action="store_true", help="read every file again")

    def run(self, *, root: str = "", full: bool = False, **options: Any) -> dict[str, Any]:
        root_check(root)
        with ProgressBar("Index") as bar:
            result = index_root(root=root, full=full, listener=bar)
        files = IndexedFile.objects.filter(run=result["run"]).order_by("path").values("path", "status", "reason")
        return {**result, "files": list(files)}

    def render(self, result: dict[str, Any]) -> None:
        super().render({key: value for key, value in result.items() if key != "files"})
        reasons = Counter(
            (file["status"], file["reason"]) for file in result["files"] if file["status"] != IndexedFile.Status.INDEXED
        )
        for (status, reason), count in reasons.most_common():
            self.stdout.write(f"{count:>6} {status}: {reason}")
