"""What an ablation trains: recipes over seeds, each first stage once, and the controls of each alignment."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from visgen_train.config import Config
from visgen_train.errors import ConfigError, UsageError, near
from visgen_train.experiment.recipes import RECIPES, Recipe
from visgen_train.genetics.controls import KINDS

TABLE_1 = ("resnet50-all", "naive", "weight-decay", "ltr", "naive-aligned", "ltr-aligned")
BASELINES = ("ltr", "balanced-head", "align-infonce", "ltr-aligned")
RECIPE_SETS = {"table1": TABLE_1, "table1-full": ("vgg16-softmax", *TABLE_1), "baselines": BASELINES}

CONTROLS = tuple(kind for kind in KINDS if kind != "dna")

FEATURES, HEADS, HEADS_ALIGNED = "features", "heads", "heads-aligned"
FEATURE_RECIPES = {
    FEATURES: Recipe("the features as they came", "", {"align.epochs": 0}),
    HEADS: Recipe("projection heads trained on them, without DNA", "sec. 4.1", {"align.epochs": 0}),
    HEADS_ALIGNED: Recipe("heads, then aligned to the DNA", "sec. 4.2", {}),
}


@dataclass(frozen=True)
class Row:
    """One recipe of an ablation, with its settings for any seed.

    Attributes
    ----------
    recipe : Recipe
    config : Config
        Its seed is the first of the ablation's.
    """

    recipe: Recipe
    config: Config

    @property
    def aligns(self) -> bool:
        """Whether it goes on to the DNA."""
        return bool(self.config.align.epochs)


@dataclass(frozen=True)
class Plan:
    """An ablation.

    Attributes
    ----------
    rows : mapping
        Name -> Row, in the order of the tables.
    seeds : tuple of int
    controls : tuple of str
        Kinds of `genetics.controls.KINDS` to compare each alignment with.
    promised : str, optional
        The recipe that the closing sentence was to be about when this ablation was begun.

    Raises
    ------
    UsageError
        The recipes have different anchors, so they cannot share the targets.
    """

    rows: Mapping[str, Row]
    seeds: tuple[int, ...]
    controls: tuple[str, ...] = CONTROLS
    promised: str | None = None

    def __post_init__(self) -> None:
        anchors = {
            tuple(value for key, value in vars(row.config.align).items() if key.startswith("anchor_"))
            for row in self.rows.values()
        }
        if len(anchors) > 1:
            raise UsageError("The recipes have different settings align.anchor_...; give them the same.")

    @property
    def primary(self) -> str | None:
        """The recipe that the closing sentence is about: the promised one, or the last that aligns."""
        aligned = [name for name, row in self.rows.items() if row.aligns]
        return self.promised or next(reversed(aligned), None)

    @property
    def main(self) -> Row:
        """The primary recipe, or the last."""
        return self.rows[self.primary or list(self.rows)[-1]]

    def stages(self, all_have_dna: bool) -> dict[str, list[str]]:
        """The recipes, put together where they share stage 1: it is trained once for all of a list.

        Parameters
        ----------
        all_have_dna : bool
            No species is without sequences, so it is all one whether those are trained on.

        Returns
        -------
        dict
            Name of the stage, made from its settings alone -> recipes.
        """
        shared: dict[str, list[str]] = {}
        for name, row in self.rows.items():
            config = row.config
            data = replace(config.data, species="dna") if all_have_dna else config.data
            settings = repr((data, config.model, config.train, config.balance))
            stage = name if name == FEATURES else f"stage-{hashlib.sha256(settings.encode()).hexdigest()[:8]}"
            shared.setdefault(stage, []).append(name)
        return shared


def recipe_names(asked: str) -> tuple[str, ...]:
    """The recipes of a set, or those listed with commas between.

    Raises
    ------
    ConfigError
        No such recipe or set; near names are suggested.
    """
    if asked in RECIPE_SETS:
        return RECIPE_SETS[asked]
    names = tuple(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    for name in names:
        if name not in RECIPES:
            known = (*RECIPE_SETS, *RECIPES)
            raise ConfigError(
                f"There is no recipe {name!r}; there are {', '.join(known)}{near(name, known)}."
            )
    if not names:
        raise ConfigError(f"--recipes names none; there are {', '.join((*RECIPE_SETS, *RECIPES))}.")
    return names


def control_kinds(asked: str) -> tuple[str, ...]:
    """All kinds of controls ("all"), none ("none"), or those listed with commas between.

    Raises
    ------
    ConfigError
        No such control; near names are suggested.
    """
    if asked in ("all", "none"):
        return CONTROLS if asked == "all" else ()
    names = tuple(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    for name in names:
        if name not in CONTROLS:
            known = ("all", "none", *CONTROLS)
            raise ConfigError(
                f"There is no control {name!r}; there are {', '.join(known)}{near(name, known)}."
            )
    return names


def consecutive(first: int, number: int) -> tuple[int, ...]:
    """`number` seeds from the first on."""
    if not isinstance(number, int) or number < 1:
        raise UsageError(f"seeds is how many trainings to compare, 1 or more, found {number!r}.")
    return tuple(range(first, first + number))


def feature_rows(config: Config) -> dict[str, Row]:
    """What is made of ready-made features: as they came, heads on them, and heads aligned to the DNA.

    Raises
    ------
    ConfigError
        The heads would not be trained.
    """
    if not config.train.epochs:
        raise ConfigError(
            "train.epochs is 0, so nothing would be trained on the features; set it to 1 or more."
        )
    bare = replace(config, align=replace(config.align, epochs=0))
    rows = {FEATURES: bare, HEADS: bare, HEADS_ALIGNED: config}
    if not config.align.epochs:
        del rows[HEADS_ALIGNED]
    return {name: Row(FEATURE_RECIPES[name], settings) for name, settings in rows.items()}
