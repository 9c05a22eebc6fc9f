"""What a secret or a piece of personal data looks like.

The vendors' token formats come from detect-secrets' plugins; everything that needs context (is it
a value or prose, a placeholder, a git address) is ours.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

Span = tuple[int, int]
MIN_ENTROPY = 2.8

_VENDORS: tuple[tuple[str, type[RegexBasedDetector]], ...] = (
    ("api_key", AWSKeyDetector),
    ("api_key", AzureStorageKeyDetector),
    ("api_key", MailchimpDetector),
    ("api_key", OpenAIDetector),
    ("api_key", SendGridDetector),
    ("api_key", SquareOAuthDetector),
    ("api_key", StripeDetector),
    ("api_key", TwilioKeyDetector),
    ("token", DiscordBotTokenDetector),
    ("token", GitHubTokenDetector),
    ("token", GitLabTokenDetector),
    ("token", NpmDetector),
    ("token", PypiTokenDetector),
    ("token", SlackDetector),
    ("token", TelegramBotTokenDetector),
)
_PLACEHOLDER = re.compile(
    r"^(?:[x*.#_-]+|<.*|\$.*|\{.*|%.*|your.*|my.*|the.*|some.*|example.*|placeholder|change.?me|redacted.*|\[.*"
    r"|string|number|boolean|null|none|undefined|true|false|any|required|optional|hidden|secret|password|passwd|pass"
    r"|pwd|token|dummy|sample|process\.env.*|os\.environ.*|this\..*|.*\(.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind and the function that finds its spans in a text."""

    kind: str
    spans: Callable[[str], Iterator[Span]]


def _regex(
    pattern: str | re.Pattern[str], group: int = 0, check: Callable[[re.Match[str]], bool] | None = None, flags: int = 0
) -> Callable[[str], Iterator[Span]]:
    """Spans of a pattern's group, where the check holds."""
    compiled = re.compile(pattern, flags) if isinstance(pattern, str) else pattern

    def spans(text: str) -> Iterator[Span]:
        for found in compiled.finditer(text):
            if found[group] is not None and (check is None or check(found)):
                yield found.span(group)

    return spans


def entropy(text: str) -> float:
    """Shannon entropy in bits a character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


def is_placeholder(value: str) -> bool:
    """A value that stands for a secret and is none: `<token>`, `${TOKEN}`, `xxxx`, `your-key`, a call."""
    return bool(_PLACEHOLDER.match(value.strip("\"'`")))


def _mixed(value: str) -> bool:
    """Letters together with digits or symbols: unlike a word of prose or an identifier."""
    return bool(re.search(r"[A-Za-z]", value)) and bool(re.search(r"[\d!@#$%^&*?+=~]", value))


def _is_password(found: re.Match[str]) -> bool:
    value = found["value"]
    if is_placeholder(value) or len(value) < 5:
        return False
    return bool(found["quote"]) or _mixed(value)


def _is_key(found: re.Match[str]) -> bool:
    value = found["value"]
    return not is_placeholder(value) and bool(re.search(r"\d", value)) and entropy(value) >= MIN_ENTROPY


def _is_jwt(found: re.Match[str]) -> bool:
    head = found[0].split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(header, dict) and bool({"alg", "typ"} & header.keys())


def _is_url_password(found: re.Match[str]) -> bool:
    return not is_placeholder(found["value"])


def private_keys(text: str) -> Iterator[Span]:
    """PEM and PGP private key blocks with their content; without an END line, the base64 lines below."""
    position = 0
    while found := _KEY_BEGIN.search(text, position):
        end = _KEY_END.search(text, found.end())
        following = _KEY_BEGIN.search(text, found.end())
        if end and (following is None or end.start() < following.start()):
            position = end.end()
        else:
            body = _KEY_BODY.match(text, found.end())
            position = body.end() if body else found.end()
        yield found.start(), position


_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d[^\n]*")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"(?:\s*[A-Za-z0-9+/=\\]{20,}(?=\s|$))*")

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


def _is_email(found: re.Match[str]) -> bool:
    text, end = found.string, found.end()
    ssh = text[end : end + 1] == ":" and not text[end + 1 : end + 2].isspace() and end + 1 < len(text)
    host = found["host"].lower()
    return not (
        ssh
        or found["user"].lower() in _NOBODY
        or "noreply" in host
        or host.rsplit(".", 1)[-1] in _FILE_ENDINGS
        or text[max(0, found.start() - 3) : found.start()] == "://"
    )


def _is_iban(found: re.Match[str]) -> bool:
    """ISO 13616: the number with its first four characters moved to the end is 1 modulo 97."""
    plain = re.sub(r"\s", "", found[0])
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _is_card(found: re.Match[str]) -> bool:
    """Luhn's check over 15 or 16 digits."""
    digits = [int(char) for char in found[0] if char.isdigit()]
    doubled = [d if i % 2 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(digits, start=len(digits) % 2)]
    return len(digits) in (15, 16) and len(set(digits)) > 2 and sum(doubled) % 10 == 0


