"""What has to be true of the process before anything heavy is imported."""

import os


def prepare() -> None:
    """Keep libraries offline and quiet; values already set by the user win."""
    from django.conf import settings

    for name, value in settings.OFFLINE_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
