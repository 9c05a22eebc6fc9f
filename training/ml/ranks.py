"""Several processes that train one adapter together, as `accelerate launch` or torchrun start them.

Rank 0 leads: it alone talks to the caller, decides when to stop and writes files. The others follow it. Each takes its
share of every step's micro-batches; gradients and losses are summed, so that a step is the one of a single process.
"""

import heapq
import logging
import os
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.ml.data import Encoded
from web4site.errors import UserError

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among the `count` that train together; alone by default."""

    index: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process talks to the caller and writes files."""
        return self.index == 0

    def device(self, kind: "torch.device") -> "torch.device":
        """This process's own device of the kind that all use.

        Raises UserError when the kind cannot be shared, or this machine has fewer of them than processes.
        """
        import torch

        if self.count == 1 or kind.type == "cpu":
            return kind
        if kind.type != "cuda":
            raise UserError(f"Several processes train on CUDA or CPU, not on {kind.type}: set device = cpu.")
        if int(os.environ["LOCAL_WORLD_SIZE"]) > (there := torch.cuda.device_count()):
            raise UserError(f"This machine has {there} CUDA devices: start at most as many processes.")
        own = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(own)
        return own

    def share(self, batches: Sequence[list[Encoded]]) -> list[list[Encoded]]:
        """This rank's part of the micro-batches: the longest first, each to the rank with the fewest tokens so far."""
        loads = [(0, rank) for rank in range(self.count)]
        mine = []
        for batch in sorted(batches, key=_tokens, reverse=True) if self.count > 1 else batches:
            load, rank = heapq.heappop(loads)
            heapq.heappush(loads, (load + _tokens(batch), rank))
            if rank == self.index:
                mine.append(batch)
        return mine

    def total(self, value: float) -> float:
        """The sum of all ranks' values."""
        import torch

        if self.count == 1:
            return value
        tensor = torch.tensor(value, dtype=torch.float64)
        with _partners():
            torch.distributed.all_reduce(tensor)
        return tensor.item()

    def add_gradients(self, parameters: Sequence["Tensor"]) -> None:
        """Replace each gradient by the sum of all ranks' gradients; one that a rank does not have counts as zero."""
        import torch

        if self.count == 1:
            return
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        with _partners():
            torch.distributed.all_reduce(flat)
        for parameter, gradient in zip(parameters, torch.split(flat, [p.numel() for p in parameters]), strict=True):
            parameter.grad = gradient.view_as(parameter)

    def told(self, value: Any) -> Any:
        """What rank 0 says; the others' values do not matter."""
        import torch

        if self.count == 1:
            return value
        said = [value]
        with _partners():
            torch.distributed.broadcast_object_list(said)
        return said[0]

    def reseed(self, seed: int, step: int) -> None:
        """Draw what a follower drops at `step` from numbers of its own; the leader's are kept in checkpoints."""
        import torch

        if not self.leads:
            torch.manual_seed(random.Random(f"{seed}/{step}/{self.index}").getrandbits(63))


ALONE = Ranks()


def _tokens(batch: list[Encoded]) -> int:
    return sum(len(sample.ids) for sample in batch)


@contextmanager
def _partners() -> Iterator[None]:
    """A lost connection means that a process of the training has ended."""
    try:
        yield
    except RuntimeError:
        raise UserError(
            "Another process of this training ended, so it stopped: put right what it says, and resume the training.",
            exit_code=1,
        ) from None


def launched() -> bool:
    """Whether a launcher started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def follows() -> bool:
    """Whether this process is to follow another one."""
    return launched() and os.environ["RANK"] != "0"


@contextmanager
def joined() -> Iterator[Ranks]:
    """Meet the other processes, if a launcher started any; yields this one's place among them."""
    import torch

    if not launched():
        yield ALONE
        return
    # Imported inside a group, peft (through torch._dynamo) would keep it: its threads would outlive the interpreter,
    # and now and then the process would end by SIGABRT.
    import peft  # noqa: F401

    # Without a name torch takes gloo for what lies on the CPU and NCCL for what lies on CUDA.
    torch.distributed.init_process_group()
    yield Ranks(torch.distributed.get_rank(), torch.distributed.get_world_size())
    torch.distributed.destroy_process_group()


def launch(processes: int, command: Sequence[str]) -> None:
    """Run `command` (a Python script and its arguments) as that many processes, until all have ended.

    Raises UserError when one of them was killed; exits with the code of the first that failed, which has said why.
    """
    from accelerate.commands.launch import launch_command, launch_command_parser
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    # Its report of a failure buries the one line that says what was wrong.
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    options = {"num_processes": processes, "num_machines": 1, "main_process_port": 0, "dynamo_backend": "no"}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    arguments = launch_command_parser().parse_args(["--multi_gpu", "--mixed_precision", "no", *flags, *command])
    try:
        launch_command(arguments)
    except SignalException:
        # It was passed on; after 30 seconds torch kills those that have not ended.
        raise UserError("The training was stopped: resume it from its last checkpoint.", exit_code=1) from None
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        if failure.exitcode >= 0:
            sys.exit(failure.exitcode)
        name = signal.Signals(-failure.exitcode).name
        raise UserError(
            f"Process {rank} of the training was ended by {name}; the others were stopped. Resume the training: it "
            "goes on from its last checkpoint.",
            exit_code=1,
        ) from None
