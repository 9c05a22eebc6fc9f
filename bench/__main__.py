"""`python -m bench [NAME...]`: run benchmarks, show a table, write WEB4_HOME/bench/<time>.json."""

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.child import BENCHMARKS, django_start
from bench.measuring import PROJECT
from bench.retrieval import CORPUS_SETTING

PORTS = ("WEB4_PORT", "WEB4_REDIS_PORT", "WEB4_CHROMA_PORT", "WEB4_MODEL_PORT")
ADDRESSES = ("REDIS_URL", "GRAPH_URL", "CHROMA_URL", "DATABASE_URL", "OLLAMA_HOST", "WEB4_EMBEDDER")


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(prog="python -m bench", description="Measure this installation on the bundled corpus.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; all when left out")
    parser.add_argument("--corpus", metavar="DIR", help="measure retrieval on this folder as well")
    given = parser.parse_args(arguments)
    if given.corpus and not Path(given.corpus).is_dir():
        parser.error(f"there is no folder {given.corpus}")
    if given.corpus:
        os.environ[CORPUS_SETTING] = str(Path(given.corpus).resolve())
    wanted = given.names
    if unknown := [name for name in wanted if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    home = _home_ready()
    report: dict[str, Any] = {"date": datetime.now(UTC).isoformat(timespec="seconds"), **machine(), "results": {}}
    # Their own order, whatever order they were named in: later ones use what earlier ones made.
    names = [name for name in BENCHMARKS if not wanted or name in wanted]
    with tempfile.TemporaryDirectory(prefix="web4-bench-") as folder:
        environment = _environment(home, Path(folder))
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            report["results"][name] = _run(name, Path(folder), environment)
    report["load_average_after"] = os.getloadavg()[0]
    print_tables(report)
    print(write_report(report, home / "bench"))
    return 0


def machine() -> dict[str, Any]:
    """What the numbers depend on, as far as the system tells."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_average_before": os.getloadavg()[0],
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _home_ready() -> Path:
    """The installation's home, with its models prepared."""
    django_start()
    from django.conf import settings

    from monitoring.services.models import models_prepare
    from web4site.progress import silent

    settings.MODELS_DIR.mkdir(parents=True, exist_ok=True)
    models_prepare(silent)
    return Path(settings.WEB4_HOME)


def _environment(home: Path, folder: Path) -> dict[str, str]:
    """Empty stores on free ports; only the models are the installation's own."""
    (folder / "models").symlink_to(home / "models")
    environment = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
    ports = {name: str(_free_port()) for name in PORTS}
    return {**environment, **ports, "WEB4_HOME": str(folder), "WEB4_LOG_LEVEL": "WARNING"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(name: str, folder: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    """One benchmark in a process of its own: its peak memory is its own, and what it loaded is gone after it."""
    file = folder / f"{name}.json"
    subprocess.run([sys.executable, "-m", "bench.child", name, str(file)], cwd=PROJECT, env=environment, check=True)
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows


def print_tables(report: dict[str, Any]) -> None:
    for name, rows in report["results"].items():
        print_rows(name, rows)
    before, after = report["load_average_before"], report["load_average_after"]
    print(f"{report['processor']}, {report['cores']} cores, load average {before:.1f} before, {after:.1f} after")


def print_rows(name: str, rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("measure", "value", "", "measured on", title=name, title_justify="left", box=None)
    for row in rows:
        table.add_row(row["name"], f"{row['value']:,.3g}", row["unit"], row["note"])
    Console().print(table)


def write_report(report: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{report['date'].replace(':', '').replace('+0000', '')}.json"
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps(report, indent=1), encoding="utf-8")
    draft.replace(file)
    return file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
