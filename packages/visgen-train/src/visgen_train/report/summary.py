"""A run's figures in plain words, for the report and the command line."""

from collections.abc import Mapping
from typing import Any

LEAST_DIFFERING = 6  # with fewer, an exact sign test cannot reach 0.05


def percent(value: float | None) -> str:
    """A share as per cent, or a dash.

    >>> percent(0.6312)
    '63.1 %'
    """
    return "–" if value is None else f"{100 * value:.1f} %"


def span(interval: list[float] | None, signed: bool = False) -> str:
    """An interval of shares in per cent.

    >>> span([-0.01, 0.025], signed=True)
    '−1.0 to +2.5'
    """
    if interval is None:
        return "–"
    return " to ".join(points(end) if signed else f"{100 * end:.1f}" for end in interval)


def points(value: float | None) -> str:
    """A difference of shares in signed percentage points.

    >>> points(-0.012), points(-0.0001)
    ('−1.2', '0.0')
    """
    if value is None:
        return "–"
    shown = round(round(100 * value, 6), 1)  # equal differences look equal, whatever the last bits say
    return f"{shown:+.1f}".replace("-", "−") if shown else "0.0"


def title(metrics: dict[str, Any], model: str) -> str:
    """What a model of metrics.json is called: "images alone", "aligned to the DNA" and so on.

    Without stage 1 `visual` is the network as it started, and the softmax a classifier on its features.
    """
    visual = "images alone" if metrics["epochs"]["images"] else "start weights"
    return {"visual": visual, "softmax": f"{visual}, softmax", "aligned": "aligned to the DNA"}[model]


def trained(metrics: dict[str, Any], totals: dict[str, int]) -> str:
    """What was trained on how many images, and which epoch was kept; `totals` has the images of either side.

    A stage of 0 epochs chose none, and start weights saw none of these images.
    """
    images, balance, align = (metrics["epochs"][stage] for stage in ("images", "balance", "align"))
    if not (images or balance or align):
        return f"Nothing trained, {totals['train']} images to compare with"
    if metrics["epoch_kept"] == "last":
        kept = "last epoch kept"
    elif totals["validation"]:
        kept = f"epoch chosen on {totals['validation']}"
    else:
        kept = "last epoch kept, since there are no validation images"
    if images:
        return f"Trained on {totals['train']} images, {kept}"
    parts = [name for name, epochs in (("classifier", balance), ("projection", align)) if epochs]
    return f"Start weights, {' and '.join(parts)} alone trained on {totals['train']} images, {kept}"


def counted(content: Mapping[str, Any]) -> str:
    """Which images make a species rare or common: of metrics.json or ablation.json."""
    return {"train": "training images", "all": "images"}[content["tail_count"]]


def models(metrics: dict[str, Any]) -> list[str]:
    """The models a run has figures of, in the order they are shown."""
    return [name for name in ("visual", "softmax", "aligned") if name in metrics]


def change(metrics: dict[str, Any], figure: str) -> str:
    """`63.1 % from images alone, 64.0 % aligned to the DNA (+0.9 points, 95 % interval −0.8 to +2.5)`.

    Of a run without alignment kNN and, where there is one, the softmax classifier.
    """
    if "aligned" not in metrics:
        parts = [(name, metrics[name]) for name in models(metrics)]
        return ", ".join(
            f"{percent(model[figure])} by {'softmax' if name == 'softmax' else 'kNN'} "
            f"(95 % interval {span(model['intervals'][figure])})"
            for name, model in parts
        )
    difference = metrics["aligned_minus_visual"]
    before, after = (percent(metrics[model][figure]) for model in ("visual", "aligned"))
    return (
        f"{before} from {title(metrics, 'visual')}, {after} aligned to the DNA ({points(difference[figure])} points, "
        f"95 % interval {span(difference['intervals'][figure], signed=True)})"
    )


def per_class(metrics: dict[str, Any]) -> str:
    """One sentence on the average species."""
    tested, species = metrics["tested_species"]["per_class"], len(metrics["visual"]["species"])
    which = "" if tested == species else f" over the {tested} of {species} species with test images"
    return (
        f"Per-class accuracy{_by_knn(metrics)}{which}: {change(metrics, 'per_class')}; "
        f"chance is {percent(metrics['chance'])}."
    )


def tail(metrics: dict[str, Any]) -> str:
    """One sentence on the rare species."""
    number, limit = len(metrics["tail_species"]), metrics["tail_below"]
    tested = metrics["tested_species"]["tail"]
    if not number:
        return f"No species is rare here (all have {limit} {counted(metrics)} or more)."
    if not tested:
        return f"None of the {number} rare species (under {limit} {counted(metrics)}) has a test image."
    which = (
        f"{number} rare species" if tested == number else f"{tested} of {number} rare species, those tested"
    )
    return f"{which} (under {limit} {counted(metrics)}){_by_knn(metrics)}: {change(metrics, 'tail')}."


def _by_knn(metrics: Mapping[str, Any]) -> str:
    """Alignment is judged by kNN, which need not be what names species; else `change` says whose figures they are."""
    return " by kNN" if "aligned" in metrics else ""


def recommended(metrics: Mapping[str, Any]) -> str:
    """Whether DNA is used to name species and why, and how often the classifier that names them is right."""
    chosen = metrics["recommended"]
    held = metrics["classifiers"][chosen["embedding"]]
    name, without = chosen["classifier"], chosen["without_dna"]
    rare = "" if held[name]["tail"] is None else f", {_measured(held[name], 'tail')} of rare species"
    control = (
        "" if name == without else f"; the same without DNA ({without}) {percent(held[without]['per_class'])}"
    )
    return (
        f"{chosen['why']} Settled before the test images were met, {name} recognises "
        f"{_measured(held[name], 'per_class')} per class{rare}{control}."
    )


def _measured(held: Mapping[str, Any], figure: str) -> str:
    return f"{percent(held[figure])} (95 % interval {span(held['intervals'][figure])})"


def verdict(metrics: dict[str, Any]) -> str:
    """What the difference between the two models shows, and what it does not."""
    if "aligned" not in metrics:
        whose = "the images alone" if metrics["epochs"]["images"] else "the start weights"
        return f"This run was not aligned to the DNA: its figures are those of {whose}."
    interval = metrics["aligned_minus_visual"]["intervals"]["per_class"]
    differing = metrics["aligned_minus_visual"]["units_that_differ"]
    caveat = (
        "One seed: the interval covers the choice of test images (or specimens), not the chance in training, and is "
        "too narrow where a species has few of them."
    )
    if differing < LEAST_DIFFERING:
        found = (
            f"The two models differ on {differing} test images or specimens, too few to say which is better."
        )
    elif interval[0] > 0:
        found = (
            "The aligned model recognises more. That does not yet show that genetics helped: alignment is also further "
            "training towards fixed targets, and targets with the species' DNA shuffled can do the same: "
            "visgen ablate IMAGES SEQUENCES --out FOLDER compares with them."
        )
    elif interval[1] < 0:
        found = (
            f"Alignment to the DNA made recognition worse here; the model from {title(metrics, 'visual')} is in "
            "checkpoints/visual.safetensors."
        )
    else:
        found = "Alignment to the DNA made no difference that these test images can show."
    return f"{found} {caveat}"
