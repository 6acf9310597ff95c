"""Two processes of one thread against one: `python benchmarks/processes.py`; docs/processes.md.

Pictures a second in stage 1, where two processes share each batch (gloo). As a bound, what the machine gives two
processes that have nothing to do with each other, each with batches of its own, against one. Taken in turn; medians
and quartiles of the ratios.
"""

import argparse
import contextlib
import dataclasses
import math
import os
import socket
import statistics
import time
import traceback

import numpy as np
import torch
from measure import Ratio
from visgen_train.config import ModelConfig, TrainConfig
from visgen_train.data.views import ImageViews
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.joining import joined
from visgen_train.training.pretrain import pretrain
from visgen_train.training.seeding import seed_everything
from visgen_train.training.team import Dismissed

KINDS = ("one", "two together", "two apart")


def epoch_seconds(options: argparse.Namespace, rank: int) -> float:
    """How long an epoch of stage 1 takes, the second of two: in the first, memory is taken and kernels are chosen."""
    torch.set_num_threads(1)
    labels = np.arange(options.images) % 16
    size = options.size
    pixels = np.random.default_rng(0).integers(0, 256, (options.images, 3, size, size), np.uint8)
    config = dataclasses.replace(TrainConfig(), epochs=2, batch=options.batch)
    ends: list[float] = []
    with joined("cpu") as (team, device):
        seed_everything(0)
        network = EmbeddingNetwork(ModelConfig(options.backbone, "none"), 16, size)
        network = network.to(memory_format=torch.channels_last)
        views = ImageViews(pixels, config, 0, device)
        rows = np.arange(options.images)
        stage = (network, views, labels, rows, config, 0, device, lambda: math.nan)
        pretrain(*stage, lambda row: ends.append(time.perf_counter()), team=team)
        if not team.first:
            with contextlib.suppress(Dismissed):
                team.heard()
    return ends[1] - ends[0]


def measured(options: argparse.Namespace, kind: str) -> float:
    """Pictures a second of one kind of process, each forked here."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    number = 1 if kind == "one" else 2
    pipes = [os.pipe() for _ in range(number)]
    children = []
    for rank, (_, out) in enumerate(pipes):
        child = os.fork()
        if child == 0:
            if kind == "two together":
                os.environ |= {
                    "TORCHELASTIC_RUN_ID": "bench",
                    "MASTER_ADDR": "127.0.0.1",
                    "MASTER_PORT": port,
                }
                os.environ |= {
                    "RANK": str(rank),
                    "LOCAL_RANK": str(rank),
                    "WORLD_SIZE": "2",
                    "LOCAL_WORLD_SIZE": "2",
                }
            try:
                os.write(out, str(epoch_seconds(options, rank)).encode())
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(out)
        children.append(child)
    seconds = [float(os.read(given, 100)) for given, _ in pipes]
    for child, (given, _) in zip(children, pipes, strict=True):
        os.waitpid(child, 0)
        os.close(given)
    return options.images * (number if kind == "two apart" else 1) / max(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="two at least")
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--backbone", default="resnet18")
    options = parser.parse_args()
    rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(options.rounds):
        for kind in KINDS:
            rates[kind].append(measured(options, kind))
    for kind, found in rates.items():
        print(f"{kind}: {statistics.median(found):.1f} pictures/s")
    for kind in KINDS[1:]:
        ratios = [many / one for many, one in zip(rates[kind], rates["one"], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
        print(f"{kind} / one: {Ratio(middle, low, high)}")


if __name__ == "__main__":
    main()
