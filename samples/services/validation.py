"""All checks of a dataset, each with its number; the samples behind a number are kept as findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, Sum
from django.utils import timezone

from samples.models import Dataset, Finding, Sample
from samples.services.checking import Walk, walk_dataset
from samples.services.datasets import dataset_verify
from samples.services.similarity import Similarity, instruction_similarity
from samples.services.strata import Strata, comparable, distance, strata_of
from web4site.models import Run
from web4site.progress import Progress, Report, silent
from web4site.runs import run_execute

MAX_EXAMPLES = 20
# Of each check; the number itself counts all.
MAX_FINDINGS = 5000
NEAR_DUPLICATE_SHARE = 0.01
GROUNDED_SHARE = 0.99
# Hold-out and training may be spread differently by this share: a hold-out of whole documents is never quite even.
SPREAD = 0.3
MEAN_TOKENS = (500, 600)
# A dataset this small cannot be held against the mean and the budget of the full plan.
FULL_SIZE = 12_000


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `value` as found, `wanted` in words, `found` (sample pk or None, detail) behind it."""

    name: str
    passed: bool
    value: float
    wanted: str
    found: Sequence[tuple[int | None, str]] = ()
    required: bool = True


def dataset_validate(*, dataset: Dataset, similarity: bool = False, report: Report = silent) -> dict[str, Any]:
    """{dataset, name, passed, checks[]}; `passed` when every required check is.

    Numbers and findings are kept at the dataset. `similarity` adds the comparison of instructions by embedding, some
    minutes for a full dataset.
    """
    included = dataset.samples.exclude(review=Sample.Review.REJECTED)
    walk = walk_dataset(dataset, included, report)
    checks = [*_walk_checks(walk), *_row_checks(dataset, included), *_spread_checks(strata_of(included))]
    if similarity:
        checks.append(_similarity_check(instruction_similarity(included, report)))
    if dataset.status == Dataset.Status.FROZEN:
        faults = dataset_verify(dataset=dataset)
        checks.append(
            Check("frozen files unchanged", not faults, len(faults), "0 changed", [(None, fault) for fault in faults])
        )
    report(Progress(walk.total, walk.total, "Checked"))
    return _keep(dataset, checks)


def validation_run(*, run: Run, listener: Report | None = None) -> Run:
    """Do the validation that `run.params` asks for: {"dataset", "similarity"}."""

    def work(run: Run, report: Report) -> dict[str, Any]:
        dataset = Dataset.objects.get(pk=run.params["dataset"])
        found = dataset_validate(dataset=dataset, similarity=bool(run.params.get("similarity")), report=report)
        return {name: found[name] for name in ("dataset", "name", "passed", "checks")}

    return run_execute(run, work, listener=listener)


def _walk_checks(walk: Walk) -> Iterable[Check]:
    found = walk.found
    yield Check("samples", walk.total > 0, walk.total, "at least 1")
    yield _share("schema", walk, "100 %")
    yield _share("secrets and personal data", walk, "100 % without", key="secrets")
    yield _share("parses", walk, "100 %")
    yield _share("language", walk, "100 %")
    yield _share("token band", walk, "100 %")
    yield _share("provenance", walk, "100 %")
    grounded = walk.grounded / walk.terms if walk.terms else 1.0
    yield Check("grounding", grounded >= GROUNDED_SHARE, round(grounded, 4), "at least 99 %", found["grounding"])
    twins = found["exact duplicates"]
    yield Check("exact duplicates", not twins, len(twins), "0", twins)
    alike = len(found["near-duplicates"]) / walk.total if walk.total else 0.0
    yield Check("near-duplicates", alike < NEAR_DUPLICATE_SHARE, round(alike, 4), "below 1 %", found["near-duplicates"])
    contaminated = list(walk.contaminated())
    yield Check("hold-out contaminated", not contaminated, len(contaminated), "0", contaminated)


def _share(name: str, walk: Walk, wanted: str, key: str = "") -> Check:
    failed = walk.found[key or name]
    share = 1 - len(failed) / walk.total if walk.total else 0.0
    return Check(name, not failed, round(share, 4), wanted, failed)


