"""Generate samples into a new dataset draft, and go on where a generation was interrupted."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from rag.models import Document
from samples.candidates import Candidate, CountTokens, Maker
from samples.crew import crew_for, workers_for
from samples.estimate import estimate, makeable
from samples.generation import EVAL, Generation, Step
from samples.generators.registry import GENERATOR_VERSION
from samples.generators.sources import Library, load_library
from samples.holdout import hold_out_keys
from samples.models import Dataset, Sample
from samples.plan import Plan, load_plan, plan_from
from samples.services.summary import dataset_summary
from samples.tokens import EachText, TokenCounter
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report, silent
from web4site.runs import run_create, run_enqueue, run_execute, run_is_over

BATCH = 400
JOB = "samples.jobs.generate_job"


def samples_generate(
    *,
    run: Run | None = None,
    plan: Plan | None = None,
    scale: float = 1.0,
    seed: int = 0,
    documents: QuerySet[Document] | None = None,
    limit: int | None = None,
    name: str = "",
    report: Report = silent,
    count_tokens: Callable[[str], int] | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Make the samples of a plan into a new draft, in batches, and say what came of it.

    `documents` limits the sources (the evening loop passes the day's); `limit` replaces `scale` by a number of training
    samples without hold-out; `workers` processes make the candidates (as many as there are cores when None), which
    changes nothing in the result. Fewer than asked for is no error: the result's `shortfall` says where and why. An
    interrupted generation leaves its dataset unfinished, to be resumed; one of some documents only leaves nothing.
    Raises UserError when nothing is indexed or the base model's tokenizer is missing.
    """
    plan = plan or load_plan()
    counter = _counter(count_tokens)
    report(Progress(0, 0, "Reading the indexed documents"))
    library = _library(documents)
    sized = plan.scaled(scale) if limit is None else plan.limited(limit, makeable(library))
    dataset = _create(run=run, plan=sized, seed=seed, name=name, library=library)
    try:
        return _generate(dataset, sized, library, counter, report, workers)
    except BaseException:
        if documents is not None:
            dataset.delete()
        raise


