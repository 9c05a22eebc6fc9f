"""Secrets and personal data in a text: found, named and redacted before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.corpus.scan_rules import RULES


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
    spans = _without_overlap(sorted(_find(text), key=lambda span: (span[1], -span[2])))
    findings = tuple(Finding(kind, text.count("\n", 0, start) + 1, start, end) for kind, start, end in spans)
    return ScanResult(tuple(sorted({f.kind for f in findings})), _redact(text, findings), findings)


def _find(text: str) -> Iterator[tuple[str, int, int]]:
    for rule in RULES:
        yield from ((rule.kind, start, end) for start, end in rule.spans(text))


def _without_overlap(spans: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Overlapping findings become one that covers both, named by the one that starts first."""
    kept: list[tuple[str, int, int]] = []
    for kind, start, end in spans:
        if kept and start < kept[-1][2]:
            name, first, last = kept[-1]
            kept[-1] = (name, first, max(last, end))
        else:
            kept.append((kind, start, end))
    return kept


def _redact(text: str, findings: tuple[Finding, ...]) -> str:
    pieces, position = [], 0
    for finding in findings:
        lines = "\n" * text.count("\n", finding.start, finding.end)
        pieces.append(f"{text[position : finding.start]}[REDACTED:{finding.kind}]{lines}")
        position = finding.end
    return "".join((*pieces, text[position:]))
