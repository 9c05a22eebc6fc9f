"""From adapter to GGUF on tiny real models: exact files, tensors, tokens, and answers."""

import json
from pathlib import Path

import numpy
import pytest

from tests.training.ml.test_lora import SETTINGS
from tests.training.tiny import tiny_tokenizer, write_tiny_model
from training.ml import gguf_export
from training.ml.base_model import inspect_base_model, prepare_base_model
from training.ml.build import BuildRequest, build_gguf
from training.ml.config import load_preset
from training.ml.drift import measure_drift
from training.ml.gguf_export import export_gguf, interleave_rotary
from training.ml.gguf_tokenizer import pre_tokenizer_name
from training.ml.lora import TrainingRequest, train
from training.ml.merge import merge_adapter
from training.ml.modelfile import read_chat
from training.ml.parity import TIE, Reference, check_parity, parity_questions
from training.ml.quantize import quantize_gguf
from training.ml.served import served_answers
from web4site.errors import UserError
from web4site.progress import Progress

TEXTS = ["a  1 2", "x = 12\n\n  34\t5", "2025-08-24 **Date:** don't  ", "zwölf Häuser, ☕ and 9  <|im_end|>\n"]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory, tiny_base, samples_file) -> Path:
    folder = tmp_path_factory.mktemp("adapter")
    request = TrainingRequest(
        base=tiny_base, samples=[samples_file], folder=folder / "run", locks=folder / "locks", settings=SETTINGS
    )
    result = train(request)
    assert result.adapter
    return result.adapter


@pytest.mark.parametrize("quantization", ["Q4_K_M", "Q5_K_M", "Q8_0", "F16"])
def test_a_build_leaves_exactly_the_gguf_and_its_manifest(tmp_path, tiny_base, adapter, quantization):
    reports: list[Progress] = []
    request = BuildRequest(tiny_base, adapter, tmp_path / "builds" / "b1", "web4-b1", quantization)
    result = build_gguf(request, reports.append)
    assert [path.name for path in (tmp_path / "builds").iterdir()] == ["b1"]
    assert sorted(path.name for path in request.folder.iterdir()) == ["Modelfile", "manifest.json", result.gguf.name]
    assert result.gguf.name == f"web4-b1.{quantization}.gguf"
    assert result.parity.prompt_ids_equal == 1.0 and result.parity.answers_equal_fp16 == 1.0 and result.parity.passed
    assert result.parity.prompts == 50 and (result.parity.drift is None) == (quantization == "F16")
    assert result.merge_difference < 1e-4
    assert reports[-1].done == reports[-1].total == 4
    manifest = json.loads((request.folder / "manifest.json").read_text())
    assert manifest["files"][result.gguf.name] == {"sha256": result.sha256, "bytes": result.bytes}


def test_the_production_preset_goes_from_samples_to_a_faithful_qwen2_file(tmp_path, tiny_qwen, samples_file):
    """Rank 16 on all seven targets with gradient checkpointing, on a small model of the structure of Qwen2.5-Coder."""
    settings = load_preset("balanced", overrides={"max_length": "256", "device": "cpu", "threads": "1"})
    trained = train(
        TrainingRequest(
            base=tiny_qwen, samples=[samples_file], folder=tmp_path / "run", locks=tmp_path, settings=settings
        )
    )
    assert trained.adapter and trained.stopped == "completed" and trained.steps == settings.epochs
    manifest = json.loads((trained.adapter / "manifest.json").read_text())
    assert (manifest["settings"]["rank"], len(manifest["settings"]["targets"])) == (16, 7)
    result = build_gguf(BuildRequest(tiny_qwen, trained.adapter, tmp_path / "build", "qwen", "Q4_K_M"))
    assert result.parity.passed and result.parity.drift and result.parity.drift.kl_divergence < 1


def test_quantized_files_get_smaller(tmp_path, tiny_base):
    fp16 = export_gguf(tiny_base, tmp_path / "m.F16.gguf", name="m")
    sizes = [quantize_gguf(fp16, tmp_path / f"{q}.gguf", q).stat().st_size for q in ("Q4_K_M", "Q5_K_M", "Q8_0")]
    assert sizes == sorted(sizes) and sizes[-1] < fp16.stat().st_size


