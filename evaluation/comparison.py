"""What would change if a deployment went live in place of the one that is: for the person who decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat

from evaluation.canary_flips import canary_changes, canary_flips
from evaluation.comparability import comparable_gates
from evaluation.models import Deployment, Evaluation
from training.models import Build, Training
from web4site.templatetags.ui import percent


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of both models; `better` is None where neither value is better."""

    name: str
    live: str
    new: str
    better: bool | None = None

    @property
    def differs(self) -> bool:
        return self.live != self.new


@dataclass(frozen=True, slots=True)
class Changes:
    """New against live: rates, canaries by name, data and settings. `note` says what cannot be compared, and why."""

    live: Deployment
    rates: list[Change]
    lost: list[str]
    won: list[str]
    facts: list[Change]
    note: str


def changes(deployment: Deployment, live: Deployment | None) -> Changes | None:
    """The comparison with the live deployment; None when nothing else is live."""
    if live is None or live.pk == deployment.pk or deployment.evaluation is None:
        return None
    new = deployment.evaluation
    old = Evaluation.objects.filter(build=live.build, canaries_total__gt=0).order_by("-created_at")
    same_profile = old.filter(profile=new.profile).first()
    with_canaries = same_profile or old.first()
    flips = canary_flips(with_canaries, new)
    alike = comparable_gates(same_profile, new) if same_profile else set()
    return Changes(
        live=live,
        rates=list(_rates(same_profile, new, alike)),
        lost=flips.lost,
        won=flips.won,
        facts=[change for change in _facts(live.build, deployment.build) if change.differs],
        note=_note(live, new, same_profile, with_canaries, alike),
    )


def _rates(old: Evaluation | None, new: Evaluation, alike: set[str]) -> Iterator[Change]:
    gates = old.report.get("gates", []) if old else []
    before = {gate["name"]: gate["rate"] for gate in gates if gate["name"] in alike}
    for gate in new.report.get("gates", []):
        rate = before.get(gate["name"])
        better = None if rate is None or rate == gate["rate"] else gate["rate"] > rate
        yield Change(gate["title"], percent(rate, 1), percent(gate["rate"], 1), better)


def _facts(old: Build, new: Build) -> Iterator[Change]:
    yield Change("Base model", old.base_model, new.base_model)
    yield Change("Quantization", old.quantization, new.quantization)
    yield Change("Size", filesizeformat(old.bytes), filesizeformat(new.bytes))
    before, after = _training(old), _training(new)
    yield Change("Dataset", _dataset(before), _dataset(after))
    yield Change("Preset", before.preset if before else "–", after.preset if after else "–")
    if before is None or after is None:
        return  # against an untrained model every setting is new
    for name in sorted({*before.settings, *after.settings}):
        then, now = before.settings.get(name), after.settings.get(name)
        yield Change(name.replace("_", " ").capitalize(), _shown(then), _shown(now))


def _training(build: Build) -> Training | None:
    return build.adapter.training if build.adapter else None


def _dataset(training: Training | None) -> str:
    if training is None:
        return "none: untrained"
    data = training.dataset
    return f"{data.name}, {sum(data.counts.values()):,} samples, {data.tokens.get('total', 0):,} tokens"


def _shown(value: Any) -> str:
    return "–" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _note(live: Deployment, new: Evaluation, same: Evaluation | None, old: Evaluation | None, alike: set[str]) -> str:
    if old is None:
        return f"{live.build.name} was never evaluated: evaluate it to see rates and canaries side by side."
    words = []
    if same is None:
        words.append(f"{live.build.name} was never evaluated with the profile {new.profile}: rates do not compare.")
    elif other := [gate["title"] for gate in new.report.get("gates", []) if gate["name"] not in alike]:
        words.append(f"Asked otherwise, or not at all, of the live model, and not compared: {', '.join(other)}.")
    if changed := canary_changes(old.canary_set, new.canary_set):
        words.append(f"Canaries were edited between the two evaluations: {', '.join(changed)}.")
    return " ".join(words)
