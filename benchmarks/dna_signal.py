"""How often does `visgen evidence` see a signal that is there, or none? `python benchmarks/dna_signal.py`.

Features are the true traits of simulated specimens, distances come from their simulated sequences. Prints Markdown.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from visgen_train.data.sequences import read_sequences
from visgen_train.experiment.signal import Settings, of_features, signal_content
from visgen_train.experiment.signal.sources import Apart
from visgen_train.instrument.readings import trait_table
from visgen_train.instrument.summary import over_sets, rate
from visgen_train.report.signal import verdict
from visgen_train.simulate import BenchmarkParams
from visgen_train.simulate.benchmark import genes, species_tree


def main() -> None:
    options = asked()
    found: dict[float, list[dict[str, Any]]] = {signal: [] for signal in options.signals}
    for seed in range(options.sets):
        for signal in options.signals:
            params = BenchmarkParams(
                species=options.species,
                images_max=40,
                images_min=4,
                variation=0.8,
                seed=seed,
                signal=signal,
            )
            found[signal].append(content(params, options))
            print(f"signal {signal:g}, set {seed}: {verdict(found[signal][-1])}", file=sys.stderr)
    print("\n".join(report(found)))


def content(params: BenchmarkParams, options: argparse.Namespace) -> dict[str, Any]:
    tree = species_tree(params)
    individuals, _ = genes(tree, params)
    sequences = {f"s{row}": sequence for row, sequence in enumerate(individuals.sequences)}
    named = {f"s{row}": tree.names[species] for row, species in enumerate(individuals.species.tolist())}
    sample = of_features(trait_table(params), *read_sequences(sequences, named), Apart(options.distance))
    return signal_content(sample, Settings(seed=params.seed))


def report(found: dict[float, list[dict[str, Any]]]) -> Iterator[str]:
    yield "| signal | sets | p at most 0.05 | said to inform looks | gain | lambda | true lambda in its interval |"
    yield "|---|---|---|---|---|---|---|"
    for signal, sets in found.items():
        clear = [one["p_value"] <= 0.05 for one in sets]
        said = [verdict(one).startswith("DNA informs") for one in sets]
        held = [one["signal_interval"][0] <= signal <= one["signal_interval"][1] for one in sets]
        gains, fitted = ([one[key] for one in sets] for key in ("gain", "signal"))
        cells = (shown(clear), shown(said), ends(gains), ends(fitted), shown(held))
        yield f"| {signal:g} | {len(sets)} | {' | '.join(cells)} |"
    yield "\n| signal | images | real DNA, % | no DNA | real minus shuffled | minus no DNA | above both |"
    yield "|---|---|---|---|---|---|---|"
    for signal, sets in found.items():
        for level in (1, 3, 8):
            rows = [row for one in sets for row in one["few_shot"] if row["images"] == level]
            differences = ("real_minus_shuffled", "real_minus_independent")
            both = [all(row[key]["low"] > 0 for key in differences) for row in rows]
            cells = [over(rows, key) for key in ("real", "independent", *differences)]
            yield f"| {signal:g} | {level} | {' | '.join(cells)} | {shown(both)} |"
        for top in ("top1", "top3"):
            rows = [one["zero_shot"][top] for one in sets]
            above = [row["real_minus_shuffled"]["low"] > 0 for row in rows]
            chance, size = rows[0]["chance"], sets[0]["zero_shot"]["at_once"]
            cells = [
                over(rows, "real"),
                f"{100 * chance:.1f} (chance)",
                over(rows, "real_minus_shuffled"),
                "",
            ]
            yield f"| {signal:g} | none, {top} of {size} | {' | '.join(cells)} | {shown(above)} |"


def over(rows: Sequence[dict[str, Any]], key: str) -> str:
    """Mean over sets and its 95 % interval."""
    found = over_sets([row[key]["mean"] for row in rows])
    signed = "+" if "minus" in key else ""
    mean, low, high = (f"{100 * value:{signed}.1f}" for value in (found.mean, found.low, found.high))
    return f"{mean} ({low} to {high})".replace("-", "−")


def shown(happened: Sequence[bool]) -> str:
    found = rate(happened)
    return f"{found.happened} of {found.trials} ({100 * found.low:.0f} to {100 * found.high:.0f} %)"


def ends(values: Sequence[float]) -> str:
    low, middle, high = np.quantile(values, (0, 0.5, 1))
    return f"{middle:.2g} ({low:.2g} to {high:.2g})"


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=20, help="of each signal, each of its own seed")
    parser.add_argument("--signals", type=float, nargs="+", default=[0.0, 0.5, 1.0], help="Pagel's lambda")
    parser.add_argument("--species", type=int, default=24, help="of each set")
    parser.add_argument("--distance", default="kmer", help="method for the distances")
    logging.disable(logging.WARNING)
    return parser.parse_args()


if __name__ == "__main__":
    main()
