"""What DNA adds on simulated pictures, as a network sees them. `python benchmarks/dna_pictures.py --out FOLDER`.

Of each set (24 species to train on, 6 with sequences alone) one network is trained on pictures, without DNA. Then, on
its embeddings: `visgen evidence`; kriging and fused against shuffled distances and against none, on all test pictures;
and species without images. Prints Markdown for docs/kriging.md. Begun again with the same folder it goes on.
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
from typing import Any

import numpy as np
from dna_signal import over, report, shown
from visgen_train.config import Config, load_config
from visgen_train.data.transforms import plain
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.evaluation.embed import backbone_features
from visgen_train.evaluation.zero_shot import FIGURES, figures, fit_zero_shot, hits, quarters
from visgen_train.experiment.ablation.plan import Plan, Row
from visgen_train.experiment.ablation.run import ablate
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.recipes import RECIPES, recipe_settings
from visgen_train.experiment.run import open_session
from visgen_train.experiment.session import Session
from visgen_train.experiment.signal import Settings, signal_content
from visgen_train.experiment.signal.sources import Apart, of_run
from visgen_train.experiment.start import embedded
from visgen_train.genetics.shuffles import shuffled
from visgen_train.instrument.summary import over_sets
from visgen_train.io.images import decode
from visgen_train.io.progress import silent
from visgen_train.simulate import BenchmarkParams, write_benchmark

RECIPE, SHUFFLES = "naive", 5
SIZE = {"species": 24, "unseen": 6, "images_max": 100, "test": 20}


def main() -> None:
    options = asked()
    os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    tasks = [(signal, seed) for seed in range(options.sets) for signal in options.signals]
    found: dict[float, list[dict[str, Any]]] = {signal: [] for signal in options.signals}
    begun = time.perf_counter()
    with ProcessPoolExecutor(options.processes, multiprocessing.get_context("spawn")) as pool:
        for task, made in zip(tasks, pool.map(partial(read, options), tasks), strict=True):
            print(f"{time.perf_counter() - begun:6.0f} s: signal {task[0]:g}, set {task[1]}", file=sys.stderr)
            found[task[0]].append(made)
    signals = {signal: [one["evidence"] for one in sets] for signal, sets in found.items()}
    print("\n".join([*report(signals), *kriged(found), *without_images(found)]))


def read(options: argparse.Namespace, task: tuple[float, int]) -> dict[str, Any]:
    """One set: its network, and what DNA adds on its embeddings."""
    signal, seed = task
    logging.disable(logging.WARNING)
    folder = options.out / f"signal-{signal:g}" / f"set-{seed}"
    done = folder / "found.json"
    if done.is_file():
        return dict(json.loads(done.read_text(encoding="utf-8")))
    data, params = folder / "data", BenchmarkParams(**SIZE, signal=signal, seed=seed)
    if not data.exists():
        write_benchmark(data, params)
    settings = ("model.weights=none", f"seed={seed}", *options.set)
    config = load_config("light", settings=settings, recipe=recipe_settings(RECIPE))
    inputs = Inputs(data / "metadata.csv", data / "sequences.fasta", matched_only=True)
    plan = Plan({RECIPE: Row(RECIPES[RECIPE], config)}, (seed,), ())
    content = ablate(inputs, folder / "ablation", plan, resume=True)
    (stage,) = (folder / "ablation" / "stage1").glob("*/*")
    made = {
        "kriging": content["kriging"],
        "evidence": signal_content(of_run(stage, config, Apart()), Settings(seed=seed)),
        "unseen": unseen(stage, data, config),
    }
    done.write_text(json.dumps(made), encoding="utf-8")
    return made


def unseen(stage: Path, data: Path, config: Config) -> dict[str, dict[str, float]]:
    """Figures of the species without images: with real distances, and mean over shuffled ones."""
    with open_session(stage, config, ("align", "evaluate", "device"), (), None, silent) as session:
        names, queries, truth = asked_for(session, data)
        known = session.start.known(session.network.head, config.evaluate.neighbours)
        measured = session.labelled.sequences.distances
    rows = [measured.species.index(name) for name in names]
    distances = measured.matrix[np.ix_(rows, rows)]
    orders = shuffled(np.arange(len(rows)), SHUFFLES, np.random.default_rng(config.seed))
    dealt = [told(known, distances[np.ix_(order, order)], queries, truth) for order in orders]
    return {
        "real": told(known, distances, queries, truth),
        "shuffled": {name: float(np.mean([one[name] for one in dealt])) for name in FIGURES},
    }


def asked_for(session: Session, data: Path) -> tuple[list[str], Embedded, np.ndarray]:
    """All species, those without images last; test pictures of all of them, and the species of each."""
    folders = sorted((data / "unseen").iterdir())
    names = [*session.labelled.species, *(folder.name.replace("_", " ") for folder in folders)]
    files = [(row, file) for row, folder in enumerate(folders) for file in sorted(folder.iterdir())]
    pixels = np.stack([decode(file.read_bytes(), session.config.data.image_size) for _, file in files])
    features = backbone_features(
        session.network, np.arange(len(files)), lambda rows: plain(pixels[rows], session.device)
    )
    head = session.network.head
    vectors = [session.sealed.score("unseen", head, {}).vectors, embedded(head, features).vectors]
    last = len(session.labelled.species)
    truth = np.concatenate([session.sealed.tested.truth, [last + row for row, _ in files]])
    return names, Embedded(np.concatenate(vectors)), truth


def told(known: Known, distances: np.ndarray, queries: Embedded, truth: np.ndarray) -> dict[str, float]:
    model = fit_zero_shot(known, distances, quarters(known, np.random.default_rng(0)))
    made = figures(hits(model.scores(queries), truth, known.classes), truth)
    return {name: float(made[name][0]) for name in FIGURES}


def kriged(found: dict[float, list[dict[str, Any]]]) -> Iterator[str]:
    yield "\n| signal | classifier | against | per class | rare species | above zero, per class |"
    yield "|---|---|---|---|---|---|"
    for signal, sets in found.items():
        for place, row in enumerate(sets[0]["kriging"]):
            rows = [one["kriging"][place]["figures"] for one in sets]
            cells = [
                over([{"minus": figure[name]} for figure in rows], "minus") for name in ("per_class", "tail")
            ]
            above = shown([figure["per_class"]["low"] > 0 for figure in rows])
            yield f"| {signal:g} | {row['classifier']} | {row['against']} | {' | '.join(cells)} | {above} |"


def without_images(found: dict[float, list[dict[str, Any]]]) -> Iterator[str]:
    yield f"\n| signal | distances | {' | '.join(FIGURES)} |"
    yield f"|---|---|{'---|' * len(FIGURES)}"
    for signal, sets in found.items():
        real, dealt = ([one["unseen"][kind] for one in sets] for kind in ("real", "shuffled"))
        less = [{name: a[name] - b[name] for name in FIGURES} for a, b in zip(real, dealt, strict=True)]
        for kind, rows in (("real", real), ("shuffled", dealt), ("real minus shuffled", less)):
            sign = "+" if "minus" in kind else ""
            cells = [spread([row[name] for row in rows], sign) for name in FIGURES]
            yield f"| {signal:g} | {kind} | {' | '.join(cells)} |"


def spread(values: Sequence[float], sign: str) -> str:
    """Mean over sets and its 95 % interval, %."""
    found = over_sets(values)
    mean, low, high = (f"{100 * value:{sign}.1f}" for value in (found.mean, found.low, found.high))
    return f"{mean} ({low} to {high})".replace("-", "−")


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for sets and models; kept")
    parser.add_argument("--sets", type=int, default=5, help="sets of each signal, each of its own seed")
    parser.add_argument("--signals", type=float, nargs="+", default=[0.0, 0.5, 1.0], help="Pagel's lambda")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="one thread each")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    return parser.parse_args()


if __name__ == "__main__":
    main()
