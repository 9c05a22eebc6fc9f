"""The whole loop once: index, samples, dataset, training, build, proof, candidate."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from evaluation.models import Deployment, Evaluation
from monitoring.services.models import models_prepare
from samples.models import Dataset
from training.models import Adapter, Build
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Report, silent
from web4site.runs import RunReporter, run_create, run_execute, run_result
from web4site.steps import Step, Steps


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of everything: share of the full sample plan, training preset, evaluation profile."""

    scale: float
    preset: str
    evaluation: str


PROFILES = {"demo": Profile(0.015, "demo", "demo"), "full": Profile(1.0, "embedded", "full")}

# What the journals of most teams lack, and the model still has to learn: components, topics, tools.
BUNDLED_PARTS = ("components/", "trainai/", "tools/")

Bars = Callable[[str], AbstractContextManager[Report]]
Action = Callable[["Cycle", Report, Step], None]


def no_bars(name: str) -> AbstractContextManager[Report]:
    """Progress for nobody: jobs report through their run rows alone."""
    return nullcontext(silent)


class Cycle:
    """One round in progress; each action reads what earlier ones left in `result`."""

    def __init__(self, run: Run, corpus: Path, profile: Profile) -> None:
        self.run = run
        self.corpus = corpus
        self.profile = profile
        self.result: dict[str, Any] = {}

    def prepare(self, report: Report, step: Step) -> None:
        models_prepare(report)
        step.detail = f"{settings.BASE_MODEL}, all-MiniLM-L6-v2"

    def deploy_baseline(self, report: Report, step: Step) -> None:
        from evaluation.services.deployments import baseline_ensure

        deployment = baseline_ensure()
        step.detail = (
            f"{deployment.build.name}, not gated" if not deployment.is_gated else "a gated model is live already"
        )

    def index(self, report: Report, step: Step) -> None:
        from rag.services.indexing import index_root

        if self.corpus != settings.PROJECT_DIR / "rag" / "sample_corpus":
            bundled = settings.PROJECT_DIR / "rag" / "sample_corpus"
            index_root(root=bundled, only=BUNDLED_PARTS, parent=self.run, listener=report)
        found = index_root(root=self.corpus, parent=self.run, listener=report)
        self.result["index"] = found
        pdcas = found["kinds"].get("pdca", 0)
        step.detail = f"{found['found']} files, {pdcas} PDCAs, {found['chunks']} chunks, {found['edges']} edges"

    def generate(self, report: Report, step: Step) -> None:
        self.result["samples"] = found = self._generate(0, report)
        step.detail = f"{sum(found['counts'].values())} samples, {found['near_duplicates']} near-duplicates removed"

    def open_draft(self, report: Report, step: Step) -> None:
        """Leave other samples open for the review room: what was trained on is frozen for good."""
        found = self._generate(self.run.pk, report)
        step.detail = f"{sum(found['counts'].values())} samples wait for reviewers"

    def _generate(self, seed: int, report: Report) -> dict[str, Any]:
        from samples.services.generation import generation_run

        params = {"scale": self.profile.scale, "seed": seed}
        run = run_create(kind=Run.Kind.GENERATE, title="Generate samples", params=params, parent=self.run)
        return run_result(generation_run(run=run, listener=report))

    def freeze(self, report: Report, step: Step) -> None:
        from samples.services.datasets import dataset_freeze

        dataset = dataset_freeze(dataset=Dataset.objects.get(pk=self.result["samples"]["dataset"]))
        self.result["dataset"] = {
            "id": dataset.pk,
            "name": dataset.name,
            "sha256": dataset.sha256,
            "counts": dataset.counts,
            "tokens": dataset.tokens,
        }
        step.detail = f"sha256 {dataset.sha256[:12]}"

    def train(self, report: Report, step: Step) -> None:
        from training.services.trainings import training_create, training_run

        dataset = Dataset.objects.get(pk=self.result["dataset"]["id"])
        run = training_create(dataset=dataset, preset=self.profile.preset, part_of=self.run)
        self.result["adapter"] = found = run_result(training_run(run=run, listener=report))
        loss = f"hold-out loss {_loss(found['holdout_first'])} → {_loss(found['holdout_last'])}"
        step.detail = f"{loss} in {found['steps']} steps, {found['tokens_per_second']:.0f} tokens/s"

    def build(self, report: Report, step: Step) -> None:
        from training.services.builds import build_create, build_run

        adapter = Adapter.objects.get(name=self.result["adapter"]["adapter"])
        run = build_create(adapter=adapter, part_of=self.run)
        self.result["build"] = found = run_result(build_run(run=run, listener=report))
        step.detail = f"{found['bytes'] / 1e6:.0f} MB, sha256 {found['sha256'][:12]}"

    def evaluate_baseline(self, report: Report, step: Step) -> None:
        baseline = Build.objects.filter(adapter=None, deployments__kind=Deployment.Kind.BASELINE).latest("pk")
        profile = self.profile.evaluation
        if known := Evaluation.objects.filter(build=baseline, profile=profile, run__status="succeeded").first():
            step.detail = f"measured before: {known.overall:.0%} overall"
            return
        found = self._evaluate(baseline, report)
        step.detail = f"{found['overall']:.0%} overall"

    def evaluate(self, report: Report, step: Step) -> None:
        build = Build.objects.get(pk=self.result["build"]["build"])
        self.result["evaluation"] = found = self._evaluate(build, report)
        passed = sum(gate["passed"] for gate in found["gates"])
        step.detail = f"{found['overall']:.0%} overall, {passed} of {len(found['gates'])} gates"

    def _evaluate(self, build: Build, report: Report) -> dict[str, Any]:
        from evaluation.services.evaluations import evaluation_create_run, evaluation_run

        run = evaluation_create_run(build=build, profile=self.profile.evaluation, parent=self.run)
        return run_result(evaluation_run(run=run, listener=report))

    def propose(self, report: Report, step: Step) -> None:
        """Enter the build as a candidate; only a person with the evidence in front of them lets it go live."""
        from evaluation.services.deployments import deployment_create

        evaluation = Evaluation.objects.get(pk=self.result["evaluation"]["evaluation"])
        deployment = deployment_create(evaluation=evaluation)
        self.result["deployment"] = {
            "deployment": deployment.pk,
            "status": deployment.status,
            "alias": deployment.alias,
            "kind": deployment.kind,
        }
        waits = (
            "waits for approval" if deployment.status == Deployment.Status.CLEARED else "stays as it is: gates failed"
        )
        step.detail = f"{deployment.get_status_display()}, {waits}"


