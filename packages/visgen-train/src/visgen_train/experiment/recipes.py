"""Trainings by name: rows of the paper's Table 1, its control, what its authors found useless; and baselines.

A recipe sets the whole of its row, so that a file of settings that says otherwise is noticed. Sizes (backbone, picture
size, epochs) are left to the preset, except where the backbone is what the row is about; so a recipe that aligns does
not say for how long.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from visgen_train.errors import ConfigError, near

SCHEMA_VERSION = 1
NOTE = "Figures of the paper: EndlessForams, 6,801 test images, 32 species, one run each; none is a result of visgen."


@dataclass(frozen=True)
class Recipe:
    """A training by name.

    Attributes
    ----------
    what : str
    source : str
        Where Karaderi et al. 2024 have it, if they do.
    settings : mapping
        Dotted name -> value; applied after the preset, before --config and --set.
    paper : mapping
        The paper's accuracies, %: per_class, tail, head, overall.
    """

    what: str
    source: str
    settings: Mapping[str, object]
    paper: Mapping[str, float] = field(default_factory=dict)

    @property
    def aligns(self) -> bool:
        """Whether it goes on to the DNA."""
        return "align.epochs" not in self.settings


def _accuracies(per_class: float, tail: float, head: float, overall: float) -> dict[str, float]:
    return {"per_class": per_class, "tail": tail, "head": head, "overall": overall}


_ALL, _DNA = {"data.species": "all"}, {"data.species": "dna"}
_PLAIN = {"train.max_norm": 0.0, "balance.epochs": 0}
_NAIVE = {"train.weight_decay": 0.0, **_PLAIN}
_DECAY = {"train.weight_decay": 1e-4, **_PLAIN}  # the published code's value
_LTR = {**_DECAY, "train.max_norm": 0.1}  # t of Alshammari et al.'s demo
_VISUAL = {"align.epochs": 0}
_ALIGNED = {"align.loss": "cosine", "align.extra_layers": 0}

RECIPES = {
    "vgg16-softmax": Recipe(
        "VGG16 by softmax alone, on all species, scored on those with DNA (Hsiang et al. 2019)",
        "Table 1, row 1",
        {"model.backbone": "vgg16", **_ALL, "train.metric_weight": 0.0, **_PLAIN, **_VISUAL},
        _accuracies(69.9, 43.3, 88.5, 87.4),
    ),
    "resnet50-all": Recipe(
        "softmax + reciprocal triplet loss, on all species, scored on those with DNA (Karaderi et al. 2022)",
        "Table 1, row 2",
        {**_ALL, **_DECAY, **_VISUAL},
        _accuracies(76.8, 43.7, 89.1, 89.6),
    ),
    "naive": Recipe(
        "images alone, no weight decay, no MaxNorm",
        "Table 1, row 3",
        {**_DNA, **_NAIVE, **_VISUAL},
        _accuracies(73.6, 37.4, 88.9, 89.1),
    ),
    "weight-decay": Recipe(
        "images alone, weight decay",
        "Table 1, row 4",
        {**_DNA, **_DECAY, **_VISUAL},
        _accuracies(75.9, 47.6, 87.9, 88.3),
    ),
    "ltr": Recipe(
        "images alone, weight decay and MaxNorm (long-tailed recognition by weight balancing)",
        "Table 1, row 5",
        {**_DNA, **_LTR, **_VISUAL},
        _accuracies(77.2, 48.2, 89.2, 89.6),
    ),
    "naive-aligned": Recipe(
        "naive, then aligned to the DNA",
        "Table 1, row 6",
        {**_DNA, **_NAIVE, **_ALIGNED, "align.weight_decay": 0.0},
        _accuracies(75.3, 45.6, 88.2, 88.0),
    ),
    "ltr-aligned": Recipe(
        "ltr, then aligned to the DNA",
        "Table 1, row 7",
        {**_DNA, **_LTR, **_ALIGNED},
        _accuracies(77.6, 59.7, 87.4, 88.0),
    ),
    "pretrained-aligned": Recipe(
        "a network that has seen none of these images (--weights), aligned to the DNA; gained 16.9 points overall and "
        "15.5 per class there",
        "Fig. 8a",
        {**_DNA, "train.epochs": 0, "balance.epochs": 0, **_ALIGNED},
    ),
    "align-euclidean": Recipe(
        "ltr-aligned by reciprocal triplet loss (Euclidean) against the anchors; useless there",
        "sec. 5.1, negative result",
        {**_DNA, **_LTR, **_ALIGNED, "align.loss": "euclidean"},
    ),
    "align-extra-layers": Recipe(
        "ltr-aligned with two more trainable layers before the anchors; useless there",
        "sec. 5.1, negative result",
        {**_DNA, **_LTR, **_ALIGNED, "align.extra_layers": 2},
    ),
    "align-infonce": Recipe(
        "ltr-aligned by InfoNCE, cross-entropy over the anchors of all species (van den Oord et al. 2018; CLIP)",
        "baseline, not in the paper",
        {**_DNA, **_LTR, **_ALIGNED, "align.loss": "infonce"},
    ),
    "balanced-head": Recipe(
        "ltr, then the classifier again, class-balanced, on fixed features (second stage of Alshammari et al. 2022); "
        "the softmax is the figure to read",
        "baseline, not in the paper",
        {**_DNA, **_LTR, "balance.epochs": 10, "balance.max_norm": 0.1, **_VISUAL},
    ),
}


def recipe_settings(name: str | None) -> Mapping[str, object]:
    """What the recipe sets, by dotted name; nothing for None.

    Raises
    ------
    ConfigError
        There is no such recipe; near names are suggested.
    """
    if name is None:
        return {}
    if name not in RECIPES:
        raise ConfigError(
            f"There is no recipe {name!r}; there are {', '.join(RECIPES)}{near(name, RECIPES)}."
        )
    return RECIPES[name].settings


def listing() -> dict[str, object]:
    """All recipes as `visgen recipes --json` prints them."""
    recipes = [
        {
            "name": name,
            "what": recipe.what,
            "source": recipe.source,
            "settings": dict(recipe.settings),
            "paper": dict(recipe.paper) or None,
        }
        for name, recipe in RECIPES.items()
    ]
    return {"schema_version": SCHEMA_VERSION, "note": NOTE, "recipes": recipes}
