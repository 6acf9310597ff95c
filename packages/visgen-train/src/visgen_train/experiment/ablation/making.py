"""One cell: a copy of stage 1's head trained towards a target, classifiers fitted, and the test met once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from visgen_train.config import Config
from visgen_train.evaluation.classifiers import DNA as DNA_USERS
from visgen_train.evaluation.classifiers import Fitted, Known, fit_all
from visgen_train.evaluation.space import describe_space
from visgen_train.experiment.ablation.cells import Cell, CellName
from visgen_train.experiment.examples import Examples, side_counts
from visgen_train.experiment.labelled import Labelled
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
    head, kind, vectors, distances = start.head, name.target, None, session.labelled.distances
    softmax = session.classifies  # alignment moves the layers below the softmax, which then no longer fits
    if name.target == SAME_STEPS:
        head = start.refined(config, unlogged)
    elif name.target != NONE:
        kind = kind_of(name.target)
        made = targets(session.labelled, config, [kind], lambda: class_means_of(session, config))
        (target,) = (target for target in made if target.name == name.target)
        head, vectors = start.aligned(target.vectors, config, unlogged)
        softmax = False
        distances = dealt(distances, target.order)
    known = start.known(head, neighbours, vectors, softmax, distances)
    collection = (session.labelled, session.examples)
    return finished_cell(name, kind, head, known, session.sealed, *collection, config, softmax)


def finished_cell(
    name: CellName,
    kind: str,
    head: ProjectionHead | None,
    known: Known,
    sealed: SealedTest,
    labelled: Labelled,
    examples: Examples,
    config: Config,
    softmax: bool = False,
) -> Cell:
    """Fit every classifier to what is known, then meet the test, once.

    Before alignment, classifiers that use genetic distances are fitted to shuffled ones as well. After it these are in
    the cells of shuffled targets, where species have each other's DNA for both.
    """
    fitted = fit_all(known)
    if name.target == NONE:
        fitted |= fit_dealt(known, labelled, config, fitted)
    scored = sealed.score(f"{name.recipe}, {name.target}", head, fitted, softmax)
    space = describe_space(scored.vectors[sealed.counted], sealed.tested.truth, labelled.species)
    chosen = {classifier: found.chosen for classifier, found in fitted.items()}
    counts = side_counts(labelled, examples)
    return Cell(kind, sealed.tested, counts, scored.predictions, space, chosen)


def fit_dealt(
    known: Known, labelled: Labelled, config: Config, without: Mapping[str, Fitted]
) -> dict[str, Fitted]:
    """The classifiers of `DNA` on distances dealt out as the anchors are: "kriging, shuffled-1" and so on.

    Parameters
    ----------
    without : mapping
        The classifiers of the same images that use no distances.
    """
    fitted: dict[str, Fitted] = {}
    for target in targets(labelled, config, [SHUFFLED], no_means):
        other = known.with_distances(dealt(known.distances, target.order))
        made = fit_all(other, DNA_USERS, without)
        fitted |= {dealt_name(name, target.name): found for name, found in made.items()}
    return fitted


def dealt(distances: np.ndarray | None, order: np.ndarray | None) -> np.ndarray | None:
    """The distances with each species given those of another; as they are for targets that are no shuffle."""
    return distances if distances is None or order is None else distances[np.ix_(order, order)]


def dealt_name(classifier: str, target: str) -> str:
    """What a cell calls a classifier on shuffled distances."""
    return f"{classifier}, {target}"


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


def no_means() -> np.ndarray:
    raise AssertionError("shuffles need no means")


def unlogged(row: dict[str, Any]) -> None:
    """The epochs of a cell are not kept."""
