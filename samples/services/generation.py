"""Generate samples into a new dataset draft."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from rag.models import Document
from samples.generation import EVAL, Accepted, Generation, estimate, makeable
from samples.generators.sources import Library, load_library
from samples.models import Dataset, Sample
from samples.plan import Plan, load_plan
from samples.tokens import TokenCounter, histogram
from web4site.errors import UserError
from web4site.models import Run
from web4site.progress import Progress, Report, silent
from web4site.runs import run_execute

logger = logging.getLogger(__name__)
BATCH = 400


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
) -> dict[str, Any]:
    """Make the samples of a plan into a new draft, in batches, and say what came of it.

    `documents` limits the sources (the evening loop passes the day's); `limit` replaces `scale` by a number of training
    samples without hold-out. Fewer than asked for is no error: the result's `shortfall` says where and why. Raises
    UserError when nothing is indexed or the base model's tokenizer is missing.
    """
    started = time.monotonic()
    plan = plan or load_plan()
    counter = count_tokens or TokenCounter(Path(settings.BASE_MODEL_DIR)).count
    report(Progress(0, 0, "Reading the indexed documents"))
    library = load_library(Document.objects.all() if documents is None else documents)
    if not library.sources:
        raise UserError("No indexed document may be trained on: index a corpus first, manage.py index DIR.")
    sized = plan.scaled(scale) if limit is None else plan.limited(limit, makeable(library))
    generation = Generation(library, sized, seed=seed, ecosystem=settings.TOOL_ECOSYSTEM, count_tokens=counter)
    dataset = _draft_create(run=run, plan=sized, seed=seed, name=name)
    try:
        tally = _store_all(dataset, generation, library, report, sized.target + sized.eval_target)
        return _finish(dataset, generation, tally, time.monotonic() - started)
    except BaseException:
        dataset.delete()
        raise


def generation_run(*, run: Run, listener: Report | None = None) -> Run:
    """Do the generation that `run.params` asks for: {"plan", "scale", "seed"}."""

    def work(run: Run, report: Report) -> dict[str, Any]:
        params = run.params
        plan = load_plan(Path(params["plan"])) if params.get("plan") else None
        return samples_generate(
            run=run, plan=plan, scale=float(params.get("scale", 1.0)), seed=int(params.get("seed", 0)), report=report
        )

    return run_execute(run, work, listener=listener)


def plan_estimate(*, plan: Plan, scale: float = 1.0, seed: int = 0) -> list[dict[str, Any]]:
    """Rows {category, sub_category, target, possible, short, reason} for the documents that are indexed now."""
    library = load_library(Document.objects.all())
    return estimate(library, plan.scaled(scale), seed=seed, ecosystem=settings.TOOL_ECOSYSTEM)


def _draft_create(*, run: Run | None, plan: Plan, seed: int, name: str) -> Dataset:
    base = name or f"draft {timezone.now():%Y-%m-%d %H:%M}"
    taken = set(Dataset.objects.filter(name__startswith=base).values_list("name", flat=True))
    unique = next(option for option in _names(base) if option not in taken)
    return Dataset.objects.create(name=unique, plan=plan.as_dict(), seed=seed, run=run)


def _names(base: str) -> Iterable[str]:
    yield base
    yield from (f"{base} ({number})" for number in itertools.count(2))


@dataclass
class _Tally:
    """Counts of what was stored; `tokens` by category, training only."""

    counts: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, sample: Accepted) -> None:
        if sample.split == EVAL:
            self.counts["eval"] += 1
        else:
            self.counts[sample.draft.category] += 1
            self.tokens[sample.draft.category].append(sample.tokens)


def _store_all(dataset: Dataset, generation: Generation, library: Library, report: Report, total: int) -> _Tally:
    tally = _Tally()
    stream = generation.samples()
    done = 0
    while batch := list(itertools.islice(stream, BATCH)):
        _store(dataset, batch, library)
        for sample in batch:
            tally.add(sample)
        done += len(batch)
        report(Progress(min(done, total), total, f"{batch[-1].draft.category}: {batch[-1].draft.task}"))
    return tally


@transaction.atomic
def _store(dataset: Dataset, batch: list[Accepted], library: Library) -> None:
    """One short transaction: the samples and their links to chunks."""
    rows = Sample.objects.bulk_create([_row(dataset, sample) for sample in batch])
    through = Sample.chunks.through
    through.objects.bulk_create(
        [
            through(sample_id=row.pk, chunk_id=library.chunk_keys[uid][0])
            for row, sample in zip(rows, batch, strict=True)
            for uid in dict.fromkeys(sample.draft.chunk_uids)
        ]
    )


def _row(dataset: Dataset, sample: Accepted) -> Sample:
    draft = sample.draft
    return Sample(
        dataset=dataset,
        sample_id=sample.sample_id,
        category=draft.category,
        task_type=draft.task_type,
        split=sample.split,
        instruction=draft.instruction,
        input=draft.input,
        output=draft.output,
        tokens=sample.tokens,
        quality=sample.quality,
        quality_parts=sample.quality_parts,
        metadata=sample.metadata,
        document_id=draft.document_id,
    )


def _finish(dataset: Dataset, generation: Generation, tally: _Tally, seconds: float) -> dict[str, Any]:
    """Drop contaminated and surplus hold-out samples, and write the numbers down."""
    removed = _decontaminate(dataset, generation)
    plan, tallies = generation.plan, generation.tallies.values()
    tally.counts["eval"] = dataset.samples.filter(split=Sample.Split.EVAL).count()
    everything = [count for counts in tally.tokens.values() for count in counts]
    dataset.counts = {name: tally.counts[name] for name in (*plan.targets(), "eval")}
    dataset.tokens = {
        "total": sum(everything),
        "mean": round(sum(everything) / len(everything), 1) if everything else 0,
        "by_category": {name: sum(counts) for name, counts in tally.tokens.items()},
        "histogram": histogram(everything),
    }
    dataset.near_duplicates = sum(part.near_duplicates for part in tallies)
    dataset.contaminated = removed
    dataset.save(update_fields=["counts", "tokens", "near_duplicates", "contaminated"])
    refused: Counter[str] = sum((part.refused for part in tallies), Counter())
    total = sum(dataset.counts.values())
    return {
        "run": dataset.run_id,
        "dataset": dataset.pk,
        "name": dataset.name,
        "counts": dataset.counts,
        "requested": {**plan.targets(), "eval": plan.eval_target},
        "shortfall": [
            {
                "category": t.part.category,
                "sub_category": t.part.sub_category,
                "requested": t.part.target,
                "made": t.accepted,
                "reason": t.reason(),
            }
            for t in tallies
            if t.missing
        ],
        "near_duplicates": dataset.near_duplicates,
        "contaminated": dataset.contaminated,
        "refused": dict(refused.most_common(30)),
        "tokens": dataset.tokens,
        "seconds": round(seconds, 2),
        "samples_per_second": round(total / seconds, 1) if seconds else 0,
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
