"""Dual link: at least one `[GitHub](https://...) | [§/path](path)`, and none that is malformed."""

from __future__ import annotations

from samples.judges._links import dual_link_faults
from samples.judges._markdown import Kind, read_lines
from samples.judges.verdict import Verdict, failed, passed


def dual_link(text: str, **_: object) -> Verdict:
    """Both halves name the same file; `file://`, an empty or TBD half, or a missing § is a violation."""
    visible = "\n".join(line.text for line in read_lines(text) if line.kind is not Kind.CODE)
    good, faults = dual_link_faults(visible)
    if faults:
        return failed(faults[0])
    return passed(f"{len(good)} dual link(s)") if good else failed("no dual link")
