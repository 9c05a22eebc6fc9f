"""What a secret or a piece of personal data looks like.

The vendors' formats come from detect-secrets' plugins (those whose patterns run in linear time);
everything that needs context (is it a value or prose, a placeholder, a git address) is ours. The
order of the rules is their rank: of findings that overlap, the first rule names the span.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from rag.corpus import scan_checks as checks

Span = tuple[int, int]
_VENDORS: tuple[tuple[str, RegexBasedDetector, tuple[str, ...]], ...] = (
    ("token", DiscordBotTokenDetector(), ()),
    ("token", GitHubTokenDetector(), ()),
    ("token", GitLabTokenDetector(), ()),
    ("token", PypiTokenDetector(), ()),
    ("token", SlackDetector(), ("xox", "hooks.slack")),
    ("token", TelegramBotTokenDetector(), ()),
    ("api_key", AWSKeyDetector(), ()),
    ("api_key", AzureStorageKeyDetector(), ()),
    ("api_key", MailchimpDetector(), ("-us",)),
    ("api_key", SendGridDetector(), ()),
    ("api_key", SquareOAuthDetector(), ()),
    ("api_key", StripeDetector(), ("k_live_",)),
    ("api_key", TwilioKeyDetector(), ()),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind and the function that finds its spans in a text.

    A text without any of `needs`, in small letters, holds none: looking for a word is far cheaper than for a pattern.
    """

    kind: str
    spans: Callable[[str], Iterator[Span]]
    needs: tuple[str, ...] = ()

    def may_be_in(self, folded: str) -> bool:
        """False when a text, given as `fold` left it, cannot hold what the rule looks for."""
        return not self.needs or any(word in folded for word in self.needs)


def fold(text: str) -> str:
    """A text in small letters, in the way in which patterns without regard to case read it."""
    return text.lower() if text.isascii() else text.casefold().replace("ı", "i")


def _rule(
    kind: str,
    pattern: str | re.Pattern[str],
    check: Callable[[re.Match[str]], bool] | None = None,
    flags: int = re.I,
    needs: tuple[str, ...] = (),
) -> Rule:
    """Spans of the pattern's group `value` or `number`, or of the whole, where the check holds."""
    compiled = re.compile(pattern, flags) if isinstance(pattern, str) else pattern
    group = next((name for name in ("value", "number") if name in compiled.groupindex), 0)

    def spans(text: str) -> Iterator[Span]:
        for found in compiled.finditer(text):
            if check is None or check(found):
                yield found.span(group)

    return Rule(kind, spans, needs)


_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d[^\n]*")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"(?:\s*[A-Za-z0-9+/=\\]{20,}(?=\s|$))*")


def private_keys(text: str) -> Iterator[Span]:
    """PEM and PGP private key blocks with their content; without an END line, the base64 lines below."""
    begins = list(_KEY_BEGIN.finditer(text))
    ends = [found.end() for found in _KEY_END.finditer(text)] if begins else []
    for index, begin in enumerate(begins):
        limit = begins[index + 1].start() if index + 1 < len(begins) else len(text)
        while ends and ends[0] < begin.end():
            ends.pop(0)
        body = _KEY_BODY.match(text, begin.end(), limit)
        open_end = body.end() if body else begin.end()
        yield begin.start(), ends[0] if ends and ends[0] <= limit else open_end


_SEPARATOR = r"""["'`]?(?:\*\*)?[ \t]{0,3}(?P<sep>=>|:=|=|:|\||\bis\b)(?:\*\*)?[ \t]{0,3}"""
_WORD = r"(?:password|passwd|passwort|kennwort|passphrase|\bpwd|\bpw)"
_WORD_NEEDS = ("passw", "kennwort", "passphrase", "pw")
_KEY_NAME = r"(?:api[ _-]?key|secret[ _-]?(?:access[ _-]?)?key|access[ _-]?key|client[ _-]?secret|secret)"
_WORD_VALUE = r"""(?P<quote>["'`]?)(?P<value>[^\s"'`,;<>|]{4,200})"""
_QUOTED_VALUE = r"""(?P<quote>["'`])(?P<value>[^\s"'`]{4,200})(?P=quote)"""
_WORDS_VALUE = r"""(?P<quote>["'`])(?P<value>[^\s"'`]{2,40}(?: [^\s"'`]{1,40}){1,2})(?P=quote)"""
_KEY_VALUE = r"""["'`]?(?P<value>[A-Za-z0-9_./+=-]{16,500})"""