def test_an_export_with_shifted_embeddings_does_not_pass(tmp_path, tiny_base, monkeypatch):
    """The fault of a converter that counts the special tokens wrongly."""
    load = gguf_export._load

    def shifted(source, *arguments):
        tensor = load(source, *arguments)
        return numpy.roll(tensor, 1, axis=0) if "embed_tokens" in source.name else tensor

    monkeypatch.setattr(gguf_export, "_load", shifted)
    wrong = export_gguf(tiny_base, tmp_path / "wrong.gguf", name="wrong")
    parity = check_parity(tiny_base, wrong, wrong)
    assert parity.prompt_ids_equal == 1.0 and parity.answers_tied_fp16 < 0.95 and not parity.passed


def test_coarser_files_drift_further_from_fp16(tmp_path, tiny_base):
    fp16 = export_gguf(tiny_base, tmp_path / "m.F16.gguf", name="m")
    drifts = [
        measure_drift(fp16, quantize_gguf(fp16, tmp_path / f"{kind}.gguf", kind), parity_questions()[1])
        for kind in ("Q8_0", "Q4_K_M")
    ]
    assert 0 < drifts[0].kl_divergence < drifts[1].kl_divergence < 1
    same = measure_drift(fp16, fp16, parity_questions()[1])
    assert (same.kl_divergence, same.top_token_equal) == (0.0, 1.0)
    assert same.perplexity_fp16 == same.perplexity_quantized == drifts[0].perplexity_fp16 and same.tokens > 300


@pytest.mark.parametrize("name", ["tiny_base", "tiny_qwen"])
def test_llama_cpp_reads_and_answers_as_transformers_does(name, tmp_path, request):
    import torch

    folder = request.getfixturevalue(name)
    gguf = export_gguf(folder, tmp_path / "m.gguf", name="m")
    conversations = [[{"role": "user", "content": text}] for text in (*parity_questions()[0], *TEXTS)]
    ids, answers = served_answers(gguf, conversations, 8)
    reference = Reference(folder)
    same = []
    for messages, prompt, answer in zip(conversations, ids, answers, strict=True):
        assert reference.prompt_ids(messages) == prompt
        said = reference.model.generate(torch.tensor([prompt]), max_new_tokens=8, do_sample=False)[0].tolist()
        same.append(said == prompt + answer)
        assert (not any(reference.shortfalls(prompt, answer))) == same[-1]
        assert reference.shortfalls(prompt, [(answer[0] + 1) % 300, *answer[1:]])[0] > 0
    # The logits of a random model lie so near to each other that rounding to float16 may turn a pair round.
    assert sum(same) >= 0.95 * len(same)
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]


DEFAULT_SYSTEM = "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}"


@pytest.mark.parametrize(("head", "system"), [("", ""), (DEFAULT_SYSTEM, "Be kind.")])
def test_the_modelfile_speaks_the_template_that_was_trained_with(tmp_path, tiny_base, head, system):
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = head + tokenizer.chat_template
    tokenizer.save_pretrained(tmp_path / "m")
    chat = read_chat(tmp_path / "m")
    assert (chat.system, chat.stop) == (system, ["<|im_start|>", "<|im_end|>"])
    lines = chat.modelfile("m.gguf").splitlines()
    assert lines[0] == "FROM ./m.gguf" and ('SYSTEM """Be kind."""' in lines) == bool(system)


@pytest.mark.parametrize("template", ["[INST] {{ messages[0]['content'] }} [/INST]", "Hello! "])
def test_a_template_that_ollama_would_not_speak_is_refused(tmp_path, template):
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = template if "[" in template else template + tokenizer.chat_template
    tokenizer.save_pretrained(tmp_path / "m")
    with pytest.raises(UserError, match="chat template of m"):
        read_chat(tmp_path / "m")


@pytest.mark.parametrize("name", ["tiny_base", "tiny_qwen"])
def test_the_adapter_on_top_of_the_base_says_what_the_merged_model_says(name, tmp_path, request, samples_file):
    base = request.getfixturevalue(name)
    training = TrainingRequest(
        base=base, samples=[samples_file], folder=tmp_path / "run", locks=tmp_path, settings=SETTINGS
    )
    trained = train(training).adapter
    assert trained
    conversations = [[{"role": "user", "content": text}] for text in parity_questions()[0][:20]]
    fp16 = export_gguf(base, tmp_path / "base.gguf", name="base")
    _, plain = served_answers(fp16, conversations, 8)
    _, hot = served_answers(fp16, conversations, 8, lora=trained / "adapter.gguf")
    reference = Reference(merge_adapter(base, trained, tmp_path / "merged").folder)
    agreed = [
        max(reference.shortfalls(reference.prompt_ids(messages), answer)) <= TIE
        for messages, answer in zip(conversations, hot, strict=True)
    ]
    assert sum(agreed) >= 0.95 * len(agreed) and hot != plain


