"""One simulated set through an ablation: by its pictures, or by the true traits of its specimens."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from visgen_train.config import Config
from visgen_train.data.features import FeatureTable, feature_table
from visgen_train.data.sequences import read_sequences
from visgen_train.experiment.ablation.plan import Plan, Row, consecutive
from visgen_train.experiment.ablation.run import ablate, ablate_features
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.recipes import RECIPES
from visgen_train.io.progress import Track, silent
from visgen_train.simulate.benchmark import (
    genes,
    individual_scores,
    species_tree,
    specimens,
    training_counts,
)
from visgen_train.simulate.params import BenchmarkParams
from visgen_train.simulate.writing import write_benchmark

RECIPE: Final = "naive-aligned"
CONTROLS: Final = ("same-steps", "shuffled", "orthogonal", "collinear", "class-means")


@dataclass(frozen=True)
class Reading:
    """What one simulated set showed.

    Attributes
    ----------
    params : BenchmarkParams
        What was simulated.
    content : mapping
        Of ablation.json.
    """

    params: BenchmarkParams
    content: Mapping[str, Any]

    @property
    def primary(self) -> str:
        """The classifier fixed beforehand."""
        return str(self.content["classifier"])

    def accuracy(self, target: str, classifier: str, figure: str) -> float | None:
        """A figure of the recipe with a target, such as "none" or "dna"; None where there is none."""
        return _mean(self._figures("rows", "target", target, classifier), figure)

    def real_minus(self, against: str, classifier: str, figure: str) -> float | None:
        """A figure with real DNA minus the same with a control."""
        return _mean(self._figures("differences", "against", against, classifier), figure)

    @property
    def claims(self) -> bool:
        """Whether real beats shuffled DNA by the 95 % interval, per class and by the classifier fixed beforehand."""
        return _above_zero(self._figures("differences", "against", "shuffled", self.primary))

    @property
    def placebo_claims(self) -> list[bool]:
        """For each shuffle in the place of the real DNA whether it beats the other shuffles so."""
        return [_above_zero(figures) for figures in self.content["placebos"]]

    def _figures(self, table: str, key: str, value: str, classifier: str) -> Mapping[str, Any]:
        wanted = (self.content["primary_recipe"], value, classifier)
        found = (
            row["figures"]
            for row in self.content[table]
            if (row["recipe"], row[key], row["classifier"]) == wanted
        )
        return next(found, {})


def _mean(figures: Mapping[str, Any], figure: str) -> float | None:
    estimate = figures.get(figure)
    return None if estimate is None else float(estimate["mean"])


def _above_zero(figures: Mapping[str, Any]) -> bool:
    return bool(figures["per_class"]["low"] > 0)


def read_pictures(
    params: BenchmarkParams,
    config: Config,
    folder: Path,
    seeds: int = 1,
    *,
    deal: bool = False,
    track: Track = silent,
    processes: int = 1,
) -> Reading:
    """Simulate a set in `folder`, and compare real DNA with its controls on its pictures.

    What is in the folder already is not made again.

    Parameters
    ----------
    config : Config
        Of the recipe `naive-aligned`.
    seeds : int
        Trainings; the first has the seed of the set.
    deal : bool
        Deal the labels out at random: what is recognised then has leaked. Without controls.
    """
    data = folder / "data"
    if not data.exists():
        write_benchmark(data, params, track, processes)
    images = data / "metadata.csv"  # has file, species and split
    if deal:
        images = data / "dealt.csv"
        _deal_table(data / "metadata.csv", images, params.seed)
    inputs = Inputs(images, data / "sequences.fasta", matched_only=bool(params.unseen))
    rows = {RECIPE: Row(RECIPES[RECIPE], replace(config, seed=params.seed))}
    plan = Plan(rows, consecutive(params.seed, seeds), () if deal else CONTROLS)
    return Reading(params, ablate(inputs, folder / "ablation", plan, resume=True, track=track))


def read_traits(
    params: BenchmarkParams,
    config: Config,
    folder: Path,
    seeds: int = 1,
    *,
    deal: bool = False,
    controls: tuple[str, ...] = CONTROLS,
) -> Reading:
    """The same without pictures: features are the true traits of each specimen, what a perfect eye would see."""
    tree = species_tree(params)
    found, _ = genes(tree, params)
    sequences = {f"s{number}": sequence for number, sequence in enumerate(found.sequences)}
    named = {f"s{number}": tree.names[species] for number, species in enumerate(found.species.tolist())}
    sources = ("simulated traits", "simulated sequences")
    content = ablate_features(
        trait_table(params, deal=deal),
        *read_sequences(sequences, named),
        sources,
        folder / "ablation",
        replace(config, seed=params.seed),
        seeds,
        matched_only=bool(params.unseen),
        controls=() if deal else controls,
    )
    return Reading(params, content)


def trait_table(params: BenchmarkParams, *, deal: bool = False) -> FeatureTable:
    """The traits of every specimen of the species that are trained on, with their split."""
    tree, counts = species_tree(params), training_counts(params)
    plan = list(specimens(tree, params))
    kept = [row for row, specimen in enumerate(plan) if counts[specimen.species]]
    names = [tree.names[plan[row].species] for row in kept]
    sides = [plan[row].split for row in kept]
    return feature_table(
        individual_scores(tree, params)[kept],
        dealt(names, sides, params.seed) if deal else names,
        ids=[plan[row].name for row in kept],
        splits=sides,
    )


def dealt(names: Sequence[str], sides: Sequence[str], seed: int) -> list[str]:
    """The names in random order within each side of the split, so that every species keeps its counts."""
    rng = np.random.default_rng((seed, _DEAL))
    found = np.array(names)
    for side in sorted(set(sides)):
        rows = np.flatnonzero(np.array(sides) == side)
        found[rows] = found[rng.permutation(rows)]
    return [str(name) for name in found]


_DEAL: Final = 8  # a stream of its own


def _deal_table(source: Path, out: Path, seed: int) -> None:
    with source.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = dealt([row["species"] for row in rows], [row["split"] for row in rows], seed)
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "species", "split"])
        writer.writerows((row["file"], name, row["split"]) for row, name in zip(rows, names, strict=True))
