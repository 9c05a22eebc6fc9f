"""PDCA template: the schema, filled: concrete sections, TRON in Plan, verification, a learning, good links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from samples.judges._content import empty_talk, learns, verifies
from samples.judges._links import breadcrumb_fault, dual_link_faults
from samples.judges._markdown import SECTIONS, Kind, Line, Section, read_lines, sections
from samples.judges.pdca_schema import breadcrumbs, pdca_schema
from samples.judges.tron_format import ELEMENTS, tron_elements
from samples.judges.verdict import Verdict, failed, passed


def pdca_template(text: str, **_: object) -> Verdict:
    """Each section once with concrete content, and what the template asks of Plan, Check, Act and the links."""
    schema = pdca_schema(text)
    if not schema.passed:
        return schema
    lines = read_lines(text)
    faults = [*_section_faults(sections(lines)), *_link_faults(lines)]
    return failed("; ".join(faults[:5])) if faults else passed("every section is filled and every link is well-formed")


def _section_faults(found: Sequence[Section]) -> Iterator[str]:
    for name in SECTIONS:
        same = [section for section in found if section.name == name]
        if len(same) != 1:
            yield f"{name.capitalize()} stands {len(same)} times"
            continue
        talk = empty_talk(_without_breadcrumbs(same[0].lines))
        if talk:
            yield f"{name.capitalize()} {talk}"
    by_name = {section.name: _without_breadcrumbs(section.lines) for section in found}
    filled = {element.name for element in tron_elements(by_name["plan"]) if element.has_content}
    missing = [name.capitalize() for name in ELEMENTS if name not in filled]
    if missing:
        yield f"Plan lacks {', '.join(missing)}"
    if not verifies(by_name["check"]):
        yield "Check names no verification step"
    if not learns(by_name["act"]):
        yield "Act states no learning"


def _link_faults(lines: Sequence[Line]) -> Iterator[str]:
    for label, values in breadcrumbs(lines).items():
        for value in values:
            fault = breadcrumb_fault(value)
            if fault:
                yield f"{label}: {fault}"
    visible = "\n".join(line.text for line in lines if line.kind is not Kind.CODE)
    yield from dual_link_faults(visible)[1]


def _without_breadcrumbs(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Links at the end of a section are not its content."""
    return tuple(line for line in lines if not breadcrumbs([line]))
