"""Who makes the candidates: this process, or a few others beside it. The answers are the same."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import Protocol, Self, TypeVar

from samples.candidates import Maker, Request
from web4site.errors import UserError

R = TypeVar("R")
# What to do with requests: a method of the maker.
Work = Callable[[Maker, Sequence[Request]], list[R]]
Answer = Callable[[], list[R]]
# Starting processes costs about a second: fewer samples than this are made faster without.
WORTH_IT = 600


class Crew(Protocol):
    """Takes requests now, gives the answers when they are called for; answers stand in the order of the requests."""

    def submit(self, work: Work[R], requests: Sequence[Request]) -> Answer[R]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def crew_for(maker: Maker, workers: int) -> Crew:
    return Alone(maker) if workers <= 1 else Processes(maker, workers)


def workers_for(samples: int, asked: int | None = None) -> int:
    """How many processes to use: as many as there are cores, at most 4, where the work is worth starting them."""
    if asked:
        return asked
    return min(4, os.cpu_count() or 1) if samples >= WORTH_IT else 1


class Alone:
    """This process does the work when the answer is called for."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker

    def submit(self, work: Work[R], requests: Sequence[Request]) -> Answer[R]:
        return lambda: work(self.maker, requests)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing to give back."""


class Processes:
    """Processes started afresh (no fork: threads and macOS forbid it). A source always goes to the same one.

    That process has the source parsed and its iterators open.
    """

    def __init__(self, maker: Maker, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pools = [
            ProcessPoolExecutor(1, mp_context=context, initializer=_start, initargs=(maker,)) for _ in range(workers)
        ]

    def submit(self, work: Work[R], requests: Sequence[Request]) -> Answer[R]:
        shares: list[list[int]] = [[] for _ in self._pools]
        for place, request in enumerate(requests):
            shares[request.source % len(self._pools)].append(place)
        coming = [
            (share, pool.submit(_do, work, [requests[place] for place in share]))
            for share, pool in zip(shares, self._pools, strict=True)
            if share
        ]
        return lambda: _gather(len(requests), coming)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)


def _gather(count: int, coming: Sequence[tuple[list[int], Future[list[R]]]]) -> list[R]:
    answers: dict[int, R] = {}
    try:
        for share, future in coming:
            answers.update(zip(share, future.result(), strict=True))
    except BrokenProcessPool:
        raise UserError(
            "A process that made samples was stopped from outside (out of memory?). Resume the run.", exit_code=1
        ) from None
    return [answers[place] for place in range(count)]


_maker: Maker | None = None


def _start(maker: Maker) -> None:
    """In a new process: keep the maker, and end when the parent ends, however it ends."""
    global _maker
    _maker = maker
    # One process per core is enough: the tokenizer's threads would only get in the way.
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _do(work: Work[R], requests: Sequence[Request]) -> list[R]:
    assert _maker is not None
    return work(_maker, requests)
