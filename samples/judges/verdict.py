"""What every judge returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement and its reason in one line.

    `passed` is None where the case cannot be judged (data missing, text too large): such a case is
    invalid, neither good nor bad. For the refusal judge `passed` means "refused".
    """

    passed: bool | None
    why: str


Judge = Callable[..., Verdict]


def passed(why: str) -> Verdict:
    return Verdict(True, why)


def failed(why: str) -> Verdict:
    return Verdict(False, why)


def invalid(why: str) -> Verdict:
    return Verdict(None, why)
