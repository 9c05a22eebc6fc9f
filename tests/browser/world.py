"""An installation in the middle of its work, made by the real services; only the models are scripted."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from evaluation.models import Deployment, Evaluation
from evaluation.services.deployments import deployment_create
from evaluation.services.evaluations import evaluation_create_run, evaluation_run
from monitoring.models import Alert, Conversation, Feedback, Query
from rag.models import Collection, Document, QuarantineEntry
from rag.services.indexing import index_root
from samples.models import Dataset
from samples.plan import Part, Plan, load_plan
from samples.services.datasets import dataset_freeze
from samples.services.generation import samples_generate
from tests.evaluation.scripted import FakeRuntime, all_perfect
from tests.monitoring.evening.small import leave_adapter, leave_build, words
from tests.samples.corpus import files
from training.models import Adapter, Build, TrainingPoint
from web4site.models import Run


@dataclass(frozen=True)
class World:
    """What there is to look at."""

    document: Document
    draft: Dataset
    frozen: Dataset
    adapter: Adapter
    build: Build
    evaluation: Evaluation
    baseline: Deployment
    cleared: Deployment
    conversation: Conversation
    run: Run

    def detail_pages(self) -> list[str]:
        rows = (self.document, self.draft, self.frozen, self.adapter, self.build, self.evaluation, self.baseline)
        more = (self.cleared, self.conversation, self.run, self.adapter.training, self.draft.samples.first())
        return [row.get_absolute_url() for row in (*rows, *more)]


def world_make(folder: Path, person: User) -> World:
    """Index, samples, a dataset, a training, an evaluated candidate, a week of questions, an evening that failed."""
    document = _corpus(folder)
    draft, frozen = _datasets()
    adapter, build = _training(frozen)
    baseline, cleared = _deployments(build)
    conversation = _production(baseline, person, document)
    run = _evening()
    assert cleared.evaluation
    return World(document, draft, frozen, adapter, build, cleared.evaluation, baseline, cleared, conversation, run)


def _corpus(folder: Path) -> Document:
    for path, text in files().items():
        file = folder / "bakery" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    index_root(root=folder / "bakery")
    document = Document.objects.filter(kind="pdca").order_by("path")[2]
    QuarantineEntry.objects.create(document=document, kind="api_key", line=12, excerpt="key = [REDACTED:api_key]")
    waiting = Document.objects.filter(kind="pdca").order_by("-path")[:2].values("pk")
    Document.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        collection=Collection.DAILY_BUFFER
    )
    return document


def _datasets() -> tuple[Dataset, Dataset]:
    parts = tuple(Part(part.category, part.sub_category, 6, (5, 4000)) for part in load_plan().parts)
    made = [
        samples_generate(plan=Plan(parts, eval_target=6), count_tokens=words, name=name, seed=seed)
        for seed, name in enumerate(("winter bread", "spring bread"))
    ]
    frozen, draft = (Dataset.objects.get(pk=result["dataset"]) for result in made)
    return draft, dataset_freeze(dataset=frozen)


def _training(dataset: Dataset) -> tuple[Adapter, Build]:
    whole = Run.objects.create(
        kind="cycle", title="One cycle of the loop", status="succeeded", started_at=timezone.now()
    )
    adapter = leave_adapter(whole, dataset, None)
    assert adapter.training
    adapter.training.settings = {"rank": 16, "alpha": 32, "learning_rate": 2e-4, "epochs": 2}
    adapter.training.save()
    for step in range(1, 41):
        TrainingPoint.objects.create(
            training=adapter.training, step=step, epoch=step / 20, loss=2.8 - step * 0.05, learning_rate=2e-4,
            grad_norm=1.2, tokens_per_second=64.0, memory_bytes=900_000_000,
        )  # fmt: skip
    adapter.loss_first, adapter.loss_last = 2.75, 0.8
    adapter.save()
    return adapter, leave_build(whole, adapter)


def _deployments(build: Build) -> tuple[Deployment, Deployment]:
    gguf = settings.ARTIFACTS_DIR / "base.gguf"
    gguf.write_bytes(b"GGUF base")
    base = Build.objects.create(name="base-q4", base_model="tiny", gguf=str(gguf), quantization="Q4_K_M", bytes=9)
    baseline = Deployment.objects.create(build=base, kind=Deployment.Kind.BASELINE)
    baseline.move(Deployment.Status.LIVE, allowed_from=(Deployment.Status.CANDIDATE,), comment="untrained")
    for one, runtime in ((base, FakeRuntime(lambda question: "I do not know.")), (build, FakeRuntime(all_perfect()))):
        run = evaluation_create_run(build=one, profile=Evaluation.Profile.DEMO)
        evaluation_run(run=run, runtime=runtime)
    return baseline, deployment_create(evaluation=Evaluation.objects.get(build=build))


def _production(live: Deployment, person: User, document: Document) -> Conversation:
    conversation = Conversation.objects.create(user=person, title="Why did the oven timer ring twice?")
    citation = {"document": document.pk, "path": document.path, "title": document.title, "chunk": "1"}
    citation |= {"score": 0.5, "why": "words in common"}
    now = timezone.now()
    for number in range(24):
        kind = ("trained", "trained", "history", "tools")[number % 4]
        query = Query.objects.create(
            conversation=conversation if number < 2 else None, user=person, deployment=live, query_type=kind,
            question=f"Question {number}: why did the oven timer ring twice when a tray was swapped?",
            answer="It registered **two listeners**:\n\n```ts\nthis.bell.on('done', this.ring)\n```\n" * 2,
            status="failed" if number == 20 else "answered", used_history=kind == "history", total_ms=300 + 90 * number,
            citations=[citation],
            created_at=now - timedelta(hours=5 * number), answer_tokens=40,
        )  # fmt: skip
        if number % 5 == 0:
            Feedback.objects.create(query=query, user=person, thumb=-1 if number == 20 else 1)
    return conversation


def _evening() -> Run:
    steps = [
        {"name": "back up adapter", "status": "succeeded", "seconds": 0.2, "detail": "adapter-1"},
        {"name": "train", "status": "failed", "seconds": 61.0, "detail": "the disk is full"},
        {"name": "build", "status": "skipped", "seconds": None, "detail": ""},
    ]
    now = timezone.now()
    run = Run.objects.create(
        kind="evening", title="Evening loop", status="failed", error="The disk is full: free some space, retry.",
        steps=steps, started_at=now - timedelta(minutes=2), finished_at=now,
    )  # fmt: skip
    Alert.objects.create(title="Evening loop failed", body="The disk is full: free some space, retry.", run=run)
    Run.objects.create(
        kind="index", title="Index bakery", status="running", done=12, total=40, message="journal", started_at=now,
        heartbeat_at=now,
    )  # fmt: skip
    return run
