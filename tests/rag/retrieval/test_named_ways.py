"""Which way a question asks to walk from a document that stands in it, by path or by title."""

from datetime import date

import pytest

from rag.retrieval.named_ways import find_named_way
from rag.retrieval.question import read_question
from rag.retrieval.titles import Titles

TODAY = date(2026, 3, 10)
TITLES = Titles(
    [
        (1, "PDCA Cycle: Glaze Trials - 2026-03-03-UTC-0900"),
        (2, "PDCA: Tracking the Kiln Draught"),
        (3, "Review"),
        *((key, "PDCA Cycle: Weekly Kiln Report - another week") for key in (4, 5, 6, 7)),
    ]
)
FORMS = ("2026-03-03-UTC-0900-glaze-trials", "Glaze Trials", '"Glaze Trials"', "the Glaze Trials PDCA")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("Which PDCA continues {}?", "after"),
        ("what did we do once {} was done?", "after"),
        ("{}: and then?", "after"),
        ("which document comes directly behind {}?", "after"),
        ("Was kam nach {}?", "after"),
        ("Which PDCA has {} as its predecessor?", "after"),
        ("go one step forward from {}", "after"),
        ("what grew out of {}?", "after"),
        ("what does {} lead to?", "after"),
        ("which entry does {} continue?", "before"),
        ("what was {} a reaction to?", "before"),
        ("Where does {} come from?", "before"),
        ("go one step back from {}", "before"),
        ("the entry that {} continues", "before"),
        ("what is {} the follow-up of?", "before"),
        ("{}: what was before that?", "before"),
        ("Was war vor {}?", "before"),
        ("what prompted {}?", "before"),
    ],
)
def test_the_place_of_the_name_decides(question: str, direction: str, name: str) -> None:
    read = read_question(question.format(name), TODAY, titles=TITLES)
    assert read.way and (read.way.direction, read.way.relation) == (direction, "PRECEDES")
    assert read.route == "breadcrumb"


@pytest.mark.parametrize(
    ("question", "direction"),
    [
        ("who touched {}?", "before"),
        ("Which PDCAs link to {}?", "before"),
        ("where is {} mentioned?", "before"),
        ("by whom was {} changed?", "before"),
        ("show everything that refers to {}", "before"),
        ("which files does {} touch?", "after"),
        ("list the documents changed by {}", "after"),
        ("artifacts of {}", "after"),
    ],
)
def test_links_are_followed_one_step_either_way(question: str, direction: str) -> None:
    read = read_question(question.format("docs/kiln/firing.md"), TODAY)
    assert read.way and (read.way.direction, read.way.relation, read.way.depth) == (direction, "TOUCHES", 1)


def test_a_title_may_contain_words_that_elsewhere_say_the_way() -> None:
    way = read_question("Which entry follows Tracking the Kiln Draught?", TODAY, titles=TITLES).way
    assert way and (way.direction, way.relation) == ("after", "PRECEDES")


def test_steps_that_are_counted_are_no_part_of_the_topic() -> None:
    read = read_question("Which PDCA came two steps before the thin glaze?", TODAY)
    assert read.depth == 2
    assert read.terms == ("thin", "glaze")


def test_two_titles_are_the_ends_of_a_path() -> None:
    read = read_question("How did Tracking the Kiln Draught lead to the glaze trials?", TODAY, titles=TITLES)
    assert read.between
    assert [one.documents for one in read.called] == [(2,), (1,)]


@pytest.mark.parametrize(
    "question",
    [
        "What were the glaze trials about?",  # no way is asked for
        "What came before the review?",  # a word is no title
        "What came before docs/glaze-trials.md?",  # a part of a file's name
        "What came before the weekly kiln report?",  # many have this title
    ],
)
def test_only_a_title_that_tells_entries_apart_names_them(question: str) -> None:
    assert read_question(question, TODAY, titles=TITLES).called == ()


def test_what_is_not_about_neighbours_is_left_to_others() -> None:
    assert find_named_way("What does ⌖ say about glaze?") is None
    assert find_named_way("How must a kiln be fired?") is None
