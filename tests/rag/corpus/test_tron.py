"""TRON in both meanings, with the place of each piece."""

import pytest

from rag.corpus.reader import parse_document
from rag.corpus.tron import ELEMENTS, TronElement, decisions, feedback
from rag.corpus.types import ParsedDocument

REST = "\n## Do\n\nd\n\n## Check\n\nc\n\n## Act\n\na\n"


def parse(plan: str, rest: str = REST) -> ParsedDocument:
    return parse_document("j/2025-03-04-UTC-0910-x.pdca.md", f"# PDCA\n\n## Plan\n\n{plan}\n{rest}", "")


def found(plan: str) -> list[tuple[TronElement, ...]]:
    document = parse(plan)
    groups = decisions(document.text, document.sections)
    for element in (element for group in groups for element in group):
        assert element.name in document.text[element.start : element.end].lower().replace("*", "")
        assert element.text.split("\n")[0] in document.text[element.start : element.end].replace("*", "")
    return groups


@pytest.mark.parametrize(
    "form",
    [
        "**{0}:** {1}\n",
        "**{0}**: {1}\n",
        "- **{0}:** {1}\n",
        "* {0}: {1}\n",
        "1. **{0}:** {1}\n",
        "### {0}\n\n{1}\n\n",
        "#### 🎯 {0}: {1}\n",
        "> {0} - {1}\n",
        "| **{0}** | {1} |\n",
        "🔔 **{0}:** {1}\n",
        "**{0}:**\n- {1}\n",
    ],
)
def test_finds_a_decision_in_any_form(form: str) -> None:
    said = {"Trigger": "flood at the gate", "Response": "close it", "Outcome": "a dry quay", "Next": "drain the lock"}
    [group] = found("".join(form.format(name, text) for name, text in said.items()))
    assert [element.name for element in group] == list(ELEMENTS)
    assert [element.text.strip("- \n") for element in group] == list(said.values())


def test_bold_initials_and_several_decisions() -> None:
    one = "**T**rigger: a\n**R**esponse: b\n**O**utcome: c\n**N**ext: d\n"
    assert len(found(one + "\ntext\n\n" + one)) == 2


@pytest.mark.parametrize(
    "plan",
    [
        "**Next:** d\n**Outcome:** c\n**Response:** b\n**Trigger:** a",
        "**Trigger:** a\n**Response:** b\n**Outcome:** c",
        "The trigger was a flood; the response: we closed the gate; outcome: dry; next: drain.",
        "Triggers: a\nResponses: b\nOutcomes: c\nNexts: d",
    ],
)
def test_what_is_no_decision(plan: str) -> None:
    assert found(plan) == []


def test_a_decision_outside_plan_does_not_count() -> None:
    document = parse("p", "\n## Do\n\nTrigger: a\nResponse: b\nOutcome: c\nNext: d\n")
    assert decisions(document.text, document.sections) == []


def test_every_feedback_section_is_quoted_with_its_span() -> None:
    document = parse(
        "p",
        "\n### TRON Feedback (2025-03-04)\n\n```quote\nmind the gate\n```\n\n## Summary\n\n"
        "### QA Feedback\n\n> and the lock\n> as well\n\n### TRON Feedback (2025-03-05)\n\n",
    )
    quotes = feedback(document.text, document.sections)
    assert [quote.text for quote in quotes] == ["mind the gate", "and the lock\nas well"]
    for quote in quotes:
        span = document.text[quote.start : quote.end]
        assert span.startswith("### ")
        assert quote.text.split("\n")[0] in span
