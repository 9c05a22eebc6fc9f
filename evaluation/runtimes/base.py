"""What every model runtime can do; harnesses, canaries, smoke tests and the chat know nothing else of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, runtime_checkable

# Above temperature 0, as the live model draws: from the likeliest 40 tokens, of those the likeliest 90 %.
TOP_K = 40
TOP_P = 0.9


class Message(TypedDict):
    """One turn of a conversation; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A generated text, with the tokens read and written and the wall time it took."""

    text: str
    prompt_tokens: int
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Request:
    """One question and how it is to be answered.

    Temperature 0 is greedy and repeatable; an answer ends before the first of the `stop` words.
    """

    messages: Sequence[Message]
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0
    stop: Sequence[str] = ()


class RuntimeFailure(Exception):
    """The runtime gave no answer: not reachable, died, timed out, or refused the request."""


@runtime_checkable
class Runtime(Protocol):
    """A served model. All calls raise RuntimeFailure when there is no answer."""

    def generate(self, request: Request) -> Answer:
        """One whole answer."""

    def stream(self, request: Request) -> Iterator[str]:
        """The same answer, piece by piece."""

    def health(self) -> bool:
        """True when the next call can be expected to answer."""

    def close(self) -> None:
        """Give back processes and connections; safe to repeat."""


class Asked(Protocol):
    """A model that is asked many things; how many at once is its own affair."""

    def answers(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer | RuntimeFailure]]:
        """Each request's index with its answer as soon as it is there, in any order."""


@dataclass(frozen=True, slots=True)
class OneByOne:
    """Any runtime, asked one thing after the other."""

    runtime: Runtime

    def answers(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer | RuntimeFailure]]:
        for index, request in enumerate(requests):
            try:
                yield index, self.runtime.generate(request)
            except RuntimeFailure as failure:
                yield index, failure


def user(content: str) -> list[Message]:
    """The conversation that is one question."""
    return [Message(role="user", content=content)]
