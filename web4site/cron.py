"""The clock of the platform: `manage.py rqcron web4site.cron` enqueues these (times in WEB4_TIME_ZONE)."""

import functools

import rq.cron
from rq.serializers import JSONSerializer

from monitoring import jobs
from monitoring.evening.schedule import SCHEDULE
from web4site.jobs import runs_sweep_job

# rq 3.0 enqueues cron jobs with pickle whatever the queue says; our workers accept JSON only.
rq.cron.Queue = functools.partial(rq.cron.Queue, serializer=JSONSerializer)  # type: ignore[attr-defined, misc, assignment]

rq.cron.register(runs_sweep_job, "default", interval=15, result_ttl=0)
for appointment in SCHEDULE:
    rq.cron.register(
        getattr(jobs, f"{appointment.name}_job"), appointment.queue, cron=appointment.cron, job_timeout=12 * 3600
    )
