"""Judges: pure functions from a text to a verdict with its reason, shared by samples, harnesses and canaries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from samples.judges._markdown import section_texts
from samples.judges.cmm_level import cmm_level
from samples.judges.dual_link import dual_link
from samples.judges.empty_constructor import empty_constructor
from samples.judges.five_layer import five_layer
from samples.judges.history import history
from samples.judges.jest_ban import jest_ban
from samples.judges.pdca_schema import pdca_schema
from samples.judges.pdca_template import pdca_template
from samples.judges.refusal import refusal
from samples.judges.tool_success import tool_success
from samples.judges.tron_format import tron_format
from samples.judges.verdict import Judge, Verdict

__all__ = ["JUDGES", "MAX_TEXT", "Judge", "Verdict", "judge", "section_texts"]

MAX_TEXT = 300_000

JUDGES: Mapping[str, Judge] = MappingProxyType(
    {
        "pdca_schema": pdca_schema,
        "pdca_template": pdca_template,
        "tron_format": tron_format,
        "empty_constructor": empty_constructor,
        "tool_success": tool_success,
        "refusal": refusal,
        "jest_ban": jest_ban,
        "dual_link": dual_link,
        "five_layer": five_layer,
        "cmm_level": cmm_level,
        "history": history,
    }
)


def judge(name: str, text: str, **case: object) -> Verdict:
    """Run a judge by name on one text; `case` is what the case knows beside it (task, request, ...).

    Raises KeyError for an unknown name. A text of more than `MAX_TEXT` characters is invalid.
    """
    run = JUDGES[name]
    if len(text) > MAX_TEXT:
        return Verdict(None, f"the text has {len(text)} characters, more than {MAX_TEXT}")
    return run(text.replace("\r\n", "\n"), **case)