def _row_checks(dataset: Dataset, included: Any) -> Iterable[Check]:
    training = included.filter(split=Sample.Split.TRAIN)
    found = training.aggregate(mean=Avg("tokens"), count=Count("pk"), total=Sum("tokens"))
    full = found["count"] >= FULL_SIZE
    mean = round(found["mean"] or 0, 1)
    low, high = MEAN_TOKENS
    yield Check("mean tokens", low <= mean <= high, mean, f"{low}-{high}", required=full)
    if any(dataset.plan.get("token_budget") or ()):
        least, most = _budget(dataset.plan, found["count"])
        total = found["total"] or 0
        yield Check("token budget", least <= total <= most, total, f"{least:,}-{most:,}", required=False)
    shared = _shared_documents(included)
    yield Check("documents in both splits", not shared, len(shared), "0", [(None, path) for path in shared])
    present = Counter(training.order_by().values_list("category", flat=True))
    wanted = {part["category"] for part in dataset.plan.get("parts", ()) if part["target"]}
    missing = [(None, name) for name in sorted(wanted - set(present))]
    yield Check("categories", not missing, len(present), "all of the plan", missing, required=False)


def _budget(plan: dict[str, Any], count: int) -> tuple[int, int]:
    """The plan's budget is for all of its samples; a corpus that yields fewer has the same share of it."""
    target = sum(part["target"] for part in plan["parts"])
    share = min(1.0, count / target) if target else 1.0
    least, most = plan["token_budget"]
    return round(least * share), round(most * share)


def _shared_documents(included: Any) -> list[str]:
    """Units (a document, or one part of a collection of small ones) that stand in training and hold-out alike."""
    units: dict[str, set[str]] = {split: set() for split in Sample.Split.values}
    rows = included.order_by().values_list("split", "metadata__document", "metadata__part").distinct()
    for split, document, part in rows:
        if document:
            units[split].add(f"{document}#{part}" if part else document)
    return sorted(units[Sample.Split.TRAIN] & units[Sample.Split.EVAL])


def _spread_checks(strata: Strata) -> Iterable[Check]:
    for dimension, all_of_it in strata.items():
        found = comparable(all_of_it)
        apart = distance(found)
        rows = [(None, stratum.told(name)) for name, stratum in found.items()]
        yield Check(
            f"spread over {dimension}",
            apart <= SPREAD,
            round(apart, 3),
            f"at most {SPREAD} apart",
            rows,
            required=False,
        )


def _similarity_check(found: Similarity) -> Check:
    """How many instructions have another one that means the same; many do where one thing is asked of many sources."""
    share = found.crowded / found.samples if found.samples else 0.0
    rows: list[tuple[int | None, str]] = [
        (None, f"nearest from {low}: {count:,} samples") for low, count in found.nearest.items()
    ]
    rows += [(None, f"{found.same:,} pairs with equal outputs, {found.different:,} with different ones")]
    ids = Sample.objects.in_bulk([other for _, other, _, _ in found.pairs])
    rows += [
        (pk, f"{alike:.3f} to {ids[other].sample_id}, outputs {'equal' if same else 'differ'}")
        for pk, other, alike, same in found.pairs
    ]
    return Check("instructions alike", found.same == 0, round(share, 4), "no equal outputs", rows, required=False)


@transaction.atomic
def _keep(dataset: Dataset, checks: Sequence[Check]) -> dict[str, Any]:
    """Write the numbers to the dataset and what stands behind them to its findings."""
    pks = [pk for check in checks for pk, _ in check.found[:MAX_EXAMPLES] if pk is not None]
    ids = dict(Sample.objects.filter(pk__in=pks).values_list("pk", "sample_id"))
    rows = [
        {
            **{name: value for name, value in asdict(check).items() if name != "found"},
            "count": len(check.found),
            "examples": [ids.get(pk, detail) if pk else detail for pk, detail in check.found[:MAX_EXAMPLES]],
        }
        for check in checks
    ]
    passed = all(check.passed for check in checks if check.required)
    dataset.checks = {"at": timezone.now().isoformat(), "passed": passed, "checks": rows}
    dataset.save(update_fields=["checks"])
    dataset.findings.all().delete()
    Finding.objects.bulk_create(
        [
            Finding(dataset=dataset, check_name=check.name, sample_id=pk, detail=detail[:400])
            for check in checks
            for pk, detail in check.found[:MAX_FINDINGS]
        ],
        batch_size=500,
    )
    return {"dataset": dataset.pk, "name": dataset.name, "passed": passed, "checks": rows}
