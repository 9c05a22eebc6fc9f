"""How long work says how far it is; pure, so that machine learning code can use it without Django."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One report: `done` of `total` units (total 0 = not known yet) and what is happening."""

    done: int = 0
    total: int = 0
    message: str = ""


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A report that nobody listens to."""
