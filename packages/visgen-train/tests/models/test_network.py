import torch
from visgen_train.config import ModelConfig
from visgen_train.models.network import EmbeddingNetwork

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
