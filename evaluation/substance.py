"""Is there anything in a PDCA that follows the template? Pure: texts and an embedding go in, findings come out.

The form of an answer is easy to learn: a model may fill every section with what would fit any task. So three things
are asked of the answers of a run: that each belongs to its own task by its words, that it does by its meaning, and
that no two answers are one text with other names in it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samples.judges import section_texts

SECTIONS = ("plan", "do", "check")
# A word is the task's own when it stands in at most this share of all tasks: the rest is how we ask.
OWN_SHARE = 0.1
# Of its own words a task must find this share in the three sections together.
TERMS_SHARE = 0.5
# This share of all other tasks must be further away in meaning.
RANK_SHARE = 0.9
# This share of an answer's three-word runs may stand in one and the same other answer.
SHARED_MAX = 0.5

Embed = Callable[[Sequence[str]], NDArray[np.floating[Any]]]
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one answer has of its task; `why` is empty when nothing is missing."""

    terms: bool
    meaning: bool
    differs: bool
    why: str

    @property
    def passed(self) -> bool:
        return self.terms and self.meaning and self.differs


def substance(tasks: Mapping[str, str], answers: Mapping[str, str], embed: Embed) -> dict[str, Finding]:
    """A finding for each answer, by the id of its task; `tasks` may hold more, which serve as the shuffled ones.

    `embed` turns texts into unit vectors, one row a text.
    """
    if not answers:
        return {}
    own = task_terms(tasks)
    bodies = {name: _body(text) for name, text in answers.items()}
    ranks = _ranks(tasks, bodies, embed)
    shared = _shared({name: _runs(body, own[name]) for name, body in bodies.items()})
    return {name: _finding(answers[name], own[name], ranks[name], shared[name]) for name in answers}


def distinct_share(texts: Sequence[str], n: int) -> float:
    """Distinct-n: different runs of `n` words over all of them, 0-1; 0 without any.

    Source: J. Li et al., A Diversity-Promoting Objective Function (2016).
    """
    runs = [run for text in texts for run in _ngrams(_stems(text), n)]
    return len(set(runs)) / len(runs) if runs else 0.0


def task_terms(tasks: Mapping[str, str]) -> dict[str, set[str]]:
    """The word stems of each task that few other tasks have."""
    stems = {name: {stem for stem in _stems(text) if len(stem) > 2} for name, text in tasks.items()}
    number = Counter(stem for found in stems.values() for stem in found)
    limit = max(1.0, OWN_SHARE * len(tasks))
    return {name: {stem for stem in found if number[stem] <= limit} for name, found in stems.items()}


def _finding(answer: str, own: set[str], rank: float, shared: float) -> Finding:
    found = section_texts(answer)
    stems = {name: set(_stems(found.get(name, ""))) for name in SECTIONS}
    without = [name.capitalize() for name in SECTIONS if not stems[name] & own]
    held = len(own & set().union(*stems.values())) / len(own) if own else 1.0
    reasons = []
    if without:
        reasons.append(f"no word of the task in {', '.join(without)}")
    elif held < TERMS_SHARE:
        reasons.append(f"only {held:.0%} of the task's own words in Plan, Do and Check")
    by_terms = not reasons
    if rank < RANK_SHARE:
        reasons.append(f"closer in meaning to {1 - rank:.0%} of the other tasks")
    if shared > SHARED_MAX:
        reasons.append(f"{shared:.0%} of its wording stands in another answer")
    return Finding(by_terms, rank >= RANK_SHARE, shared <= SHARED_MAX, "; ".join(reasons))


def _ranks(tasks: Mapping[str, str], bodies: Mapping[str, str], embed: Embed) -> dict[str, float]:
    """For each answer, the share of the other tasks that are less like it than its own."""
    rows = {name: row for row, name in enumerate(tasks)}
    likeness = embed(list(bodies.values())) @ embed(list(tasks.values())).T
    ranks = {}
    for name, row in zip(bodies, likeness, strict=True):
        others = np.delete(row, rows[name])
        ranks[name] = float(np.mean(others < row[rows[name]])) if len(others) else 1.0
    return ranks


def _shared(runs: Mapping[str, set[tuple[str, ...]]]) -> dict[str, float]:
    """For each answer, the largest share of its word runs that one other answer has as well."""
    found = {}
    for name, mine in runs.items():
        most = max((len(mine & theirs) for other, theirs in runs.items() if other != name), default=0)
        found[name] = most / len(mine) if mine else 0.0
    return found


def _runs(body: str, own: set[str]) -> set[tuple[str, ...]]:
    """Runs of three words; the task's own words are left open, or every filled-in template would look new."""
    return set(_ngrams(["_" if stem in own else stem for stem in _stems(body)], 3))


def _ngrams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


def _body(answer: str) -> str:
    """Plan, Do and Check; an Objective that repeats the task proves nothing."""
    found = section_texts(answer)
    return "\n".join(found.get(name, "") for name in SECTIONS)


def _stems(text: str) -> list[str]:
    """Lower-case words, cut to six letters: "restart" and "restarted" are one."""
    return [word.lower()[:6] for word in _WORD.findall(text)]
