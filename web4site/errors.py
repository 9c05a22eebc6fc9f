"""The one exception that is meant for people."""


class UserError(Exception):
    """Something the user can put right: one plain line that says what to do.

    Commands print it without a traceback, pages show it as a message, runs store it as their error.
    """

    def __init__(self, message: str, *, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code
