"""A statement is told as work, result, lesson or step only where its heading and its form both say so."""

import pytest

from samples.generators import told_as
from samples.generators.journal_blocks import Block, read_blocks

PLAN = """## Plan

### Approach
- Sort the mooring list by the length of every boat
- The list is long and nobody likes it

### Options considered
- Sort the mooring list by the name of every boat

### Acceptance criteria
- A boat of 14 m never stands above one of 12 m
"""
DO = """## Do

### Implementation
- Added the length of every boat to the model
- Migration written: all 60 boats have their length now
- Next: the screen of the harbour master gets the list
- The screen should show the list tomorrow

### What worked well for the clerk
- Checked every berth before the first boat came

### What I should have done instead of guessing
- Read the log of the harbour clock
- Checked the order of the berths with the clerk
"""
CHECK = """## Check

### Verification
- Two runs of the list gave the same order in 40 ms
- The old printer fails with lists of more than 60 boats
- A perfect and flawless success for everybody in 2 minutes
- Is the order of 60 boats the same on paper?

### Questions for the harbour master
- The list is sorted in 40 ms, so who prints it?
- The list was tested with 60 boats by the clerk

### Failures on the office machine
- The screen of the harbour master stayed dark all day

### Expected result
- The list opens in less than 100 ms on every machine
"""
ACT = """## Act

### Learnings
- One sort in one place keeps screen and paper alike
- Office machine prepared with lists and printed for the clerk
- Summary: the list of moorings is sorted and everybody can use it
- Added the length of every boat to the model

### Next learning cycles
- Begin with the list of the west quay in the winter

### Completed actions
- Print the list of every Sunday for the clerk

### Next steps
- Ask the clerks after one week whether they still search
- The clerks are content with the list of moorings
"""


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    parts = {"plan": PLAN, "do": DO, "check": CHECK, "act": ACT}
    return [block for name, text in parts.items() for block in read_blocks(name, text, 0, len(text))]


def test_work_is_over_and_stands_where_work_stands(blocks: list[Block]) -> None:
    assert told_as.works(blocks) == [
        "Added the length of every boat to the model",
        "Migration written: all 60 boats have their length now",
    ]


def test_results_were_seen_good_or_bad(blocks: list[Block]) -> None:
    seen = told_as.results(blocks)
    assert seen == [
        "Two runs of the list gave the same order in 40 ms",
        "The old printer fails with lists of more than 60 boats",
        "The screen of the harbour master stayed dark all day",
    ]
    assert told_as.reached(blocks) == seen[:1] and told_as.troubles(blocks) == seen[1:]


def test_what_works_below_a_heading_of_trouble_is_no_trouble() -> None:
    text = "## Check\n\n### View bug\n- The list of berths works correctly\n- The screen stayed dark all day\n"
    found = list(read_blocks("check", text, 0, len(text)))
    assert told_as.troubles(found) == ["The screen stayed dark all day"]


@pytest.mark.parametrize(
    ("heading", "told", "hides"),
    [
        ("Remaining work", "- Lists sorted.", True),
        ("Failures on the quay", "- Lists sorted.", True),
        ("Remaining work", "- The winter list needs 60 berths.\n- Two of 9 boats wait.", False),
        ("Verification", "- Lists sorted.", False),
        ("Failures fixed", "- Lists sorted.", False),
    ],
)
def test_a_report_hides_nothing_that_fails_or_is_open(heading: str, told: str, hides: bool) -> None:
    text = f"## Check\n\n### {heading}\n- The winter list needs 60 berths\n- Two of 9 boats wait\n"
    assert told_as.hides(read_blocks("check", text, 0, len(text)), told) is hides


@pytest.mark.parametrize(
    ("section", "text", "hides"),
    [
        ("check", "### Readiness\n- Order of the winter list: still fails with 60 boats", True),
        ("check", "### Readiness\n- Order of the winter list: holds with 60 boats", False),
        ("check", "### Critical findings\n- The winter list holds 40 of the 60 boats of the quay", True),
        ("do", "### FAILING lists (29)\n- Navigation of the winter list: an empty page", True),
        ("do", "### Problems found\n- Navigation of the winter list: an empty page", False),
    ],
)
def test_what_fails_is_not_hidden_by_its_place(section: str, text: str, hides: bool) -> None:
    assert told_as.hides(read_blocks(section, f"## X\n\n{text}\n", 0, len(text) + 7), "Lists sorted.") is hides


@pytest.mark.parametrize(
    ("said", "fails"),
    [
        ("mooring.test.ts: 6/8 tests passed", True),
        ("Overall: 29 of 51 cases pass on the office machine", True),
        ("The suite of the quay has a 57% pass rate", True),
        ("mooring.test.ts: ALL 8/8 tests passed", False),
        ("The boats of berth 2 of 60 at the east quay pass", False),
    ],
)
def test_a_suite_that_passes_in_part_fails(said: str, fails: bool) -> None:
    assert told_as.is_failure(said) is fails and told_as.is_trouble(said) is fails


def test_the_correction_of_a_violation_is_no_trouble() -> None:
    text = "## Check\n\n### Violation correction verification\n- All boats are moored at their own berths again\n"
    assert told_as.troubles(read_blocks("check", text, 0, len(text))) == []


def test_what_is_only_possible_was_not_done() -> None:
    text = "## Do\n\n### Possible scenarios\n- The winter list was removed by the clerk\n"
    assert told_as.works(read_blocks("do", text, 0, len(text))) == []


def test_lessons_are_what_act_calls_one(blocks: list[Block]) -> None:
    assert told_as.lessons(blocks) == ["One sort in one place keeps screen and paper alike"]


def test_steps_are_asked_for_and_still_to_be_taken(blocks: list[Block]) -> None:
    assert told_as.steps(blocks) == ["Sort the mooring list by the length of every boat"]
    assert told_as.following(blocks)[1:] == ["Ask the clerks after one week whether they still search"]


def test_criteria_stand_under_their_heading_in_plan(blocks: list[Block]) -> None:
    assert told_as.criteria(blocks) == ["A boat of 14 m never stands above one of 12 m"]


@pytest.mark.parametrize(
    ("said", "is_outcome"),
    [
        ("The list of moorings was sorted by the length of every boat", True),
        ("The list now opens on the machine of the office", True),
        ("Visual evidence: the quay forks at berth 14 of 60", False),
        ("The list of moorings is broken on the office machine", False),
        ("Re-run the tests of the mooring list after the repair", False),
    ],
)
def test_an_outcome_says_that_something_was_done_or_works(said: str, is_outcome: bool) -> None:
    assert told_as.is_outcome(said) is is_outcome


def test_what_somebody_reported_is_no_work() -> None:
    assert not told_as.is_work("Test manual scenarios TRON reported")
    assert told_as.is_work("Manual scenarios of the harbour master reported")


def test_what_was_verified_does_not_fail() -> None:
    assert not told_as.is_failure("Verified: missing version refused, except for files older than today")
    assert told_as.is_failure("The version of the list is missing on the office machine")
