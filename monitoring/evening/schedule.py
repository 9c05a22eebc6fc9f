"""When the clock does what; `web4site/cron.py` registers these."""

from dataclasses import dataclass
from datetime import datetime

from croniter import croniter
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Appointment:
    """One entry of the clock; `cron` is in WEB4_TIME_ZONE."""

    name: str
    title: str
    cron: str
    queue: str


SCHEDULE = (
    Appointment("index_daily", "Index the day's work into the buffer", "0 21 * * *", "index"),
    Appointment("evening_loop", "Evening loop: learn from the day", "0 22 * * *", "train"),
    Appointment("validate_morning", "Morning validation with hard questions", "0 9 * * *", "evaluate"),
)


def next_runs() -> list[tuple[Appointment, datetime]]:
    """Every appointment with its next time, soonest first."""
    now = timezone.localtime()
    times = [(entry, croniter(entry.cron, now).get_next(datetime)) for entry in SCHEDULE]
    return sorted(times, key=lambda pair: pair[1])