RULES = (
    Rule("private_key", private_keys, ("private key", "putty")),
    _rule("token", r"\beyJ[\w-]{8,4000}\.[\w-]{4,8000}(?:\.[\w-]{0,2000})?", checks.is_jwt, 0, needs=("eyj",)),
    *(
        _rule(kind, pattern, checks.is_filled, needs=needs)
        for kind, plugin, needs in _VENDORS
        for pattern in plugin.denylist
    ),
    _rule(
        "token",
        r"\b(?:github_pat_\w{22,120}|hf_[a-z0-9]{30,60}|npm_[a-z0-9]{36})",
        needs=("github_pat_", "hf_", "npm_"),
    ),
    _rule("token", r":_(?:authToken|auth|password)=[\"']?(?P<value>[\w+/=-]{16,200})", checks.is_key),
    _rule("token", r"\b(?:shpat_[a-f0-9]{32}|xapp-[\w-]{20,200})", needs=("shpat_", "xapp-")),
    _rule("token", r"\bBearer\s+(?P<value>[\w.~+/-]{20,2000}=*)", checks.is_key, needs=("bearer",)),
    _rule(
        "token",
        r"\bAuthorization:\s{0,3}token\s+(?P<value>[\w.~+/-]{16,2000}=*)",
        checks.is_key,
        needs=("authorization:",),
    ),
    _rule("token", r"\bBasic\s+(?P<value>[a-z0-9+/]{8,1000}={0,2})", checks.is_basic, needs=("basic",)),
    _rule("api_key", r"\bsk-(?:ant-|proj-|live-|test-|or-)?[\w-]{20,200}", checks.has_digit, needs=("sk-",)),
    _rule(
        "api_key",
        r"\b(?:AIza[\w-]{35}|[rs]k_test_[0-9A-Za-z]{16,100}|GOCSPX-[\w-]{20,60}|dop_v1_[a-f0-9]{64})",
        None,
        0,
        needs=("aiza", "k_test_", "gocspx-", "dop_v1_"),
    ),
    _rule("token", rf"token{_SEPARATOR}{_KEY_VALUE}", checks.is_key),
    _rule("api_key", rf"{_KEY_NAME}{_SEPARATOR}{_KEY_VALUE}", checks.is_key, needs=("api", "access", "secret")),
    _rule(
        "password",
        r"\b[a-z][a-z0-9+.-]{1,30}://[^\s:/@\"'`]{0,100}:(?P<value>[^\s/\"'`]{2,1000})@[\w.\[-]",
        checks.is_given,
        needs=("://",),
    ),
    _rule("password", rf"{_WORD}{_SEPARATOR}{_WORD_VALUE}", checks.is_password, needs=_WORD_NEEDS),
    _rule("password", rf"{_WORD}{_SEPARATOR}{_QUOTED_VALUE}", checks.is_password, needs=_WORD_NEEDS),
    _rule("password", rf"{_WORD}{_SEPARATOR}{_WORDS_VALUE}", checks.has_digit, needs=_WORD_NEEDS),
    _rule("password", r"--password[ =][\"']?(?P<value>[^\s\"']{4,200})", checks.is_given),
    _rule(
        "password",
        r"\b(?:mysql|mysqldump|sshpass)\b[^\n]{0,120}?\s-p ?[\"']?(?P<value>[^\s\"'-][^\s\"']{3,200})",
        checks.is_given,
        needs=("mysql", "sshpass"),
    ),
    _rule(
        "password",
        r"\bcurl\b[^\n]{0,200}?\s(?:-u|--user)[ =][\"']?[^\s:\"']{1,80}:(?P<value>[^\s\"']{3,200})",
        checks.is_given,
        needs=("curl",),
    ),
    _rule(
        "email",
        r"(?<![\w.%+/-])(?P<user>[a-z0-9][a-z0-9._%+-]{0,63})@"
        r"(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24})(?![\w-])",
        checks.is_email,
        needs=("@",),
    ),
    _rule(
        "iban",
        r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])",
        checks.is_iban,
        0,
    ),
    _rule(
        "credit_card",
        r"(?<![\w.-])(?:4\d{3}|5[1-5]\d{2}|6011|3[47]\d{2})(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?![\w-])",
        checks.is_card,
    ),
    _rule(
        "phone",
        r"(?<![\w+.-])(?<!\d )(?P<number>(?:\+[1-9]\d{0,2}|00[1-9]\d{0,2}(?=[ ./-]))[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?"
        r"\d{1,5}(?:[ ./-]?\d{2,5}){1,5})(?![\w-])",
        checks.is_phone,
        needs=("+", "00"),
    ),
    _rule("phone", r"(?<![\w.-])(?P<number>\(\d{3}\) ?\d{3}-\d{4}|\d{3}[-.]\d{3}[-.]\d{4})(?![\w-])", checks.is_phone),
    _rule(
        "phone",
        r"\b(?:phone|telephone|tel|mobile|mobil|telefon|handy|cell|fax)\b\.?(?:\*\*)?[ \t]{0,2}:?(?:\*\*)?[ \t]{0,2}"
        r"(?P<number>\(?0?\d[\d ()/.-]{4,18}\d)(?!\w)",
        checks.is_labelled_phone,
        needs=("phone", "tel", "mobil", "handy", "cell", "fax"),
    ),
)
RANKS = {kind: rank for rank, kind in reversed(list(enumerate(rule.kind for rule in RULES)))}
