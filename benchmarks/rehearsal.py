"""The paper's experiment at its size, on made-up pictures: `python benchmarks/rehearsal.py FOLDER`; docs/estimate.md.

Makes the set once: 27,731 pictures to train on (a tenth of them to validate) and 6,801 to test, 32 species, a long tail
(how many of each the paper had is in its Fig. 7 alone), and simulated sequences. Then measured: decoding into a store,
opening it, memory of the data side, and what --estimate measures. The rest is an estimate by the same code. It leaves
some 3 GB in FOLDER.
"""

import argparse
import csv
import json
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from measure import child
from PIL import Image
from visgen_train.config import load_config
from visgen_train.experiment.ablation.ablation import Ablation
from visgen_train.experiment.ablation.plan import CONTROLS, TABLE_1, Plan, Row, consecutive
from visgen_train.experiment.ablation.sources import ImageSource
from visgen_train.experiment.estimate import estimate
from visgen_train.experiment.inputs import Inputs, read_labels
from visgen_train.experiment.recipes import RECIPES
from visgen_train.report.estimate import duration, lines, size
from visgen_train.report.html import write_report
from visgen_train.report.model_card import write_card
from visgen_train.simulate.params import BenchmarkParams
from visgen_train.simulate.writing import write_benchmark

TRAINING, TEST, SPECIES, RAREST = 27_731, 6_801, 32, 10
MODELS = 6  # pictures drawn of a species; all others are made from them
RATES = (300, 1000, 3000)  # pictures a second in training, of machines that were not at hand

DATA_SIDE = """
import sys, time
from pathlib import Path
import numpy as np, torch
sys.path.insert(0, {here!r})
from rehearsal import inputs_of, settings
from visgen_train.data.batches import epoch_batches
from visgen_train.data.views import ImageViews
from visgen_train.experiment.examples import read_pictures
from visgen_train.experiment.inputs import read_labels
from visgen_train.io.room import held_memory, peak_memory, reset_peak

def anonymous():
    text = Path("/proc/self/status").read_text()
    return int(text.split("RssAnon:")[1].split()[0]) * 1024

inputs, config = inputs_of(Path({folder!r})), settings([])
before, own = held_memory(), anonymous()
began = time.perf_counter()
labelled = read_labels(inputs, config)
named = time.perf_counter()
examples = read_pictures(labelled, inputs, config, Path({folder!r}))
opened = time.perf_counter()
views = ImageViews(examples.content, config.train, 0, torch.device("cpu"))
rows = examples.rows("train")
batches = [batch for batch, _ in epoch_batches(labelled.classes[rows], config.train, np.random.default_rng(0))]
most, timed, seen = 0, 0.0, 0
for number, batch in enumerate(batches):
    if number < {augmented}:
        start = time.perf_counter()
        views.augmented(rows[batch], np.zeros_like(batch), 0)
        timed, seen = timed + time.perf_counter() - start, seen + len(batch)
    else:
        examples.content[rows[batch]]
    most = max(most, anonymous())
print(named - began, opened - named, seen / timed, most - own, peak_memory() - before, len(batches))
"""


def settings(given: list[str]):
    """The preset `sound`, which has the paper's sizes, from random weights."""
    return load_config("sound", settings=given, direct={"model.weights": "none"})


def inputs_of(folder: Path) -> Inputs:
    """The set, and its store."""
    return Inputs(
        folder / "images", folder / "sequences.fasta", metadata=folder / "split.csv", store=folder / "store"
    )


def tail(total: int, least: int) -> np.ndarray:
    """(SPECIES,) numbers of pictures in geometric progression, of that sum."""
    low, high = float(least), float(total)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if np.geomspace(middle, least, SPECIES).sum() > total else (middle, high)
    counts = np.rint(np.geomspace(low, least, SPECIES)).astype(int)
    counts[0] += total - counts.sum()
    return counts


