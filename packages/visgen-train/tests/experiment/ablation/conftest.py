"""Small ablations of the tiny pictures."""

import pytest
from visgen_train.config import load_config
from visgen_train.experiment.ablation.plan import Plan, Row
from visgen_train.experiment.ablation.run import ablate
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.recipes import RECIPES, recipe_settings

SETTINGS = (
    "data.image_size=32",
    "model.weights=none",
    "model.hidden=32",
    "train.epochs=1",
    "train.lr=0.02",
    "train.batch=6",
    "align.views=1",
    "evaluate.bootstrap=100",
    "device=cpu",
)


@pytest.fixture(scope="session")
def settings_of():
    """Recipe -> its configuration, small."""
    return _settings_of


@pytest.fixture(scope="session")
def plan_of():
    """Recipes -> a plan of them, small."""

    def plan_of(*recipes, seeds=(0,), controls=("same-steps", "shuffled"), more=()):
        rows = {name: Row(RECIPES[name], _settings_of(name, *more)) for name in recipes}
        return Plan(rows, seeds, controls)

    return plan_of


@pytest.fixture
def figures_of():
    """The figures of one row of a table of ablation.json."""

    def figures_of(content, recipe, target, classifier="knn", table="rows", key="target"):
        (found,) = (
            row["figures"]
            for row in content[table]
            if (row["recipe"], row[key], row["classifier"]) == (recipe, target, classifier)
        )
        return found

    return figures_of


@pytest.fixture
def inputs(collection):
    return Inputs(collection / "images", collection / "sequences.fasta")


@pytest.fixture
def made(inputs, collection, plan_of):
    """An ablation of two recipes that share stage 1, with its content."""
    plan = plan_of("naive", "naive-aligned")
    return plan, ablate(inputs, collection / "ab", plan)


def _settings_of(recipe, *more):
    return load_config("light", settings=[*SETTINGS, *more], recipe=recipe_settings(recipe))
