"""The parts of an index run: shared out to whoever helps, and shared out again when a helper falls silent."""

import logging
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from rag.models import IndexPart
from web4site.models import HEARTBEAT_SECONDS, STALE_AFTER, Run

logger = logging.getLogger(__name__)

Status = IndexPart.Status

# Some seconds of embedding: long enough to keep all threads busy, short enough to be shared out evenly.
PART_BYTES = 256 * 1024
PART_FILES = 64
MAX_HELPERS = 64
CANDIDATES = 16


def worker_name() -> str:
    """Who claims parts: one name per process and run."""
    return f"{socket.gethostname()[:120]}:{os.getpid()}:{uuid4().hex[:8]}"


def parts_create(*, run: Run, folder: Path, paths: Sequence[str], version: str) -> int:
    """Divide files into parts of about equal work; returns how many."""
    IndexPart.objects.exclude(run__status__in=Run.ACTIVE).delete()  # of runs that were killed
    rows = [
        IndexPart(run=run, number=number, paths=part, version=version)
        for number, part in enumerate(_divided(folder, paths))
    ]
    IndexPart.objects.bulk_create(rows, batch_size=200)
    return len(rows)


def _divided(folder: Path, paths: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for path in paths:
        length = _size(folder / path)
        if part and (size + length > PART_BYTES or len(part) >= PART_FILES):
            yield part
            part, size = [], 0
        part.append(path)
        size += length
    if part:
        yield part


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # the reader will say what is wrong with it


def part_claim(*, run: Run, worker: str) -> IndexPart | None:
    """Take a part that waits, or one whose worker fell silent; None when there is none, or the run is over."""
    silent = timezone.now() - STALE_AFTER
    free = Q(status=Status.WAITING) | Q(status=Status.CLAIMED, heartbeat_at__lt=silent)
    found = IndexPart.objects.filter(free, run=run, run__status=Run.Status.RUNNING, run__cancel_requested=False)
    for part in found[:CANDIDATES]:
        seen = IndexPart.objects.filter(pk=part.pk, status=part.status, worker=part.worker, claims=part.claims)
        if seen.filter(heartbeat_at=part.heartbeat_at).update(
            status=Status.CLAIMED, worker=worker, heartbeat_at=timezone.now(), claims=F("claims") + 1
        ):
            return part
    return None


def part_finish(*, part: IndexPart, worker: str) -> bool:
    """Say that all files of a part are staged; False when somebody else has taken it over."""
    mine = IndexPart.objects.filter(pk=part.pk, status=Status.CLAIMED, worker=worker)
    return bool(mine.update(status=Status.STAGED))


def parts_release(*, run: Run, worker: str) -> None:
    """Give back what this worker has not finished."""
    IndexPart.objects.filter(run=run, worker=worker, status=Status.CLAIMED).update(
        status=Status.WAITING, worker="", heartbeat_at=None
    )


def parts_open(run: Run) -> bool:
    """True while any part waits or is being worked on."""
    return IndexPart.objects.filter(run=run, status__in=(Status.WAITING, Status.CLAIMED)).exists()


def parts_by_worker(run: Run) -> dict[str, int]:
    """How many finished parts each worker has done."""
    done = IndexPart.objects.filter(run=run, status__in=(Status.STAGED, Status.SWITCHED)).order_by()
    return dict(done.values_list("worker").annotate(Count("pk")))


@contextmanager
def parts_beating(*, run: Run, worker: str) -> Iterator[None]:
    """Keep this worker's claims alive; end the process when the RQ worker above it was killed."""
    stop = threading.Event()
    parent = os.getppid()

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT_SECONDS):
                if os.getppid() != parent:
                    os._exit(1)  # nobody would collect, limit or stop this process any more
                try:
                    mine = IndexPart.objects.filter(run=run, worker=worker, status=Status.CLAIMED)
                    mine.update(heartbeat_at=timezone.now())
                except Exception:
                    logger.warning("Heartbeat of %s was not stored", worker, exc_info=True)
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"parts-{run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=HEARTBEAT_SECONDS)


def helpers_call(*, run: Run, parts: int) -> int:
    """Ask the other workers of the index queue for help; returns how many were asked. Nobody has to come."""
    import django_rq
    from redis.exceptions import RedisError
    from rq import Worker, get_current_job

    if parts < 2:
        return 0
    queue = django_rq.get_queue("index")
    try:
        others = Worker.count(queue=queue) - (get_current_job() is not None)
        wanted = max(0, min(others, parts - 1, MAX_HELPERS))
        for _ in range(wanted):
            queue.enqueue("rag.jobs.index_assist_job", run.pk, job_timeout=24 * 3600, result_ttl=0)
    except RedisError:
        logger.warning("The job queue does not answer; %s goes on alone", run)
        return 0
    return wanted
