"""How hard the sets are: `python benchmarks/difficulty.py --out FOLDER size=32,96 noise=0,0.1`; docs/simulated.md.

Each setting is changed alone, from the defaults of `visgen simulate`; on each set stage 1 of preset `light` is trained
without DNA (recipe `naive`). Prints Markdown: per-class accuracy on the test pictures by cosine kNN and by others.
"""

import argparse
import json
import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from visgen_train.config import load_config
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.recipes import recipe_settings
from visgen_train.experiment.run import run
from visgen_train.simulate import BenchmarkParams, write_benchmark

CLASSIFIERS = ("knn", "weighted-knn", "centroid", "softmax")


def main() -> None:
    options = asked()
    os.environ |= {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }  # a process a core, each of one thread
    tasks = [
        (name, {**values, "seed": seed})
        for seed in options.seeds
        for name, values in [("defaults", {}), *changes(options.changes)]
    ]
    print(f"| set | seed | {' | '.join(CLASSIFIERS)} | rare, knn | rare, centroid |")
    print("|---|---|" + "---|" * (len(CLASSIFIERS) + 2))
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for row in pool.map(partial(row_of, options), tasks):
            print(row, flush=True)


def changes(texts: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """`noise=0,0.1` -> one setting of each; `counts=60:4,500:4` -> images_max and images_min."""
    kinds = {field.name: type(getattr(BenchmarkParams(), field.name)) for field in fields(BenchmarkParams)}
    found: list[tuple[str, dict[str, Any]]] = []
    for text in texts:
        key, _, values = text.partition("=")
        for value in values.split(","):
            if key == "counts":
                most, least = map(int, value.split(":"))
                found.append((f"counts {value}", {"images_max": most, "images_min": least}))
            else:
                found.append((f"{key} {value}", {key: kinds[key](value)}))
    return found


def row_of(options: argparse.Namespace, task: tuple[str, dict[str, Any]]) -> str:
    """Simulate a set, train on it, and put its figures into a row."""
    logging.disable(logging.WARNING)
    name, values = task
    params = BenchmarkParams(**values)
    folder = options.out / f"{name}-seed-{params.seed}".replace(" ", "-").replace(":", "-")
    metrics = folder / "run" / "metrics.json"
    if not metrics.is_file():
        data = folder / "data"
        if not data.exists():
            write_benchmark(data, params)
        size = (f"data.image_size={params.size}", f"seed={params.seed}", "model.weights=none")
        config = load_config("light", settings=(*size, *options.set), recipe=recipe_settings("naive"))
        run(Inputs(data / "metadata.csv", data / "sequences.fasta"), metrics.parent, config, force=True)
    found = json.loads(metrics.read_text(encoding="utf-8"))["classifiers"]["visual"]
    cells = [found[classifier]["per_class"] for classifier in CLASSIFIERS]
    cells += [found[classifier]["tail"] for classifier in ("knn", "centroid")]
    shown = " | ".join("" if cell is None else f"{100 * cell:.1f}" for cell in cells)
    return f"| {name} | {params.seed} | {shown} |"


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for sets and runs; kept")
    parser.add_argument("--seeds", type=int, nargs="+", default=[7], help="of sets and trainings")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the training"
    )
    parser.add_argument(
        "changes", nargs="*", metavar="DIAL=VALUE,VALUE", help="noise=0,0.1 or counts=60:4,500:4"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
