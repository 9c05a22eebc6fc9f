"""The numbers a device computes in."""

import pytest
import torch

from training.ml.device import base_dtype


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_f": True}, torch.float32),
        ({"avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
    ],
)
def test_a_cpu_trains_in_bfloat16_only_when_it_multiplies_in_it(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    cpu = torch.device("cpu")
    assert base_dtype(cpu) == expected
    assert (base_dtype(cpu, "float32"), base_dtype(cpu, "bfloat16")) == (torch.float32, torch.bfloat16)


def test_other_devices():
    assert base_dtype(torch.device("cuda")) == torch.bfloat16
    assert base_dtype(torch.device("mps")) == torch.float32
