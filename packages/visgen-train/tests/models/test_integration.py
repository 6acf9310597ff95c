import pytest
import torch
from torch import nn
from visgen_train.config import ModelConfig
from visgen_train.models.integration import IntegrationLayers
from visgen_train.models.network import EmbeddingNetwork


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_it_begins_as_identity_and_asks_for_no_gradient(layers):
    extra = IntegrationLayers(4, layers)
    points = torch.randn(5, 4)
    assert torch.equal(extra(points), points)
    kinds = [type(part) for part in extra.layers]
    assert kinds == [nn.Linear, nn.ReLU] * (layers - 1) + [nn.Linear]
    assert not any(parameter.requires_grad for parameter in extra.parameters())


def test_by_hand():
    """x + W relu(V x) with V = -1 and W = 2 on (1, -3): the ReLU passes 3, so -3 becomes 3."""
    extra = IntegrationLayers(2, 2)
    with torch.no_grad():
        extra.layers[0].weight.copy_(-torch.eye(2))
        extra.layers[0].bias.zero_()
        extra.layers[2].weight.copy_(2 * torch.eye(2))
    torch.testing.assert_close(extra(torch.tensor([[1.0, -3.0]])), torch.tensor([[1.0, 3.0]]))


def test_a_network_with_it_begins_as_the_one_without():
    config = ModelConfig("resnet18", "none", hidden=8)
    networks = []
    for layers in (0, 2):
        torch.manual_seed(0)
        networks.append(EmbeddingNetwork(config, 3, 32).eval())
        networks[-1].integrate(layers)
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(networks[0](images), networks[1](images), rtol=0, atol=0)
    assert networks[0].head.integration is None
