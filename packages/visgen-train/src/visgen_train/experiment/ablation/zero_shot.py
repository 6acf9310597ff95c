"""`--zero-shot`: are species that have sequences and no images recognised by their DNA?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from visgen_train.config import Config
from visgen_train.errors import UsageError
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.intervals import resamples
from visgen_train.evaluation.seeds import across
from visgen_train.evaluation.whitening import unit
from visgen_train.evaluation.zero_shot import FIGURES, TOPS, figures, fit_zero_shot, hits, quarters
from visgen_train.experiment.ablation.leaving_out import Embed, Fold, models
from visgen_train.experiment.ablation.making import SHUFFLED, dealt, no_means, targets
from visgen_train.experiment.ablation.plan import Plan
from visgen_train.experiment.ablation.sources import FeatureSource
from visgen_train.experiment.ablation.tables import RESAMPLING_SEED, Estimates
from visgen_train.experiment.examples import scored_test_rows, tested
from visgen_train.experiment.inputs import Labelled
from visgen_train.io.progress import Track, silent

FOLDS: Final = 4
LEAST_SPECIES: Final = 8
KRIGING, ANCHOR, CHANCE = "kriging", "anchor", "chance"
METHODS: Final = (KRIGING, SHUFFLED, ANCHOR, CHANCE)
_STREAM: Final = 9  # of its own: which species are left out together

Hits = Mapping[str, np.ndarray]
Draws = dict[str, np.ndarray]
"""Figure -> (1 + resamples,): of the test images as they are, then of each resample."""


def zero_shot_table(source: FeatureSource, plan: Plan, track: Track = silent) -> dict[str, Any]:
    """Leave every species out once, a quarter of them at a time, for each seed and recipe.

    Of a species left out nothing is known but its sequences: its images are withheld from the training of heads and
    from whitening, means, likelihood and every choice. Then its test images and those of the other species are asked
    for. "shuffled": the same with the distances of five permutations of the species, everything chosen anew;
    "anchor": the nearest anchor among those left out, in an embedding aligned to the others' anchors.

    Returns
    -------
    dict
        species_left_out (at a time), rows (recipe, method, figures) and differences (kriging minus each other method),
        with `FIGURES` over the seeds; constants: recipe -> that of each seed and fold, by the species' own distances.

    Raises
    ------
    DataError
        Kriging cannot tell the species apart.
    """
    constants: dict[str, list[float]] = {}
    seeds = [_of_seed(source, plan, seed, constants, track) for seed in plan.seeds]
    pairs = [(recipe, method) for recipe in plan.rows for method in METHODS if (recipe, method) in seeds[0]]
    return {
        "species_left_out": -(-source.labelled.scored // FOLDS),
        "constants": constants,
        "rows": [
            {"recipe": recipe, "method": method, "figures": _over([one[recipe, method] for one in seeds])}
            for recipe, method in pairs
        ],
        "differences": [
            {
                "recipe": recipe,
                "against": method,
                "figures": _over([_minus(one[recipe, KRIGING], one[recipe, method]) for one in seeds], False),
            }
            for recipe, method in pairs
            if method != KRIGING
        ],
    }


def check_species(labelled: Labelled) -> None:
    """Raise what stands in the way, before anything is trained.

    Raises
    ------
    UsageError
        Fewer than eight species.
    DataError
        There are no distances between the species.
    """
    if labelled.scored < LEAST_SPECIES:
        raise UsageError(
            f"--zero-shot leaves a quarter of the species out in turn, and needs {LEAST_SPECIES} with images and "
            f"sequences; there are {labelled.scored}."
        )
    _ = labelled.sequences.distances


def _of_seed(
    source: FeatureSource, plan: Plan, seed: int, constants: dict[str, list[float]], track: Track
) -> dict[tuple[str, str], Draws]:
    """The figures of each recipe and method; adds to the constants."""
    config, labelled = replace(plan.main.config, seed=seed), source.labelled
    examples = source.examples(config)
    dealing = np.random.default_rng((seed, _STREAM))
    made: dict[tuple[str, str], list[list[Hits]]] = {}
    parts = np.array_split(dealing.permutation(labelled.scored), FOLDS)
    for part in track(parts, f"Seed {seed}, zero-shot", FOLDS):
        fold = Fold(labelled, examples, np.sort(part))
        for recipe, embed in models(source, plan, seed, fold):
            found, constant = _methods(fold, embed, config, aligned=plan.rows[recipe].aligns)
            constants.setdefault(recipe, []).append(constant)
            for method, of_models in found.items():
                made.setdefault((recipe, method), []).append(of_models)
    test = tested(labelled, examples, config.evaluate)
    weights = resamples(test, config.evaluate.bootstrap, np.random.default_rng(RESAMPLING_SEED))
    weights = np.vstack([np.ones_like(weights[:1]), weights])
    return {key: _figures(of_folds, test.truth, weights) for key, of_folds in made.items()}


def _methods(
    fold: Fold, embed: Embed, config: Config, *, aligned: bool
) -> tuple[dict[str, list[Hits]], float]:
    """What each method recognises of the test images, a shuffle at a time; and the constant of kriging."""
    labelled = fold.labelled
    known = fold.known(embed, config.evaluate.neighbours)
    rows = scored_test_rows(labelled, fold.examples)
    queries, truth = Embedded(embed(rows)), fold.columns[labelled.classes[rows]]
    distances = _distances(fold)
    left_out = quarters(known, np.random.default_rng((config.seed, _STREAM)))
    white = known.whitened.white(queries.vectors)

    def kriged(order: np.ndarray | None) -> tuple[Hits, float]:
        given = np.asarray(dealt(distances, order))[np.ix_(fold.order, fold.order)]
        model = fit_zero_shot(known, given, left_out)
        return hits(model.white_scores(white), truth, fold.seen), model.constant

    real, constant = kriged(None)
    shuffles = targets(labelled, config, [SHUFFLED], no_means)
    found = {KRIGING: [real], SHUFFLED: [kriged(target.order)[0] for target in shuffles]}
    if aligned and labelled.anchors.shape[1] == queries.vectors.shape[1]:
        cosine = unit(queries.vectors) @ unit(labelled.anchors[fold.order]).T
        found[ANCHOR] = [_among_unseen(hits(cosine, truth, fold.seen))]
    chances = {f"top{k}": min(1.0, k / len(fold.left_out)) for k in TOPS}
    found[CHANCE] = [
        _among_unseen({name: column * 0 + chances.get(name, 0) for name, column in real.items()})
    ]
    return found, constant


def _distances(fold: Fold) -> np.ndarray:
    names, found = fold.labelled.match.species, fold.labelled.sequences.distances
    rows = [found.species.index(name) for name in names]
    return found.matrix[np.ix_(rows, rows)]


def _among_unseen(found: Hits) -> Hits:
    """Without the figures among all species: no constant is chosen for this method."""
    return {
        name: column if name.startswith("top") else np.full(len(column), np.nan)
        for name, column in found.items()
    }


def _figures(of_folds: Sequence[Sequence[Hits]], truth: np.ndarray, weights: np.ndarray) -> Draws:
    """The figures of a method, the mean over its shuffles. An image is asked for as unseen in one fold."""
    parts = [
        figures({name: _mean([one[name] for one in of_model]) for name in of_model[0]}, truth, weights)
        for of_model in zip(*of_folds, strict=True)
    ]
    return {name: np.mean([part[name] for part in parts], axis=0) for name in FIGURES}


def _mean(columns: Sequence[np.ndarray]) -> np.ndarray:
    """(m,) means of the folds that concern an image; NaN where none does."""
    table = np.stack(columns)
    number = (~np.isnan(table)).sum(0)
    total = np.nan_to_num(table).sum(0)
    mean: np.ndarray = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean


def _minus(one: Draws, other: Draws) -> Draws:
    return {name: one[name] - other[name] for name in FIGURES}


def _over(seeds: Sequence[Draws], share: bool = True) -> Estimates:
    """Each figure over the seeds, None where a method has none."""
    made: Estimates = {}
    for name in FIGURES:
        table = np.stack([one[name] for one in seeds])
        if np.isnan(table[:, 0]).any():
            made[name] = None
            continue
        found = across(table[:, 0].tolist(), table[:, 1:], (0, 1) if share else None)
        made[name] = {"mean": found.mean, "low": found.low, "high": found.high, "seeds": list(found.seeds)}
    return made
