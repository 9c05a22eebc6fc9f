"""Jest ban: no code of the answer uses Jest; naming it in prose is fine."""

from __future__ import annotations

import re

from rag.corpus.typescript import parse_typescript, patterns_of
from samples.judges._markdown import read_fences
from samples.judges.verdict import Verdict, failed, passed

MAX_CODE = 50_000
_JEST_SHELL = re.compile(
    r"^\s*\$?\s*(?:npx\s+jest|jest|yarn\s+jest|pnpm\s+jest)\b"
    r"|\b(?:npm\s+(?:i|install)|(?:yarn|pnpm)\s+add)\b[^\n]{0,200}[\s@](?:jest|ts-jest|@types/jest)\b",
    re.MULTILINE,
)
_JEST_CONFIG = re.compile(r"\"(?:test|jest|ts-jest|@types/jest)\"\s*:\s*\"jest\b|\"(?:jest|ts-jest|@types/jest)\"\s*:")


def jest_ban(text: str, **_: object) -> Verdict:
    """Fails on a Jest import, the `jest` global, a Jest command or a Jest dependency in a code fence."""
    for fence in read_fences(text):
        if "jest" not in fence.code:
            continue
        is_short = len(fence.code) <= MAX_CODE
        if (is_short and "jest" in patterns_of(parse_typescript(fence.code))) or re.search(
            r"\bjest\.\w+\(", fence.code
        ):
            return failed("code uses Jest")
        if _JEST_SHELL.search(fence.code) or _JEST_CONFIG.search(fence.code):
            return failed("a command or configuration brings Jest in")
    return passed("no code uses Jest")
