"""What a generator takes and yields: sources with provenance in, sample drafts out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from samples.generators.sources import Library, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SampleDraft:
    """A sample before it is judged.

    `facts` are texts beside the source chunks, instruction and input that the output may draw names and dates from.
    `judge` names the judge of `samples.judges` whose verdict on the output must equal `expected`; `case` is what that
    judge asks for beside the text. `parses` says what the output must parse as: "typescript", "json" or "".
    `others` are keys of further sources it draws on: all lie on one side of the hold-out, or it is dropped.
    """

    category: str
    task_type: str
    task: str
    instruction: str
    input: str
    output: str
    document_id: int | None
    chunk_uids: tuple[str, ...]
    facts: tuple[str, ...] = ()
    judge: str = ""
    case: Mapping[str, object] = field(default_factory=dict)
    expected: bool = True
    parses: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What every task may use: its own random numbers, and the whole library for neighbours and paths."""

    rng: random.Random
    library: Library
    ecosystem: str

    def pick(self, items: Sequence[T], count: int) -> list[T]:
        """Up to `count` different items in random order."""
        return self.rng.sample(items, min(count, len(items)))


Make = Callable[["Source", Context], Iterator[SampleDraft]]


@dataclass(frozen=True, slots=True)
class Task:
    """One way to make samples of a sub-category from one source.

    `name` is unique within the sub-category; `kinds` are the document kinds it reads (`rag.corpus.types.DocumentKind`).
    """

    category: str
    task_type: str
    name: str
    kinds: tuple[str, ...]
    make: Make

    @property
    def key(self) -> str:
        return f"{self.category}/{self.task_type}/{self.name}"
