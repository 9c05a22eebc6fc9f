"""The canaries as the team keeps them: every edit a new version of the whole set, tried before it is stored."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from evaluation.canaries import (
    CANARIES_FILE,
    Canary,
    canary_of,
    read_records,
    record_faults,
    record_of,
    set_faults,
    write_records,
)
from evaluation.models import CanarySet, Case, Deployment
from evaluation.scores import CANARIES
from evaluation.services.deployments import require_approver
from web4site.errors import UserError


def canary_set_current() -> CanarySet:
    """The newest version: until somebody edits, that of canaries.toml as it is in this release.

    Raises UserError when that file holds no canaries: a gate is nothing that a file may take away.
    """
    newest = CanarySet.objects.first()
    if newest is not None and newest.author_id is not None:
        return newest
    try:
        shipped = read_records(CANARIES_FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{CANARIES_FILE}: {error}.", exit_code=1) from None
    if newest is not None and newest.records == shipped:
        return newest
    if faults := set_faults(shipped):
        raise UserError(f"{CANARIES_FILE}: {'; '.join(faults)}.", exit_code=1)
    with transaction.atomic():
        return CanarySet.objects.create(records=shipped, reason="As shipped in canaries.toml.")


def canaries_of(canary_set: CanarySet) -> list[Canary]:
    return [canary_of(record) for record in canary_set.records]


def canary_save(*, record: dict[str, Any], author: Any, reason: str, base: CanarySet | None = None) -> CanarySet:
    """Change the canary of that id, or add it: a new version, with what it makes of the live model's last answer.

    `base` is the version that was looked at: when somebody saved another one meanwhile, nothing is overwritten.
    """
    require_approver(author)
    if faults := record_faults(record):
        raise UserError(f"This is no canary: {'; '.join(faults)}.")
    record = record_of(canary_of(record))
    with transaction.atomic():
        current = _current_for(base)
        ids = [one["id"] for one in current.records]
        records = [record if one["id"] == record["id"] else one for one in current.records]
        if record["id"] not in ids:
            records.append(record)
        if records == current.records:
            raise UserError("Nothing has changed.")
        return _add(records, author, reason, canary=record["id"], trial=canary_try(record))


def canary_set_restore(*, canary_set: CanarySet, author: Any, reason: str) -> CanarySet:
    """Make an earlier version the current one again, as a new version."""
    require_approver(author)
    with transaction.atomic():
        if canary_set_current().records == canary_set.records:
            raise UserError(f"Version {canary_set.pk} is what holds now: there is nothing to restore.")
        return _add(canary_set.records, author, f"Restored version {canary_set.pk}: {reason.strip()}".rstrip(": "))


def canary_set_export(canary_set: CanarySet) -> str:
    """The version as a canaries.toml."""
    who = canary_set.author or "as shipped"
    return write_records(canary_set.records, f"Version {canary_set.pk}, {canary_set.created_at:%Y-%m-%d %H:%M}, {who}.")


def canary_try(record: dict[str, Any]) -> dict[str, Any]:
    """What the canary makes of the live model's last answer: {found, outcome, why, before, evaluation, note}."""
    case = last_live_case(record["id"])
    if case is None:
        return {
            "found": False,
            "note": "The live model has not answered this canary yet: its next evaluation will tell.",
        }
    ruling = canary_of(record).check(case.output, case.seconds)
    asked = canary_of(record).request().messages[-1]["content"]
    note = "" if asked == case.prompt else "The answer was given to the former prompt."
    return {
        "found": True,
        "outcome": ruling.outcome.value,
        "why": ruling.why,
        "before": case.outcome,
        "evaluation": case.evaluation_id,
        "answer": case.output,
        "note": note,
    }


def last_live_case(canary: str) -> Case | None:
    """The live model's newest answer to a canary."""
    live = Deployment.objects.filter(status=Deployment.Status.LIVE).order_by("-live_at").first()
    if live is None:
        return None
    cases = Case.objects.filter(evaluation__build=live.build_id, harness=CANARIES, case_id=canary)
    return cases.order_by("-evaluation__created_at").first()


def canary_set_diff(before: CanarySet | None, after: CanarySet) -> str:
    """What changed from one version to the next, as a unified diff of their canaries in TOML; empty for the first."""
    if before is None:
        return ""
    old, new = _by_id(before.records), _by_id(after.records)
    return "\n".join(
        line for name in [*old, *(new.keys() - old.keys())] if old.get(name) != new.get(name)
        for line in _record_diff(name, old.get(name), new.get(name))
    )  # fmt: skip


def _record_diff(name: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Iterator[str]:
    def lines(record: dict[str, Any] | None) -> list[str]:
        # Through the canary: the order of the keys is no change.
        return write_records([record_of(canary_of(record))], "").strip().splitlines() if record else []

    return difflib.unified_diff(lines(old), lines(new), name, name, n=2, lineterm="")


def _by_id(records: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in records}


def _current_for(base: CanarySet | None) -> CanarySet:
    current = canary_set_current()
    if base is not None and base.pk != current.pk:
        raise UserError(
            f"{current.author or 'A release'} saved version {current.pk} meanwhile: look at it, then edit again."
        )
    return current


def _add(
    records: list[dict[str, Any]], author: Any, reason: str, canary: str = "", trial: dict[str, Any] | None = None
) -> CanarySet:
    if not reason.strip():
        raise UserError("Write why: the next person has to understand it.")
    if faults := set_faults(records):
        raise UserError(f"These are no canaries: {'; '.join(faults)}.")
    return CanarySet.objects.create(
        records=records, author=author, reason=reason.strip(), canary=canary, trial=trial or {}
    )
