"""Does DNA help where it should, and only there? `python benchmarks/instrument.py --out FOLDER`; docs/evidence.md.

Simulates sets at several strengths of the genetic signal, compares real DNA with its controls on each, and prints
Markdown: accuracies, real minus shuffled, how often an effect is claimed, and what is wrong with the instrument.
Begun again with the same folder it goes on where it stopped.
"""

import argparse
import json
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from visgen_train.config import load_config
from visgen_train.experiment.recipes import recipe_settings
from visgen_train.instrument.readings import RECIPE, Reading, read_pictures, read_traits
from visgen_train.instrument.summary import OverSets, Rate, collect, faults, rate
from visgen_train.simulate import BenchmarkParams

FIGURES = {"per_class": "per class", "tail": "rare species"}
SETS = {  # what is simulated by default, see docs/evidence.md
    "pictures": {"images_max": 100, "test": 20},
    "traits": {"images_max": 40, "test": 20, "variation": 0.8},
}


def main() -> int:
    options = asked()
    os.environ |= {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }  # a process a core, each of one thread
    tasks = [(signal, seed, False) for seed in range(options.sets) for signal in options.signals]
    tasks.append((1.0, options.sets, True))
    found: dict[float, list[Reading]] = {}
    begun = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        readings = []
        for task, reading in zip(tasks, pool.map(partial(read, options), tasks), strict=True):
            print(f"{time.perf_counter() - begun:6.0f} s: {'dealt' if task[2] else task}", file=sys.stderr)
            readings.append(reading)
    for (signal, _, deal), reading in zip(tasks, readings, strict=True):
        if not deal:
            found.setdefault(signal, []).append(reading)
    print("\n".join(report(found, readings[-1:])))
    return bool(faults(found.get(0.0, []), readings[-1:]))


def read(options: argparse.Namespace, task: tuple[float, int, bool]) -> Reading:
    """One simulated set, labels dealt out or not, through its ablation."""
    signal, seed, deal = task
    logging.disable(logging.WARNING)
    config = load_config(
        "light", settings=("model.weights=none", *options.set), recipe=recipe_settings(RECIPE)
    )
    params = BenchmarkParams(**SETS[options.source], seed=seed, signal=signal)
    folder = options.out / ("dealt" if deal else f"signal-{signal:g}") / f"set-{seed}"
    if options.source == "pictures":
        return read_pictures(params, config, folder, options.seeds, deal=deal)
    done = folder / "ablation" / "ablation.json"
    if done.is_file():
        return Reading(params, json.loads(done.read_text(encoding="utf-8")))
    return read_traits(params, config, folder, options.seeds, deal=deal)


def report(found: dict[float, list[Reading]], dealt: Sequence[Reading]) -> Iterator[str]:
    some = next(iter(found.values()))[0]
    classifiers = list(some.content["classifiers"])
    yield f"{some.params}, settings and seeds as in each folder; % and points, 95 % intervals over sets.\n"
    yield from accuracies(found, classifiers)
    for figure in FIGURES:
        yield from differences(found, some, classifiers, figure)
    yield "| signal | sets | real DNA claimed better than shuffled | shuffles claimed better than other shuffles |"
    yield "|---|---|---|---|"
    for signal, readings in found.items():
        placebos = [claim for reading in readings for claim in reading.placebo_claims]
        row = (
            f"{signal:g}",
            str(len(readings)),
            shown_rate(rate([one.claims for one in readings])),
            shown_rate(rate(placebos)),
        )
        yield f"| {' | '.join(row)} |"
    told = faults(found.get(0.0, []), dealt)
    yield f"\n{' '.join(told) if told else 'No fault of the instrument found.'}"


def accuracies(found: dict[float, list[Reading]], classifiers: list[str]) -> Iterator[str]:
    yield "| signal | classifier | per class, before alignment | rare species | per class, aligned to the DNA | rare |"
    yield "|---|---|---|---|---|---|"
    for signal, readings in found.items():
        for name in classifiers:
            cells = [
                collect(readings, lambda one: one.accuracy(target, name, figure))  # noqa: B023 (called at once)
                for target in ("none", "dna")
                for figure in FIGURES
            ]
            yield f"| {signal:g} | {name} | {' | '.join(shown(cell) for cell in cells)} |"
    yield ""


def differences(
    found: dict[float, list[Reading]], some: Reading, classifiers: list[str], figure: str
) -> Iterator[str]:
    controls = [target for target in some.content["targets"] if target != "dna"]
    yield f"Real DNA minus each control, {FIGURES[figure]}, points:\n"
    yield f"| signal | classifier | {' | '.join(controls)} |"
    yield f"|---|---|{'---|' * len(controls)}"
    for signal, readings in found.items():
        for name in classifiers:
            cells = [
                collect(readings, lambda one: one.real_minus(control, name, figure))  # noqa: B023 (called at once)
                for control in controls
            ]
            if any(cells):
                yield f"| {signal:g} | {name} | {' | '.join(shown(cell, '+') for cell in cells)} |"
    yield ""


def shown(estimate: OverSets | None, sign: str = "") -> str:
    if estimate is None:
        return ""
    mean, low, high = (f"{100 * value:{sign}.1f}" for value in (estimate.mean, estimate.low, estimate.high))
    return f"{mean} ({low} to {high})".replace("-", "−")


def shown_rate(found: Rate) -> str:
    return f"{found.happened} of {found.trials} ({100 * found.low:.0f} to {100 * found.high:.0f} %)"


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for sets and models; kept")
    parser.add_argument("--source", choices=SETS, default="pictures", help="pictures, or true traits (fast)")
    parser.add_argument("--sets", type=int, default=5, help="sets of each signal, each of its own seed")
    parser.add_argument("--signals", type=float, nargs="+", default=[0.0, 0.5, 1.0], help="Pagel's lambda")
    parser.add_argument("--seeds", type=int, default=1, help="trainings a set")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
