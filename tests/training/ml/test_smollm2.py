"""The bundled SmolLM2 itself: folder, tokenizer, a short training, a build that answers the same."""

import json
from pathlib import Path

import pytest

from training.ml.base_model import bundled_gguf, inspect_base_model, prepare_base_model
from training.ml.build import BuildRequest, build_gguf
from training.ml.config import load_preset
from training.ml.hooks import Hooks
from training.ml.lora import TrainingRequest, train
from training.ml.metrics import StepMetrics

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_base_model(tmp_path_factory.mktemp("models") / "smollm2-135m")


def test_tokenizers_agree_on_white_space_digits_and_emoji(smollm2: Path):
    from llama_cpp import Llama
    from tokenizers import Tokenizer

    light = Tokenizer.from_file(str(smollm2 / "tokenizer.json"))
    served = Llama(str(bundled_gguf()), vocab_only=True, verbose=False)
    for text in (
        "a  1 2",
        "x = 12\n\n  34\t5",
        "**🗓️ Date:** 2025-08-24  don't ",
        "<|im_start|>user\nhi  9<|im_end|>\n",
    ):
        assert light.encode(text).ids == served.tokenize(text.encode(), add_bos=False, special=True)


def test_it_trains_and_the_build_says_the_same(smollm2: Path, samples_file: Path, tmp_path: Path):
    assert inspect_base_model(smollm2).architecture == "llama"
    overrides = {"max_steps": "3", "max_seconds": "0", "epochs": "1", "accumulation": "2"}
    settings = load_preset("demo", overrides=overrides)
    request = TrainingRequest(
        base=smollm2, samples=[samples_file], folder=tmp_path / "run", locks=tmp_path / "locks", settings=settings
    )
    result = train(request)
    assert result.steps == 3 and 0 < result.loss_first < 10
    assert json.loads((result.adapter / "adapter_config.json").read_text())["r"] == 16
    build = build_gguf(BuildRequest(smollm2, result.adapter, tmp_path / "build", "tuned"))
    assert build.parity.prompt_ids_equal == 1.0 and build.parity.passed
    assert 80e6 < build.bytes < 130e6


def test_two_threads_in_bfloat16_resume_to_the_same_bytes(smollm2: Path, samples_file: Path, tmp_path: Path):
    """Sums large enough to be split between threads: the tiny model's are not."""
    given = {"max_steps": "4", "max_seconds": "0", "accumulation": "2", "save_every": "2", "eval_samples": "0"}
    settings = load_preset("demo", overrides={**given, "threads": "2", "precision": "bfloat16", "dropout": "0.05"})

    def request(name: str, *, resume: bool = False) -> TrainingRequest:
        folder = tmp_path / name
        return TrainingRequest(
            base=smollm2, samples=[samples_file], folder=folder, locks=tmp_path, settings=settings, resume=resume
        )

    def end_at_three(metrics: StepMetrics) -> None:
        if metrics.step == 3:
            raise KeyboardInterrupt

    whole = train(request("whole"))
    with pytest.raises(KeyboardInterrupt):
        train(request("parts"), Hooks(on_step=end_at_three))
    resumed = train(request("parts", resume=True))
    assert resumed.steps == whole.steps == 4
    one, other = ((result.adapter / "adapter_model.safetensors").read_bytes() for result in (whole, resumed))
    assert one == other
