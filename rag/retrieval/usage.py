"""How often hot documents were found in memory: one count over all processes and restarts, kept in Redis."""

import threading
import time
from functools import cache
from typing import Any

from django.conf import settings

# A process adds to the shared count this often; what it counted since then is lost when it is killed.
FLUSH_SECONDS = 5.0


class SharedCounts:
    """Named whole numbers. Counting is in memory; what was counted goes to Redis at intervals, while it answers."""

    def __init__(self, name: str) -> None:
        self._key = f"{settings.GRAPH_NAME}:{name}"
        self._pending: dict[str, int] = {}
        self._flushed = 0.0
        self._lock = threading.Lock()

    def add(self, **counts: int) -> None:
        """Count; costs a round trip to Redis every few seconds."""
        with self._lock:
            for name, number in counts.items():
                self._pending[name] = self._pending.get(name, 0) + number
            due = time.monotonic() - self._flushed >= FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Hand over what was counted; keep it when Redis does not answer."""
        from redis.exceptions import RedisError

        with self._lock:
            counted, self._pending, self._flushed = self._pending, {}, time.monotonic()
        try:
            with _redis().pipeline() as pipe:
                for name, number in counted.items():
                    pipe.hincrby(self._key, name, number)
                pipe.execute()
        except RedisError:
            with self._lock:
                for name, number in counted.items():
                    self._pending[name] = self._pending.get(name, 0) + number

    def totals(self) -> dict[str, int]:
        """The numbers of all processes; only this one's when Redis does not answer."""
        from redis.exceptions import RedisError

        self.flush()
        try:
            stored: Any = _redis().hgetall(self._key)
        except RedisError:
            stored = {}
        with self._lock:
            found = dict(self._pending)
        for name, number in stored.items():
            found[name.decode()] = found.get(name.decode(), 0) + int(number)
        return found

    def clear(self) -> None:
        """Start again from nothing."""
        with self._lock:
            self._pending = {}
        _redis().delete(self._key)


@cache
def _redis() -> Any:
    from redis import Redis

    return Redis.from_url(settings.REDIS_URL, socket_timeout=1.0, socket_connect_timeout=1.0)
