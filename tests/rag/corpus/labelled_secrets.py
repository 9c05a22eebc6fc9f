"""Invented secrets, personal data and harmless look-alikes, each with what a scanner should call it.

Everything random is made at run time, so that no string a scanner of this repository would flag stands here.
"""

import base64
import json
import random
import string
from collections.abc import Iterator

_RANDOM = random.Random(20250304)
LETTERS = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
LOWER = string.ascii_lowercase + string.digits
HEX = "0123456789abcdef"
BASE64 = LETTERS + "+/"

Labelled = tuple[str, str]
"""(kind or "none", text)"""


def some(length: int, alphabet: str = LETTERS) -> str:
    """Random characters, a digit and a letter among them."""
    return "".join(_RANDOM.choice(alphabet) for _ in range(length - 2)) + "7a"[: max(0, length)]


def jwt() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": some(10), "exp": 1741082400})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join((*encoded, some(43)))


def key_block(name: str) -> str:
    body = "\n".join(some(64, BASE64) for _ in range(3))
    return f"-----BEGIN {name}-----\n{body}\n-----END {name}-----"


def secrets() -> Iterator[Labelled]:
    """Lines that hold exactly what their kind says."""
    upper = some(16, UPPER).upper()
    yield from (
        ("api_key", text)
        for text in (
            f"AKIA{upper}",
            f"aws_access_key_id = ASIA{some(16, UPPER).upper()}",
            f'aws_secret_access_key = "{some(40, BASE64)}"',
            f"AWS_SECRET_ACCESS_KEY={some(40, BASE64)}",
            f"sk_live_{some(24)}",
            f"rk_live_{some(24)}",
            f"STRIPE=sk_test_{some(24)}",
            f"OPENAI_API_KEY=sk-{some(48)}",
            f"sk-proj-{some(64)}",
            f"key sk-ant-api03-{some(90)}",
            f"AIza{some(35)}",
            f"GOCSPX-{some(28)}",
            f"SG.{some(22)}.{some(43)}",
            f"{some(32, HEX)}-us14",
            f"api_key: {some(32, HEX)}",
            f'apiKey = "{some(32)}"',
            f"X-Api-Key: {some(40)}",
            f"client_secret={some(32)}",
            f"| API key | {some(32)} |",
            f"dop_v1_{some(64, HEX)}",
            f"AccountKey={some(86, BASE64)}==",
            f'"secret_key": "{some(40)}"',
            f"SECRET_KEY='{some(50)}'",
            f"export HARBOUR_API_KEY={some(32)}",
            f"the api key is {some(32)}",
            f"sq0csp-{some(43)}",
            f"sk-or-v1-{some(64, HEX)}",
        )
    )
    yield from (
        ("token", text)
        for text in (
            f"ghp_{some(36)}",
            f"gho_{some(36)}",
            f"ghs_{some(36)}",
            f"github_pat_{some(22)}_{some(59)}",
            f"glpat-{some(20)}",
            f"xoxb-{_RANDOM.randrange(10**11, 10**12)}-{_RANDOM.randrange(10**11, 10**12)}-{some(24)}",
            f"xoxp-{_RANDOM.randrange(10**11, 10**12)}-{_RANDOM.randrange(10**11, 10**12)}-{some(24)}",
            f"https://hooks.slack.com/services/T{some(8, UPPER).upper()}/B{some(8, UPPER).upper()}/{some(24)}",
            f"//registry.example/:_authToken={some(36)}",
            f"npm_{some(36)}",
            f"pypi-AgEIcHlwaS5vcmc{some(70)}",
            f"hf_{some(34)}",
            jwt(),
            f"Authorization: Bearer {jwt()}",
            f"Authorization: Bearer {some(40)}",
            f"DEPLOY_TOKEN={some(30)}",
            f'"token": "{some(40, HEX)}"',
            f"access_token: {some(32)}",
            f"https://x-access-token:ghs_{some(36)}@github.com/a/b.git",
            f"{_RANDOM.randrange(10**8, 10**9)}:AA{some(33)}",
            f"xapp-1-A{some(10, UPPER).upper()}-{some(13, LOWER)}-{some(64, HEX)}",
            f"shpat_{some(32, HEX)}",
            f"curl -H 'Authorization: token {some(40, HEX)}'",
            f"refresh_token={some(64)}",
            f"Authorization: Basic {base64.b64encode(f'vesna:{some(14)}'.encode()).decode()}",
        )
    )
    yield from (
        ("password", text)
        for text in (
            "password: Mooring!42x",
            'PASSWORD="quay side 9"',
            "**Password:** Blue$ky42",
            "Passwort: Hafen123!",
            "the password is Tr0ub4dor&3",
            "password=swordfish",
            "passwd = 'n0tT3lling'",
            "DB_PASSWORD=S3cretPw99",
            f"postgres://app:{some(12)}@db.internal:5432/app",
            "redis://:quay0rd@localhost:6379/0",
            "mongodb+srv://maren:S3aGull99@cluster0.example.net/x",
            f"https://maren:{some(10)}@harbour.example/repo.git",
            "mysql -u root -pS3cretPw99 harbour",
            "curl -u admin:Sup3rS3cret https://harbour.example",
            "deploy --password S3cr3t99",
            "sshpass -p 'Kr4ne!99' ssh quay@host",
            '{"password": "Fl00dgate!"}',
            "pwd: L0ckGate#7",
            "| Password | T1deT4ble! |",
            "spring.datasource.password=K4imauer2025",
        )
    )
    kinds = ("RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
    yield from (("private_key", key_block(kind)) for kind in (*kinds, "PGP PRIVATE KEY BLOCK"))
    yield from (
        ("email", text)
        for text in (
            "anna.berg+tide@mail.harbour.example.org",
            "<maren@harbour.example.com>",
            "mailto:lock-keeper@quay.example.net",
            "Contact: o.nielsen@example.co.uk.",
            "**E-mail:** VESNA@HARBOUR.EXAMPLE.ORG",
        )
    )
    yield from (
        ("phone", text)
        for text in (
            "+49 171 2345678",
            "+33 1 23 45 67 89",
            "Tel. 030 1234567",
            "(555) 123-4567",
            "phone: +1-555-123-4567",
            "Mobil: 0171 / 2345678",
            "+385 91 234 5678",
        )
    )
    yield from (
        ("iban", text)
        for text in (
            "DE89 3704 0044 0532 0130 00",
            "GB82WEST12345698765432",
            "IBAN: FR14 2004 1010 0505 0001 3M02 606",
            "HR12 1001 0051 8630 0016 0",
        )
    )
    yield from (
        ("credit_card", text)
        for text in (
            "4111 1111 1111 1111",
            "5555-5555-5555-4444",
            "378282246310005",
            "card 4012888888881881",
        )
    )


def harmless() -> Iterator[Labelled]:
    """Lines that only look like something: nothing in them may be redacted."""
    image = base64.b64encode(bytes(_RANDOM.randrange(256) for _ in range(180))).decode()
    yield from (
        ("none", text)
        for text in (
            f"commit {some(40, HEX)}",
            f"**Previous Commit:** {some(8, HEX)} - wire the gauge",
            f"Merge {some(7, HEX)} into {some(7, HEX)}",
            f"https://github.com/harbour/tide/commit/{some(40, HEX)}",
            f"sha256: {some(64, HEX)}",
            f"md5 {some(32, HEX)}",
            f"- Commit SHA: {some(40, HEX)} (pushed)",
            f"integrity sha512-{some(86, BASE64)}==",
            f"index {some(7, HEX)}..{some(7, HEX)} 100644",
            "UUID: 81839c8a-89b5-4237-a7b5-c7e0347851c7",
            "uuid 550e8400-e29b-41d4-a716-446655440000.scenario.json",
            "ior:https://localhost:8080/UnitIndex/81839c8a-89b5-4237-a7b5-c7e0347851c7",
            f"![gate](data:image/png;base64,{image})",
            f'src="data:image/svg+xml;base64,{image[:120]}"',
            "git@github.com:harbour/tide.git",
            "ssh deploy@server.example.org:/srv/app",
            "password: must be at least 12 characters",
            "password reset flow, token count, the secret is to test first",
            "Password: <your password>",
            "password=********",
            "password: ${DB_PASSWORD}",
            "DB_PASSWORD=$(cat /run/secrets/db)",
            'password: "********"; this.password = password; token: string',
            "passwordField = form.password.value",
            "password: string;",
            "const password = process.env.DB_PASSWORD",
            "type Password = string | null",
            "The password is stored in the vault",
            "pwd: /home/user/work",
            "cd $(pwd) && ls",
            "pwd | xargs ls",
            "const token = process.env.TOKEN",
            "API_KEY=${API_KEY} api_key: YOUR_API_KEY",
            "apiKey: config.apiKeys.default1",
            "api_key: <your-api-key-here>",
            "token: xxxxxxxxxxxxxxxxxxxxxxxx",
            "OPENAI_API_KEY=sk-...",
            "sk-your-key-here",
            "AKIAXXXXXXXXXXXXXXXX is a placeholder",
            "Bearer authentication is required",
            "Authorization: Bearer <token>",
            "Authorization: Bearer ${token}",
            "max_tokens=2048, session_token: true",
            "token_count: 1746 of 8045",
            "tokens: 4655 / 14172 / 66150",
            "nextToken = tokenizer.next()",
            "tokenization-of-long-compound-words-2025",
            "secretary: Maren",
            "the secret: write tests first",
            "public key: see README",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----",
            f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{some(43, BASE64)} quay",
            "@types/node@20.1.0 and pkg@latest",
            "vitest@1.6.0 @harbour/tide@^2.0.1",
            "Co-Authored-By: bot <noreply@example.org>",
            "@Component({selector: 'app-root'})",
            "user@localhost",
            "image@2x.png",
            "maren@1.2.3.md",
            "2025-08-24-UTC-1510, timestamp 1692873600000, port 6379, 0.1.2.2",
            "2025-03-04-UTC-091059.pdca.md",
            "+100 -200, +1234567 lines added",
            "+2025-03-04 10:00",
            "Lines 744-786, 1000 2000 3000",
            "version 0.3.20.4 → 0.3.20.7",
            "http://localhost:8000@x and https://user@example.org/x",
            "http://127.0.0.1:8000/a:b@c",
            "redis://localhost:6379/0",
            "postgres://user:password@localhost/db",
            "192.168.0.1",
            "10.0.0.12:6379",
            "255.255.255.0/24",
            "::1",
            "v1.2.3.4",
            "DE00 3704 0044 0532 0130 00",
            "DE89 3704 0044 0532 0130 01",
            "4111 1111 1111 1112",
            "1234 5678 9012 3456",
            "0000 0000 0000 0000",
            "ISBN 978-3-16-148410-0",
            "order 4711-0815-12",
            "phone booth at pier 12",
            "call 112",
            "tel: see page 12",
            "layer2/DefaultTideGauge.ts:120:15",
            "aGVsbG8gd29ybGQ=",
            "SHA512SUMS",
            "components/Web4TSComponent/0.3.20.6/src/ts/layer2/DefaultWeb4TSComponent.ts",
            "CamelCaseIdentifierWithManyHumps2025",
            f"?v={some(8, HEX)}",
            f"id: {some(24, HEX)}",
            f'etag: "{some(32, HEX)}"',
            f"localhost:8080/{some(32, HEX)}/model",
            "const secretKey = getSecretKey(user)",
            "client_secret: see 1Password",
            "API key | where to find it |",
        )
    )
