"""The clock of the platform: `manage.py rqcron web4site.cron` enqueues these (times in WEB4_TIME_ZONE)."""

import functools

import rq.cron
from rq.serializers import JSONSerializer

from monitoring.jobs import evening_loop_job, index_daily_job, validate_morning_job
from web4site.jobs import runs_sweep_job

# rq 3.0 enqueues cron jobs with pickle whatever the queue says; our workers accept JSON only.
rq.cron.Queue = functools.partial(rq.cron.Queue, serializer=JSONSerializer)  # type: ignore[misc,assignment]

rq.cron.register(runs_sweep_job, "default", interval=15, result_ttl=0)
rq.cron.register(index_daily_job, "index", cron="0 21 * * *")
rq.cron.register(evening_loop_job, "train", cron="0 22 * * *", job_timeout=12 * 3600)
rq.cron.register(validate_morning_job, "evaluate", cron="0 9 * * *")
