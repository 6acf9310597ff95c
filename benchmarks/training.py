"""The rows of docs/performance.md of one process: `python benchmarks/training.py`, or some: `... step memory`.

Each is a ratio of times within one run, ours and the other taken in turn; seven minutes in all on two cores.
"""

import copy
import math
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import published
import torch
from measure import Row, child, print_table, ratio, seconds, summary
from networks import CLASSES, DEVICE, LARGE, SMALL, Size, bare_step, finished, inference, our_step
from PIL import Image
from torch import Tensor
from visgen_train.config import Config, load_config
from visgen_train.data.images import Policy
from visgen_train.data.store import open_store
from visgen_train.data.views import ImageViews
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.align import align
from visgen_train.training.pretrain import pretrain

SIDE = 416
"""px, of the published code's prepared pictures (its processing.py)."""


def step(folder: Path) -> Iterator[Row]:
    for size in (SMALL, LARGE):
        what = f"time of a training step by that of the bare torchvision model, {size}, batch {size.batch}"
        yield Row(what, "1.10 at most", ratio(our_step(size), bare_step(size), size.rounds))


def pictures(folder: Path, number: int) -> list[str]:
    """Grey PNGs with the grain of photographs, as many of each species; made once."""
    files = [f"{index % CLASSES:02d}/{index:04d}.png" for index in range(number)]
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        blob = 200 * np.exp(-3 * (x**2 + rng.uniform(0.5, 2) * y**2)) + rng.normal(20, 4, x.shape)
        Image.fromarray(blob.clip(0, 255).astype(np.uint8)).save(folder / file)
    return files


def store_views(folder: Path, files: list[str], size: Size, config: Config) -> ImageViews:
    """The pictures in a packed store, all read once."""
    store = open_store(folder / f"store-{size.pixels}", folder, files, Policy(size.pixels))
    store.pixels[np.arange(len(files))]
    return ImageViews(store.pixels, config.train, 0, DEVICE)


def our_epoch(
    size: Size, views: ImageViews, labels: np.ndarray, config: Config, precision: torch.dtype
) -> Callable[[], None]:
    """Stage 1 for one epoch, without validation."""
    network, rows = size.network(), np.arange(len(labels))
    network.precision = precision
    train = replace(config.train, epochs=1)
    return finished(
        lambda: pretrain(network, views, labels, rows, train, 0, DEVICE, lambda: math.nan, lambda row: None)
    )


def published_epoch(size: Size, folder: Path, files: list[str], labels: np.ndarray) -> Callable[[], None]:
    """The same pictures and network in the loop of the published code."""
    categories = {
        label: [str(folder / files[row]) for row in np.flatnonzero(labels == label)]
        for label in range(CLASSES)
    }
    network = size.network().to(memory_format=torch.contiguous_format)
    sgd = torch.optim.SGD(network.parameters(), lr=published.LR, weight_decay=published.WEIGHT_DECAY)
    batches = published.loader(categories, size.pixels)
    return finished(lambda: published.epoch(network, sgd, batches, DEVICE))


TOLD = {
    "balanced": "balanced batches: each image once, all triplets of a batch",
    "paper": "the paper's sampling: as many triplets of three images",
    "paper, bfloat16": "the paper's sampling, precision=bfloat16",
}
EPOCHS = ((SMALL, 192, tuple(TOLD), 4), (LARGE, 32, ("paper", "paper, bfloat16"), 2))
"""Network, anchors, ways of ours, rounds."""


def epoch(folder: Path) -> Iterator[Row]:
    """The published code shows three images an anchor, as the paper's sampling does here; balanced batches show one."""
    for size, number, ways, rounds in EPOCHS:
        files, labels = pictures(folder, number), np.arange(number) % CLASSES
        calls = {"published": published_epoch(size, folder, files, labels)}
        for way in ways:
            sampling, _, kind = way.partition(", ")
            config = load_config(
                settings=[f"train.sampling={sampling}", f"train.batch={3 * published.BATCH}"]
            )
            views = store_views(folder, files, size, config)
            calls[way] = our_epoch(size, views, labels, config, torch.bfloat16 if kind else torch.float32)
        found = in_turn(calls, rounds)
        for way in ways:
            pairs = zip(found["published"], found[way], strict=True)
            what = f"times as fast as the published loop, an epoch of {number} anchors, {size}, {TOLD[way]}"
            target = "" if "," in way else "3 at least"
            yield Row(what, target, summary([other / ours for other, ours in pairs]))
        shown = {name: number if name == "balanced" else 3 * number for name in found}
        rates = (f"{name} {shown[name] / statistics.median(times):.0f}" for name, times in found.items())
        yield Row(f"images a second in these, {size}", "", "; ".join(rates))


