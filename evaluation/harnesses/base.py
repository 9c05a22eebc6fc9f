"""What a harness is: prompts, the judge of the answers, and the gate its rate must pass."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from evaluation.runtimes.base import Message, user

PROMPTS_DIR = Path(__file__).parent / "prompts"
T = TypeVar("T")


class Gate(StrEnum):
    """`SHIP` must pass or nothing is deployed; a miss of `QUALITY` needs a written justification."""

    SHIP = "ship"
    QUALITY = "quality"


class Outcome(StrEnum):
    """The value of one case; `INVALID` means that nothing can be said, not that the model was wrong."""

    PASSED = "passed"
    FAILED = "failed"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One task of a harness; `case` is passed on to the judge."""

    id: str
    text: str
    case: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of one case, and why."""

    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True)
class Harness:
    """A harness with one judge; `max_tokens` is what a good answer needs at most, `weight` its share of the overall."""

    name: str
    title: str
    gate: Gate
    threshold: float
    max_tokens: int
    weight: float = 1.0
    score: str = "rate"

    def prompts(self) -> tuple[Prompt, ...]:
        return read_prompts(self.name)

    def messages(self, prompt: Prompt) -> list[Message]:
        return user(prompt.text)

    def rule(self, prompt: Prompt, text: str) -> Ruling:
        """Judge one answer; an empty one is wrong, not invalid."""
        if not text.strip():
            return Ruling(Outcome.FAILED, "the answer is empty")
        return self.verdict(prompt, text)

    def verdict(self, prompt: Prompt, text: str) -> Ruling:
        from samples.judges import judge

        found = judge(self.name, text, **prompt.case)
        if found.passed is None:
            return Ruling(Outcome.INVALID, found.why)
        return Ruling(Outcome.PASSED if found.passed else Outcome.FAILED, found.why)

    def sample(self, count: int) -> tuple[Prompt, ...]:
        """`count` prompts spread evenly over all of them."""
        return spread(self.prompts(), count)


@cache
def read_prompts(name: str) -> tuple[Prompt, ...]:
    lines = (PROMPTS_DIR / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return tuple(Prompt(record["id"], record["prompt"], record["case"]) for record in records)


def spread(items: Sequence[T], count: int) -> tuple[T, ...]:
    """At most `count` of the items at equal distances, first one included."""
    count = min(count, len(items))
    return tuple(items[index * len(items) // count] for index in range(count))
