"""Whether answers belong to their tasks and differ from each other: what the judges of form do not ask. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from samples.judges._markdown import read_lines, sections

SECTIONS = ("plan", "do", "check")
# A word that more than this share of the prompts has in common belongs to the way of asking.
COMMON = 0.08
# How much of its task a section must name for an answer to belong to it.
ENOUGH = 0.5
_WORD = re.compile(r"[A-Za-z][\w-]{3,}")
_NEIGHBOURS = re.compile(r"\S+\.pdca\.md")
STEM = 5


@dataclass(frozen=True, slots=True)
class Belonging:
    """The terms of one task, and the share of them that each section of its answer names; 0 for a missing section."""

    terms: frozenset[str]
    shares: Mapping[str, float]

    @property
    def belongs(self) -> bool:
        return all(self.shares[name] >= ENOUGH for name in SECTIONS)


def task_terms(prompts: Sequence[str]) -> list[frozenset[str]]:
    """The words (stems) of each prompt that few other prompts have: its subject, not the way of asking."""
    found = [frozenset(_stems(_NEIGHBOURS.sub(" ", prompt))) for prompt in prompts]
    counts = Counter(stem for stems in found for stem in stems)
    most = max(1, int(COMMON * len(prompts)))
    return [frozenset(stem for stem in stems if counts[stem] <= most) for stems in found]


def belonging(terms: frozenset[str], answer: str) -> Belonging:
    """How much of the task's terms the Plan, Do and Check of an entry name."""
    spoken = {section.name: " ".join(line.text for line in section.lines) for section in sections(read_lines(answer))}
    shares = {name: len(terms & _stems(spoken.get(name, ""))) / max(1, len(terms)) for name in SECTIONS}
    return Belonging(terms, shares)


def distinct(answers: Sequence[str], size: int) -> float:
    """Distinct-n: the share of different runs of `size` words among all of them (Li et al. 2016)."""
    runs = [run for answer in answers for run in _runs(answer.lower().split(), size)]
    return len(set(runs)) / max(1, len(runs))


def measure(prompts: Sequence[str], answers: Sequence[str]) -> dict[str, Any]:
    """The numbers over all entries of a harness: `belongs` is the share that names its task in every section."""
    found = [belonging(terms, answer) for terms, answer in zip(task_terms(prompts), answers, strict=True)]
    count = max(1, len(found))
    return {
        "answers": len(answers),
        "different": len(set(answers)),
        "belongs": round(sum(each.belongs for each in found) / count, 4),
        "shares": {name: round(sum(each.shares[name] for each in found) / count, 4) for name in SECTIONS},
        "distinct": {str(size): round(distinct(answers, size), 4) for size in (1, 2, 3)},
    }


def _stems(text: str) -> set[str]:
    return {word.lower()[:STEM] if word.islower() else word.lower() for word in _WORD.findall(text)}


def _runs(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]
