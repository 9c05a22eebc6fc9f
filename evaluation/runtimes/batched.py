"""A GGUF file asked many things at once, in a llama.cpp process of its own (see `batch_worker`)."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluation.runtimes.base import Answer, Request, RuntimeFailure
from evaluation.runtimes.own_process import LOG_NAME, OwnProcess
from web4site.errors import UserError

logger = logging.getLogger(__name__)

SLOTS = 8
DEATHS = 8


class BatchedModel(OwnProcess):
    """Starts the process; a context manager that ends it.

    When llama.cpp dies, the questions that were under way are asked again one by one: the one that kills it alone has
    no answer, and all others go on.
    """

    def __init__(self, gguf: Path) -> None:
        super().__init__(gguf)
        self._deaths = 0
        self._start()

    def answers(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer | RuntimeFailure]]:
        """Each request's index with its answer, as soon as it is there; in no particular order."""
        open_ones = dict(enumerate(requests))
        while open_ones:
            yield from self._batch(open_ones)
            if open_ones:
                # Admission is in order: whatever was under way is among the first of those without an answer.
                suspects = [index for index, _ in zip(list(open_ones), range(SLOTS), strict=False)]
                for index in suspects:
                    yield from self._alone(index, open_ones)

    def _alone(self, index: int, open_ones: dict[int, Request]) -> Iterator[tuple[int, Answer | RuntimeFailure]]:
        only = {index: open_ones.pop(index)}
        yield from self._batch(only)
        if only:
            yield index, RuntimeFailure(f"llama.cpp died over this question; see {LOG_NAME}")

    def _batch(self, open_ones: dict[int, Request]) -> Iterator[tuple[int, Answer | RuntimeFailure]]:
        """Ask; takes what was answered out of `open_ones`, and returns early when the process dies."""
        process = self._living()
        assert process.stdin is not None and process.stdout is not None
        records = [{"id": index, **asdict(request)} for index, request in open_ones.items()]
        try:
            process.stdin.write(json.dumps(records) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            process.wait()
            return
        while open_ones and (line := process.stdout.readline()):
            record = json.loads(line)
            del open_ones[record["id"]]
            yield record["id"], _answer(record)
        if open_ones:
            process.wait()

    def close(self) -> None:
        """The process reads the end of its input and goes; safe to repeat."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.communicate()

    def _living(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeFailure("the model is closed")
        if self._process.poll() is not None:
            self._deaths += 1
            if self._deaths > DEATHS:
                raise UserError(f"llama.cpp died {self._deaths} times: see {LOG_NAME}, then resume.", exit_code=1)
            logger.warning("llama.cpp ended with %s: starting it again", self._process.returncode)
            self.close()
            self._start()
        assert self._process is not None
        return self._process

    def _start(self) -> None:
        threads = str(os.cpu_count() or 1)
        command = [sys.executable, "-m", "evaluation.runtimes.batch_worker", str(self.gguf), threads]
        self._process = self._spawn(command, answers=True)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            self.close()
            raise self._unloadable()


def _answer(record: dict[str, Any]) -> Answer | RuntimeFailure:
    if "error" in record:
        return RuntimeFailure(record["error"])
    return Answer(record["text"], record["prompt_tokens"], record["tokens"], record["seconds"])
