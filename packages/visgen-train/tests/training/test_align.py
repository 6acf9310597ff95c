"""Stage 2: embeddings turn to their anchors, and what is frozen stays."""

import copy
import dataclasses
import math

import numpy as np
import pytest
import torch
from visgen_train.config import AlignConfig, ModelConfig, TrainConfig
from visgen_train.data.views import ImageViews
from visgen_train.errors import ConfigError
from visgen_train.losses import CosineAlignmentLoss
from visgen_train.models.integration import IntegrationLayers
from visgen_train.models.network import EmbeddingNetwork, ProjectionHead
from visgen_train.training.align import align

LABELS = np.array([0, 0, 0, 1, 1, 1])
SAMPLING = TrainConfig(batch=4, images_per_class=2)
ANCHORS = np.eye(2, 4)
CONFIG = AlignConfig(epochs=30, lr=0.1, weight_decay=0.0)


@pytest.fixture
def head():
    torch.manual_seed(0)
    return ProjectionHead(width=8, hidden=16, embedding=4, classes=2)


@pytest.fixture
def features():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(6, 8, generator=generator) + torch.from_numpy(LABELS)[:, None] * 3.0


def aligned(head, views, config=CONFIG, anchors=ANCHORS, sampling=SAMPLING, **more):
    rows = []
    align(head, views, LABELS, anchors, config, sampling, 0, lambda: math.nan, rows.append, **more)
    return [row["loss"] for row in rows]


def test_embeddings_turn_to_their_anchor(head, features):
    losses = aligned(head, [features])
    embedding = torch.nn.functional.normalize(head(features).embedding.detach())
    cosine = embedding @ torch.from_numpy(ANCHORS).float().T
    assert losses[-1] < losses[0] / 4
    assert (cosine.argmax(1).numpy() == LABELS).all()
    assert cosine[torch.arange(6), torch.from_numpy(LABELS)].min() > 0.9


def test_the_softmax_head_stays_and_the_projection_moves(head, features):
    before = copy.deepcopy(head.state_dict())
    aligned(head, [features])
    for key, value in head.state_dict().items():
        assert torch.equal(value, before[key]) == key.startswith("classifier."), key


def test_views_are_taken_in_turn(head, features):
    class Counting(list):
        def __getitem__(self, position):
            asked.append(position)
            return super().__getitem__(position)

    asked = []
    aligned(head, Counting([features, features + 0.1]), AlignConfig(epochs=4))
    epochs = asked[-4:]
    assert epochs == [0, 1, 0, 1]


def test_the_euclidean_loss_draws_embeddings_to_the_anchors_in_place(head, features):
    """L_RTL against the anchors, the paper's negative result: distances fall, not only angles."""
    losses = aligned(head, [features], config=dataclasses.replace(CONFIG, loss="euclidean"))
    distance = (head(features).embedding.detach() - torch.from_numpy(ANCHORS)[LABELS].float()).norm(dim=1)
    assert losses[-1] < losses[0] / 1.5
    assert distance.max() < 0.5


def test_integration_layers_are_trained_in_this_stage_and_only_with_the_rest(features):
    torch.manual_seed(0)
    head = ProjectionHead(8, 16, 4, 2, integration=IntegrationLayers(4, 2))
    before = copy.deepcopy(head.state_dict())
    losses = aligned(head, [features])
    assert losses[-1] < losses[0] / 4
    for key, value in head.state_dict().items():
        assert torch.equal(value, before[key]) == key.startswith("classifier."), key


def test_anchors_of_another_size_need_a_projection(head, features):
    before = copy.deepcopy(head.state_dict())
    with pytest.raises(
        ConfigError, match=r"anchors have 6 numbers, but the embedding has 4\. .*k = 2.*projection"
    ):
        aligned(head, [features], anchors=np.eye(2, 6))
    assert all(torch.equal(value, before[key]) for key, value in head.state_dict().items())


