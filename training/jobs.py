"""Entry points of the queue `train`; torch is first imported deep inside the worker's forked process."""


def training_job(run_pk: int) -> None:
    from training.services.trainings import training_run
    from web4site.models import Run

    training_run(run=Run.objects.get(pk=run_pk))


def build_job(run_pk: int) -> None:
    from training.services.builds import build_run
    from web4site.models import Run

    build_run(run=Run.objects.get(pk=run_pk))