def samples_resume(
    *,
    dataset: Dataset,
    run: Run | None = None,
    report: Report = silent,
    count_tokens: Callable[[str], int] | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Go on with an unfinished dataset; the result is the one an uninterrupted generation gives.

    Raises UserError when the dataset is finished, or when corpus or generators have changed since it was begun.
    """
    if dataset.status != Dataset.Status.UNFINISHED:
        raise UserError(f"{dataset.name} is finished: there is nothing to resume.")
    report(Progress(0, 0, "Reading the indexed documents"))
    library = _library(None)
    if dataset.lineage != lineage(library):
        raise UserError(f"The index or the generators have changed since {dataset.name} was begun: generate anew.")
    Dataset.objects.filter(pk=dataset.pk).update(run=run)
    dataset.refresh_from_db()
    return _generate(dataset, plan_from(dataset.plan), library, _counter(count_tokens), report, workers)


def generation_run(*, run: Run, listener: Report | None = None) -> Run:
    """Do the generation that `run.params` asks for: {"plan", "scale", "seed", "workers"} or {"resume": dataset}."""

    def work(run: Run, report: Report) -> dict[str, Any]:
        params = run.params
        workers = params.get("workers")
        if params.get("resume"):
            dataset = Dataset.objects.get(pk=params["resume"])
            return samples_resume(dataset=dataset, run=run, report=report, workers=workers)
        plan = load_plan(Path(params["plan"])) if params.get("plan") else None
        scale, seed = float(params.get("scale", 1.0)), int(params.get("seed", 0))
        return samples_generate(run=run, plan=plan, scale=scale, seed=seed, report=report, workers=workers)

    return run_execute(run, work, listener=listener)


def dataset_of_run(*, run_pk: int) -> Dataset:
    """The unfinished dataset that an interrupted run left. Raises UserError when there is none."""
    found = Dataset.objects.filter(run=run_pk).first()
    if found is None:
        raise UserError(f"Run {run_pk} left no dataset that could be resumed: generate anew.")
    return found


def generation_resume(*, dataset: Dataset, enqueue: bool = False, actor: Any = None) -> Run:
    """A new run that goes on with an unfinished dataset. Raises UserError when its run may still be working."""
    before = dataset.run
    if dataset.status != Dataset.Status.UNFINISHED or not dataset.lineage:
        raise UserError(f"{dataset.name} is not an interrupted generation: there is nothing to resume.")
    if before is not None and before.is_active and not run_is_over(before, wait=not enqueue):
        raise UserError(f"Run {before.pk} still works, or was killed less than half a minute ago: try again then.")
    params = {**(before.params if before else {}), "resume": dataset.pk}
    title = f"Generate samples, {dataset.name} resumed"
    if enqueue:
        return run_enqueue(kind=Run.Kind.GENERATE, title=title, job=JOB, queue="default", params=params, actor=actor)
    return run_create(kind=Run.Kind.GENERATE, title=title, params=params)


def plan_estimate(
    *,
    plan: Plan,
    scale: float = 1.0,
    seed: int = 0,
    count_tokens: Callable[[str], int] | None = None,
    workers: int | None = None,
) -> list[dict[str, Any]]:
    """Rows of `samples.estimate.Estimate` for what is indexed now. Raises UserError as generating does."""
    sized = plan.scaled(scale)
    library = _library(None)
    maker = _maker(library, sized, seed, _counter(count_tokens))
    # A probe judges some thousand drafts, whatever the scale.
    with crew_for(maker, workers_for(len(library.sources) * 4, workers)) as crew:
        return [row.as_dict() for row in estimate(library, sized, crew, seed=seed)]


def estimate_run(*, run: Run) -> Run:
    """Do the estimate that `run.params` asks for: {"plan", "scale", "seed"}."""

    def work(run: Run, report: Report) -> dict[str, Any]:
        report(Progress(0, 0, "Trying some sources of each task"))
        params = run.params
        plan = load_plan(Path(params["plan"])) if params.get("plan") else load_plan()
        scale, seed = float(params.get("scale", 1.0)), int(params.get("seed", 0))
        return {"estimate": plan_estimate(plan=plan, scale=scale, seed=seed)}

    return run_execute(run, work)


def lineage(library: Library) -> dict[str, Any]:
    """What the samples of a generation hang on, beside plan and seed."""
    return {
        "corpus_sha256": _hash(library),
        "sources": len(library.sources),
        "generator": f"{GENERATOR_VERSION} {_code_hash()[:12]}",
        "ecosystem": settings.TOOL_ECOSYSTEM,
        "tokenizer": settings.BASE_MODEL,
    }


def _hash(library: Library) -> str:
    """One hash over the paths and texts of all sources."""
    digest = hashlib.sha256()
    for source in library.sources:
        digest.update(f"{source.key}\0{len(source.text)}\0{source.text}\0".encode())
    return digest.hexdigest()


def _code_hash() -> str:
    """One hash over all files that decide what a sample says: a change between two halves of a run would show."""
    folder = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".py", ".toml", ".json") and {"generators", "judges"} & set(file.parts):
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _library(documents: QuerySet[Document] | None) -> Library:
    library = load_library(Document.objects.all() if documents is None else documents)
    if not library.sources:
        raise UserError("No indexed document may be trained on: index a corpus first, manage.py index DIR.")
    return library


def _counter(count: Callable[[str], int] | None) -> CountTokens:
    return EachText(count) if count else TokenCounter(Path(settings.BASE_MODEL_DIR)).count_all


def _create(*, run: Run | None, plan: Plan, seed: int, name: str, library: Library) -> Dataset:
    base = name or f"samples {timezone.now():%Y-%m-%d %H:%M}"
    taken = set(Dataset.objects.filter(name__startswith=base).values_list("name", flat=True))
    unique = next(option for option in _names(base) if option not in taken)
    return Dataset.objects.create(
        name=unique,
        status=Dataset.Status.UNFINISHED,
        plan=plan.as_dict(),
        seed=seed,
        run=run,
        lineage=lineage(library),
    )


def _names(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base} ({number})" for number in itertools.count(2))


def _generate(
    dataset: Dataset, plan: Plan, library: Library, counter: CountTokens, report: Report, workers: int | None
) -> dict[str, Any]:
    started = time.monotonic()
    held_out = hold_out_keys(library, plan, dataset.seed)
    maker = _maker(library, plan, dataset.seed, counter, held_out)
    total = plan.target + plan.eval_target
    with crew_for(maker, workers_for(total, workers)) as crew:
        generation = Generation(library, plan, crew, seed=dataset.seed, held_out=held_out)
        keeper = _Keeper(dataset, generation, report, total)
        keeper.take_up()
        for step in generation.steps():
            keeper.make(step)
    return _finish(dataset, generation, time.monotonic() - started)


def _maker(
    library: Library, plan: Plan, seed: int, counter: CountTokens, held_out: frozenset[str] = frozenset()
) -> Maker:
    bands = {part.key: part.band for part in plan.parts}
    ecosystem = settings.TOOL_ECOSYSTEM
    return Maker(library, bands, seed=seed, ecosystem=ecosystem, count_tokens=counter, held_out=held_out)


@dataclass
class _Keeper:
    """Stores what a generation accepts, in short transactions; a finished step is written down with its last batch."""

    dataset: Dataset
    generation: Generation
    report: Report
    total: int
    done: int = 0

    def take_up(self) -> None:
        """Go on from the checkpoint: finished steps are remembered, the samples of an unfinished one made again."""
        tallies: dict[str, Any] = self.dataset.checkpoint.get("tallies", {})
        finished = [step for step in self.generation.steps() if step.key in self.steps]
        for key, tally in self.generation.tallies.items():
            tally.take(tallies.get("/".join(key), {}))
        self.generation.hold_out.strikes.update(self.dataset.checkpoint.get("strikes", {}))
        keys = {(step.split, *step.part.key) for step in finished}
        forgotten: list[int] = []
        rows = self.dataset.samples.order_by("pk").values_list(
            "pk", "split", "category", "task_type", "sample_id", "instruction", "input", "output"
        )
        for pk, split, category, task_type, sample_id, *texts in rows.iterator(chunk_size=500):
            if (split, category, task_type) not in keys:
                forgotten.append(pk)
                continue
            self.generation.remember(split, sample_id, category, texts)
            self._progress("Taking up what was made before", 1)
        for start in range(0, len(forgotten), 500):
            self.dataset.samples.filter(pk__in=forgotten[start : start + 500]).delete()

    @property
    def steps(self) -> list[str]:
        """Keys of the finished steps."""
        return list(self.dataset.checkpoint.get("steps", ()))

    def make(self, step: Step) -> None:
        if step.key in self.steps:
            return
        stream = self.generation.candidates(step)
        while len(batch := list(itertools.islice(stream, BATCH))) == BATCH:
            self._store(batch, step)
            self._progress(step.key, len(batch))
        with transaction.atomic():
            self._store(batch, step)
            self._write_down(step)
        self._progress(step.key, len(batch))

    def _write_down(self, step: Step) -> None:
        tallies = {"/".join(key): tally.as_dict() for key, tally in self.generation.tallies.items()}
        strikes = dict(self.generation.hold_out.strikes)
        self.dataset.checkpoint = {"steps": [*self.steps, step.key], "tallies": tallies, "strikes": strikes}
        self.dataset.save(update_fields=["checkpoint"])

    def _progress(self, message: str, count: int) -> None:
        self.done += count
        self.report(Progress(min(self.done, self.total), self.total, message))

    @transaction.atomic
    def _store(self, batch: Sequence[Candidate], step: Step) -> None:
        """One short transaction: the samples and their links to chunks."""
        rows = Sample.objects.bulk_create([_row(self.dataset, step.split, candidate) for candidate in batch])
        through, keys = Sample.chunks.through, self.generation.library.chunk_keys
        through.objects.bulk_create(
            [
                through(sample_id=row.pk, chunk_id=keys[uid][0])
                for row, candidate in zip(rows, batch, strict=True)
                for uid in dict.fromkeys(candidate.draft.chunk_uids)
            ]
        )


def _row(dataset: Dataset, split: str, candidate: Candidate) -> Sample:
    draft = candidate.draft
    return Sample(
        dataset=dataset,
        sample_id=candidate.sample_id,
        category=draft.category,
        task_type=draft.task_type,
        split=split,
        instruction=draft.instruction,
        input=draft.input,
        output=draft.output,
        tokens=candidate.tokens,
        quality=candidate.quality,
        quality_parts=candidate.quality_parts,
        metadata=candidate.metadata,
        document_id=draft.document_id,
    )


@transaction.atomic
def _finish(dataset: Dataset, generation: Generation, seconds: float) -> dict[str, Any]:
    """Drop contaminated and surplus hold-out samples, write the numbers down, and open the draft."""
    removed = _decontaminate(dataset, generation)
    plan, tallies = generation.plan, generation.tallies.values()
    counts, dataset.tokens = dataset_summary(dataset=dataset)
    dataset.counts = {name: counts.get(name, 0) for name in (*plan.targets(), EVAL)}
    dataset.near_duplicates = sum(part.near_duplicates for part in tallies)
    dataset.contaminated = removed
    dataset.status = Dataset.Status.DRAFT
    dataset.checkpoint = {}
    dataset.save()
    refused: Counter[str] = sum((part.refused for part in tallies), Counter())
    made = sum(dataset.counts.values())
    return {
        "run": dataset.run_id,
        "dataset": dataset.pk,
        "name": dataset.name,
        "counts": dataset.counts,
        "requested": {**plan.targets(), EVAL: plan.eval_target},
        "shortfall": [
            {
                "category": tally.part.category,
                "sub_category": tally.part.sub_category,
                "requested": tally.part.target,
                "made": tally.accepted,
                "reason": tally.reason(),
            }
            for tally in tallies
            if tally.missing
        ],
        "near_duplicates": dataset.near_duplicates,
        "contaminated": dataset.contaminated,
        "refused": dict(refused.most_common(30)),
        "tokens": dataset.tokens,
        "seconds": round(seconds, 2),
        "samples_per_second": round(made / seconds, 1) if seconds else 0,
    }


def _decontaminate(dataset: Dataset, generation: Generation) -> int:
    """Remove hold-out samples that share content with training, then those beyond the number asked for."""
    held_out = dataset.samples.filter(split=Sample.Split.EVAL)
    contaminated = sorted(generation.contaminated)
    for start in range(0, len(contaminated), 500):
        held_out.filter(sample_id__in=contaminated[start : start + 500]).delete()
    surplus = held_out.order_by("sample_id").values_list("pk", flat=True)[generation.plan.eval_target :]
    held_out.filter(pk__in=list(surplus)).delete()
    return len(contaminated)
