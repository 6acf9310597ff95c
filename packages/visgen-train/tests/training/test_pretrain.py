"""Stage 1 on small pictures: it learns, equal seeds give equal weights, only training rows are looked at."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from visgen_train.balance import MaxNorm
from visgen_train.config import ModelConfig, TrainConfig
from visgen_train.data.views import ImageViews
from visgen_train.losses import MINERS, ReciprocalTripletLoss
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.pretrain import network_inputs, pretrain
from visgen_train.training.seeding import seed_everything
from visgen_train.training.team import ALONE

CONFIG = TrainConfig(epochs=1, batch=4, images_per_class=2, lr=0.02)
LABELS = np.array([0, 0, 0, 1, 1, 1])


@pytest.fixture
def pixels():
    levels = np.array([40, 50, 60, 190, 200, 210], np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (6, 3, 32, 32)).copy()


def trained(pixels, rows, config=CONFIG, seed=0, labels=LABELS):
    seed_everything(seed)
    network = EmbeddingNetwork(ModelConfig("resnet18", "none", hidden=16), 2, 32)
    losses = []
    device = torch.device("cpu")
    pretrain(
        network,
        ImageViews(pixels, config, seed, device),
        labels,
        np.array(rows),
        config,
        seed,
        device,
        lambda: math.nan,
        losses.append,
    )
    return network, [row["loss"] for row in losses]


def test_it_learns_dark_from_light(pixels):
    _, losses = trained(pixels, range(6), dataclasses.replace(CONFIG, epochs=15))
    assert losses[-1] < losses[0] / 2


def test_equal_seeds_give_equal_weights_and_others_do_not(pixels):
    first, again, other = (trained(pixels, range(6), seed=seed)[0].state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["head.hidden.weight"], other["head.hidden.weight"])


def test_pictures_made_ahead_are_those_made_in_turn(pixels):
    views, rows = ImageViews(pixels, CONFIG, 0, torch.device("cpu")), np.array([5, 3, 1, 0])
    batches = [
        (np.array(positions), None, np.array([0, n])) for n, positions in enumerate([[0, 1], [2, 3]] * 5)
    ]
    in_turn, ahead = (list(network_inputs(views, rows, batches, 1, ALONE, ahead)) for ahead in (False, True))
    assert len(in_turn) == len(ahead) == 10
    assert all(torch.equal(*pair) for pair in zip(in_turn, ahead, strict=True))
    assert torch.equal(in_turn[1], views.augmented(rows[[2, 3]], np.array([0, 1]), 1))


def test_only_training_rows_are_looked_at(pixels):
    rows = [0, 1, 3, 4]
    spoiled = pixels.copy()
    spoiled[[2, 5]] = 255 - spoiled[[2, 5]]
    first, second = (trained(images, rows)[0].state_dict() for images in (pixels, spoiled))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_rows_of_the_classifier_stay_within_their_bound(pixels):
    seed_everything(0)
    bound = MaxNorm(
        EmbeddingNetwork(ModelConfig("resnet18", "none", hidden=16), 2, 32).head.classifier, 0.5
    ).delta
    free, _ = trained(pixels, range(6), dataclasses.replace(CONFIG, epochs=5, lr=0.1))
    held, _ = trained(pixels, range(6), dataclasses.replace(CONFIG, epochs=5, lr=0.1, max_norm=0.5))
    assert free.head.classifier.weight.norm(dim=1).max() > bound + 1e-3
    assert held.head.classifier.weight.norm(dim=1).max() <= bound + 1e-6


@pytest.mark.parametrize(
    ("sampling", "miner", "number"),
    [("paper", "all", 2), ("balanced", "random", 4), ("balanced", "all", None)],
)
def test_the_metric_loss_sees_the_triplets_of_the_sampling_or_the_miner(
    pixels, monkeypatch, sampling, miner, number
):
    seen = []

    def spy(self, embeddings, labels, indices, ref_emb, ref_labels):
        if indices is not None:
            anchor, positive, negative = indices
            assert torch.equal(labels[anchor], labels[positive])
            assert (labels[anchor] != labels[negative]).all()
        seen.append(None if indices is None else len(indices[0]))
        return self.zero_losses()

    monkeypatch.setattr(ReciprocalTripletLoss, "compute_loss", spy)
    batch = 6 if sampling == "paper" else 4
    trained(pixels, range(6), dataclasses.replace(CONFIG, sampling=sampling, miner=miner, batch=batch))
    assert set(seen) == {number}


def test_the_miner_has_the_margin_of_the_loss(pixels, monkeypatch):
    margins = []
    monkeypatch.setitem(MINERS, "semihard", lambda embedding, labels, margin: margins.append(margin))
    config = dataclasses.replace(CONFIG, miner="semihard", metric_loss="triplet", metric_margin=0.3, batch=4)
    trained(pixels, range(6), config)
    assert set(margins) == {0.3}


def test_logit_adjustment_knows_how_often_each_species_is_shown(pixels, monkeypatch):
    """Four images of class 0 and one of class 1, each anchor once: 4 + 4 + 1 rows of class 0, 1 + 1 + 4 of class 1."""
    priors = []

    def spy(logits, embedding, labels, metric_loss, weight, triplets, prior):
        priors.append(prior)
        return logits.sum() * 0

    monkeypatch.setattr("visgen_train.training.pretrain.combined_loss", spy)
    labels = np.array([0, 0, 0, 0, 1, 1])
    trained(
        pixels,
        range(5),
        dataclasses.replace(CONFIG, sampling="paper", logit_adjustment=1.0, batch=6),
        labels=labels,
    )
    torch.testing.assert_close(priors[0], torch.log(torch.tensor([9 / 15, 6 / 15])))