def test_merged_weights_are_base_plus_scaled_adapter(tmp_path, tiny_base, adapter):
    from safetensors.torch import load_file

    merged = load_file(merge_adapter(tiny_base, adapter, tmp_path / "merged").folder / "model.safetensors")
    base, lora = load_file(tiny_base / "model.safetensors"), load_file(adapter / "adapter_model.safetensors")
    layer = "model.layers.0.self_attn.q_proj"
    change = lora[f"base_model.model.{layer}.lora_B.weight"] @ lora[f"base_model.model.{layer}.lora_A.weight"]
    expected = base[f"{layer}.weight"] + SETTINGS.alpha / SETTINGS.rank * change
    numpy.testing.assert_allclose(merged[f"{layer}.weight"].numpy(), expected.numpy(), atol=1e-6)
    assert change.abs().max() > 1e-4


def test_rotary_rows_are_paired_within_each_head():
    rows = numpy.arange(8, dtype=numpy.float32).reshape(8, 1)
    assert interleave_rotary(rows, heads=2).ravel().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_gguf_metadata_names_tokenizer_template_and_shape(tmp_path, tiny_qwen):
    from gguf import GGUFReader

    fields = GGUFReader(export_gguf(tiny_qwen, tmp_path / "m.gguf", name="tiny")).fields
    value = {key: fields[key].contents() for key in fields if "tokens" not in key and "merges" not in key}
    assert (value["general.architecture"], value["general.name"], value["qwen2.block_count"]) == ("qwen2", "tiny", 2)
    assert (value["qwen2.attention.head_count"], value["qwen2.attention.head_count_kv"]) == (4, 2)
    assert (value["tokenizer.ggml.model"], value["tokenizer.ggml.pre"]) == ("gpt2", "qwen2")
    assert value["tokenizer.ggml.eos_token_id"] == 2 and "tokenizer.ggml.add_bos_token" not in value
    assert value["tokenizer.chat_template"] == tiny_tokenizer().chat_template
    tokens = fields["tokenizer.ggml.tokens"].contents()
    assert len(tokens) == value["qwen2.vocab_size"] and tokens[-1] == f"[PAD{len(tokens) - 1}]"


def test_what_cannot_be_built_is_named(tmp_path, tiny_base):
    with pytest.raises(UserError, match="Unknown quantization 'Q3'"):
        build_gguf(BuildRequest(tiny_base, None, tmp_path / "b", "b", "Q3"))
    with pytest.raises(UserError, match="holds no adapter weights"):
        build_gguf(BuildRequest(tiny_base, tmp_path, tmp_path / "b", "b"))
    with pytest.raises(UserError, match="pre-tokenizer of this model"):
        pre_tokenizer_name({"pre_tokenizer": {"type": "Whitespace"}})
    (tmp_path / "broken.gguf").write_bytes(b"GGUF but not really")
    with pytest.raises(UserError, match=r"llama\.cpp failed quantizing broken\.gguf"):
        quantize_gguf(tmp_path / "broken.gguf", tmp_path / "out.gguf", "Q8_0")
    with pytest.raises(UserError, match=r"llama\.cpp failed loading broken\.gguf"):
        served_answers(tmp_path / "broken.gguf", [], 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.gguf"]


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "is not a Hugging Face model folder"),
        (lambda folder: (folder / "tokenizer.json").unlink(), r"has no tokenizer\.json"),
        (lambda folder: (folder / "chat_template.jinja").unlink(), "has no chat template"),
        (lambda folder: (folder / "model.safetensors").unlink(), "weights"),
        (lambda folder: (folder / "config.json").write_text("{"), "not valid JSON"),
        (lambda folder: (folder / "config.json").write_text('{"architectures": ["Bert"]}'), "not Llama or Qwen2"),
    ],
)
def test_an_unusable_base_model_is_refused(tmp_path, break_it, message):
    folder = write_tiny_model(tmp_path / "model")
    break_it(folder)
    with pytest.raises(UserError, match=message):
        prepare_base_model(folder)


def test_a_local_folder_is_used_as_it_is(tiny_base):
    before = sorted(path.stat().st_mtime_ns for path in tiny_base.iterdir())
    assert prepare_base_model(tiny_base) == tiny_base
    assert sorted(path.stat().st_mtime_ns for path in tiny_base.iterdir()) == before
    assert inspect_base_model(tiny_base).architecture == "llama"
