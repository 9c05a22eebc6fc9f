"""What a PDCA is worth, how far it is verified and what it leaves open."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.corpus.sections import PDCA_SECTIONS, pdca_sections
from rag.corpus.types import Section

_OPEN_BOX = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[ \]", re.MULTILINE)
_GOOD = re.compile(r"✅|☑|✓|\[x\]|\bpass(?:ed|es)?\b|\bverified\b|\bsuccessful", re.IGNORECASE)
_BAD = re.compile(r"❌|✗|\bfail(?:ed|s|ing|ure)\b|\bnot verified\b|\bbroken\b", re.IGNORECASE)


def quality_score(cmm_level: str, sections: Sequence[Section], dual_links_both_ways: bool) -> int:
    """0-100: 50, +10 per CMM level above 1, +20 for all four sections, +10 for valid dual links to
    the previous and the next PDCA."""
    level = int(cmm_level) if cmm_level.isdigit() else 1
    complete = pdca_sections(sections) == set(PDCA_SECTIONS)
    return min(100, 50 + 10 * (min(level, 4) - 1) + 20 * complete + 10 * dual_links_both_ways)


def decisions_pending(text: str, sections: Sequence[Section]) -> int:
    """Unticked boxes in the QA decisions."""
    return sum(
        len(_OPEN_BOX.findall(text, section.start, section.end))
        for section in sections
        if section.name == "qa_decisions"
    )


def verification_status(text: str, sections: Sequence[Section]) -> str:
    """verified, partial, failed or unverified, by the marks in the Check section."""
    check = next((section for section in sections if section.name == "check"), None)
    if check is None:
        return "unverified"
    good = _GOOD.search(text, check.start, check.end)
    bad = _BAD.search(text, check.start, check.end)
    if good and bad:
        return "partial"
    return "verified" if good else "failed" if bad else "unverified"
