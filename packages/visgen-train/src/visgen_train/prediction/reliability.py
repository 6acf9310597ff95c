"""How answers are come by, and how far they can be relied on, in sentences."""

import math

import numpy as np

from visgen_train.evaluation.back_off import RIGHT, Threshold
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.metrics import Tested, figures, genera, masks
from visgen_train.evaluation.open_set import KEPT, OpenSet
from visgen_train.evaluation.predictions import predictions
from visgen_train.prediction.answers import percent
from visgen_train.prediction.scorer import Scorer


def about(
    scorer: Scorer, open_set: OpenSet, embedding: str, test: Embedded, truth: np.ndarray
) -> tuple[str, ...]:
    """A sentence on probabilities, one on species and genus, one on none of these, one on species without pictures.

    Parameters
    ----------
    test : Embedded
        The run's test images.
    truth : numpy.ndarray
        (m,) their classes.
    """
    told = [
        _probabilities(scorer, embedding, calibration_error(scorer, test, truth)),
        _ranks(scorer),
        _none(scorer, open_set),
    ]
    if scorer.unseen_named:
        number = len(scorer.species) - scorer.known.classes
        told.append(
            f"* marks species without training pictures ({number}), placed by the DNA of their relatives: leads, not "
            "identifications."
        )
    return tuple(told)


def calibration_error(scorer: Scorer, test: Embedded, truth: np.ndarray) -> float | None:
    """That of the probabilities as they are given, on test images of scored species; None without any.

    Where species without images are among the candidates, it is not that of the classifier in metrics.json.
    """
    rows = truth < scorer.known.scored
    if not rows.any():
        return None
    with np.errstate(divide="ignore"):
        logs = np.log(scorer.probabilities(test)[rows])
    groups = masks(scorer.known.counts[: scorer.known.scored], 0, 0)
    tested = Tested(truth[rows], truth[rows].astype(str), groups, genera(scorer.species))
    return figures(predictions(logs, truth[rows], 1.0), tested)["calibration_error"]


def _probabilities(scorer: Scorer, embedding: str, error: float | None) -> str:
    name = f"{scorer.classifier} on the {embedding} embedding"
    if scorer.fitted.temperature is None:
        return f"Probabilities: {name}, not calibrated, since the run has no validation images."
    told = "" if error is None else f"; calibration error on the run's test images {100 * error:.1f} %"
    return (
        f"Probabilities: {name}, calibrated on {len(scorer.known.validation_labels)} validation images{told}."
    )


def _ranks(scorer: Scorer) -> str:
    if scorer.thresholds is None:
        return "Species are named whatever their probability, since there are no validation images to say from which."
    species, genus = scorer.thresholds
    return f"Named to species: {_from(species)}. Else to genus: {_from(genus)}."


def _from(found: Threshold) -> str:
    if math.isinf(found.least):
        return f"never ({percent(RIGHT)} right were not reached among the {found.of} validation images)"
    right = f"{percent(found.right)} right of {found.answered} such among the {found.of} validation images"
    return f"from {percent(found.least)} on ({right})"


def _none(scorer: Scorer, open_set: OpenSet) -> str:
    kind = "validation" if len(scorer.known.validation_labels) else "training"
    return (
        f"None of these: farther than {open_set.threshold:.1f} from every species' mean, in standard deviations; "
        f"{percent(KEPT)} of the {kind} images are nearer."
    )