def _is_phone(found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found["number"])
    return 7 <= len(digits) <= 15 and len(set(digits)) > 2


_QUOTED_VALUE = r"(?P<quote>[\"'`]?)(?P<value>[^\s\"'`,;<>|]{4,200})"
_NAME = r"(?<![A-Za-z])(?P<name>[A-Za-z0-9_.-]{0,40}?"
_KEY_NAME = r"(?:api[_-]?key|apikey|secret[_-]?key|access[_-]?key|client[_-]?secret|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|private[_-]?token|secret|token)"

RULES = (
    Rule("private_key", private_keys),
    Rule("token", _regex(r"\beyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{4,8000}(?:\.[A-Za-z0-9_-]{0,2000})?", check=_is_jwt)),
    *(Rule(kind, _regex(pattern)) for kind, plugin in _VENDORS for pattern in plugin.denylist),
    Rule("api_key", _regex(r"\bsk-(?:ant-|proj-|live-|test-|or-)?[A-Za-z0-9_-]{20,200}", check=lambda m: bool(re.search(r"\d", m[0])))),
    Rule("api_key", _regex(r"\b(?:AIza[0-9A-Za-z_-]{35}|[rs]k_test_[0-9A-Za-z]{16,100}|GOCSPX-[\w-]{20,60}|dop_v1_[a-f0-9]{64})")),
    Rule("token", _regex(r"\b(?:github_pat_\w{22,120}|hf_[A-Za-z0-9]{30,60}|npm_[A-Za-z0-9]{36}|shpat_[a-f0-9]{32}|xapp-[\w-]{20,200})")),
    Rule("token", _regex(r"\bBearer\s+(?P<value>[A-Za-z0-9._~+/-]{20,2000}=*)", 1, _is_key, re.IGNORECASE)),
    Rule("password", _regex(r"\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@\"'`]{0,100}:(?P<value>[^\s@/\"'`]{2,200})@[\w.\[-]", 1, _is_url_password, re.IGNORECASE)),
    Rule("password", _regex(rf"{_NAME}(?:password|passwd|passphrase|pwd))[\"'`]?(?:\*\*)?\s{{0,3}}(?:=|:|\bis\b)(?:\*\*)?\s{{0,3}}{_QUOTED_VALUE}", 3, _is_password, re.IGNORECASE)),
    Rule("api_key", _regex(rf"{_NAME}{_KEY_NAME})[\"'`]?(?:\*\*)?\s{{0,3}}[=:](?:\*\*)?\s{{0,3}}(?P<quote>[\"'`]?)(?P<value>[A-Za-z0-9_./+=-]{{16,500}})", 3, _is_key, re.IGNORECASE)),
    Rule("email", _regex(r"(?<![\w.%+/-])(?P<user>[A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@(?P<host>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24})(?![\w-])", check=_is_email)),
    Rule("iban", _regex(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", check=_is_iban)),
    Rule("credit_card", _regex(r"(?<![\w.-])(?:4\d{3}|5[1-5]\d{2}|6011|3[47]\d{2})(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?![\w-])", check=_is_card)),
    Rule("phone", _regex(r"(?<![\w+.-])(?P<number>(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?\d{2,5}(?:[ ./-]?\d{2,5}){1,4})(?![\w-])", check=_is_phone)),
    Rule("phone", _regex(r"(?<![\w.-])(?P<number>\(\d{3}\) ?\d{3}-\d{4}|\d{3}[-.]\d{3}[-.]\d{4})(?![\w-])", check=_is_phone)),
    Rule("phone", _regex(r"\b(?:phone|telephone|tel|mobile|mobil|telefon|handy|cell|fax)\b\.?(?:\*\*)?\s{0,2}:?(?:\*\*)?\s{0,2}(?P<number>\(?0?\d[\d ()/.-]{5,18}\d)(?!\w)", 1, _is_phone, re.IGNORECASE)),
)  # fmt: skip
