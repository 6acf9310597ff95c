"""Extra layers behind the embedding: by hand, and what they leave alone."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cosine_similarity
from visgen_train.config import ModelConfig
from visgen_train.models.integration import IntegrationLayers
from visgen_train.models.network import EmbeddingNetwork


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_linear_layers_with_relus_between_that_ask_for_no_gradient(layers):
    extra = IntegrationLayers(4, layers)
    assert [type(part) for part in extra] == [nn.Linear, nn.ReLU] * (layers - 1) + [nn.Linear]
    assert extra(torch.randn(5, 4)).shape == (5, 4)
    assert not any(parameter.requires_grad for parameter in extra.parameters())


def test_by_hand():
    """W relu(V x) with V = -1 and W = 2 on (1, -3): the ReLU passes 3 of the second, which becomes 6."""
    extra = IntegrationLayers(2, 2)
    with torch.no_grad():
        extra[0].weight.copy_(-torch.eye(2))
        extra[2].weight.copy_(2 * torch.eye(2))
        for part in (extra[0], extra[2]):
            part.bias.zero_()
    torch.testing.assert_close(extra(torch.tensor([[1.0, -3.0]])), torch.tensor([[0.0, 6.0]]))


@pytest.mark.parametrize("layers", [1, 2])
def test_they_change_the_embedding_visibly_and_not_the_logits(layers):
    """Else the recipe align-extra-layers would be ltr-aligned, and the paper's negative result built in."""
    torch.manual_seed(0)
    network = EmbeddingNetwork(ModelConfig("resnet18", "none", hidden=8), 3, 32).eval()
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        before = network(images)
        network.integrate(layers)
        after = network(images)
        network.integrate(0)
    assert cosine_similarity(before.embedding, after.embedding).abs().max() < 0.5
    assert torch.equal(before.logits, after.logits)
    assert network.head.integration is None
