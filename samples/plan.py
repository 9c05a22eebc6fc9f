"""The sample plan: how many samples of what, as data."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema

from rag.corpus.types import DocumentKind
from samples.generators.registry import TASKS, tasks_by_sub_category
from web4site.errors import UserError

DEFAULT_PLAN = Path(__file__).with_name("plan.toml")
MAX_SEED = 2**31 - 1
_SCHEMA = {
    "type": "object",
    "required": ["part"],
    "additionalProperties": False,
    "properties": {
        "eval_target": {"type": "integer", "minimum": 0},
        "token_budget": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "part": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["category", "sub_category", "target", "band"],
                "additionalProperties": False,
                "properties": {
                    "category": {"type": "string"},
                    "sub_category": {"type": "string"},
                    "target": {"type": "integer", "minimum": 0},
                    "band": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2},
                    "sources": {"type": "array", "items": {"enum": [kind.value for kind in DocumentKind]}},
                    "mix": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-category: how many samples, and between how many tokens each.

    `sources` limits it to some kinds of documents (all kinds its tasks read when empty). `mix` gives weights to tasks
    by name: one of weight 2 gives twice as many samples as one of weight 1, which is what the others have; 0 is none.
    """

    category: str
    sub_category: str
    target: int
    band: tuple[int, int]
    sources: tuple[str, ...] = ()
    mix: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return (self.category, self.sub_category)

    def tasks(self) -> list[tuple[int, float]]:
        """(place in TASKS, weight) of the tasks that make it."""
        return [
            (place, weight)
            for place, task in enumerate(TASKS)
            if (task.category, task.task_type) == self.key and (weight := self.mix.get(task.name, 1.0)) > 0
        ]

    def named_tasks(self) -> list[str]:
        """The tasks that make it, with the weights that are not 1."""
        return [TASKS[place].name + (f" x {weight:g}" if weight != 1 else "") for place, weight in self.tasks()]

    def read(self) -> list[str]:
        """The kinds of documents it is made from."""
        return sorted({kind for place, _ in self.tasks() for kind in self.kinds(place)})

    def kinds(self, task: int) -> tuple[str, ...]:
        """The kinds of documents that a task reads for this part."""
        return tuple(kind for kind in TASKS[task].kinds if not self.sources or kind in self.sources)


@dataclass(frozen=True, slots=True)
class Plan:
    """All parts, the size of the hold-out, and the token budget of the full size."""

    parts: tuple[Part, ...]
    eval_target: int = 0
    token_budget: tuple[int, int] = (0, 0)

    @property
    def target(self) -> int:
        return sum(part.target for part in self.parts)

    def targets(self) -> dict[str, int]:
        """{category: target}."""
        counts: Counter[str] = Counter()
        for part in self.parts:
            counts[part.category] += part.target
        return dict(counts)

    def scaled(self, scale: float) -> Plan:
        """The same mix, `scale` times as large; a part that is wanted at all keeps at least one sample."""
        if not 0 < scale <= 100:
            raise UserError(f"The scale must lie above 0 and be at most 100, not {scale}.")
        parts = tuple(replace(part, target=math.ceil(part.target * scale)) for part in self.parts)
        low, high = self.token_budget
        return Plan(parts, math.ceil(self.eval_target * scale), (int(low * scale), int(high * scale)))

    def limited(self, limit: int, makeable: Collection[tuple[str, str]]) -> Plan:
        """About `limit` training samples and no hold-out, in the mix of the parts that can be made at all."""
        parts = [part for part in self.parts if part.key in makeable]
        scale = limit / max(1, sum(part.target for part in parts))
        sized = (replace(part, target=round(part.target * scale)) for part in parts)
        return Plan(tuple(part for part in sized if part.target))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def load_plan(path: Path | None = None) -> Plan:
    """Read and check a plan. Raises UserError with what is wrong with it."""
    path = path or DEFAULT_PLAN
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"There is no plan file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"The plan {path.name} is not valid TOML: {error}.") from None
    return parse_plan(raw, path.name)


def parse_plan(raw: dict[str, Any], name: str = "plan") -> Plan:
    """Check a plan's data. Raises UserError."""
    try:
        jsonschema.validate(raw, _SCHEMA)
    except jsonschema.ValidationError as error:
        where = "/".join(map(str, error.absolute_path)) or "top level"
        raise UserError(f"The plan {name} is wrong at {where}: {error.message}.") from None
    parts = tuple(map(_part, raw["part"]))
    known = tasks_by_sub_category()
    for part in parts:
        if part.key not in known:
            raise UserError(
                f"The plan {name} asks for '{part.category}/{part.sub_category}', which no generator makes."
            )
        if unknown := set(part.mix) - {task.name for task in known[part.key]}:
            raise UserError(f"The plan {name} mixes tasks that {part.sub_category} has not: {', '.join(unknown)}.")
    budget = raw.get("token_budget", (0, 0))
    return Plan(parts, raw.get("eval_target", 0), (budget[0], budget[1]))


def _part(row: dict[str, Any]) -> Part:
    low, high = row["band"]
    return Part(
        category=row["category"],
        sub_category=row["sub_category"],
        target=row["target"],
        band=(low, high),
        sources=tuple(row.get("sources", ())),
        mix=row.get("mix", {}),
    )


def plan_from(stored: dict[str, Any]) -> Plan:
    """The plan that `Plan.as_dict` gave."""
    low, high = stored["token_budget"]
    return Plan(tuple(map(_part, stored["parts"])), stored["eval_target"], (low, high))
