"""Jobs of the house itself."""


def runs_sweep_job() -> int:
    from web4site.runs import runs_sweep

    return runs_sweep()
