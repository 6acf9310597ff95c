"""Are species without images recognised by their DNA? `python benchmarks/zero_shot.py`; docs/kriging.md.

On the true traits of simulated specimens: 24 species to train on, 6 with sequences alone, at several strengths of the
genetic signal. Prints Markdown, mean and range over the sets: DNA, species-shuffled distances, chance.
"""

import argparse
from dataclasses import replace

import numpy as np
from visgen_train.evaluation.zero_shot import FIGURES, figures, fit_zero_shot, hits, quarters
from visgen_train.genetics.shuffles import shuffled
from visgen_train.instrument.unseen import UnseenTraits, unseen_traits
from visgen_train.simulate import BenchmarkParams

PARAMS = BenchmarkParams(species=24, unseen=6, images_max=100, images_min=4, test=20, variation=0.8)
SHUFFLES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--signals", type=float, nargs="+", default=[0, 0.5, 1])
    parser.add_argument("--sets", type=int, default=5)
    options = parser.parse_args()
    print(f"{PARAMS}; {options.sets} sets, {SHUFFLES} shuffles of each; % per species, mean (range).\n")
    print(f"| signal | distances | {' | '.join(FIGURES)} | constant |")
    print("|---|---|" + "---|" * (len(FIGURES) + 1))
    for signal in options.signals:
        found: dict[str, list[list[float]]] = {"real": [], "shuffled": []}
        for seed in range(options.sets):
            task = unseen_traits(replace(PARAMS, signal=signal, seed=seed))
            orders = shuffled(np.arange(len(task.distances)), SHUFFLES, np.random.default_rng(seed))
            found["real"].append(asked(task, task.distances))
            dealt = [asked(task, task.distances[np.ix_(order, order)]) for order in orders]
            found["shuffled"].append(np.mean(dealt, axis=0).tolist())
        for name, rows in found.items():
            print(
                f"| {signal:g} | {name} | {' | '.join(shown(column) for column in zip(*rows, strict=True))} |"
            )


def asked(task: UnseenTraits, distances: np.ndarray) -> list[float]:
    """The figures, and the constant."""
    model = fit_zero_shot(task.known, distances, quarters(task.known, np.random.default_rng(0)))
    made = figures(hits(model.scores(task.queries), task.truth, task.known.classes), task.truth)
    return [*(100 * float(made[name][0]) for name in FIGURES), model.constant]


def shown(values: tuple[float, ...]) -> str:
    return f"{np.mean(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    main()
