"""The three figures of the page as it was; they go with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.manifold import TSNE

from visgen_train.report.figures.exhibit import drawing, short, svg_text

BEFORE, AFTER = "#999999", "#0072b2"  # told apart in any colour vision (Okabe and Ito 2008)
STAGES = {"images": BEFORE, "balance": "#e69f00", "align": AFTER}
MAP_POINTS = 1500


def recall_bars(models: Mapping[str, Mapping[str, Any]]) -> str:
    """Recall of each species in each of one or two models, rarest first.

    Parameters
    ----------
    models : mapping
        Title -> `species` of metrics.json.
    """
    first = next(iter(models.values()))
    tested = [name for name in first if first[name]["recall"] is not None]
    names = sorted(tested, key=lambda name: first[name]["train"], reverse=True)
    with drawing():
        figure = Figure(figsize=(7.5, 0.9 + 0.3 * len(names)), layout="constrained")
        axes = figure.subplots()
        rows = np.arange(len(names))
        offsets = (0.2, -0.2) if len(models) == 2 else (0.0,)
        for offset, colour, (label, model) in zip(offsets, (BEFORE, AFTER), models.items(), strict=False):
            values = [100 * model[name]["recall"] for name in names]
            axes.barh(rows + offset, values, height=0.38, color=colour, label=label)
        axes.set_yticks(rows, [f"{name} ({first[name]['train']})" for name in names], style="italic")
        axes.set_xlim(0, 100)
        axes.set_xlabel("test images recognised, %")
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper right", ncols=2, frameon=False)
        return svg_text(figure)


def embedding_maps(embeddings: Mapping[str, np.ndarray], species: Sequence[str], seed: int = 0) -> str:
    """t-SNE (cosine) of the test images in each embedding, side by side; a name stands at each species' median.

    Parameters
    ----------
    embeddings : mapping
        Title -> (n, d).
    species : sequence of str
        (n,) species of each image.
    """
    shown = np.random.default_rng(seed).permutation(len(species))[:MAP_POINTS]
    labels = np.asarray(species)[shown]
    names = sorted(set(labels))
    with drawing():
        figure = Figure(figsize=(5 * len(embeddings), 5), layout="constrained")
        panels = figure.subplots(1, len(embeddings), squeeze=False)[0]
        for axes, (title, vectors) in zip(panels, embeddings.items(), strict=True):
            places = _tsne(vectors[shown], seed)
            for number, name in enumerate(names):
                mine = places[labels == name]
                style = {"color": mpl.colormaps["tab20"](number % 20), "marker": "os^Dv"[number // 20 % 5]}
                axes.scatter(*mine.T, s=9, linewidths=0, **style)
                axes.annotate(short(name), np.median(mine, axis=0), ha="center", fontsize=7, style="italic")
            axes.set(title=title, xticks=[], yticks=[])
        return svg_text(figure)


def training_curves(rows: Sequence[Mapping[str, str]]) -> str:
    """Loss and per-class validation accuracy by epoch, each stage, from the rows of metrics.csv."""
    with drawing():
        figure = Figure(figsize=(7.5, 2.4), layout="constrained")
        panels = figure.subplots(1, 2)
        for stage, colour in STAGES.items():
            mine = [(i, row) for i, row in enumerate(rows, start=1) if row["stage"] == stage]
            if not mine:
                continue
            epochs = [i for i, _ in mine]
            panels[0].plot(
                epochs, [float(row["loss"]) for _, row in mine], color=colour, marker=".", label=stage
            )
            scores = [(i, 100 * float(v)) for i, row in mine if (v := row["validation_per_class"])]
            panels[1].plot(*zip(*scores, strict=True) if scores else ((), ()), color=colour, marker=".")
        panels[0].set(xlabel="epoch", ylabel="loss")
        panels[1].set(xlabel="epoch", ylabel="validation, per-class %")
        if rows:
            panels[0].legend(frameon=False)
        for axes in panels:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.spines[["top", "right"]].set_visible(False)
        return svg_text(figure)


def _tsne(vectors: np.ndarray, seed: int) -> np.ndarray:
    if len(vectors) < 5:
        return np.asarray(vectors[:, :2], float)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    places: np.ndarray = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(unit)
    return places
