"""What is read out of a journal: blocks, statements, decisions."""

import pytest

from samples.generators.journal_blocks import read_blocks, sectioned
from samples.generators.journal_tron import told_trons
from samples.generators.text import (
    is_claim,
    is_private,
    is_sentence,
    is_step,
    is_to_do,
    names_evidence,
    plain,
    quotes,
    sentence,
)
from tests.samples.journals import LIBRARY, source_of


def test_the_example_is_read_as_a_journal() -> None:
    kinds = [source.kind for source in LIBRARY.sources]
    assert kinds == ["pdca", "pdca", "pdca", "pdca", "process"]
    journal = LIBRARY.sources[0].journal
    assert journal.issue == "Skippers of long boats are sent to short berths in round aa"
    assert [taken for taken, _ in journal.decisions] == [True, True, False]
    assert journal.summary.startswith("The list of berth aa is sorted by length now")
    assert [block.label for block in journal.blocks] == [
        "Sorting Strategy aa",
        "Acceptance Criteria",
        "Implementation aa",
        "Verification Results aa",
        "Key Learning aa",
        "Next Steps aa",
    ]
    assert [block.aspect for block in journal.blocks] == [
        "decision",
        "criteria",
        "action",
        "result",
        "learning",
        "next",
    ]


def test_a_told_decision_joins_response_and_outcome_about_the_same() -> None:
    first, *others = LIBRARY.sources[0].journal.trons
    assert first["trigger"].startswith(("Skippers of long boats", "The user said"))
    assert first["next"].startswith(("Add the draught", "Ask the clerks"))
    for tron in (first, *others):
        assert len(set(tron.values())) == 4
        assert is_to_do(tron["response"]) and not is_claim(tron["outcome"])


def test_a_rejected_option_is_no_response_and_a_count_no_trigger() -> None:
    text = (
        "## Plan\n\n### Issues found\n- 14 berths\n- The list of berths shows a wrong length of every boat\n"
        "### Options considered\n- Sort the list of berths by name instead of length\n"
        "### Approach\n- Sort the list of berths by the length of every boat\n"
    )
    done = "## Check\n\n### Verification\n- The list of berths is sorted by length on screen now\n"
    act = "## Act\n\n### Next steps\n- Ask the clerks whether they still search\n"
    sections = (("plan", text), ("check", done), ("act", act))
    blocks = [block for name, part in sections for block in read_blocks(name, part, 0, len(part))]
    (tron,) = told_trons(blocks, "", [])
    assert tron["response"].endswith("by the length of every boat") and "wrong length" in tron["trigger"]


def test_blocks_keep_labels_wrapped_lines_and_code() -> None:
    text = (
        "## Do\n\n**Steps taken:**\n1. Wrote a line that goes\n   on below, for the reader\n"
        "- `berths.ts` → sorted by pole\n\n```bash\nnpm run berths\n```\n### Pride:\n- I feel happy about this work\n"
    )
    (block,) = read_blocks("do", text, 0, len(text))
    assert block.label == "Steps taken"
    assert block.items == ("Wrote a line that goes on below, for the reader", "`berths.ts` -> sorted by pole")
    assert "npm run berths" in sectioned([block], code=True) and "npm" not in sectioned([block])


@pytest.mark.parametrize(
    ("said", "is_evidence", "is_whole"),
    [
        ("Sorting the list takes 40 ms on the office machine", True, True),
        ("`npm test` was green on both machines", True, True),
        ("The list was checked and everything works", False, True),
        ("CMM3 reached in phase 2", False, False),
        ("Complete overview: berths, poles and boats", False, False),
        ("Commit 4f9a1c2e was pushed before the link was sent", True, True),
    ],
)
def test_evidence_and_sentences_are_recognised(said: str, is_evidence: bool, is_whole: bool) -> None:
    assert names_evidence(said) is is_evidence
    assert is_sentence(said) is is_whole


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("howto.md has a pointer", "howto.md has a pointer."),
        ('the reason names "B7."', 'The reason names "B7."'),
        ("git status is clean", "Git status is clean."),
    ],
)
def test_sentences_keep_file_names_and_quotes(said: str, written: str) -> None:
    assert sentence(said) == written


