"""Formatting, loss mask, truncation, batches."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import tiny_tokenizer
from training.ml.data import (
    IGNORED,
    Conversation,
    Encoded,
    encode,
    encode_all,
    epoch_steps,
    micro_batches,
    read_samples,
    some_of,
    with_replay,
)
from web4site.errors import UserError

TOKENIZER = tiny_tokenizer()
CHAT = Conversation(
    [
        {"role": "user", "content": "What is next?"},
        {"role": "assistant", "content": "The check."},
        {"role": "user", "content": "And then?"},
        {"role": "assistant", "content": "The act: 12 steps."},
    ],
    "process_framework",
)


def asked(question: str, answer: str) -> Conversation:
    return Conversation([{"role": "user", "content": question}, {"role": "assistant", "content": answer}])


def learned(sample: Encoded) -> str:
    return TOKENIZER.decode([label for label in sample.labels if label != IGNORED])


def test_loss_is_on_the_answers_and_their_end_only():
    sample, cut = encode(CHAT, TOKENIZER, 500)
    assert learned(sample) == "The check.<|im_end|>The act: 12 steps.<|im_end|>"
    assert not cut and sample.category == "process_framework"
    assert TOKENIZER.decode(sample.ids) == TOKENIZER.apply_chat_template(CHAT.messages, tokenize=False)


def test_a_long_sample_is_cut_and_counted_and_one_without_answer_dropped():
    long_question = asked("why " * 100, "Because.")
    long_answer = asked("why", "Because. " * 100)
    kept, report = encode_all([CHAT, long_question, long_answer], TOKENIZER, 120)
    assert (report.samples, report.truncated, report.dropped) == (2, 1, 1)
    assert max(len(sample.ids) for sample in kept) == report.longest == 120
    assert report.tokens == sum(len(sample.ids) for sample in kept)


def test_nothing_to_learn_is_an_error():
    with pytest.raises(UserError, match="No sample has an answer within 16 tokens"):
        encode_all([Conversation(CHAT.messages[:2])], TOKENIZER, 16)


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
@settings(max_examples=50, deadline=None)
def test_any_text_keeps_question_out_of_the_loss(question: str, answer: str):
    chat = asked(question, answer)
    sample, _ = encode(chat, TOKENIZER, 100_000)
    prompt = TOKENIZER.apply_chat_template(chat.messages[:1], tokenize=False, add_generation_prompt=True)
    head = len(TOKENIZER(prompt, add_special_tokens=False)["input_ids"])
    assert set(sample.labels[: head - 1]) == {IGNORED}
    assert sample.label_count >= 1


@given(st.integers(1, 200), st.integers(1, 16), st.integers(0, 5))
def test_every_epoch_visits_every_sample_once_in_a_repeatable_order(samples: int, per_step: int, epoch: int):
    steps = epoch_steps(samples, per_step, 42, epoch)
    assert sorted(index for step in steps for index in step) == list(range(samples))
    assert [len(step) for step in steps[:-1]] == [per_step] * (len(steps) - 1)
    assert steps == epoch_steps(samples, per_step, 42, epoch)


def test_epochs_and_seeds_differ():
    orders = [epoch_steps(64, 8, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    assert len({str(order) for order in orders}) == 4


def test_the_hold_out_is_the_same_every_time():
    conversations = [asked(str(number), "") for number in range(50)]
    some = some_of(conversations, 8, 42)
    assert len(some) == 8 and some == some_of(conversations, 8, 42) and some != some_of(conversations, 8, 43)
    assert len(some_of(conversations[:3], 8, 42)) == 3


@given(st.integers(1, 60), st.integers(0, 60), st.sampled_from([0.0, 0.2, 0.5, 0.9]))
def test_replay_makes_its_share_of_the_whole_or_gives_all_there_is(new: int, old: int, share: float):
    fresh, earlier = (
        [asked(f"{name} {number}", "") for number in range(n)] for name, n in (("new", new), ("old", old))
    )
    mixed = with_replay(fresh, earlier, share, 42)
    added = mixed[new:]
    assert mixed[:new] == fresh and all(added.count(item) == 1 and item in earlier for item in added)
    assert len(added) == old or abs(len(added) - share * len(mixed)) <= 1
    assert mixed == with_replay(fresh, earlier, share, 42)


def test_micro_batches_hold_at_most_the_rows_asked_for_and_like_lengths():
    samples = [Encoded([1] * length, [1] * length) for length in (5, 3, 9, 1, 7)]
    assert [[len(s.ids) for s in batch] for batch in micro_batches(samples, 2)] == [[1, 3], [5, 7], [9]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "line 1 is not a training sample"),
        ("[1, 2]", "line 1 is not a training sample"),
        (json.dumps({"messages": [{"role": "user", "content": "hi"}]}), "no answer of the assistant"),
        (json.dumps({"instruction": "hi"}), "line 1 is not a training sample"),
        ("", "no training samples"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, line: str, message: str):
    path = tmp_path / "train.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_samples([path])


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"gone\.jsonl does not exist"):
        read_samples([tmp_path / "gone.jsonl"])
