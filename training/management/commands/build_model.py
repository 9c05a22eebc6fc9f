"""`manage.py build_model`: merge an adapter, export GGUF, quantize, compare."""

from argparse import ArgumentParser
from typing import Any

from training.ml.quantize import QUANTIZATIONS
from training.selectors import adapter_get
from web4site.commands import Command as BaseCommand
from web4site.commands import ProgressBar
from web4site.runs import run_result


class Command(BaseCommand):
    help = "Build a GGUF model of an adapter (number, name, or 'latest'), or of the untrained base with 'base'."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("adapter", help="number or name of an adapter, 'latest', or 'base'")
        parser.add_argument("--quant", default="Q4_K_M", help=", ".join(QUANTIZATIONS))

    def run(self, **options: Any) -> dict[str, Any]:
        from training.services.builds import build_create, build_run

        adapter = None if options["adapter"] == "base" else adapter_get(options["adapter"])
        run = build_create(adapter=adapter, quantization=options["quant"])
        with ProgressBar("building") as bar:
            return run_result(build_run(run=run, listener=bar))

    def failed(self, result: dict[str, Any]) -> bool:
        return not result["parity"]["passed"]