STEPS: tuple[tuple[str, Action], ...] = (
    ("Prepare models", Cycle.prepare),
    ("Deploy baseline", Cycle.deploy_baseline),
    ("Index documents", Cycle.index),
    ("Generate samples", Cycle.generate),
    ("Freeze dataset", Cycle.freeze),
    ("Train adapter", Cycle.train),
    ("Build GGUF", Cycle.build),
    ("Measure baseline", Cycle.evaluate_baseline),
    ("Prove candidate", Cycle.evaluate),
    ("Propose deployment", Cycle.propose),
    ("Open next draft", Cycle.open_draft),
)


def cycle_create(*, corpus: Path, profile: str) -> Run:
    """A run for `cycle_run`; raises UserError for an unknown profile or a folder that cannot be indexed."""
    from rag.services.indexing import root_check

    if profile not in PROFILES:
        raise UserError(f"There is no profile '{profile}': choose one of {', '.join(PROFILES)}.")
    folder = root_check(corpus)
    return run_create(
        kind=Run.Kind.CYCLE, title=f"Cycle on {folder.name}", params={"corpus": str(folder), "profile": profile}
    )


def cycle_run(run: Run, bars: Bars = no_bars) -> Run:
    """Do every step; look at `run.status`, `run.steps` and `run.result` afterwards."""

    def work(run: Run, reporter: RunReporter) -> dict[str, Any]:
        cycle = Cycle(run, Path(run.params["corpus"]).resolve(), PROFILES[run.params["profile"]])
        steps = Steps(run, [name for name, _ in STEPS])
        for name, action in STEPS:
            with steps.step(name) as step, bars(name) as bar:
                action(cycle, _both(reporter, bar), step)
        return {**cycle.result, "steps": steps.rows}

    return run_execute(run, work)


def _both(first: Report, second: Report) -> Report:
    """A report that goes to the run row and to the shell."""

    def report(progress: Any) -> None:
        first(progress)
        second(progress)

    return report


def _loss(value: float | None) -> str:
    """A loss for people; a dash when there was no hold-out to measure it on."""
    return "–" if value is None else f"{value:.2f}"
