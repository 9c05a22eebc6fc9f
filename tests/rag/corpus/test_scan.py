"""Secrets and personal data are found and redacted; what only looks like them is left alone."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus.scan import scan_text

_RANDOM = random.Random(7)


def some(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Random, so that no real secret and no string a scanner of this repository would flag stands here."""
    return "".join(_RANDOM.choice(alphabet) for _ in range(length - 1)) + "7"


UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
SECRETS = [
    ("api_key", "AKIA" + some(16, UPPER)),
    ("api_key", f'aws_secret_access_key = "{some(40)}"'),
    ("api_key", f"OPENAI_API_KEY=sk-proj-{some(48)}"),
    ("api_key", f"sk-ant-api03-{some(60)}"),
    ("api_key", "AIza" + some(35)),
    ("api_key", f"api_key: {some(32, HEX)}"),
    ("api_key", f"client_secret: {some(32)}"),
    ("api_key", f"| API key | {some(32)} |"),
    ("token", "ghp_" + some(36)),
    ("token", f"github_pat_{some(22)}_{some(59)}"),
    ("token", "glpat-" + some(20)),
    ("token", "hf_" + some(34)),
    ("token", f"Authorization: Bearer {some(40)}"),
    ("token", f"DEPLOY_TOKEN={some(30)}"),
    ("token", f"https://x-access-token:ghs_{some(36)}@github.com/a/b.git"),
    ("token", f"//registry/:_authToken={some(36)}"),
    ("password", "password: Mooring!42x"),
    ("password", 'PASSWORD="quay side 9"'),
    ("password", "**Password:** Blue$ky42"),
    ("password", "Passwort: Hafen123!"),
    ("password", "the password is Tr0ub4dor&3"),
    ("password", "password=swordfish"),
    ("password", "mysql -u root -pS3cretPw99 harbour"),
    ("password", "curl -u admin:Sup3rS3cret https://harbour.example"),
    ("password", "deploy --password S3cr3t99"),
    ("password", "postgres://app:S3cretPw@db.internal:5432/app"),
    ("password", "redis://:quay0rd@localhost:6379/0"),
    ("private_key", f"-----BEGIN RSA PRIVATE KEY-----\n{some(64)}\n{some(20)}\n-----END RSA PRIVATE KEY-----"),
    ("private_key", f"-----BEGIN OPENSSH PRIVATE KEY-----\n{some(70)}\n{some(70)}"),
    ("email", "write to anna.berg+tide@mail.harbour.example.org."),
    ("phone", "+49 171 2345678"),
    ("phone", "+33 1 23 45 67 89"),
    ("phone", "Tel. 030 1234567"),
    ("phone", "(555) 123-4567"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB82WEST12345698765432"),
    ("credit_card", "4111 1111 1111 1111"),
]
CLEAN = [
    "commit a3e0e4e99ab0f2b1c7d8e9f0a1b2c3d4e5f60718",
    "UUID: 81839c8a-89b5-4237-a7b5-c7e0347851c7",
    f"sha256: {some(64, HEX)}",
    "git@github.com:org/repo.git",
    "deploy@server.example.org:/srv/app",
    "password: must be at least 12 characters",
    "password reset flow, token count, the secret is to test first",
    "const token = process.env.TOKEN",
    "API_KEY=${API_KEY} password=<your password> api_key: YOUR_API_KEY",
    'password: "********"; this.password = password; token: string',
    "apiKey: config.apiKeys.default1",
    "pwd: /home/user/work",
    "@types/node@20.1.0 and pkg@latest",
    "Co-Authored-By: bot <noreply@example.org>",
    "max_tokens=2048, session_token: true",
    "2025-08-24-UTC-1510, timestamp 1692873600000, port 6379, 0.1.2.2",
    "+100 -200, +1234567 lines added",
    "http://localhost:8000@x and https://user@example.org/x",
    "DE00 3704 0044 0532 0130 00",
    "Bearer authentication is required",
]


@pytest.mark.parametrize(("kind", "text"), SECRETS)
def test_finds_and_redacts(kind: str, text: str) -> None:
    result = scan_text(f"before\n{text}\nafter")
    assert kind in result.kinds
    assert result.findings[0].line == 2
    assert f"[REDACTED:{kind}]" in result.redacted
    for finding in result.findings:
        assert f"before\n{text}\nafter"[finding.start : finding.end] not in result.redacted
    assert result.redacted.startswith("before\n")
    assert result.redacted.endswith("\nafter")


@pytest.mark.parametrize("text", CLEAN)
def test_leaves_the_rest_alone(text: str) -> None:
    result = scan_text(text)
    assert result.kinds == ()
    assert result.redacted == text


def test_a_finding_has_the_gravest_kind_it_overlaps() -> None:
    result = scan_text("https://app:Qu4yS1de@harbour.example.org/x")
    assert result.kinds == ("password",)
    assert "harbour" not in result.redacted or "Qu4yS1de" not in result.redacted


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from([text for _, text in SECRETS])), max_size=12))
def test_redacted_text_is_clean_of_what_was_found(parts: list[str]) -> None:
    text = "\n".join(parts)
    result = scan_text(text)
    for finding in result.findings:
        assert 0 <= finding.start < finding.end <= len(text)
    assert result.redacted.count("\n") == text.count("\n")
    assert bool(result.kinds) == bool(result.findings)
