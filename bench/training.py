"""Training side by side: this project, TRL, transformers' Trainer and a plain loop, on the same samples."""

import importlib.util
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean, median

from bench.measuring import PROJECT, Measurement, index_ensure
from bench.trainers import PER_STEP, TRAINERS, Outcome

SAMPLES = 8
# How often each one runs, in turn with the others, so that a change of the machine's load meets all of them.
ROUNDS = 2
# The losses of this many steps are held against the plain loop's.
CURVE_STEPS = 20
OURS, PLAIN = "this project", "plain loop in float32"


def run() -> list[Measurement]:
    """Trained tokens a second and peak memory of each in processes of their own, and the losses of two of them."""
    from django.conf import settings

    from training.ml.base_model import prepare_base_model

    base = prepare_base_model(settings.BASE_MODEL_DIR)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in _trainers()}
    with tempfile.TemporaryDirectory() as name:
        file, longer = Path(name) / "samples.jsonl", Path(name) / "curve.jsonl"
        lines = _samples()
        file.write_text("".join(lines[:SAMPLES]), encoding="utf-8")
        longer.write_text("".join(lines), encoding="utf-8")
        for turn in range(ROUNDS):
            for trainer, done in outcomes.items():
                done.append(_outcome(trainer, base, file, Path(name) / f"{turn}-{len(done)}-{len(trainer)}"))
        curves = [_outcome(trainer, base, longer, Path(name) / trainer).losses for trainer in (OURS, PLAIN)]
    return [*compare(outcomes), *curve_distance(*curves)]


def compare(outcomes: dict[str, list[Outcome]]) -> list[Measurement]:
    """Rows of the report; ratios are medians over the rounds."""
    rates = {name: [one.tokens / one.seconds for one in done] for name, done in outcomes.items()}
    ours, *others = rates
    rounds = f"{SAMPLES} samples, {SAMPLES // PER_STEP} steps, {ROUNDS} times"
    return [
        *(Measurement(name, median(speeds), "tokens/s", rounds) for name, speeds in rates.items()),
        *(
            Measurement(
                f"{ours} / {name}",
                median(one / other for one, other in zip(rates[ours], rates[name], strict=True)),
                "times",
            )
            for name in others
        ),
        *(
            Measurement(f"peak memory, {name}", max(one.peak_mb for one in done), "MB")
            for name, done in outcomes.items()
        ),
    ]


def curve_distance(losses: list[float], plain: list[float]) -> list[Measurement]:
    """How far each step's loss lies from the plain loop's, in percent of that."""
    apart = [100 * abs(loss - other) / other for loss, other in zip(losses, plain, strict=True)]
    name = "distance of a step's loss to the plain loop's"
    steps = f"{len(apart)} steps, step by step: {', '.join(f'{one:.2f}' for one in apart)}"
    return [Measurement(f"largest {name}", max(apart), "%", steps), Measurement(f"mean {name}", fmean(apart), "%")]


def _trainers() -> list[str]:
    """Those that can run here; TRL is no part of the project's requirements."""
    if importlib.util.find_spec("trl"):
        return list(TRAINERS)
    print("TRL is left out; to compare with it: pip install --no-deps -r requirements-bench.txt", file=sys.stderr)
    return [name for name in TRAINERS if not name.startswith("TRL")]


def _outcome(trainer: str, base: Path, file: Path, folder: Path) -> Outcome:
    folder.mkdir()
    command = [sys.executable, "-m", "bench.trainers", trainer, str(base), str(file), str(folder)]
    done = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
    return Outcome(**json.loads(done.stdout.strip().splitlines()[-1]))


def _samples() -> list[str]:
    """Lines of a frozen dataset, drawn from all categories."""
    from samples.models import Dataset
    from samples.services.datasets import dataset_freeze
    from samples.services.generation import samples_generate
    from training.services.trainings import training_files

    index_ensure()
    made = samples_generate(scale=0.01)
    dataset = dataset_freeze(dataset=Dataset.objects.get(pk=made["dataset"]))
    lines = [line for file in training_files(dataset) for line in file.read_text(encoding="utf-8").splitlines(True)]
    return random.Random(0).sample(lines, CURVE_STEPS * PER_STEP)
