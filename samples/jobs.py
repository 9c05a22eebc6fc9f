"""Queue entry points of samples."""


def generate_job(run_pk: int) -> None:
    """Generate the samples that the run asks for."""
    from samples.services.generation import generation_run
    from web4site.models import Run

    generation_run(run=Run.objects.get(pk=run_pk))
