"""Jobs for the tests of workers and queues."""

import time


def sleep_job(run_pk: int) -> None:
    """A run that takes `params["seconds"]`, in silence like the loading of a model."""
    from web4site.models import Run
    from web4site.runs import run_execute

    def work(run, report):
        time.sleep(run.params["seconds"])
        return {"slept": run.params["seconds"]}

    run_execute(Run.objects.get(pk=run_pk), work)
