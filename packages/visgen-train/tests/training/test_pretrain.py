import dataclasses
import math

import numpy as np
import pytest
import torch
from visgen_train.config import ModelConfig, TrainConfig
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.pretrain import pretrain
from visgen_train.training.seeding import seed_everything

CONFIG = TrainConfig(epochs=1, batch=4, images_per_class=2, lr=0.02)
LABELS = np.array([0, 0, 0, 1, 1, 1])


@pytest.fixture
def pixels():
    levels = np.array([40, 50, 60, 190, 200, 210], np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (6, 3, 32, 32)).copy()


def trained(pixels, rows, config=CONFIG, seed=0):
    seed_everything(seed)
    network = EmbeddingNetwork(ModelConfig("resnet18", "none", hidden=16), 2, 32)
    losses = []
    pretrain(
        network,
        pixels,
        LABELS,
        np.array(rows),
        config,
        seed,
        torch.device("cpu"),
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


def test_only_training_rows_are_looked_at(pixels):
    rows = [0, 1, 3, 4]
    spoiled = pixels.copy()
    spoiled[[2, 5]] = 255 - spoiled[[2, 5]]
    first, second = (trained(images, rows)[0].state_dict() for images in (pixels, spoiled))
    assert all(torch.equal(first[key], second[key]) for key in first)
