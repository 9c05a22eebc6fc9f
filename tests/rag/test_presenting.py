"""Marks, excerpts and sentences about a search."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rag.presenting import EXCERPT, _pattern, excerpt, read_as, why_nothing
from rag.retrieval.question import read_question

TODAY = date(2026, 3, 10)


def test_words_are_marked_in_all_their_forms_and_escaped() -> None:
    shown = excerpt("Firing <b>twice</b>: we fired the kiln & re-fired it", _pattern(["firing", "kiln"]))
    assert shown == "<mark>Firing</mark> &lt;b&gt;twice&lt;/b&gt;: we fired the <mark>kiln</mark> &amp; re-fired it"
    assert excerpt("plain", None) == "plain"
    assert _pattern([]) is None


def test_an_excerpt_shows_the_place_with_most_of_the_words() -> None:
    text = "kiln " + "clay and water " * 60 + "the kiln needs a slow glaze " + "more clay " * 60
    shown = excerpt(text, _pattern(["kiln", "glaze"]))
    assert shown.startswith("… ") and shown.endswith(" …")
    assert "<mark>kiln</mark> needs a slow <mark>glaze</mark>" in shown


@given(st.text(max_size=900), st.lists(st.text(max_size=12), max_size=4))
def test_no_text_and_no_word_breaks_an_excerpt(text: str, words: list[str]) -> None:
    shown = excerpt(text, _pattern(words))
    bare = shown.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare and ">" not in bare
    assert len(bare) <= 6 * EXCERPT + 4


def test_a_question_is_retold() -> None:
    assert read_as(read_question("What came before 2026-03-03-UTC-0900-glaze.md?", TODAY)).startswith(
        "along the breadcrumbs; what came before, 1 step(s); near 2026-03-03-UTC-0900-glaze.md"
    )
    assert "dated 2026-03-09" in read_as(read_question("What happened yesterday?", TODAY))


def test_the_reason_for_nothing_names_what_to_change() -> None:
    assert "filter" in why_nothing(read_question("clay", TODAY), filtered=True)
    assert "2026-03-09" in why_nothing(read_question("What happened yesterday?", TODAY), filtered=False)
    assert "zeppelin" in why_nothing(read_question("zeppelin repair", TODAY), filtered=False)
    assert "no word" in why_nothing(read_question("why?", TODAY), filtered=False)
