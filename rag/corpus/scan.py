"""Secrets and personal data in a text: found, named and redacted before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.corpus.scan_rules import RANKS, RULES, fold

RUN_ON = {"api_key", "password", "token"}
_GLUED = re.compile(r"""[^\s"'`<>|]{1,2000}""")


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret or piece of personal data: its kind, 1-based line and character offsets."""

    kind: str
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`kinds` sorted and empty when clean; `redacted` is safe to store, log and show."""

    kinds: tuple[str, ...]
    redacted: str
    findings: tuple[Finding, ...]


def scan_text(text: str) -> ScanResult:
    """Find and redact. The original text of a finding appears nowhere in the result."""
    folded = fold(text)
    found = [
        (start, _whole(text, end) if rule.kind in RUN_ON else end, rule.kind)
        for rule in RULES
        if rule.may_be_in(folded)
        for start, end in rule.spans(text)
    ]
    spans = _without_overlap(sorted(found, key=lambda span: (span[0], RANKS[span[2]])))
    findings = tuple(_findings(text, spans))
    return ScanResult(tuple(sorted({finding.kind for finding in findings})), _redact(text, findings), findings)


def _whole(text: str, end: int) -> int:
    """The end of a secret with what is glued to it: a pattern may know fewer characters than the secret has."""
    rest = _GLUED.match(text, end)
    glued = rest[0].rstrip(",;:.)]}") if rest else ""
    return end if glued.startswith("@") else end + len(glued)


def _without_overlap(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Overlapping findings become one that covers them all, named by the rule of the highest rank."""
    kept: list[tuple[int, int, str]] = []
    for start, end, kind in spans:
        if kept and start < kept[-1][1]:
            first, last, name = kept[-1]
            kept[-1] = (first, max(last, end), min(name, kind, key=RANKS.__getitem__))
        else:
            kept.append((start, end, kind))
    return kept


def _findings(text: str, spans: list[tuple[int, int, str]]) -> Iterator[Finding]:
    line, position = 1, 0
    for start, end, kind in spans:
        line += text.count("\n", position, start)
        position = start
        yield Finding(kind, line, start, end)


def _redact(text: str, findings: tuple[Finding, ...]) -> str:
    pieces, position = [], 0
    for finding in findings:
        lines = "\n" * text.count("\n", finding.start, finding.end)
        pieces.append(f"{text[position : finding.start]}[REDACTED:{finding.kind}]{lines}")
        position = finding.end
    return "".join((*pieces, text[position:]))
