"""Whether probabilities are what they say (reliability diagram; Guo et al. 2017, Fig. 1)."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from visgen_train.evaluation.metrics import BINS, confidence_bins
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing
from visgen_train.report.figures.marks import bare, model_marks
from visgen_train.report.run_content import RunContent


class _Bin(NamedTuple):
    """Answers whose probability lies in one of the bins."""

    place: int
    images: int
    confidence: float
    accuracy: float


def draw(content: RunContent) -> Exhibit:
    """A line for each model that gives probabilities."""
    models = {
        title: _binned(content.confidence[name], content.predicted[name] == content.truth)
        for name, title in content.titles.items()
        if name in content.confidence and not np.isnan(content.confidence[name]).any()
    }
    if not len(content.truth) or not models:
        raise NothingToDraw(
            "no probabilities: they are calibrated on validation images and kept by visgen evaluate"
        )
    with drawing():
        figure = _figure(models)
    return Exhibit(
        name="reliability",
        title="Are the probabilities right?",
        caption=(
            "Above: answers given with a like probability, and the share of them that is right; on the dashed line "
            "both agree, below it a model is too sure of itself. Larger marks stand for more images. Below: how many "
            "answers have which probability. Temperatures were chosen on the validation images."
        ),
        figure=figure,
        header=("model", "probability from", "to", "test images", "mean probability, %", "right, %"),
        rows=tuple(
            (
                *(title, round(held.place / BINS, 4), round((held.place + 1) / BINS, 4), held.images),
                *(round(100 * held.confidence, 2), round(100 * held.accuracy, 2)),
            )
            for title, bins in models.items()
            for held in bins
        ),
    )


def _binned(confidence: np.ndarray, right: np.ndarray) -> list[_Bin]:
    places = confidence_bins(confidence)
    return [
        _Bin(place, int(mine.sum()), float(confidence[mine].mean()), float(right[mine].mean()))
        for place in range(BINS)
        if (mine := places == place).any()
    ]


def _figure(models: Mapping[str, list[_Bin]]) -> Figure:
    figure = Figure(figsize=(5.5, 5.8), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    upper.plot([0, 100], [0, 100], color="#888888", linestyle="--", linewidth=1)
    largest = max(held.images for bins in models.values() for held in bins)
    edges = 100 * np.linspace(0, 1, BINS + 1)
    for (title, bins), (colour, marker) in zip(models.items(), model_marks(len(models)), strict=True):
        x, y = (
            [100 * value for value in values] for values in zip(*[held[2:] for held in bins], strict=True)
        )
        sizes = [10 + 70 * held.images / largest for held in bins]
        upper.plot(x, y, color=colour, linewidth=1)
        upper.scatter(
            x, y, sizes, color=colour, marker=marker, linewidths=0, label=title, alpha=0.9, zorder=3
        )
        heights = np.zeros(BINS)
        for held in bins:
            heights[held.place] = held.images
        lower.stairs(heights, edges, color=colour, linewidth=1.4)
    upper.set(ylabel="right, %", xlim=(0, 100), ylim=(0, 102))
    lower.set(xlabel="probability given with the answer, %", ylabel="images")
    bare(upper)
    bare(lower)
    figure.legend(loc="outside upper center", ncols=len(models), frameon=False, fontsize=8)
    return figure
