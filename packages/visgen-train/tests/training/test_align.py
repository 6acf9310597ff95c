import copy
import math

import numpy as np
import pytest
import torch
from visgen_train.config import AlignConfig
from visgen_train.models.network import ProjectionHead
from visgen_train.training.align import align

LABELS = np.array([0, 0, 0, 1, 1, 1])
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


def aligned(head, views, config=CONFIG):
    rows = []
    align(head, views, LABELS, ANCHORS, config, (4, 2), 0, lambda: math.nan, rows.append)
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
