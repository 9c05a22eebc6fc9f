"""Queue entry points of samples."""


def generate_job(run_pk: int) -> None:
    """Generate the samples that the run asks for."""
    from samples.services.generation import generation_run
    from web4site.models import Run

    generation_run(run=Run.objects.get(pk=run_pk))


def validate_job(run_pk: int) -> None:
    """Check the dataset that the run names."""
    from samples.services.validation import validation_run
    from web4site.models import Run

    validation_run(run=Run.objects.get(pk=run_pk))


def estimate_job(run_pk: int) -> None:
    """Estimate what the index can yield for the plan."""
    from samples.services.generation import estimate_run
    from web4site.models import Run

    estimate_run(run=Run.objects.get(pk=run_pk))
