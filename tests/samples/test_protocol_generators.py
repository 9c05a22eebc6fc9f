"""Entries put in order, reports held against their notes, reports to readers: answers follow from their questions."""

import random
import re
from dataclasses import replace

import pytest

from samples.generators import process_framework, reporting_protocol
from samples.generators.base import Context, SampleDraft
from samples.generators.journal_blocks import SECTIONS, Block
from samples.generators.reporting_protocol_facts import is_of_kind, of_kind
from samples.generators.text import is_claim, is_to_do
from tests.samples.journals import LIBRARY, source_of

TASKS = {task.name: task for task in (*process_framework.TASKS, *reporting_protocol.TASKS)}
MORE = """
### Test results
- `mooring.test.ts`: 14 of 14 tests pass since commit 3f9a1bc
- The list loads in 120 ms with 400 boats
- The old printer fails with lists of more than 60 boats
- Perfect and flawless printing on every machine

### Verification on paper
- The printed list of Sunday shows all 60 boats in order
- The clerk found each of 12 boats within 5 seconds
"""


def _drafts(name: str, seeds: int = 4) -> list[SampleDraft]:
    found: list[SampleDraft] = []
    for source in LIBRARY.of_kinds(("pdca",)):
        start, end = next((s.start, s.end) for s in source.sections if s.name == "check")
        text = f"{source.text[:end].rstrip()}\n{MORE}\n{source.text[end:]}"
        longer = len(text) - len(source.text)
        sections = tuple(
            replace(s, end=s.end + longer) if s.start <= start < s.end else
            replace(s, start=s.start + longer, end=s.end + longer) if s.start >= end else s
            for s in source.sections
        )  # fmt: skip
        entry = replace(source, text=text, sections=sections)
        for seed in range(seeds):
            found += TASKS[name].make(entry, Context(random.Random(f"{seed}{source.key}"), LIBRARY, "continue"))
    assert found, f"{name} made nothing"
    return found


def _statements(text: str) -> list[str]:
    return [line[2:].rstrip(".") for line in text.splitlines() if line.startswith("- ")]


@pytest.mark.parametrize(
    "name", ["list_facts", "report_to_owner", "report_to_tester", "honest_report", "pdca_sections"]
)
def test_every_statement_of_the_answer_stands_in_the_question(name: str) -> None:
    for draft in _drafts(name):
        assert all(said in draft.input for said in _statements(draft.output)), draft.output


def test_six_of_six_is_a_number() -> None:
    assert is_of_kind("numbers", "Planted one of each kind: 6 of 6 found by the hook")
    assert not is_of_kind("numbers", "Planted one of each kind in a branch")


def test_what_installs_is_a_command() -> None:
    assert is_of_kind("commands", "Set-up of the office: `brew install poles ropes`")
    assert not is_of_kind("commands", "The model `BoatRegistry` holds all lengths")


def test_a_branch_called_test_is_no_test() -> None:
    assert not is_of_kind("tests", "Point to the safe test/recovery branch, not to release/testing")
    assert is_of_kind("tests", "All 13 tests of the mooring list pass")


def test_what_stands_below_test_results_is_about_tests() -> None:
    listed = [d for d in _drafts("list_facts") if "test" in d.instruction and '"Test results"' in d.output]
    assert listed and all("The list loads in 120 ms with 400 boats" in draft.output for draft in listed)


def test_a_heading_about_more_than_tests_makes_nothing_a_test() -> None:
    items = ("The rope of the quay is new", "The clerk tests the gate")
    mixed = Block("do", "Testing and new ropes", items, "action", 0, 90)
    assert of_kind("tests", mixed) == ["The clerk tests the gate"]
    assert of_kind("tests", replace(mixed, label="Testing strategy")) == list(items)


def test_one_part_is_misplaced_and_goes_home() -> None:
    for draft in _drafts("pdca_misplaced"):
        found = re.match(r'"(.+)" stands in (\w+), but .+: it belongs into (\w+)\.', draft.output)
        assert found is not None
        label, wrong, home = found.groups()
        place = draft.input.index(f"**{label}**")
        assert draft.input.rindex("## ", 0, place) == draft.input.index(f"## {wrong}")
        assert draft.output.index(f"## {home}") < draft.output.index(f"**{label}**")
        assert wrong != home and {wrong.lower(), home.lower()} <= set(SECTIONS)


def test_what_is_missing_is_named_and_nothing_is_made_up() -> None:
    for draft in _drafts("pdca_missing"):
        lost = re.search(r"the section (\w+)\.", draft.output)
        assert lost is not None and f"## {lost[1]}" not in draft.input
        assert all(said in draft.input for said in _statements(draft.output))
        for line in re.findall(r"^(?:\*\*\w+:\*\* |FOLLOWS: |PRECEDES: )(.+?)\s*$", draft.output, re.MULTILINE):
            assert line.strip("[]") in draft.input


def test_a_missing_check_of_no_work_lists_nothing() -> None:
    first = LIBRARY.sources[0]
    text = re.sub(r"(?<=\n)- (?:Added|Sorted|Removed|Wrote) ", "- The clerk and ", first.text)
    source = source_of(first.path, text, 7, previous=LIBRARY.sources[1].path, following=LIBRARY.sources[2].path)
    made = [
        draft.output
        for seed in range(20)
        for draft in TASKS["pdca_missing"].make(source, Context(random.Random(seed), LIBRARY, "continue"))
    ]
    lost = [output for output in made if "the section Check." in output]
    assert lost and all("Check has to say what was seen.\n\nWithout" in output for output in lost)


def test_the_number_that_does_not_agree_is_found() -> None:
    for draft in _drafts("wrong_number"):
        report, notes = draft.input.split("\n\nNotes:\n\n")
        wrong, right = (re.search(rf"^- {name}: (.+)$", draft.output, re.MULTILINE) for name in ("Reported", "Noted"))
        assert wrong and right
        assert wrong[1] in report and wrong[1] not in notes
        assert right[1] in notes and right[1] in draft.output.split("put right:")[1]


def test_a_statement_without_note_is_left_out() -> None:
    for draft in _drafts("not_in_notes"):
        report, notes = draft.input.split("\n\nNotes:\n\n")
        alone = re.match(r"Not in the notes: (.+)\n", draft.output)
        assert alone and alone[1] in report and alone[1].rstrip(".") not in notes
        assert draft.others


def test_reports_tell_failures_as_failures() -> None:
    for draft in _drafts("honest_report"):
        works, _, rest = draft.output.partition("**Does not work:**")
        assert "The old printer fails" in rest and "was not checked" in rest
        assert "fails" not in works and not any(map(is_claim, _statements(draft.output)))


def test_a_part_without_evidence_is_not_reported_as_proven() -> None:
    for draft in _drafts("report_on_part"):
        proven, _, rest = draft.output.partition("**Without a file")
        assert not any(is_claim(said) or is_to_do(said) for said in _statements(proven))
        assert all(said in draft.input for said in (*_statements(proven), *_statements(rest)))


def test_the_missing_element_is_the_one_of_the_section_named() -> None:
    for draft in _drafts("tron_element"):
        element, where = draft.output.split("\n\n")
        section = re.match(r'It stands in (\w+), under "(.+)":', where)
        said = element.partition(":** ")[2].rstrip(".")
        assert section and said in draft.input.split(f"## {section[1]}")[1]
        assert f"{element.split(':**')[0]}:**" not in draft.input
