"""Loss and gradient: those of transformers and peft, sample by sample, however they are computed here."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor

from training.ml.base_model import load_causal_lm
from training.ml.config import TARGETS, LoraSettings
from training.ml.data import IGNORED, Encoded
from training.ml.lora_layer import LoraLinear
from training.ml.loss import batch_loss, holdout_loss
from training.ml.model import load_model

CPU = torch.device("cpu")
SETTINGS = LoraSettings(rank=4, alpha=8, dropout=0.0, precision="float32")
BATCH = [
    Encoded([5, 6, 7, 8, 9], [IGNORED, IGNORED, 7, 8, 9]),
    Encoded([9, 8, 7], [IGNORED, 8, 7]),
    Encoded([11, 12, 13, 14, 15, 16, 17], [IGNORED, IGNORED, IGNORED, 14, IGNORED, 16, 17]),
]
LABELS = sum(sample.label_count for sample in BATCH)


def filled(model: PeftModel) -> PeftModel:
    """The model with an adapter that does something: B starts at zero, and A's gradient with it."""
    torch.manual_seed(3)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return model


def gradients(model: PeftModel) -> Tensor:
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.fixture(params=["tiny_base", "tiny_qwen"])
def base(request) -> Path:
    return request.getfixturevalue(request.param)


@pytest.fixture
def expected(base) -> tuple[float, Tensor]:
    """Summed loss and gradient by transformers and peft alone, one sample after the other."""
    model = filled(
        get_peft_model(
            load_causal_lm(base, torch.float32),
            LoraConfig(r=4, lora_alpha=8, target_modules=list(TARGETS), task_type="CAUSAL_LM"),
        )
    )
    total = 0.0
    for sample in BATCH:
        output = model(input_ids=torch.tensor([sample.ids]), labels=torch.tensor([sample.labels]))
        loss = output.loss * sample.label_count
        loss.backward()
        total += loss.item()
    return total, gradients(model)


@pytest.mark.parametrize("checkpointing", [False, True])
def test_samples_laid_end_to_end_have_the_loss_and_gradient_of_each_alone(base, expected, checkpointing):
    model = filled(load_model(base, replace(SETTINGS, gradient_checkpointing=checkpointing), CPU, None))
    loss = batch_loss(model, BATCH, CPU)
    loss.backward()
    assert loss.item() == pytest.approx(expected[0], rel=1e-5)
    torch.testing.assert_close(gradients(model), expected[1], rtol=1e-3, atol=1e-5)
    assert holdout_loss(model, BATCH, 1, CPU) == pytest.approx(expected[0] / LABELS, rel=1e-5) and model.training


def test_bfloat16_rounds_them_and_no_more(base, expected):
    model = filled(load_model(base, replace(SETTINGS, precision="bfloat16"), CPU, None))
    loss = batch_loss(model, BATCH, CPU)
    loss.backward()
    assert loss.item() == pytest.approx(expected[0], rel=0.01)
    assert torch.nn.functional.cosine_similarity(gradients(model), expected[1], dim=0) > 0.99


def test_a_sample_does_not_see_the_one_before_it(base):
    model = load_model(base, SETTINGS, CPU, None)
    first, second, _ = BATCH
    other = Encoded([20, 21, 22, 23, 24], first.labels)
    losses = [batch_loss(model, [before, second], CPU) - batch_loss(model, [before], CPU) for before in (first, other)]
    assert losses[0].item() == pytest.approx(losses[1].item(), rel=1e-5)


def test_dropout_leaves_the_mean_and_its_gradient_follows_what_was_kept():
    """With W = 0 and A, B all ones the output counts the inputs kept; a dropped input gets no gradient."""
    inputs = torch.ones(400, 250, requires_grad=True)
    down, up = torch.ones(1, 250, requires_grad=True), torch.ones(3, 1, requires_grad=True)
    outputs = LoraLinear.apply(inputs, torch.zeros(3, 250), None, down, up, 1 / 0.8, 0.2)
    assert outputs.mean().item() == pytest.approx(250, rel=0.01) and outputs.std().item() > 1
    outputs.sum().backward()
    kept = inputs.grad != 0
    assert kept.float().mean().item() == pytest.approx(0.8, abs=0.01)
    torch.testing.assert_close(kept.sum(dim=1) / 0.8, outputs[:, 0])
    torch.testing.assert_close(down.grad[0], kept.sum(dim=0) * 3 / 0.8)


def test_the_small_share_of_a_young_adapter_is_not_lost_in_bfloat16():
    """Added to outputs that are rounded already, most of it would be: a hundredth is far below their last place."""
    torch.manual_seed(0)
    inputs, weight = (torch.randn(256, 128).bfloat16() for _ in range(2))
    down, up = torch.full((1, 128), 1 / 128), torch.full((256, 1), 0.01)
    inputs[:, 0] += 128 - inputs.float().sum(1).bfloat16()
    outputs = LoraLinear.apply(inputs, weight, None, down, up, 1.0, 0.0)
    share = (outputs.float() - inputs.float() @ weight.float().T).mean().item()
    assert share == pytest.approx(0.01, rel=0.25)
