"""What the genetic distances did: kriging with the species' own, with others', and without any."""

from collections.abc import Iterator
from typing import Any

from visgen_train.evaluation.classifiers import DNA as DNA_USERS
from visgen_train.evaluation.classifiers import WITHOUT_DNA
from visgen_train.experiment.ablation.making import DNA, NONE, SHUFFLED, dealt_name
from visgen_train.experiment.ablation.tables import Cells, Draws, Estimates, Points, average, paired


def kriging_table(cells: Cells, recipes: list[str]) -> list[dict[str, Any]]:
    """Differences of the classifiers that use distances, for each recipe, before alignment and after.

    Against "shuffled": the mean over the permutations. Before alignment ("none") the embedding is the same and the
    distances alone differ. After it ("dna") the permuted models have the anchors of the same permutation, since an
    embedding that was drawn to the species' own DNA fits their own distances whatever they look like.

    Returns
    -------
    list of dict
        recipe, target, classifier, against, and figures: differences over the seeds, paired.
    """
    return [
        {"recipe": recipe, "target": target, "classifier": classifier, "against": against, "figures": found}
        for recipe in recipes
        for target in (NONE, DNA)
        if target in cells.kinds(recipe)
        for classifier in DNA_USERS
        for against, found in _differences(cells, recipe, target, classifier)
        if found is not None
    ]


def _differences(
    cells: Cells, recipe: str, target: str, classifier: str
) -> Iterator[tuple[str, Estimates | None]]:
    def real(seed: int) -> tuple[Points, Draws] | None:
        return cells.of_seed(seed, recipe, target, classifier)

    def without(seed: int) -> tuple[Points, Draws] | None:
        return cells.of_seed(seed, recipe, target, WITHOUT_DNA[classifier])

    yield SHUFFLED, paired(cells, real, lambda seed: _shuffled(cells, seed, recipe, target, classifier))
    yield WITHOUT_DNA[classifier], paired(cells, real, without)


def _shuffled(
    cells: Cells, seed: int, recipe: str, target: str, classifier: str
) -> tuple[Points, Draws] | None:
    if target == DNA:
        return cells.of_seed(seed, recipe, SHUFFLED, classifier)
    (cell,) = cells.get(seed, recipe, NONE)
    named = [name for name in cell.predictions if name.startswith(dealt_name(classifier, SHUFFLED))]
    return average([cells.of_cell(seed, recipe, NONE, 0, name) for name in named]) if named else None
