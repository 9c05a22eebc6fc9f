"""Answers that belong to their task are told from those that would fit any."""

from evaluation.substance import belonging, distinct, measure, task_terms

NAMES = [f"{head}{tail}" for head in ("Rope", "Fog", "Mast", "Keel", "Deck") for tail in ("Ladder", "Horn", "Light")]
PROBLEMS = ("swallows errors", "leaves timers running", "accepts negative weights")
ASKED = [
    f"Write the PDCA for this task: {name} {PROBLEMS[index % 3]}.\nPrevious PDCA: 2027-01-01-UTC-0800-x.pdca.md."
    for index, name in enumerate(NAMES)
]
GENERIC = "## Objective\n\nBe good.\n\n## Plan\n\nThink.\n\n## Do\n\nWork.\n\n## Check\n\nTest."


def entry(said: str) -> str:
    return f"## Objective\n\nRepair.\n\n## Plan\n\n{said}\n\n## Do\n\n{said}\n\n## Check\n\nTested: {said}"


def test_terms_are_the_subject_and_not_the_way_of_asking() -> None:
    assert task_terms(ASKED)[0] == {"ropeladder"}
    many = [f"{ask} {number}" for number, ask in enumerate(ASKED * 4)]
    assert task_terms([*many[:1], *(prompt.replace("swallows errors", "sleeps") for prompt in many[1:])])[0] >= {
        "ropeladder",
        "swall",
        "error",
    }


def test_an_answer_belongs_when_every_section_names_its_task() -> None:
    terms = frozenset(("ropeladder", "swall", "error"))
    assert belonging(terms, entry("RopeLadder swallows errors")).belongs
    assert belonging(terms, entry("The ladder is fine")).shares == {"plan": 0, "do": 0, "check": 0}
    assert not belonging(terms, GENERIC).belongs
    assert not belonging(terms, "## Plan\n\nRopeLadder swallows errors\n\n## Do\n\nRopeLadder swallows errors").belongs


def test_answers_to_other_prompts_do_not_belong() -> None:
    own = [entry(name) for name in NAMES]
    assert measure(ASKED, own)["belongs"] == 1
    assert measure(ASKED, own[1:] + own[:1])["belongs"] == 0


def test_repeated_answers_are_counted() -> None:
    assert distinct(["a b c", "a b c"], 2) == 0.5
    assert distinct(["a b", "c d"], 2) == 1
    assert measure(ASKED, [GENERIC] * len(ASKED))["different"] == 1
