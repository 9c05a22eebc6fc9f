"""Numbers of rows as addresses and command lines name them."""

MAX_DIGITS = 18  # every number of so many digits fits a database's 64-bit key


def row_number(text: str | None) -> int | None:
    """The number `text` names; None for anything else, other scripts' digits and numbers no key can be included."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
