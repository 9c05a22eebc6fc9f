"""A linear layer with a LoRA adapter in few passes over memory; imports torch, so import it inside functions.

peft carries an adapter's float32 through the layer's input and output, draws a number per input for dropout, and lets
autograd keep each of these steps. Here the adapter's matrices are rounded to the type of the base for the product, as
autocast does, and the backward pass is written out. Source of the formulas: Hu et al., LoRA, 2021.
"""

from types import MethodType
from typing import Any

import torch
from peft.tuners.lora import Linear
from torch import Tensor

DRAWS = 1 << 16


def speed_up(model: torch.nn.Module) -> None:
    """Let every plain LoRA layer of a peft model compute here; variants such as DoRA stay with peft."""
    for module in model.modules():
        if type(module) is Linear and not module.lora_variant and not any(module.lora_bias.values()):
            # Dynamic, as peft keeps its class, and with it the names under which an adapter is saved.
            module.__dict__["forward"] = MethodType(_forward, module)


def _forward(layer: Any, inputs: Tensor) -> Tensor:
    """Base layer plus its one active adapter."""
    (name,) = layer.active_adapters
    drop = getattr(layer.lora_dropout[name], "p", 0.0) if layer.training else 0.0
    down, up = layer.lora_A[name].weight, layer.lora_B[name].weight
    base = layer.get_base_layer()
    apply: Any = LoraLinear.apply
    outputs: Tensor = apply(inputs, base.weight, base.bias, down, up, layer.scaling[name] / (1 - drop), drop)
    return outputs


class LoraLinear(torch.autograd.Function):
    """`x W^T + bias + scale * (drop(x) A^T) B^T` with W and bias frozen; `scale` makes up for what is dropped."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        down: Tensor,
        up: Tensor,
        scale: float,
        drop: float,
    ) -> Tensor:
        rows = inputs.reshape(-1, inputs.shape[-1])
        dropped = _dropped(rows, drop) if drop else None
        seen = rows.masked_fill(dropped, 0) if dropped is not None else rows
        a, b = down.to(rows.dtype), (up * scale).to(rows.dtype)
        middle = seen @ a.T
        outputs = torch.addmm(middle @ b.T, rows, weight.T)
        if bias is not None:
            outputs += bias
        ctx.save_for_backward(seen, middle, weight, a, b, dropped)
        ctx.scale, ctx.shape = scale, inputs.shape
        return outputs.view(*inputs.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        seen, middle, weight, a, b, dropped = ctx.saved_tensors
        outputs = gradients[0].reshape(-1, weight.shape[0])
        inner = outputs @ b
        up, down = (outputs.T @ middle).float() * ctx.scale, (inner.T @ seen).float()
        inputs = None
        if ctx.needs_input_grad[0]:
            adapted = inner @ a
            if dropped is not None:
                adapted.masked_fill_(dropped, 0)
            inputs = torch.addmm(adapted, outputs, weight).view(ctx.shape)
        return inputs, None, None, down, up, None, None


def _dropped(rows: Tensor, drop: float) -> Tensor:
    """True for the share `drop` of the places, to 1/65,536; four of them for each number drawn."""
    count = rows.numel()
    drawn = torch.empty(-(-count // 4), dtype=torch.int64, device=rows.device).random_(-(2**63), None)
    return (drawn.view(torch.int16)[:count] < round(drop * DRAWS) - DRAWS // 2).view(rows.shape)
