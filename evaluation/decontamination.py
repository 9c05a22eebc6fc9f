"""Whether any prompt or canary stands in the samples of a dataset: word for word, nearly, or in a run of 13 words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.canaries import Canary
from evaluation.harnesses.registry import EXTRAS, HARNESSES

# As for the hold-out of a dataset: runs of 13 words, and Jaccard similarity of word triples.
RUN, TRIPLE = 13, 3
LIKE = 0.8
_WORD = re.compile(r"\w+")
# What names the subject: code, addresses, paths, names of components. Two tasks that differ only in it are the same.
_SUBJECT = re.compile(r"`[^`\n]*`|https?://\S+|\S*/\S*|\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b")

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A prompt and the question of a sample it is too like; `how` is "same run of words" or "same task"."""

    prompt: str
    how: str
    likeness: float
    question: str


def prompt_texts(canaries: Iterable[Canary]) -> dict[str, str]:
    """All prompts of the harnesses and these canaries, without the frame around them, by id."""
    harnesses = (*HARNESSES.values(), *EXTRAS.values())
    asked = {prompt.id: prompt.text for harness in harnesses for prompt in harness.prompts()}
    return asked | {f"canary-{canary.id}": canary.prompt for canary in canaries}


class Decontamination:
    """Holds all prompts; `overlaps` says which of them a sample gives away."""

    def __init__(self, prompts: dict[str, str]) -> None:
        self._triples = {key: _grams(_masked(text), TRIPLE) for key, text in prompts.items()}
        self._by_triple: dict[Gram, list[str]] = defaultdict(list)
        self._by_run: dict[Gram, list[str]] = defaultdict(list)
        for key, text in prompts.items():
            for gram in self._triples[key]:
                self._by_triple[gram].append(key)
            for gram in _grams(text, RUN) if len(_words(text)) >= RUN else ():
                self._by_run[gram].append(key)

    def overlaps(self, question: str, answer: str) -> Iterator[Overlap]:
        """What a sample shares with the prompts: by its question, its last line alone, and its whole text."""
        runs = {key for gram in _grams(f"{question} {answer}", RUN) for key in self._by_run.get(gram, ())}
        yield from (Overlap(key, "same run of words", 1.0, question) for key in sorted(runs))
        for asked in {question, _last_request(question)}:
            own = _grams(_masked(asked), TRIPLE)
            shared = Counter(key for gram in own for key in self._by_triple.get(gram, ()))
            for key, count in shared.items():
                likeness = count / len(own | self._triples[key])
                if likeness >= LIKE:
                    yield Overlap(key, "same task", round(likeness, 2), asked)


def check_dataset(samples: Iterable[tuple[str, str]], canaries: Iterable[Canary]) -> dict[str, Any]:
    """`{prompts, samples, overlaps}` for (question, answer) pairs and the canaries that hold."""
    prompts = prompt_texts(canaries)
    check, count = Decontamination(prompts), 0
    found: list[dict[str, Any]] = []
    for question, answer in samples:
        count += 1
        found.extend(asdict(overlap) for overlap in check.overlaps(question, answer))
    return {"prompts": len(prompts), "samples": count, "overlaps": found}


def _last_request(question: str) -> str:
    """The last line of a question without its label: below a list of tools stands the task."""
    return question.strip().rpartition("\n")[2].removeprefix("Task: ")


def _masked(text: str) -> str:
    return _SUBJECT.sub(" X ", text)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _grams(text: str, size: int) -> set[Gram]:
    """All runs of `size` words; a shorter text is one run."""
    words = _words(text)
    return {tuple(words[start : start + size]) for start in range(max(1, len(words) - size + 1))}
