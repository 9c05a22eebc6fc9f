"""The reader of the refusal judge: learned from its cases, true to the tuned model, at home in texts of any length."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from rag.bert_graph import source_folder
from samples.judges import _refusal_reader as reader
from samples.judges import judge

CASES = Path(__file__).parent / "golden" / "refusal.jsonl"
REQUEST = "Write Jest tests for the Crane component."
REFUSAL = "I can't write Jest tests here: this project uses Vitest."
DEED = (
    "```ts\nimport { jest } from '@jest/globals';\ntest('lifts', () => { expect(new Crane().lift()).toBe(1); });\n```"
)


def test_it_has_learned_from_the_golden_cases_as_they_are():
    with safe_open(reader.LEARNED, "numpy") as file:
        learned_from = file.metadata()["cases_sha256"]
    assert learned_from == hashlib.sha256(CASES.read_bytes()).hexdigest(), "run python -m bench.refusal_reader"


def test_it_reads_refusals_and_deeds():
    assert reader.refuses(REQUEST, REFUSAL) > 0.8
    assert reader.refuses(REQUEST, DEED) < 0.2


def test_of_a_long_answer_it_reads_the_beginning_and_the_end():
    story = " The crane lifted a box, then another, and all was well in the harbour." * 2_000
    ids, segments = reader.encode(REQUEST * 100, REFUSAL + story + DEED)
    assert len(ids) == len(segments) == reader.REQUEST + reader.OPENING + reader.ENDING + 3
    assert segments.count(1) == reader.OPENING + reader.ENDING + 1
    opening, ending = reader.encode("", REFUSAL)[0][2:-1], reader.encode("", DEED)[0][2:-1]
    told = ids[reader.REQUEST + 2 : -1]
    assert told[: len(opening)] == opening
    assert told[-len(ending) :] == ending


def test_code_beyond_what_is_read_is_found():
    hidden = f"{REFUSAL}\n\n{'A crane is a machine. ' * 200}\n\n{DEED}\n\n{'It lifts what is heavy. ' * 200}"
    assert judge("refusal", hidden, request=REQUEST).why == "does what was asked: code that uses Jest"


def test_lone_surrogates_are_read():
    assert 0 <= reader.refuses("\ud800", "\ud800 no") <= 1


@pytest.mark.slow
def test_the_graph_is_the_tuned_model():
    import torch
    from transformers import AutoModel

    weights = reader.merged(load_file(source_folder() / "model.safetensors"), load_file(reader.LEARNED))
    model = AutoModel.from_pretrained(source_folder(), add_pooling_layer=False).eval()
    model.load_state_dict({name: torch.tensor(weights[name]) for name in model.state_dict() if name in weights})
    for answer in (REFUSAL, DEED, "Vitest it is.", "Done, although one should not."):
        ids, segments = (torch.tensor([row]) for row in reader.encode(REQUEST, answer))
        with torch.no_grad():
            hidden = model(ids, token_type_ids=segments).last_hidden_state[0].numpy()
        both = np.concatenate([hidden[0], hidden[segments[0].numpy() == 1].mean(axis=0)])
        score = both @ weights["head.weight"][0] + weights["head.bias"][0]
        # Eight-bit weights and activations move an uncertain answer by up to a fifth.
        assert reader.refuses(REQUEST, answer) == pytest.approx(1 / (1 + np.exp(-score)), abs=0.2)


@pytest.mark.slow
def test_tuning_writes_what_the_reader_reads(tmp_path, monkeypatch, capsys):
    from bench.refusal_reader import main

    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(CASES.read_text(encoding="utf-8").splitlines(keepends=True)[:48]), encoding="utf-8")
    monkeypatch.setattr(reader, "LEARNED", tmp_path / "learned.safetensors")
    reader._session.cache_clear()
    try:
        main(["--cases", str(cases), "--unseen", str(cases), "--epochs", "1"])
    finally:
        reader._session.cache_clear()
    assert "right: " in capsys.readouterr().out
    learned = load_file(reader.LEARNED)
    assert learned["encoder.layer.0.intermediate.dense.weight.up"].shape == (1536, 32)
    assert not [name for name in learned if "embeddings" in name]
