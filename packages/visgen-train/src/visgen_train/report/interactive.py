"""What the page's script draws: the map of test images, and the training curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.manifold import TSNE

from visgen_train.io.cells import visible
from visgen_train.report.figures.exhibit import short
from visgen_train.report.run_content import RunContent
from visgen_train.report.species_rows import compared, counted_rows

MOST_POINTS = 1500


def image_map(content: RunContent, chosen: Sequence[int]) -> dict[str, Any]:
    """Test images by how they look to the network, before and after alignment (t-SNE of the embedding, cosine).

    The second map starts from the first, so an image moves no further than its surroundings make it.

    Parameters
    ----------
    content : RunContent
    chosen : sequence of int
        Test images that count, as positions in `content.truth`.

    Returns
    -------
    dict
        `species`, `short` (s names); `files`, `truth` (n; as position of the species); `models`: a list of `title`,
        `predicted`, `x`, `y` (n) and `labels` ([species, x, y], the middle of each).
    """
    answers = {model: content.predicted[model][list(chosen)] for model in compared(content)}
    names = np.unique(np.concatenate([content.truth[list(chosen)], *answers.values()])).tolist()
    number = {name: place for place, name in enumerate(names)}
    truth = [number[name] for name in content.truth[list(chosen)].tolist()]
    rows = counted_rows(content)[list(chosen)]
    models, places = [], None
    for model, predicted in answers.items():
        places = _places(content.embeddings[model][rows], places)
        models.append(
            {
                "title": content.titles[model],
                "predicted": [number[name] for name in predicted.tolist()],
                "x": np.round(places[:, 0], 2).tolist(),
                "y": np.round(places[:, 1], 2).tolist(),
                "labels": _middles(places, np.array(truth)),
            }
        )
    return {
        "species": list(map(visible, names)),
        "short": list(map(short, names)),
        "files": [visible(file) for file in content.files[rows].tolist()],
        "truth": truth,
        "models": models,
    }


def curves(epochs: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """Loss and per-class accuracy on the validation images, in per cent, by epoch; a row of metrics.csv each.

    Returns
    -------
    list of dict
        `stage`, `epochs` (counted through all stages), `loss`, `validation` (None where there is none).
    """
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(epochs, start=1):
        mine = found.setdefault(
            row["stage"], {"stage": row["stage"], "epochs": [], "loss": [], "validation": []}
        )
        accuracy = row["validation_per_class"]
        mine["epochs"].append(number)
        mine["loss"].append(float(row["loss"]))
        mine["validation"].append(100 * float(accuracy) if accuracy else None)
    return list(found.values())


def _places(vectors: np.ndarray, start: np.ndarray | None) -> np.ndarray:
    """(n, 2) t-SNE of (n, d) vectors by cosine; of fewer than five images their first two dimensions."""
    if len(vectors) < 5:
        return np.asarray(vectors[:, :2], float)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    begin: Any = "pca" if start is None else 1e-4 * start / max(float(start[:, 0].std()), 1e-12)
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    places: np.ndarray = TSNE(perplexity=perplexity, init=begin, random_state=0).fit_transform(unit)
    return places


def _middles(places: np.ndarray, truth: np.ndarray) -> list[list[float]]:
    return [
        [int(species), *(round(float(value), 2) for value in np.median(places[truth == species], axis=0))]
        for species in np.unique(truth)
    ]
