"""Background jobs of the index."""


def index_job(run_pk: int) -> None:
    """Index the root named in the run's parameters."""
    from datetime import date

    from rag.services.indexing import index_run
    from web4site.models import Run
    from web4site.runs import run_execute

    run = Run.objects.get(pk=run_pk)
    params = run.params
    daily = date.fromisoformat(params["daily"]) if params.get("daily") else None
    run_execute(
        run,
        lambda run, report: index_run(
            run=run, report=report, root=params["root"], full=bool(params.get("full")), daily=daily,
            only=params.get("only") or (),
        ),
    )  # fmt: skip


def index_assist_job(run_pk: int) -> None:
    """Help another worker's index run."""
    from rag.services.staging import run_assist
    from web4site.models import Run

    run_assist(Run.objects.get(pk=run_pk))
