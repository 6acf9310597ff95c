"""Backbone, projection and softmax head: shapes, and what freezing holds."""

import copy

import torch
from visgen_train.config import ModelConfig
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.loop import Optimiser

CONFIG = ModelConfig(backbone="resnet18", weights="none", hidden=20)


def test_shapes_and_the_relu_between_the_layers():
    network = EmbeddingNetwork(CONFIG, classes=5, image_size=32).eval()
    output = network(torch.randn(2, 3, 32, 32))
    assert (output.embedding.shape, output.logits.shape) == ((2, 256), (2, 5))
    features = torch.randn(2, 512)
    with torch.no_grad():
        network.head.hidden.bias.fill_(-1e9)  # nothing passes a ReLU now, in training and in evaluation
    for mode in (True, False):
        network.train(mode)
        assert torch.equal(network.head(features).embedding, network.head.embedding.bias.expand(2, -1))


def test_the_head_on_features_is_the_network_on_images():
    network = EmbeddingNetwork(CONFIG, classes=3, image_size=32).eval()
    images = torch.randn(3, 3, 32, 32)
    torch.testing.assert_close(network.head(network.backbone(images)), network(images))


def test_a_frozen_backbone_and_its_running_statistics_stay_through_a_training_step():
    """Defect of the published code: convolutions were frozen, their BatchNorm was left in training mode."""
    network = EmbeddingNetwork(CONFIG, classes=3, image_size=32)
    freeze_backbone(network)
    before = copy.deepcopy(network.state_dict())
    optimiser = Optimiser(network.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1, steps=2)
    for _ in range(2):
        network.train()
        output = network(torch.randn(4, 3, 32, 32))
        optimiser.step(output.embedding.square().mean() + output.logits.square().mean())
    moved = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
    assert moved == {
        f"head.{layer}.{part}"
        for layer in ("hidden", "embedding", "classifier")
        for part in ("weight", "bias")
    }
    assert network.head.training
    assert not any(module.training for module in network.backbone.modules())


def test_in_bfloat16_the_backbone_alone_is_rounded_and_weights_stay_float32():
    network = EmbeddingNetwork(CONFIG, classes=3, image_size=32).eval()
    images = torch.randn(3, 3, 32, 32)
    exact = network.features(images)
    network.precision = torch.bfloat16
    rounded = network.features(images)
    assert exact.dtype == rounded.dtype == torch.float32
    assert not torch.equal(rounded, exact)
    assert torch.equal(rounded, rounded.bfloat16().float())  # 8 bits
    torch.testing.assert_close(rounded, exact, rtol=0.05, atol=0.02)
    output = network(images)
    torch.testing.assert_close(output.embedding, network.head(rounded).embedding)  # float32, not rounded
    (output.embedding.square().mean() + output.logits.square().mean()).backward()
    assert {parameter.grad.dtype for parameter in network.parameters()} == {torch.float32}
