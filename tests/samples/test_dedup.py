"""Fingerprints, near-duplicates and the hold-out."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.dedup import STRIKES, HoldOut, NearDuplicates, SignatureIndex
from samples.fingerprint import (
    Fingerprint,
    fingerprint,
    jaccard,
    likeness,
    ngrams,
    shingles,
    signature,
    word_hashes,
    words,
)

WORDS = [f"word{number}" for number in range(400)]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_copies_with_small_changes_are_duplicates_and_other_texts_are_not(seed: int) -> None:
    rng = random.Random(seed)
    text = [rng.choice(WORDS) for _ in range(150)]
    seen = NearDuplicates()
    assert seen.is_new("style_core", fingerprint("Write it.", "", " ".join(text)))
    text[rng.randrange(150)] = "changed"
    assert not seen.is_new("style_core", fingerprint("Write it.", "", " ".join(text)))
    other = " ".join(rng.choice(WORDS) for _ in range(150))
    assert seen.is_new("style_core", fingerprint("Write it.", "", other))


@settings(deadline=None, max_examples=50)
@given(*[st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join)] * 3)
def test_the_whole_is_compared_by_all_its_triples(asked: str, context: str, answer: str) -> None:
    found = fingerprint(asked, context, answer)
    whole = signature(shingles(word_hashes(words(f"{asked} {context} {answer}"))))
    assert np.array_equal(found.whole, whole)


def test_one_output_may_serve_two_categories_but_not_twice_in_one() -> None:
    seen = NearDuplicates()
    output = " ".join(WORDS[:60])
    assert seen.is_new("style_core", fingerprint(" ".join(WORDS[100:200]), "", output))
    assert not seen.is_new("style_core", fingerprint(" ".join(WORDS[200:300]), "", output))
    assert seen.is_new("guardrails", fingerprint(" ".join(WORDS[300:400]), "", output))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(0, 120))
def test_signatures_estimate_the_exact_similarity(seed: int, changes: int) -> None:
    rng = random.Random(seed)
    one = [rng.choice(WORDS) for _ in range(400)]
    other = list(one)
    for _ in range(changes):
        other[rng.randrange(400)] = f"new{rng.randrange(1000)}"
    first, second = (shingles(word_hashes(text)) for text in (one, other))
    # Five standard errors of 64 permutations.
    assert abs(jaccard(first, second) - likeness(signature(first), signature(second))) < 0.32


def test_the_index_finds_what_is_alike_among_many() -> None:
    rng = random.Random(1)
    texts = [[rng.choice(WORDS) for _ in range(120)] for _ in range(1500)]
    index = SignatureIndex()
    for text in texts:
        index.add(signature(shingles(word_hashes(text))))
    missed = 0
    for row, text in enumerate(texts[:300]):
        close = [*text[:118], "and", "more"]
        missed += row not in index.alike(signature(shingles(word_hashes(close))))
    assert len(index) == 1500 and missed == 0


def test_short_and_empty_texts_have_fingerprints() -> None:
    assert likeness(fingerprint("", "", "").whole, fingerprint("", "", "").whole) == 1.0
    assert not np.array_equal(fingerprint("one", "", "").whole, fingerprint("two", "", "").whole)
    assert fingerprint("", "", "only a few words").output is None


def test_grams_are_runs_of_thirteen_words() -> None:
    assert len(ngrams(word_hashes(WORDS[:12]))) == 0
    assert len(ngrams(word_hashes(WORDS[:13]))) == 1
    assert set(ngrams(word_hashes(WORDS[:20]))) & set(ngrams(word_hashes(WORDS[7:40])))
    assert words("Größe_1, zwei!") == ["größe_1", "zwei"]


def _said(text: list[str], given: list[str] | None = None) -> Fingerprint:
    return fingerprint("", " ".join(given or []), " ".join(text))


def test_training_that_shares_thirteen_words_with_a_held_out_answer_is_refused() -> None:
    held = HoldOut()
    held.add("eval", _said(WORDS[:40], given=WORDS[200:240]))
    held.add("other", _said(WORDS[50:90]))
    assert held.admits(_said(["x", *WORDS[10:22], "y"]))
    assert not held.admits(_said(["x", *WORDS[10:23], "y"]))
    assert not held.admits(_said(["x"], given=WORDS[60:80]))
    assert held.admits(_said(WORDS[200:240])), "the input of a held-out sample is no secret"
    assert not held.contaminated and held.strikes == {"eval": 1, "other": 1}


def test_a_held_out_answer_that_is_said_everywhere_gives_way() -> None:
    held = HoldOut()
    held.add("eval", _said(WORDS[:40]))
    admitted = [held.admits(_said(["x", *WORDS[:20], str(number)])) for number in range(STRIKES + 2)]
    assert admitted == [False] * STRIKES + [True, True]
    assert held.contaminated == {"eval"}


def test_an_empty_hold_out_admits_everything() -> None:
    assert HoldOut().admits(_said(WORDS))
