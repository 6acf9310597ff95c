"""A network in a file: it comes back, and others can start from it."""

import json

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from visgen_train.config import ModelConfig
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.checkpoint import save_network

CONFIG = ModelConfig("resnet18", "none", hidden=8)


def test_a_network_comes_back_and_its_file_describes_it(tmp_path):
    network = EmbeddingNetwork(CONFIG, 3, 32)
    network.to(memory_format=torch.channels_last)
    save_network(tmp_path / "m.safetensors", network, {"species": ["Aus <b>", "é"]})
    ours, theirs = network.state_dict(), load_file(tmp_path / "m.safetensors")
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    with safe_open(tmp_path / "m.safetensors", "pt") as file:
        assert json.loads(file.metadata()["visgen"])["species"] == ["Aus <b>", "é"]


def test_a_run_can_start_from_the_backbone_of_another(tmp_path):
    network = EmbeddingNetwork(CONFIG, 3, 32)
    save_network(tmp_path / "m.safetensors", network, {})
    again = EmbeddingNetwork(ModelConfig("resnet18", str(tmp_path / "m.safetensors"), hidden=9), 5, 32)
    assert torch.equal(again.backbone.conv1.weight, network.backbone.conv1.weight)
