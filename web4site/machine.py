"""What a machine refuses, in one plain line."""

import errno

from django.conf import settings
from django.db import OperationalError


def describe_machine_error(error: Exception) -> str:
    """One plain line for what a machine refuses: disk full, missing file, no permission, unreachable database."""
    where = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
    full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    if full or "disk is full" in str(error):
        return f"The disk is full{where}: free some space and run the command again; finished steps are kept."
    if isinstance(error, OperationalError) and "no such" in str(error):
        return (
            f"The database does not fit the program ({error}): run `manage.py migrate`. When that changes nothing, an "
            f"unreleased version made it: begin anew in another WEB4_HOME than {settings.WEB4_HOME}."
        )
    if isinstance(error, OperationalError):
        return f"The database refuses ({error}): check the space and the permissions of {settings.WEB4_HOME}."
    assert isinstance(error, OSError)
    return f"{error.strerror or error}{where}"
