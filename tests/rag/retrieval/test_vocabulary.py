"""German words of questions in English."""

import pytest

from rag.retrieval.vocabulary import in_english, is_german


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Liegeplatzplanung", "berth planning"),
        ("Kopfzeilenfehler", "header error"),
        ("Wasserstandsdaten", "tide data"),
        ("Wiederherstellungsagent", "recovery agent"),
        ("geänderte Schleusen", "changed lock"),
        ("Testserver", "test server"),
        ("Xylophonserver", "server"),
        ("was für Namen", "was für names"),
        ("Maren", "Maren"),
    ],
)
def test_words_and_compounds(german: str, english: str) -> None:
    assert in_english(german) == english


@pytest.mark.parametrize("question", ["how does the last test form of the plan work", "what was the last link", "boot"])
def test_words_that_both_have_make_no_question_german(question: str) -> None:
    assert not is_german(question)


@pytest.mark.parametrize("question", ["Wer darf nachts angerufen werden?", "Namensregeln für Dateien", "Wartung"])
def test_german_questions(question: str) -> None:
    assert is_german(question)
