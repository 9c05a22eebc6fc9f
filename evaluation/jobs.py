"""Entry points of the queues `evaluate` and `default`."""


def evaluate_job(run_pk: int) -> None:
    from evaluation.services.evaluations import evaluation_run
    from web4site.models import Run

    evaluation_run(run=Run.objects.get(pk=run_pk))


def deploy_job(run_pk: int) -> None:
    from evaluation.services.activation import deploy_run
    from web4site.models import Run

    deploy_run(run=Run.objects.get(pk=run_pk))
