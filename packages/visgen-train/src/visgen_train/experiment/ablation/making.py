"""One cell: a copy of stage 1's head trained towards a target, classifiers fitted, and the test met once."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from visgen_train.config import Config
from visgen_train.evaluation.classifiers import Known, fit_all
from visgen_train.evaluation.space import describe_space
from visgen_train.experiment.ablation.cells import Cell, CellName
from visgen_train.experiment.examples import Examples, side_counts
from visgen_train.experiment.inputs import Labelled
from visgen_train.experiment.session import Session
from visgen_train.experiment.start import SealedTest
from visgen_train.genetics.controls import Targets, class_means, controls, kind_of
from visgen_train.models.network import ProjectionHead

NONE, DNA, SAME_STEPS, SHUFFLED = "none", "dna", "same-steps", "shuffled"


def make_cell(session: Session, name: CellName, config: Config) -> Cell:
    """Train towards the cell's target ("none": not at all), and let the model meet the test.

    Parameters
    ----------
    session : Session
        Its stage 1 is trained.
    config : Config
        Of the cell's recipe.
    """
    start, neighbours = session.start, config.evaluate.neighbours
    head, kind, vectors = start.head, name.target, None
    softmax = session.classifies  # alignment moves the layers below the softmax, which then no longer fits
    if name.target == SAME_STEPS:
        head = start.refined(config, _unlogged)
    elif name.target != NONE:
        kind = kind_of(name.target)
        made = targets(session.labelled, config, [kind], lambda: class_means_of(session, config))
        (target,) = (target for target in made if target.name == name.target)
        head, vectors = start.aligned(target.vectors, config, _unlogged)
        softmax = False
    known = start.known(head, neighbours, vectors, softmax)
    collection = (session.labelled, session.examples)
    return finished_cell(name, kind, head, known, session.sealed, *collection, softmax)


def finished_cell(
    name: CellName,
    kind: str,
    head: ProjectionHead | None,
    known: Known,
    sealed: SealedTest,
    labelled: Labelled,
    examples: Examples,
    softmax: bool = False,
) -> Cell:
    """Fit every classifier to what is known, then meet the test, once."""
    fitted = fit_all(known)
    scored = sealed.score(f"{name.recipe}, {name.target}", head, fitted, softmax)
    space = describe_space(scored.vectors[sealed.counted], sealed.tested.truth, labelled.species)
    chosen = {classifier: found.chosen for classifier, found in fitted.items()}
    counts = side_counts(labelled, examples)
    return Cell(kind, sealed.tested, counts, scored.predictions, space, chosen)


def targets(
    labelled: Labelled, config: Config, kinds: Iterable[str], means: Callable[[], np.ndarray]
) -> list[Targets]:
    """What images can be drawn to, of the kinds asked for: the DNA and its controls.

    Parameters
    ----------
    means : callable
        Gives `class_means_of` a session, for the kind "class-means".
    """
    asked = list(kinds)
    real = [Targets(DNA, DNA, labelled.anchors)] if DNA in asked else []
    return real + controls(labelled.anchors, labelled.match.species, means, config.seed, asked)


def class_means_of(session: Session, config: Config) -> np.ndarray:
    """(scored, 256) what stage 1 itself made of each species, transformed as the anchors are."""
    start = session.start
    vectors = start.known(start.head, config.evaluate.neighbours).train.vectors
    scored = start.train_labels < start.scored
    transform = config.align.anchor_transform
    return class_means(vectors[scored], start.train_labels[scored], session.labelled.match.species, transform)


def _unlogged(row: dict[str, Any]) -> None:
    """The epochs of a cell are not kept."""
