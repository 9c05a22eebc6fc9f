"""All checks of a dataset, each with its number and what is behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Avg, Count

from samples.dedup import HoldOut, NearDuplicates
from samples.fingerprint import fingerprint
from samples.models import Dataset, Sample
from samples.quality import MIN_GROUNDING, parse_faults, schema_faults, secrets
from samples.services.datasets import dataset_verify
from web4site.progress import Progress, Report, silent

MAX_EXAMPLES = 20
NEAR_DUPLICATE_SHARE = 0.01
GROUNDED_SHARE = 0.99
MEAN_TOKENS = (500, 600)
# A dataset this small cannot be held against the mean of the full plan.
FULL_SIZE = 12_000


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `value` as found, `wanted` in words, `examples` of what failed (sample ids or lines)."""

    name: str
    passed: bool
    value: float
    wanted: str
    required: bool = True
    examples: tuple[str, ...] = ()


@dataclass
class _Walk:
    """Everything that is found in one pass over the samples."""

    total: int = 0
    schema: list[str] = field(default_factory=list)
    secret: list[str] = field(default_factory=list)
    unparsed: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    ungrounded: list[str] = field(default_factory=list)
    untraceable: list[str] = field(default_factory=list)
    near: NearDuplicates = field(default_factory=NearDuplicates)
    hold_out: HoldOut = field(default_factory=HoldOut)

    def look(self, sample: Sample) -> None:
        self.total += 1
        record = {name: getattr(sample, name) for name in ("instruction", "input", "output", "metadata")}
        self._note(self.schema, sample, schema_faults(record))
        self._note(self.secret, sample, secrets(record))
        self._note(
            self.unparsed, sample, parse_faults(sample.output, "json" if sample.task_type == "tool_call" else "")
        )
        self._note(self.ungrounded, sample, sample.quality_parts.get("grounding", 1.0) < MIN_GROUNDING)
        self._note(self.untraceable, sample, not sample.metadata.get("document"))
        print_ = fingerprint(sample.instruction, sample.input, sample.output)
        self._note(self.duplicates, sample, not self.near.is_new(sample.category, print_))
        if sample.split == Sample.Split.EVAL:
            self.hold_out.add(sample.sample_id, print_.grams)
        else:
            self.hold_out.meet(print_.grams)

    @staticmethod
    def _note(found: list[str], sample: Sample, fault: Any) -> None:
        if fault:
            found.append(sample.sample_id)


def dataset_validate(*, dataset: Dataset, report: Report = silent) -> dict[str, Any]:
    """{dataset, name, passed, checks[]}; `passed` when every required check is."""
    included = dataset.samples.exclude(review=Sample.Review.REJECTED)
    total = included.count()
    walk = _Walk()
    # The hold-out first: training is held against it as it comes by.
    for split in (Sample.Split.EVAL, Sample.Split.TRAIN):
        for sample in included.filter(split=split).order_by("sample_id").iterator(chunk_size=500):
            walk.look(sample)
            if walk.total % 200 == 0:
                report(Progress(walk.total, total, "Checking samples"))
    checks = [*_walk_checks(walk), *_row_checks(dataset, included)]
    if dataset.status == Dataset.Status.FROZEN:
        faults = dataset_verify(dataset=dataset)
        checks.append(Check("frozen files unchanged", not faults, len(faults), "0 changed", examples=tuple(faults)))
    report(Progress(total, total, "Checked"))
    passed = all(check.passed for check in checks if check.required)
    return {
        "dataset": dataset.pk,
        "name": dataset.name,
        "passed": passed,
        "checks": [asdict(check) for check in checks],
    }


def _walk_checks(walk: _Walk) -> Iterable[Check]:
    share: Callable[[list[str]], float] = lambda found: 1 - len(found) / walk.total if walk.total else 0.0  # noqa: E731
    contaminated = sorted(walk.hold_out.hit)
    yield Check("samples", walk.total > 0, walk.total, "at least 1")
    yield _check("schema", share(walk.schema), 1.0, "100 %", walk.schema)
    yield _check("secrets and personal data", share(walk.secret), 1.0, "none", walk.secret)
    yield _check("tool calls parse", share(walk.unparsed), 1.0, "100 %", walk.unparsed)
    yield _check("grounding", share(walk.ungrounded), GROUNDED_SHARE, "at least 99 %", walk.ungrounded)
    yield _check("provenance", share(walk.untraceable), 1.0, "100 %", walk.untraceable)
    duplicates = len(walk.duplicates) / walk.total if walk.total else 0.0
    yield Check(
        "near-duplicates",
        duplicates < NEAR_DUPLICATE_SHARE,
        round(duplicates, 4),
        "below 1 %",
        examples=tuple(walk.duplicates[:MAX_EXAMPLES]),
    )
    yield Check(
        "hold-out contaminated", not contaminated, len(contaminated), "0", examples=tuple(contaminated[:MAX_EXAMPLES])
    )


def _check(name: str, share: float, least: float, wanted: str, failed: list[str]) -> Check:
    return Check(name, share >= least, round(share, 4), wanted, examples=tuple(failed[:MAX_EXAMPLES]))


def _row_checks(dataset: Dataset, included: Any) -> Iterable[Check]:
    training = included.filter(split=Sample.Split.TRAIN)
    found = training.aggregate(mean=Avg("tokens"), count=Count("pk"))
    mean = round(found["mean"] or 0, 1)
    low, high = MEAN_TOKENS
    yield Check("mean tokens", low <= mean <= high, mean, f"{low}-{high}", required=found["count"] >= FULL_SIZE)
    shared = _shared_documents(included)
    yield Check("documents in both splits", not shared, len(shared), "0", examples=tuple(shared[:MAX_EXAMPLES]))
    present = Counter(training.order_by().values_list("category", flat=True))
    wanted = {part["category"] for part in dataset.plan.get("parts", ()) if part["target"]}
    missing = sorted(wanted - set(present))
    yield Check("categories", not missing, len(present), "all of the plan", required=False, examples=tuple(missing))


def _shared_documents(included: Any) -> list[str]:
    """Units (a document, or one part of a collection of small ones) that stand in training and hold-out alike."""
    units: dict[str, set[str]] = {split: set() for split in Sample.Split.values}
    rows = included.order_by().values_list("split", "metadata__document", "metadata__part").distinct()
    for split, document, part in rows:
        if document:
            units[split].add(f"{document}#{part}" if part else document)
    return sorted(units[Sample.Split.TRAIN] & units[Sample.Split.EVAL])
