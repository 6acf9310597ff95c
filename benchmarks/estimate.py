"""How right `visgen run --estimate` is: `python benchmarks/estimate.py IMAGES SEQUENCES`; docs/estimate.md.

Each setting is estimated some times, and run once in between, each in a process of its own. The ratio is the time of
the run by that estimated. On a machine that others use as well both depend on what these do meanwhile: --processor has
all clocks tell processor time, which on one thread is about what an idle machine would take.
"""

import argparse
import csv
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from measure import summary

SETTINGS = {
    "light, 3 + 5 epochs": ("light", "train.epochs=3", "align.epochs=5"),
    "light, 12 + 10 epochs": ("light",),
    "light, 96 px, the paper's sampling": (
        "light",
        "data.image_size=96",
        "train.sampling=paper",
        "train.epochs=2",
    ),
    "resnet50, 64 px, 2 + 5 epochs": ("sound", "data.image_size=64", "train.epochs=2"),
}


class Task(NamedTuple):
    """A setting on a collection, and whether clocks tell processor time."""

    images: Path
    sequences: Path
    metadata: Path | None
    settings: tuple[str, ...]
    processor: bool

    def prepared(self) -> tuple[Any, Any]:
        """Inputs and configuration, after the imports."""
        from visgen_train.config import load_config
        from visgen_train.experiment.inputs import Inputs

        if self.processor:  # in a process of its own
            time.perf_counter = time.process_time
        preset, *settings = self.settings
        config = load_config(preset, settings=[*settings, "model.weights=none", "device=cpu"])
        return Inputs(self.images, self.sequences, metadata=self.metadata), config


def finish(folder: Path) -> None:
    """What the command does after a run."""
    from visgen_train.report.html import write_report
    from visgen_train.report.model_card import write_card

    write_card(folder)
    write_report(folder)


def estimated(task: Task) -> dict[str, Any]:
    """The estimate, and the seconds it took itself."""
    from visgen_train.experiment.estimate import estimate

    inputs, config = task.prepared()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        found = estimate(inputs, Path(scratch) / "run", config, finish)
    return {**found, "took": time.perf_counter() - began}


def taken(task: Task) -> dict[str, float]:
    """The run itself: seconds in all and of stage 1, bytes of memory, bytes it leaves."""
    from visgen_train.experiment.run import run
    from visgen_train.io.room import peak_memory

    inputs, config = task.prepared()
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        run(inputs, Path(scratch), config)
        finish(Path(scratch))
        whole = time.perf_counter() - began
        with (Path(scratch) / "metrics.csv").open() as file:
            images = sum(float(row["seconds"]) for row in csv.DictReader(file) if row["stage"] == "images")
        kept = sum(path.stat().st_size for path in Path(scratch).rglob("*") if path.is_file())
    return {"total": whole, "images": images, "memory": peak_memory() or 0, "kept": kept}


def alone(work: Any, task: Task) -> Any:
    """In a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, task).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=Path)
    parser.add_argument("sequences", type=Path)
    parser.add_argument("--metadata", type=Path)
    parser.add_argument("--rounds", type=int, default=3, help="estimates of each setting")
    parser.add_argument("--only", nargs="*", help="beginnings of the names of some settings")
    parser.add_argument("--processor", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, OMP_NUM_THREADS {os.environ.get('OMP_NUM_THREADS', 'not set')}")
    print(
        "| setting | an estimate takes | estimated | ran | ran by estimated | stage 1 alone | memory | kept on disk |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name, settings in SETTINGS.items():
        if options.only and not name.startswith(tuple(options.only)):
            continue
        task = Task(options.images, options.sequences, options.metadata, settings, options.processor)
        before, ran = [alone(estimated, task) for _ in range(options.rounds // 2)], alone(taken, task)
        found = before + [alone(estimated, task) for _ in range(options.rounds - len(before))]
        totals = [one["seconds"]["total"] for one in found]
        ratios = summary([ran["total"] / total["middle"] for total in totals])
        first = summary([ran["images"] / one["seconds"]["images"]["middle"] for one in found])
        memory = summary([ran["memory"] / one["memory"]["process"] for one in found])
        kept = summary([ran["kept"] / one["disk"]["kept"] for one in found])
        low, high = min(one["low"] for one in totals), max(one["high"] for one in totals)
        print(
            f"| {name} | {summary([one['took'] for one in found]).median:.0f} s | {low:.0f} to {high:.0f} s | "
            f"{ran['total']:.0f} s | {ratios} | {first} | {memory} | {kept} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