def in_turn(calls: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each call, all of them in each round."""
    for call in calls.values():
        call()
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds):
        for name in list(calls) if turn % 2 else reversed(calls):
            found[name].append(seconds(calls[name]))
    return found


class Passes:
    """Stands for cached features: each batch asked for goes through the frozen backbone."""

    def __init__(self, network: EmbeddingNetwork, views: ImageViews, epoch: int) -> None:
        self.network, self.views, self.epoch, self.device = network.eval(), views, epoch, DEVICE

    @torch.no_grad()
    def __getitem__(self, rows: Tensor) -> Tensor:
        chosen = rows.cpu().numpy()
        return self.network.features(self.views.augmented(chosen, np.zeros_like(chosen), self.epoch))


def aligning(network: EmbeddingNetwork, views: Any, labels: np.ndarray, epochs: int) -> Tensor:
    """Stage 2 of a copy of the head for so many epochs; its embedding layer."""
    config, head = load_config(), copy.deepcopy(network.head)
    anchors = np.random.default_rng(0).standard_normal((CLASSES, 256))
    stage = replace(config.align, epochs=epochs)
    align(head, views, labels, anchors, stage, config.train, 0, lambda: math.nan, lambda row: None)
    return head.embedding.weight.detach()


def alignment(folder: Path) -> Iterator[Row]:
    for size, number, rounds in ((SMALL, 512, 5), (LARGE, 64, 3)):
        config = load_config()
        pixels = np.random.default_rng(0).integers(0, 256, (number, 3, size.pixels, size.pixels), np.uint8)
        network, views = size.network(), ImageViews(pixels, config.train, 0, DEVICE)
        labels, parts = np.arange(number) % CLASSES, np.array_split(np.arange(number), number // 16)
        passes = [Passes(network, views, epoch) for epoch in range(config.align.views)]
        cached = [torch.cat([view[torch.from_numpy(part)] for part in parts]) for view in passes]
        once = [partial(aligning, network, kept[:1], labels, 1) for kept in (cached, passes)]
        torch.testing.assert_close(once[0](), once[1](), rtol=0, atol=1e-5)
        what = f"times as fast with cached features as with full passes, alignment, an epoch of {number} images, {size}"
        yield Row(what, "20 at least", ratio(*once, rounds, inverse=True))


def loader(folder: Path) -> Iterator[Row]:
    number, config = 512, load_config("light")
    views = store_views(folder, pictures(folder, number), SMALL, config)
    rng = np.random.default_rng(0)

    def load() -> None:
        for batch in range(16):
            rows = rng.integers(number, size=SMALL.batch)
            views.augmented(rows, np.zeros_like(rows), batch)

    found = ratio(finished(load), our_step(SMALL), 9, inverse=True, scale=1 / 16)
    yield Row(
        f"rate of the loader by that of training, packed store to network input, {SMALL}", "3 at least", found
    )


def precision(folder: Path) -> Iterator[Row]:
    for size in (SMALL, LARGE):
        steps = [our_step(size, kind) for kind in (torch.bfloat16, torch.float32)]
        yield Row(
            f"times as fast in bfloat16, training step, {size}",
            "",
            ratio(*steps, size.rounds // 2, inverse=True),
        )
        passes = [inference(size, kind) for kind in (torch.bfloat16, torch.float32)]
        yield Row(
            f"times as fast in bfloat16, features, {size}", "", ratio(*passes, size.rounds, inverse=True)
        )


def memory(folder: Path) -> Iterator[Row]:
    """Linux alone tells them apart: a process's own pages, and pages of files, which the system takes back at need."""
    if not Path("/proc/self/status").exists():
        yield Row(
            "peak memory of reading 30,000 pictures of 160 px", "1,500 MB at most", "not on this system"
        )
        return
    here = Path(__file__).parent
    code = f"import sys; sys.path.insert(0, {str(here)!r}); import memory; memory.main(memory.Path({str(folder)!r}))"
    before, own, mapped, both = child(code)
    what = "peak memory of reading and augmenting 30,000 pictures of 160 px, the process's own"
    yield Row(what, "1,500 MB at most", f"{own:,.0f} MB, {before:,.0f} of it before the first batch")
    what = "the same with pages of mapped files, the store's 2,304 MB and libraries"
    yield Row(what, "", f"{both:,.0f} MB, {mapped:,.0f} of files")


SECTIONS = (step, epoch, alignment, loader, memory, precision)


if __name__ == "__main__":
    device = torch.cuda.get_device_name() if DEVICE.type == "cuda" else f"{torch.get_num_threads()} threads"
    print(f"torch {torch.__version__}, {device}\n", file=sys.stderr)
    print_table(SECTIONS, sys.argv[1:])
