"""Many questions at once, asked of the bundled model in a real llama.cpp process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.runtimes.base import Answer, Asked, OneByOne, Request, RuntimeFailure, user
from evaluation.runtimes.batched import BatchedModel
from tests.evaluation.scripted import FakeRuntime
from training.ml.base_model import bundled_gguf
from web4site.errors import UserError

WORDS = ("tide", "loom", "kiln", "orchard", "ferry", "berth", "beacon", "mill", "quarry", "harbour")


@pytest.fixture(scope="module")
def model() -> Iterator[BatchedModel]:
    with BatchedModel(bundled_gguf()) as running:
        yield running


def requests(count: int, tokens: int = 8) -> list[Request]:
    return [Request(user(f"Say the word {WORDS[index]}."), tokens) for index in range(count)]


def test_every_question_has_its_own_answer(model: BatchedModel) -> None:
    asked: Asked = model
    answers = dict(asked.answers(requests(10)))
    assert sorted(answers) == list(range(10))
    texts = [answer.text for index, answer in sorted(answers.items()) if isinstance(answer, Answer)]
    assert len(texts) == 10
    # Ten sequences on eight slots: none may hold what belongs to another.
    own = sum(WORDS[index] in text.lower() for index, text in enumerate(texts))
    strange = sum(other in text.lower() for index, text in enumerate(texts) for other in WORDS if other != WORDS[index])
    assert own >= 6 and strange <= 1


def test_one_alone_repeats_whatever_was_asked_before(model: BatchedModel) -> None:
    one = Request(user("What is a ferry?"), 12)
    first, other = (dict(model.answers([one]))[0] for _ in range(2))
    assert isinstance(first, Answer) and isinstance(other, Answer)
    assert first.text == other.text and first.prompt_tokens == other.prompt_tokens > 10 and first.tokens <= 12


def test_seeds_make_samples_differ_and_repeat(model: BatchedModel) -> None:
    drawn = [Request(user("Tell me about boats."), 12, temperature=1.0, seed=seed) for seed in (1, 2, 3, 4)]
    texts = [answer.text for _, answer in sorted(model.answers(drawn)) if isinstance(answer, Answer)]
    assert len(set(texts)) > 1


def test_an_answer_ends_before_its_stop_word(model: BatchedModel) -> None:
    [(_, whole)] = model.answers([Request(user("Name three colours."), 16)])
    assert isinstance(whole, Answer)
    word = whole.text.split()[2]
    [(_, cut)] = model.answers([Request(user("Name three colours."), 16, stop=[word])])
    assert isinstance(cut, Answer)
    assert cut.text == whole.text[: whole.text.index(word)] and cut.tokens < whole.tokens


def test_a_question_beyond_the_context_has_no_answer_and_harms_no_other(model: BatchedModel) -> None:
    answers = dict(model.answers([Request(user("word " * 4200), 10), *requests(2, tokens=2)]))
    assert isinstance(answers[0], RuntimeFailure) and "context has 4096" in str(answers[0])
    assert isinstance(answers[1], Answer) and isinstance(answers[2], Answer)
    assert dict(model.answers([])) == {}


def test_a_dying_process_is_started_again_and_every_question_is_answered(model: BatchedModel) -> None:
    answers = {}
    for count, (index, answer) in enumerate(model.answers(requests(10, tokens=4))):
        if count == 0 and model.pid:
            os.kill(model.pid, signal.SIGKILL)
        answers[index] = answer
    assert sorted(answers) == list(range(10))
    assert all(isinstance(answer, Answer) for answer in answers.values())


def test_a_file_that_is_no_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no model file"):
        BatchedModel(tmp_path / "missing.gguf")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(UserError, match=r"could not load broken\.gguf"):
        BatchedModel(broken)


def test_any_runtime_can_be_asked_one_by_one() -> None:
    runtime = FakeRuntime()
    runtime.enqueue("first", RuntimeFailure("gone"))
    answers = dict(OneByOne(runtime).answers(requests(2)))
    assert isinstance(answers[0], Answer) and answers[0].text == "first"
    assert isinstance(answers[1], RuntimeFailure)
