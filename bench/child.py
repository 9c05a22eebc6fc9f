"""One benchmark in this process: `python -m bench.child NAME FILE`; the measurements go to FILE as JSON."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import conversion, embedding, evaluation, indexing, reading, retrieval, samples, training
from bench.measuring import Measurement

# Indexing before those that use what it has indexed.
BENCHMARKS: dict[str, Callable[[], list[Measurement]]] = {
    "reading": reading.run,
    "embedding": embedding.run,
    "indexing": indexing.run,
    "retrieval": retrieval.run,
    "samples": samples.run,
    "training": training.run,
    "conversion": conversion.run,
    "evaluation": evaluation.run,
}


def django_start() -> None:
    """What `manage.py` does before a command."""
    import django

    from web4site.environment import prepare

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web4site.settings")
    prepare()
    django.setup()


def main(name: str, file: Path) -> None:
    django_start()
    from web4site.commands import database_check
    from web4site.services.embedded import services_running

    database_check()
    with services_running("redis", "chroma"):
        rows = BENCHMARKS[name]()
    file.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
