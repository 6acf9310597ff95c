"""Accuracy of the species with fewer than N samples, against N (Karaderi et al. 2024, Fig. 9)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing
from visgen_train.report.figures.marks import LOGARITHMIC, bare, model_marks, plain_logarithm
from visgen_train.report.figures.recall import Recalls
from visgen_train.report.run_content import RunContent


def draw(content: RunContent) -> Exhibit:
    """The models of a run, by the images that count for its tail."""
    below = content.metrics["tail_below"]
    return rare_exhibit(content.recalls, content.counted_images, content.classifiers, below)


def rare_exhibit(
    recalls: Recalls, counts: Mapping[str, int], classifier: str, tail_below: int | None = None
) -> Exhibit:
    """A step line a model; below it how many species it is the mean of.

    Parameters
    ----------
    recalls : mapping
        Title of a model or recipe -> species -> share of its test images recognised; None where none was tested.
    counts : mapping
        Species -> images, those that make a species rare.
    classifier : str
        What named the images.
    tail_below : int, optional
        The limit of rare species, drawn as a line.
    """
    first = next(iter(recalls.values()))
    tested = [name for name, share in first.items() if share is not None]
    if not tested:
        raise NothingToDraw("no species has a test image")
    numbers = np.array([counts[name] for name in tested])
    limits = np.unique(numbers) + 1
    there = (numbers < limits[:, None]).sum(1)
    curves = {title: _means(held, tested, numbers, limits) for title, held in recalls.items()}
    with drawing():
        figure = Figure(figsize=(7.5, 4.2), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        marks = model_marks(len(curves))
        for (title, values), (colour, marker) in zip(curves.items(), marks, strict=True):
            style: Any = {"color": colour, "label": title, "drawstyle": "steps-post", "markersize": 3.5}
            upper.plot(limits, 100 * values, marker=marker, markevery=max(1, len(limits) // 30), **style)
        lower.plot(limits, there, drawstyle="steps-post", color="#4d4d4d")
        if tail_below is not None and limits[0] <= tail_below <= limits[-1]:
            for axes in (upper, lower):
                axes.axvline(tail_below, color="#4d4d4d", linewidth=0.8, linestyle=":")
        if limits[-1] > LOGARITHMIC * limits[0]:
            plain_logarithm(lower)
        upper.set(ylabel="mean accuracy, %")
        upper.set_ylim(0, None)
        lower.set(xlabel="species with fewer images than this", ylabel="species")
        lower.set_ylim(0, None)
        bare(upper)
        bare(lower)
        figure.legend(loc="outside upper center", ncols=min(len(curves), 4), frameon=False)
    return Exhibit(
        name="rare",
        title="Accuracy of the rare species",
        caption=(
            "Mean share of test images recognised over the species with fewer images than the number below the axis; "
            "at the right end all species. Under it how many species that is: at the left the mean is of few and may "
            f"jump. Named by {classifier}."
            f"{'' if tail_below is None else f' The dotted line is where rare ends here, at {tail_below:,}.'}"
        ),
        figure=figure,
        header=("fewer images than", "species", *(f"{title}, %" for title in curves)),
        rows=tuple(
            (int(limit), int(number), *(round(100 * float(values[at]), 2) for values in curves.values()))
            for at, (limit, number) in enumerate(zip(limits, there, strict=True))
        ),
    )


def _means(
    held: Mapping[str, float | None], tested: list[str], numbers: np.ndarray, limits: np.ndarray
) -> np.ndarray:
    """(limits,) mean over the species with fewer images than each."""
    shares = np.array([held[name] for name in tested], float)
    return np.array([shares[numbers < limit].mean() for limit in limits])
