"""The whole of `visgen evidence`, as evidence.json has it: tests and gains, or why a part is missing."""

from typing import Any, Final

import numpy as np

from visgen_train.errors import UsageError
from visgen_train.evaluation.kriging import Problem, fit, gain_test, lambda_interval
from visgen_train.evaluation.threads import few_threads
from visgen_train.experiment.signal.few_shot import LEAST as LEAST_CUT
from visgen_train.experiment.signal.few_shot import cut_species, few_shot
from visgen_train.experiment.signal.learning import space_without
from visgen_train.experiment.signal.sample import Sample, Settings
from visgen_train.experiment.signal.zero_shot import LEAST, possible, zero_shot
from visgen_train.io.progress import Track, silent

VERSION: Final = 1
LEAST_PERMUTATIONS: Final = 99
_STREAM: Final = 0


def signal_content(sample: Sample, settings: Settings | None = None, track: Track = silent) -> dict[str, Any]:
    """Whether DNA informs looks here, and what it adds for species with few images, and none.

    Parameters
    ----------
    sample : Sample
    settings : Settings, optional
    track : callable
        Shows progress.

    Returns
    -------
    dict
        The content of evidence.json but for the verdict, see docs/kriging.md.

    Raises
    ------
    UsageError
        Fewer than 99 permutations, or no repeat.
    DataError
        All distances are equal.
    """
    settings = settings or Settings()
    _check(settings)
    with few_threads(len(sample.labels)):
        return _content(sample, settings, track)


def _content(sample: Sample, settings: Settings, track: Track) -> dict[str, Any]:
    return {
        "schema_version": VERSION,
        "source": sample.source,
        "distance": sample.distances.method,
        "species": len(sample.species),
        "images": len(sample.labels),
        "counts": dict(zip(sample.species, sample.counts.tolist(), strict=True)),
        **likelihood(sample, settings),
        "few_shot": few_shot(sample, settings, track),
        "zero_shot": zero_shot(sample, settings, track),
        "seed": settings.seed,
        "notes": [*sample.distances.notes, *_notes(sample)],
    }


def likelihood(sample: Sample, settings: Settings) -> dict[str, Any]:
    """The gain in likelihood by the distances, against species permutations, and the signal that fits best."""
    rng = np.random.default_rng((settings.seed, _STREAM))
    space = space_without(sample, np.array([], int), rng)
    problem = Problem(sample.species, space.means, space.counts, sample.distances.matrix, space.s2)
    found = fit(problem)
    test = gain_test(problem, rng, settings.permutations)
    return {
        "gain": test.gain,
        "permutations": settings.permutations,
        "highest_permuted_gain": float(test.permuted.max()),
        "p_value": test.p,
        "signal": found.signal.lambda_,
        "signal_interval": list(lambda_interval(problem, found)),
        "length": found.signal.length if found.gain else None,
        "variance": found.signal.variance,
        "s2": space.s2,
    }


def _check(settings: Settings) -> None:
    if settings.permutations < LEAST_PERMUTATIONS:
        raise UsageError(
            f"permutations is {settings.permutations}; the p-value needs {LEAST_PERMUTATIONS} or more."
        )
    if settings.repeats < 1:
        raise UsageError(f"repeats is {settings.repeats}; it must be 1 or more.")
    if settings.seed < 0:
        raise UsageError(f"seed is {settings.seed}; it must be 0 or more.")


def _notes(sample: Sample) -> list[str]:
    """What a reader should know."""
    notes = []
    if sample.knows:
        notes.append(
            "the network was trained on these very images and their species: new images are recognised less often"
        )
    if not cut_species(sample):
        notes.append(
            f"not tried with few images: that takes {LEAST_CUT} species, of which two have two training images"
        )
    if not possible(sample):
        notes.append(
            f"not tried without images: that takes {LEAST} species, and more of them with two images than are left out"
        )
    return notes
