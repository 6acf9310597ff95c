"""How answers are come by, and how far they can be relied on, in sentences."""

import math
from typing import Any

from visgen_train.evaluation.back_off import RIGHT, Threshold
from visgen_train.evaluation.open_set import KEPT, OpenSet
from visgen_train.prediction.scorer import Scorer


def about(scorer: Scorer, open_set: OpenSet, embedding: str, metrics: dict[str, Any]) -> tuple[str, ...]:
    """A sentence on probabilities, one on species and genus, one on none of these, one on species without pictures."""
    told = [_probabilities(scorer, embedding, metrics), _ranks(scorer), _none(scorer, open_set)]
    if scorer.unseen_named:
        number = len(scorer.species) - scorer.known.classes
        told.append(
            f"* marks species without training pictures ({number}), placed by the DNA of their relatives: leads, not "
            "identifications."
        )
    return tuple(told)


def _probabilities(scorer: Scorer, embedding: str, metrics: dict[str, Any]) -> str:
    name = f"{scorer.classifier} on the {embedding} embedding"
    if scorer.fitted.temperature is None:
        return f"Probabilities: {name}, not calibrated, since the run has no validation images."
    error = metrics["classifiers"].get(embedding, {}).get(scorer.classifier, {}).get("calibration_error")
    told = "" if error is None else f"; calibration error on the run's test images {error:.1%}"
    return f"Probabilities: {name}, calibrated on {len(scorer.known.validation_labels)} validation images{told}."


def _ranks(scorer: Scorer) -> str:
    if scorer.thresholds is None:
        return "Species are named whatever their probability, since there are no validation images to say from which."
    species, genus = scorer.thresholds
    return f"A species is named {_from(species)}; else a genus {_from(genus)}."


def _from(found: Threshold) -> str:
    if math.isinf(found.least):
        return f"never ({RIGHT:.0%} right was not reached on the validation images)"
    return (
        f"from {found.least:.0%} on ({found.answered:.0%} of the validation images, {found.right:.0%} of them right)"
    )


def _none(scorer: Scorer, open_set: OpenSet) -> str:
    kind = "validation" if len(scorer.known.validation_labels) else "training"
    return (
        f"None of these: farther than {open_set.threshold:.1f} from every species' mean, in standard deviations; "
        f"{KEPT:.0%} of the {kind} images are nearer."
    )
