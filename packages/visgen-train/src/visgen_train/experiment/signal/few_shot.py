"""Species cut to a few images, one species at a time: what real distances add to shuffled ones, and to none."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from visgen_train.experiment.signal.estimates import estimate
from visgen_train.experiment.signal.learning import Arms, arms, scores, space_without, weights, with_images
from visgen_train.experiment.signal.sample import Sample, Settings
from visgen_train.io.progress import Track, silent

LEVELS: Final = (1, 3, 8)
"""Images that are left of a species."""
LEAST: Final = 4
"""Species: three others have to teach."""
_STREAM: Final = 1


def few_shot(sample: Sample, settings: Settings, track: Track = silent) -> list[dict[str, Any]]:
    """Recognise the left-out training images of a species of which n are known, among all species.

    Space, s2 and signal come from the other species, whole; the kriged means from their images and the n. The answer is
    the nearest mean. Of the n images each is of another specimen, and images of these specimens are not asked about.

    Returns
    -------
    list of dict
        One a level that two species or more have images for; shares recognised, per class, see docs/kriging.md.
    """
    found: dict[int, dict[int, np.ndarray]] = {level: {} for level in LEVELS}
    asked = dict.fromkeys(LEVELS, 0)
    for species in track(cut_species(sample), "Few images", len(cut_species(sample))):
        rng = np.random.default_rng((settings.seed, _STREAM, species))
        space = space_without(sample, np.array([species]), rng)
        compared = arms(space, sample.distances.matrix, rng)
        white = sample.unwhitened @ space.whitening
        for level in (level for level in LEVELS if sample.unit_counts[species] > level):
            cut = with_images(space, species, level)
            linear = [weights(cut, arm) for arm in _listed(compared)]
            recalls = []
            for _ in range(settings.repeats):
                known, left = drawn(sample, species, level, rng)
                means = space.means.copy()
                means[species] = white[known].mean(0)
                recalls.append([_recall(white[left], weight @ means, species) for weight in linear])
            found[level][species] = np.mean(recalls, 0)
            asked[level] += len(left)
    return [
        _level(level, np.array(list(found[level].values())), asked[level], settings.repeats)
        for level in LEVELS
        if len(found[level]) > 1
    ]


def cut_species(sample: Sample) -> Sequence[int]:
    """Those that can be cut: with a specimen to spare, and others left that tell how images of a species differ."""
    several = np.flatnonzero(sample.unit_counts > 1)
    return several.tolist() if len(sample.species) >= LEAST and len(several) > 1 else []


def drawn(
    sample: Sample, species: int, number: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the known images of a species, each of another specimen, and of all images of other specimens."""
    rows = np.flatnonzero(sample.labels == species)
    rows = rng.permutation(rows)
    names, first = np.unique(sample.units[rows], return_index=True)
    chosen = rng.permutation(len(names))[:number]
    left = rows[~np.isin(sample.units[rows], names[chosen])]
    return rows[first[chosen]], left


def _listed(compared: Arms) -> list[Any]:
    return [compared.real, compared.without, *compared.shuffled]


def _recall(queries: np.ndarray, prototypes: np.ndarray, species: int) -> float:
    return float((scores(queries, prototypes).argmax(1) == species).mean())


def _level(level: int, values: np.ndarray, asked: int, repeats: int) -> dict[str, Any]:
    """`values`: (species, arms) as in `_listed`."""
    real, without, shuffled = values[:, 0], values[:, 1], values[:, 2:].mean(1)
    return {
        "images": level,
        "species": len(values),
        "repeats": repeats,
        "images_asked": asked,
        "real": estimate(real, (0, 1)),
        "shuffled": estimate(shuffled, (0, 1)),
        "independent": estimate(without, (0, 1)),
        "real_minus_shuffled": estimate(real - shuffled),
        "real_minus_independent": estimate(real - without),
    }
