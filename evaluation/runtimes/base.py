"""What every model runtime can do; harnesses, canaries, smoke tests and the chat know nothing else of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, runtime_checkable


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


class RuntimeFailure(Exception):
    """The runtime gave no answer: not reachable, died, timed out, or refused the request."""


@runtime_checkable
class Runtime(Protocol):
    """A served model. All calls raise RuntimeFailure when there is no answer."""

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
    ) -> Answer:
        """One whole answer; temperature 0 is greedy and repeatable."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
    ) -> Iterator[str]:
        """The same answer, piece by piece."""

    def health(self) -> bool:
        """True when the next call can be expected to answer."""

    def close(self) -> None:
        """Give back processes and connections; safe to repeat."""


def user(content: str) -> list[Message]:
    """The conversation that is one question."""
    return [Message(role="user", content=content)]
