"""Which canaries two evaluations answer differently, and which they cannot be compared on."""

from dataclasses import dataclass

from evaluation.models import CanarySet, Case, Evaluation
from evaluation.scores import CANARIES


@dataclass(frozen=True, slots=True)
class Flips:
    """Ids of canaries in both evaluations; the edited ones are other questions, neither lost nor won."""

    lost: list[str]
    won: list[str]
    changed: list[str]

    def of(self, canary: str) -> str:
        """'lost', 'won', 'changed', or nothing."""
        return next((kind for kind in ("changed", "lost", "won") if canary in getattr(self, kind)), "")


def canary_flips(old: Evaluation | None, new: Evaluation) -> Flips:
    """From `old` to `new`; empty where there is nothing to compare with."""
    if old is None:
        return Flips([], [], [])
    before, after = _answered(old), _answered(new)
    edited = set() if old.canary_set_id == new.canary_set_id else set(canary_changes(old.canary_set, new.canary_set))
    both = sorted(before.keys() & after.keys())
    changed = [name for name in both if name in edited or before[name][0] != after[name][0]]
    same = [name for name in both if name not in changed]
    return Flips(
        lost=[name for name in same if before[name][1] and not after[name][1]],
        won=[name for name in same if after[name][1] and not before[name][1]],
        changed=changed,
    )


def canary_changes(before: CanarySet | None, after: CanarySet | None) -> list[str]:
    """The ids of canaries that differ between two versions."""
    if before is None or after is None or before.pk == after.pk:
        return []
    old, new = ({record["id"]: record for record in version.records} for version in (before, after))
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _answered(evaluation: Evaluation) -> dict[str, tuple[str, bool]]:
    """Prompt and whether it passed, by canary."""
    cases = evaluation.cases.filter(harness=CANARIES).values_list("case_id", "prompt", "outcome")
    return {name: (prompt, outcome == Case.Outcome.PASSED) for name, prompt, outcome in cases}
