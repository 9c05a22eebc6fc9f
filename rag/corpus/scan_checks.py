"""Is what looks like a secret or personal data really one? Placeholders, prose, ports and checksums."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter

MIN_ENTROPY = 2.8
"""Bits a character: random keys of 16 characters lie above 3, words and counters below 2.8."""

_PLACEHOLDER = re.compile(
    r"""^(?: [x*.#_•-]+ | [<$%{\[].* | (?:your|my|the|some|new|old)(?:(?-i:[-_ A-Z]).*)? | example.* | placeholder.*
      | change.?(?:me|it).* | redacted.* | string|number|boolean|null|none|undefined|true|false|any|unknown
      | required|optional|hidden|secret|password|passwd|passwort|passphrase|pass|pwd|token|dummy|sample|value
      | process\.env.* | os\.environ.* | (?:this|self|config|env|options|props|args)\..* | .*[({].* )$""",
    re.VERBOSE | re.IGNORECASE,
)
_FILLER = re.compile(r"([xX0*.])\1{7,}\W*$")
_SIGNED_DATE = re.compile(r"\+\d{4}-\d{2}-\d{2}(?!\d)")
_DOTTED_NAME = re.compile(r"^[A-Za-z_]\w{0,24}(?:\.[A-Za-z_]\w{0,24})+$")
_FILE_PATH = re.compile(r"^(?:\.{0,2}/|~/|[A-Za-z]:\\)|/[\w.-]+\.\w{1,5}$")
_FILE_ENDINGS = {
    "md",
    "ts",
    "js",
    "json",
    "tsx",
    "py",
    "sh",
    "yml",
    "yaml",
    "local",
    "git",
    "html",
    "css",
    "png",
    "svg",
}
_NOBODY = {"git", "noreply", "no-reply", "donotreply", "hg", "svn", "root", "ubuntu"}


def entropy(text: str) -> float:
    """Shannon entropy in bits a character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


def is_placeholder(value: str) -> bool:
    """A value that stands for a secret and is none: `<token>`, `${TOKEN}`, `xxxx`, `your-key`, a call, a path."""
    plain = value.strip("\"'`*")
    return not plain or bool(_PLACEHOLDER.match(plain) or _DOTTED_NAME.match(plain) or _FILE_PATH.search(plain))


def is_password(found: re.Match[str]) -> bool:
    """Quoted, glued to its `=`, or unlike a word of prose."""
    value = found["value"].rstrip(".)")
    if len(value) < 5 or is_placeholder(value):
        return False
    glued = (
        found["sep"] == "=" and value.isalnum() and found.string[found.end() : found.end() + 1] in ("", "\n", " ", "&")
    )
    mixed = bool(re.search(r"[A-Za-z]", value)) and bool(re.search(r"[\d!@#$%^&*?+=~]", value))
    return bool(found["quote"]) or glued or mixed


def is_key(found: re.Match[str]) -> bool:
    """Long, with digits, and random enough."""
    value = found["value"]
    return bool(re.search(r"\d", value)) and entropy(value) >= MIN_ENTROPY and not is_placeholder(value)


def is_given(found: re.Match[str]) -> bool:
    """A password in an address or on a command line that is neither a placeholder nor a port."""
    value = found["value"]
    return not is_placeholder(value) and not (value.isdigit() and len(value) <= 5)


def has_digit(found: re.Match[str]) -> bool:
    """Tells a key from a hyphenated word."""
    return bool(re.search(r"\d", found["value"] if "value" in found.re.groupindex else found[0]))


def is_filled(found: re.Match[str]) -> bool:
    """A vendor's format that is not filled with x, 0 or stars."""
    return not _FILLER.search(found[0])


def is_basic(found: re.Match[str]) -> bool:
    """Decodes to `user:password`."""
    value = found["value"]
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4)).decode()
    except (ValueError, binascii.Error):
        return False
    return decoded.isprintable() and ":" in decoded


def is_jwt(found: re.Match[str]) -> bool:
    """The first part decodes to a JSON Web Token header."""
    head = found[0].split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(header, dict) and bool({"alg", "typ"} & header.keys())


def is_email(found: re.Match[str]) -> bool:
    """Not a git or ssh address, a package version, a file or a machine's sender."""
    text, end = found.string, found.end()
    ssh = text[end : end + 1] == ":" and end + 1 < len(text) and not text[end + 1].isspace()
    host = found["host"].lower()
    return not (
        ssh
        or found["user"].lower() in _NOBODY
        or "noreply" in host
        or host.rsplit(".", 1)[-1] in _FILE_ENDINGS
        or text[max(0, found.start() - 3) : found.start()] == "://"
    )


def is_iban(found: re.Match[str]) -> bool:
    """ISO 13616: the number with its first four characters moved to the end is 1 modulo 97."""
    plain = re.sub(r"\s", "", found[0])
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def is_card(found: re.Match[str]) -> bool:
    """Luhn's check over 15 or 16 digits."""
    digits = [int(char) for char in found[0] if char.isdigit()]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return len(digits) in (15, 16) and len(set(digits)) > 1 and total % 10 == 0


def is_phone(found: re.Match[str]) -> bool:
    """8 to 15 digits; without any separator at least 10, so that `+1234567 lines` stays a count."""
    number = found["number"]
    digits = re.sub(r"\D", "", number)
    separated = bool(re.search(r"\d[ ()./-]+\d", number))
    plausible = (8 if separated else 10) <= len(digits) <= 15 and len(set(digits)) > 2
    return plausible and not _SIGNED_DATE.match(number)


def is_labelled_phone(found: re.Match[str]) -> bool:
    """Behind a label that says phone, 6 digits are enough."""
    digits = re.sub(r"\D", "", found["number"])
    return 6 <= len(digits) <= 15 and len(set(digits)) > 1