def make(folder: Path) -> None:
    """Draw some pictures of each species, and make all others from them by turns, brightness and noise."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        drawn = Path(scratch) / "drawn"
        few = BenchmarkParams(
            species=SPECIES, images_max=MODELS, images_min=MODELS, validation=1, test=1, size=160
        )
        write_benchmark(drawn, few)
        species = sorted(path for path in (drawn / "images").iterdir() if path.is_dir())
        rows, work = [], []
        numbers = tail(TRAINING, RAREST), tail(TEST, 2)
        for place, path in enumerate(species):
            models = [np.asarray(Image.open(file)) for file in sorted(path.iterdir())]
            train, test = numbers[0][place], numbers[1][place]
            (folder / "images" / path.name).mkdir(parents=True)
            for number in range(train + test):
                file = f"images/{path.name}/{number:05d}.jpg"
                side = "test" if number >= train else "validation" if number % 10 == 9 else "train"
                rows.append((file, side))
                work.append((folder / file, models[number % MODELS], number))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: write(*one), work))
        (drawn / "sequences.fasta").rename(folder / "sequences.fasta")
        with (folder / "split.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("file", "split"), *rows])


def write(path: Path, model: np.ndarray, number: int) -> None:
    """A picture that no other equals."""
    rng = np.random.default_rng((number, model.size))
    turned = np.rot90(model, number % 4).astype(np.float32) * rng.uniform(0.8, 1.1)
    noisy = turned + rng.standard_normal(turned.shape, np.float32) * 6
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def table_1(folder: Path) -> tuple[int, int, int]:
    """First stages, cells that are aligned and cells in all of `visgen ablate` with its defaults: three seeds."""
    rows = {name: Row(RECIPES[name], load_config("sound", recipe=RECIPES[name].settings)) for name in TABLE_1}
    plan = Plan(rows, consecutive(0, 3), CONTROLS)
    inputs = inputs_of(folder)
    ablation = Ablation(folder, plan, ImageSource(inputs), read_labels(inputs, plan.main.config))
    cells = [
        cell
        for seed in plan.seeds
        for stage, names in ablation.stages.items()
        for cell in ablation.cells(seed, stage, names)
    ]
    aligned = sum(cell.target != "none" for cell in cells)
    return len(plan.seeds) * len(ablation.stages), aligned, len(cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", action="append", default=[], help="as of visgen run, such as device=cuda")
    parser.add_argument("--augmented", type=int, default=60, help="batches whose views are timed")
    options = parser.parse_args()
    folder, config = options.folder, settings(options.set)
    if not (folder / "split.csv").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        make(folder)
        print(f"made {TRAINING + TEST:,} pictures in {time.perf_counter() - began:.0f} s", flush=True)
    code = DATA_SIDE.format(here=str(Path(__file__).parent), folder=str(folder), augmented=options.augmented)
    for what in ("decoding into the store", "opening it"):
        if what.startswith("decoding") and (folder / "store").is_dir():
            continue
        named, opened, views, own, all_of_it, batches = child(code)
        print(
            f"reading names and sequences {named:.1f} s; {what} {opened:.1f} s; {views:.0f} augmented pictures a second"
        )
        print(
            f"data side, {batches:.0f} batches of an epoch: {size(own)} of the process's own memory, {size(all_of_it)} "
            "with the pages of the store that the system keeps while there is room",
            flush=True,
        )

    def finish(place: Path) -> None:
        write_card(place)
        write_report(place)

    with tempfile.TemporaryDirectory() as scratch:
        found = estimate(inputs_of(folder), Path(scratch) / "run", config, finish)
    print("\n".join(lines(found)), flush=True)
    (folder / "estimate.json").write_text(json.dumps(found, indent=1))
    parts = {name: part["middle"] for name, part in found["seconds"].items()}
    first, aligned, cells = table_1(folder)
    stage1 = parts["images"] + parts["features"]
    whole = first * stage1 + aligned * parts["align"] + cells * parts["evaluation"]
    epoch = found["pictures"]["batches"] * found["batch"]
    shown = epoch * config.train.epochs
    print(
        f"Table 1 by visgen ablate, 3 seeds, an estimate: {first} first stages of {duration(stage1)}, {aligned} "
        f"alignments, {cells} evaluations of {duration(parts['evaluation'])} at most: {duration(whole)} here."
    )
    step = found["rates"]["step"]
    print(
        f"Here {found['batch'] / step['middle']:.1f} pictures a second ({found['batch'] / step['high']:.1f} to "
        f"{found['batch'] / step['low']:.1f}); stage 1 trains on {shown / 1e6:.2f} million."
    )
    for rate in RATES:
        told = duration(shown / rate), duration(first * shown / rate)
        print(f"arithmetic, at {rate:,} pictures a second: stage 1 {told[0]}, all {first} of them {told[1]}")


if __name__ == "__main__":
    main()
