"""PDCA schema: the five sections and both breadcrumb lines are present; what they say is not judged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from samples.judges._markdown import SECTIONS, Kind, Line, read_lines, sections
from samples.judges.verdict import Verdict, failed, passed

BREADCRUMBS = ("PRECEDES", "FOLLOWS")
_BREADCRUMB = re.compile(r"^[^\w\[(]*(PRECEDES|FOLLOWS)[\s*_]*:[\s*_]*(.*)$", re.IGNORECASE)


def pdca_schema(text: str, **_: object) -> Verdict:
    """Headings Objective, Plan, Do, Check, Act at level 2 to 4, and PRECEDES: and FOLLOWS: lines with a value."""
    lines = read_lines(text)
    present = {section.name for section in sections(lines)}
    missing = [name.capitalize() for name in SECTIONS if name not in present]
    links = breadcrumbs(lines)
    missing += [f"{label}: line" for label in BREADCRUMBS if not any(links.get(label, ()))]
    return failed(f"missing: {', '.join(missing)}") if missing else passed("all five sections and both links")


def breadcrumbs(lines: Sequence[Line]) -> dict[str, list[str]]:
    """The values of the PRECEDES: and FOLLOWS: lines outside code, quotes and tables; "" for one without."""
    found: dict[str, list[str]] = {}
    for line in lines:
        match = _BREADCRUMB.match(line.text) if line.kind in (Kind.TEXT, Kind.ITEM, Kind.HEADING) else None
        if match:
            value = match[2].strip()
            found.setdefault(match[1].upper(), []).append(value if any(c.isalnum() for c in value) else "")
    return found