def test_words_of_people_are_kept_without_who_said_them_when() -> None:
    assert quotes('> User Quote: "sort the list by length today" Timestamp: 2026-04-10') == [
        "sort the list by length today"
    ]
    assert quotes("> you are stupid and the list is wrong") == []


def test_steps_and_feelings_are_recognised() -> None:
    assert not is_to_do("Check Instance: the phase in which berths are measured again")
    assert is_step("Sort the list") and not is_step("Risk: nobody sorts the list")
    assert is_to_do("Phase 1: Add the draught") and not is_to_do("Added the draught")
    assert is_private("We celebrate this") and not is_private("The third-party list is sorted")


def test_a_sentence_that_leads_to_a_list_gives_it_its_sense() -> None:
    text = (
        "## Do\n\n**Panic at the quay**\nI pulled the plug of the harbour clock as a panic response instead of:\n"
        "- Reading the log of the harbour clock\n- Asking the clerk who set it last\n"
    )
    (block,) = read_blocks("do", text, 0, len(text))
    assert block.label.endswith("instead of") and len(block.items) == 2


def test_lines_with_a_sign_of_their_state_are_statements_of_their_own() -> None:
    text = (
        "## Do\n\n### Phase one\n✅ **Measured**: every berth of the east quay is in the list\n"
        "🔄 **Next**: the berths of the west quay in May\n\n"
        "- **Poles painted** ✅\n  - Fourteen poles show the length of their berth\n"
    )
    first, second = read_blocks("do", text, 0, len(text))
    assert len(first.items) == 2 and first.items[1].startswith("Next: the berths of the west quay")
    assert second.label == "Poles painted" and second.items == ("Fourteen poles show the length of their berth",)


def test_a_star_in_a_path_and_an_option_that_begins_like_a_header_stay() -> None:
    text = (
        "## Plan\n\n**Options for the list**\n- Status report only: **tell** what `berths-*.md` say today\n"
        "- Status: open\n- Agent role (today): Tester of the list\n"
    )
    (block,) = read_blocks("plan", text, 0, len(text))
    assert block.items == ("Status report only: tell what `berths-*.md` say today",)


def test_a_change_of_the_process_within_act_is_told_once() -> None:
    text = (
        "# PDCA: Berths\n\n## Plan\n- Measure every berth of the east quay with the tape\n\n## Act\n\n### Learnings\n"
        "- Measure each berth twice before the list is printed\n\n### PDCA Process Update\n"
        "- The tape hangs in the office now, beside the list of berths\n"
    )
    journal = source_of("journal/2026-04-10-berths.pdca.md", text, 7).journal
    said = [item for block in journal.blocks for item in block.items]
    assert len(said) == len(set(said)) == 3


def test_a_list_keeps_its_short_items_and_files() -> None:
    text = (
        "## Do\n\n**Artifacts of the quay**\n- **File:** `src/berths.ts`\n- [poles.md](../poles.md)\n- Both\n"
        "- Poles painted with the length of every berth\n\nDone\n- Ropes of the east quay checked before noon\n"
    )
    (block,) = read_blocks("do", text, 0, len(text))
    assert block.items[:3] == ("File: `src/berths.ts`", "poles.md", "Both")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Component: [GitHub](https://x.test/a.ts) | [§/src/a.ts](../src/a.ts)", "Component: src/a.ts"),
        ("Separator: `────` divides the 🎉 list", "Separator: `────` divides the list"),
        ("Every link reads `[GitHub](url) | [§/path](path)`", "Every link reads ` | path`"),
    ],
)
def test_code_and_dual_links_leave_no_rest(written: str, read: str) -> None:
    assert plain(written) == read
