"""How often does a run name species by their DNA, and what does it gain? `python benchmarks/recommended.py`.

Heads are trained on the true traits of simulated specimens, as `visgen run --features` trains them; what names species
is settled as in any run. Prints Markdown; docs/recommended.md has the table.
"""

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from dna_signal import shown
from visgen_train.config import Config, load_config
from visgen_train.data.sequences import read_sequences
from visgen_train.experiment.ablation.sources import FeatureSource
from visgen_train.experiment.labelled import match_labels
from visgen_train.instrument.readings import trait_table
from visgen_train.instrument.summary import over_sets
from visgen_train.io.progress import silent
from visgen_train.simulate import BenchmarkParams
from visgen_train.simulate.benchmark import genes, species_tree

BESIDE = ("knn", "softmax-adjusted", "fused-shrinkage", "fused")
PAIRS = (
    ("fused", "fused-shrinkage", "per_class"),
    ("fused", "fused-shrinkage", "tail"),
    ("fused-shrinkage", "softmax-adjusted", "per_class"),
)


def main() -> None:
    options = asked()
    columns = ["signal", "DNA informs looks", "DNA used", "weight", *BESIDE]
    columns += [f"{one} minus {other}, {figure}" for one, other, figure in PAIRS]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for signal in options.signals:
        found = []
        for seed in range(options.sets):
            found.append(metrics_of(parameters(signal, seed, options.species)))
            print(f"signal {signal:g}, set {seed}: {found[-1]['recommended']['why']}", file=sys.stderr)
        print(row(signal, found), flush=True)


def parameters(signal: float, seed: int, species: int) -> BenchmarkParams:
    return BenchmarkParams(
        species=species, images_max=40, images_min=4, variation=0.8, test=20, seed=seed, signal=signal
    )


def metrics_of(params: BenchmarkParams) -> dict[str, Any]:
    """metrics.json of heads trained on the traits of one set."""
    config = load_config("light", settings=[f"seed={params.seed}", "align.epochs=0", "device=cpu"])
    source = traits(params, config)
    with (
        tempfile.TemporaryDirectory() as folder,
        source.stage1(Path(folder), params.seed, "heads", config, silent) as session,
    ):
        return session.evaluate()


def traits(params: BenchmarkParams, config: Config) -> FeatureSource:
    tree = species_tree(params)
    individuals, _ = genes(tree, params)
    sequences = {f"s{row}": sequence for row, sequence in enumerate(individuals.sequences)}
    named = {f"s{row}": tree.names[species] for row, species in enumerate(individuals.species.tolist())}
    table = trait_table(params)
    records, labels = read_sequences(sequences, named)
    labelled = match_labels(table.items, records, labels, ("traits", "sequences"), False, config)
    return FeatureSource(table, labelled)


def row(signal: float, found: list[dict[str, Any]]) -> str:
    chosen = [one["recommended"] for one in found]
    informs = [one["p_value"] <= 0.05 and one["signal_interval"][0] > 0 for one in chosen]
    used = [one["classifier"] == "fused" for one in chosen]
    figures = {name: of(found, name, "per_class") for name in BESIDE}
    weights = [one["weight"] for one in chosen if one["weight"] is not None]
    cells = [shown(informs), shown(used), f"{np.median(weights):g}" if weights else "–"]
    cells += [f"{100 * figures[name].mean():.1f}" for name in BESIDE]
    for one, other, figure in PAIRS:
        gain = over_sets((of(found, one, figure) - of(found, other, figure)).tolist())
        ends = f"{100 * gain.mean:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
        cells.append(ends.replace("-", "−"))
    return f"| {signal:g} | {' | '.join(cells)} |"


def of(found: list[dict[str, Any]], name: str, figure: str) -> np.ndarray:
    """A figure of a classifier, of every set."""
    return np.array([one["classifiers"]["visual"][name][figure] for one in found])


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=16, help="of each signal, each of its own seed")
    parser.add_argument("--signals", type=float, nargs="+", default=[0.0, 0.5, 1.0], help="Pagel's lambda")
    parser.add_argument("--species", type=int, default=24, help="of each set")
    logging.disable(logging.WARNING)
    return parser.parse_args()


if __name__ == "__main__":
    main()
