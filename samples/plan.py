"""The sample plan: how many samples of what, as data."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jsonschema

from samples.generators.registry import tasks_by_sub_category
from web4site.errors import UserError

DEFAULT_PLAN = Path(__file__).with_name("plan.toml")
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
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-category: how many samples, and between how many tokens each."""

    category: str
    sub_category: str
    target: int
    band: tuple[int, int]

    @property
    def key(self) -> tuple[str, str]:
        return (self.category, self.sub_category)


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
        parts = tuple(
            Part(part.category, part.sub_category, math.ceil(part.target * scale), part.band) for part in self.parts
        )
        low, high = self.token_budget
        return Plan(parts, math.ceil(self.eval_target * scale), (int(low * scale), int(high * scale)))

    def limited(self, limit: int, makeable: Collection[tuple[str, str]]) -> Plan:
        """About `limit` training samples and no hold-out, in the mix of the parts that can be made at all."""
        parts = [part for part in self.parts if part.key in makeable]
        scale = limit / max(1, sum(part.target for part in parts))
        sized = (Part(p.category, p.sub_category, round(p.target * scale), p.band) for p in parts)
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
    parts = tuple(
        Part(row["category"], row["sub_category"], row["target"], (row["band"][0], row["band"][1]))
        for row in raw["part"]
    )
    known = tasks_by_sub_category()
    for part in parts:
        if part.key not in known:
            raise UserError(
                f"The plan {name} asks for '{part.category}/{part.sub_category}', which no generator makes."
            )
    budget = raw.get("token_budget", (0, 0))
    return Plan(parts, raw.get("eval_target", 0), (budget[0], budget[1]))
