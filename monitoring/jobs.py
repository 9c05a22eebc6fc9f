"""RQ entry points of the clock and of the pages."""


def index_daily_job(run_pk: int | None = None) -> None:
    from monitoring.evening.loop import evening_execute

    evening_execute("index_daily", run_pk)


def evening_loop_job(run_pk: int | None = None) -> None:
    from monitoring.evening.loop import evening_execute

    evening_execute("evening_loop", run_pk)


def validate_morning_job(run_pk: int | None = None) -> None:
    from monitoring.evening.loop import evening_execute

    evening_execute("validate_morning", run_pk)


def cycle_job(run_pk: int) -> None:
    from monitoring.services.cycle import cycle_run
    from web4site.models import Run

    cycle_run(Run.objects.get(pk=run_pk))
