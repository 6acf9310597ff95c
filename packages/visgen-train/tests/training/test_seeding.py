"""Seeds and devices of a run."""

import pytest
import torch
from visgen_train.errors import ConfigError
from visgen_train.training.seeding import choose_device, choose_precision, has_bfloat16, seed_everything


def test_devices():
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda")
    for name in ("gpu", "cuda:99"):
        with pytest.raises(ConfigError, match=f"device '{name}' cannot be used .* Take auto or cpu"):
            choose_device(name)


def test_seed_everything_repeats_initialisation():
    seed_everything(3)
    first = torch.nn.Linear(2, 2).weight
    seed_everything(3)
    assert torch.equal(torch.nn.Linear(2, 2).weight, first)


def test_precision_is_lowered_where_the_device_is_made_for_it_or_on_demand(monkeypatch):
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert choose_precision("auto", cpu) == torch.float32
    assert choose_precision("bfloat16", cpu) == torch.bfloat16
    for made_for_it, auto in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(
            "torch.cuda.is_bf16_supported", lambda including_emulation, known=made_for_it: known
        )
        assert choose_precision("auto", gpu) == auto
        assert choose_precision("float32", gpu) == torch.float32


@pytest.mark.parametrize(
    ("told", "made_for_it"),
    [({"avx512_bf16": True}, True), ({"neon": True, "bf16": True}, True), ({"avx512_f": True}, False)],
)
def test_a_processor_made_for_bfloat16_is_known(monkeypatch, caplog, told, made_for_it):
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: told, raising=False)
    assert has_bfloat16(torch.device("cpu")) == made_for_it
    choose_precision("bfloat16", torch.device("cpu"))
    assert ("no instructions for bfloat16" in caplog.text) != made_for_it
    monkeypatch.delattr("torch.cpu.get_capabilities")
    assert not has_bfloat16(torch.device("cpu"))  # an older torch does not tell
    assert not has_bfloat16(torch.device("mps"))