def test_a_projection_is_trained_with_the_head_and_kept_at_the_same_epoch(head, features):
    projection = torch.nn.Linear(6, 4)
    states = []

    def validate():
        states.append((copy.deepcopy(head.state_dict()), copy.deepcopy(projection.state_dict())))
        return -abs(len(states) - 3.0)  # the third epoch is the best

    anchors = np.eye(2, 6)
    config = AlignConfig(epochs=5, lr=0.1)
    align(
        head,
        [features],
        LABELS,
        anchors,
        config,
        SAMPLING,
        0,
        validate,
        lambda row: None,
        projection=projection,
    )
    for module, kept, last in zip((head, projection), states[2], states[4], strict=True):
        assert all(torch.equal(value, kept[key]) for key, value in module.state_dict().items())
        assert not all(torch.equal(kept[key], last[key]) for key in kept)


def test_embeddings_turn_to_their_projected_anchor(head, features):
    projection = torch.nn.Linear(6, 4)
    anchors = np.eye(2, 6)
    aligned(head, [features], anchors=anchors, projection=projection)
    normalised = torch.nn.functional.normalize
    targets = normalised(projection(torch.from_numpy(anchors).float()).detach())
    cosine = normalised(head(features).embedding.detach()) @ targets.T
    assert (cosine.argmax(1).numpy() == LABELS).all()


def test_the_last_epoch_can_be_kept(head, features):
    scores = iter([0.9, 0.1])
    last = []

    def validate():
        last[:] = [copy.deepcopy(head.state_dict())]
        return next(scores)

    config, last_kept = AlignConfig(epochs=2), dataclasses.replace(SAMPLING, select="last")
    align(head, [features], LABELS, ANCHORS, config, last_kept, 0, validate, lambda row: None)
    assert all(torch.equal(value, last[0][key]) for key, value in head.state_dict().items())


def test_the_papers_sampling_pairs_each_image_with_one_negative(head, features, monkeypatch):
    seen = []
    original = CosineAlignmentLoss.compute_loss

    def spy(self, embeddings, labels, indices, ref_emb, ref_labels):
        anchor, positive, negative = indices
        assert torch.equal(labels[anchor], ref_labels[positive])
        assert (labels[anchor] != ref_labels[negative]).all()
        seen.append(len(anchor))
        return original(self, embeddings, labels, indices, ref_emb, ref_labels)

    monkeypatch.setattr(CosineAlignmentLoss, "compute_loss", spy)
    aligned(head, [features], AlignConfig(epochs=1), sampling=TrainConfig(sampling="paper", batch=6))
    assert seen == [2, 2, 2]


def test_cached_features_give_the_head_that_full_passes_through_the_frozen_backbone_give():
    """The convolutions do not change in stage 2, so one pass a view will do; docs/performance.md has what it saves."""
    torch.manual_seed(0)
    network = EmbeddingNetwork(ModelConfig("resnet18", "none", hidden=16), 2, 32).eval()
    pixels = np.random.default_rng(0).integers(0, 256, (6, 3, 32, 32), np.uint8)
    images = ImageViews(pixels, SAMPLING, 0, torch.device("cpu"))

    class Passes:
        """In the place of a tensor of features: what is asked for goes through the backbone."""

        device = torch.device("cpu")

        def __init__(self, view):
            self.view = view

        @torch.no_grad()
        def __getitem__(self, rows):
            passed.append(len(rows))
            return network.features(images.augmented(rows.numpy(), np.zeros(len(rows), int), self.view))

    passed = []
    cached = [Passes(view)[torch.arange(6)] for view in range(2)]
    assert passed == [6, 6]
    anchors, heads = np.eye(2, 256), []
    for views in (cached, [Passes(0), Passes(1)]):
        heads.append(copy.deepcopy(network.head))
        align(heads[-1], views, LABELS, anchors, CONFIG, SAMPLING, 0, lambda: math.nan, lambda row: None)
    assert len(passed) > CONFIG.epochs
    one, other = (head.state_dict() for head in heads)
    assert not torch.equal(one["embedding.weight"], network.head.state_dict()["embedding.weight"])
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=1e-5)
