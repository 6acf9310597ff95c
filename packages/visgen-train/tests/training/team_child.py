"""Run by test_team.py as a program of its own: `team_child.py FOLDER` writes what teams of 1, 2 and 4 find.

Everything is in float64, so that what differs from one process by the order of sums alone differs by 1e-10.
A resnet18 stays so close; in a shufflenet of small batches rounding grows a hundredfold a step.
"""

import contextlib
import dataclasses
import functools
import math
import sys
from pathlib import Path

import numpy as np
import torch
from launching import ended, start
from torch import nn
from torch.nn.functional import cross_entropy
from visgen_train.config import ModelConfig, TrainConfig
from visgen_train.data.views import ImageViews
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.joining import joined
from visgen_train.training.pretrain import pretrain
from visgen_train.training.seeding import seed_everything
from visgen_train.training.team import Dismissed

LABELS = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
CONFIG = TrainConfig(
    epochs=1,
    batch=5,
    images_per_class=2,
    lr=0.02,
    metric_weight=1.0,
    metric_loss="triplet",
    schedule="constant",
)
TRAININGS = {  # 5 rows are 2 + 3 of them; of paper's last batch, 3 rows, one process of 4 has none
    "all triplets": CONFIG,
    "random triplets": dataclasses.replace(CONFIG, miner="random", max_norm=0.1),
    "hardest triplets": dataclasses.replace(CONFIG, miner="hardest", metric_loss="reciprocal_triplet"),
    "softmax alone": dataclasses.replace(CONFIG, metric_weight=0.0, weight_decay=0.1),
    "paper": dataclasses.replace(CONFIG, sampling="paper", batch=6),
    "frozen": CONFIG,
}


class DoubleViews(ImageViews):
    """The same in float64."""

    def augmented(self, rows, draws, epoch):
        return super().augmented(rows, draws, epoch).double()


def trained(name, team):
    """Weights and buffers after a training, and the loss of each epoch."""
    config = TRAININGS[name]
    seed_everything(3 + team.rank)  # the others begin as the first all the same
    network = EmbeddingNetwork(ModelConfig("resnet18", "none", hidden=8), 3, 32).double()
    if name == "frozen":
        freeze_backbone(network)
    pixels = np.random.default_rng(0).integers(0, 256, (len(LABELS), 3, 32, 32), np.uint8)
    views, losses, rows = DoubleViews(pixels, config, 3, torch.device("cpu")), [], np.arange(len(LABELS))
    arguments = (
        network,
        views,
        LABELS,
        rows,
        config,
        3,
        torch.device("cpu"),
        lambda: math.nan,
        losses.append,
    )
    if not team.first:
        assert team.heard() == name
    else:
        team.order(name)
    pretrain(*arguments, team=team)
    return {"state": network.state_dict(), "loss": [row["loss"] for row in losses]}


def normalised(team, rows):
    """A BatchNorm, then a loss of all its rows: outputs, statistics, gradients."""
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(rows, 3, 4, 4, generator=generator, dtype=torch.float64) + 5
    labels = torch.arange(rows) % 3
    layer = nn.BatchNorm2d(3).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.5, -1, 2]))
        layer.bias.copy_(torch.tensor([0.1, 0.2, 0.3]))
    shared = team.wrap(nn.Sequential(layer))
    mine = images[team.share(rows)].requires_grad_()
    out = team.gather(shared(mine), rows)
    cross_entropy(out.square().mean((2, 3)), labels).backward()
    gradient = team.gather(mine.grad, rows) / team.size  # of a loss that DDP averages
    return {
        "out": out.detach(),
        "images": gradient,
        "weight": layer.weight.grad,
        "bias": layer.bias.grad,
        **{key: value.clone() for key, value in layer.state_dict().items()},
    }


def by_hand(team):
    """L = (w (1 + 2 + 3))^2 at w = 2: dL/dw = 2 w 36 = 144."""
    layer = nn.Linear(1, 1, bias=False).double()
    layer.weight.data.fill_(2)
    rows = torch.tensor([[1.0], [2.0], [3.0]], dtype=torch.float64)
    shared = team.wrap(layer)
    team.gather(shared(rows[team.share(3)]), 3).sum().square().backward()
    return layer.weight.grad.item()


def work(rank, file, names):
    torch.set_num_threads(1)
    with joined("cpu") as (team, _):
        found = {
            "by hand": by_hand(team),
            **{f"{rows} rows": normalised(team, rows) for rows in (7, 1)},
            **{name: trained(name, team) for name in names},
        }
        if team.first:
            torch.save(found, file)
        else:
            with contextlib.suppress(Dismissed):
                team.heard()


def main():
    folder = Path(sys.argv[1])
    for size in (1, 2, 4):
        file = folder / f"{size}.pt"
        names = ("paper",) if size == 4 else tuple(TRAININGS)
        do = functools.partial(work, file=file, names=names)
        codes = ended(start(size, do, folder / f"said-{size}"))
        assert codes == [0] * size, (codes, [path.read_text() for path in folder.glob("said-*")])


if __name__ == "__main__":
    main()
