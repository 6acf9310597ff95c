"""The visual, the genetic and the aligned space side by side (Karaderi et al. 2024, Fig. 6)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from sklearn.preprocessing import normalize

from visgen_train.evaluation.space import centroid_spread, genus_silhouette
from visgen_train.genetics.shuffles import genus
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing, short
from visgen_train.report.figures.layout import cosine_distances, kamada_kawai, spread, triangulation
from visgen_train.report.figures.marks import Look, genus_legend, looks, only, rarest, settle
from visgen_train.report.figures.points import name_groups
from visgen_train.report.run_content import RunContent

FEW, MOST_PICTURED = 18, 32
PICTURE, CELL = 23, (48, 39)
"""Side of a picture, and the room of picture and name, points."""
SAME, OTHER = "#4d4d4d", "#cccccc"  # edges within a genus, and between two


class Space(NamedTuple):
    """Species in one space: distances (n, n) and places (n, 2), and the two measures of the paper's claim."""

    distances: np.ndarray
    places: np.ndarray
    silhouette: float | None
    spread: float | None


def draw(content: RunContent) -> Exhibit:
    """Centroids of the test images of each species in both embeddings, and the anchors between them."""
    tested = set(content.truth.tolist())
    counts = {name: content.images(name) for name in content.species if name in tested}
    if len(counts) < 3:
        raise NothingToDraw("it needs three species with test images")
    names = sorted(rarest(counts))
    spaces = _spaces(content, names)
    pictures = content.pictures if len(names) <= MOST_PICTURED else {}
    found = looks(counts)
    with drawing():
        side = 4.6 if len(names) > FEW else 3.8
        figure = Figure(figsize=(side * len(spaces), side + 0.8), layout="constrained")
        panels = figure.subplots(1, len(spaces), squeeze=False)[0].tolist()
        for axes, (title, space) in zip(panels, spaces.items(), strict=True):
            _panel(axes, names, space, found)
            axes.set_title(f"{title}\n{_measures(space)}", fontsize=9)
        genus_legend(figure, found, loc="outside lower center", ncols=3 * len(spaces))
        drawn = list(zip(panels, spaces.values(), strict=True))
        if pictures:
            settle(figure)
            for axes, space in drawn:
                _with_pictures(axes, names, space, found, pictures)
            told = ""
        else:
            told = name_groups(figure, [(axes, space.places) for axes, space in drawn], np.array(names))
    return Exhibit(
        name="spaces",
        title="Species in the visual, the genetic and the aligned space"
        if len(spaces) > 2
        else "Species in both spaces",
        caption=_caption(told, only(len(names), len(counts))),
        figure=figure,
        header=("space", "species", "genus", "nearest species", "cosine distance to it", "x", "y"),
        rows=tuple(row for title, space in spaces.items() for row in _rows(title, names, space)),
    )


def _spaces(content: RunContent, names: Sequence[str]) -> dict[str, Space]:
    """Visual, genetic, aligned; the measures of the embeddings are those of metrics.json, over all species."""
    test = content.sides == "test"
    measured = content.metrics["space"]
    anchors = content.anchors[[content.species.index(name) for name in names]]
    numbers = np.arange(len(content.species))
    found = {}
    for model, vectors in content.embeddings.items():
        unit = normalize(vectors[test].astype(np.float64))
        of = content.image_species[test]
        means = np.stack([unit[of == name].mean(0) for name in names])
        held = measured[model]
        found[model] = _space(means, held["genus_silhouette"], held["centroid_spread"])
    genetic = _space(
        anchors,
        genus_silhouette(content.anchors, numbers, content.species),
        centroid_spread(content.anchors, numbers),
    )
    ordered = {content.titles["visual"]: found.pop("visual"), "DNA": genetic}
    return {**ordered, **{content.titles[model]: space for model, space in found.items()}}


def _space(vectors: np.ndarray, silhouette: float | None, spread: float | None) -> Space:
    distances = cosine_distances(vectors)
    return Space(distances, kamada_kawai(distances), silhouette, spread)


def _measures(space: Space) -> str:
    told = []
    if space.silhouette is not None:
        told.append(f"genus silhouette {space.silhouette:.2f}")
    if space.spread is not None:
        told.append(f"unevenness {space.spread:.2f}")
    return ", ".join(told).replace("-", "−")


def _panel(axes: Axes, names: Sequence[str], space: Space, found: Mapping[str, Look]) -> None:
    """Marks and the triangulation."""
    edges = triangulation(space.places)
    same = [genus(names[a]) == genus(names[b]) for a, b in edges]
    lines = [(space.places[a], space.places[b]) for a, b in edges]
    colours, widths = [SAME if one else OTHER for one in same], [1.5 if one else 0.7 for one in same]
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=widths, zorder=1))
    for name, (x, y) in zip(names, space.places.tolist(), strict=True):
        look = found[genus(name)]
        axes.plot(x, y, look.marker, color=look.colour, markersize=6.5, zorder=3)
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.12)


def _with_pictures(
    axes: Axes,
    names: Sequence[str],
    space: Space,
    found: Mapping[str, Look],
    pictures: Mapping[str, np.ndarray],
) -> None:
    """Each species' picture over its name, aside of its mark where others stand there."""
    axes.set_autoscale_on(False)
    frame, scale = axes.get_window_extent(), axes.figure.dpi / 72
    marks = axes.transData.transform(space.places)
    size = scale * np.array(CELL)
    placed = spread(marks, size, np.array([frame.min + size / 2, frame.max - size / 2]))
    to_data = axes.transData.inverted()
    above, below = np.array([0, 0.12 * size[1]]), np.array([0, -0.26 * size[1]])
    for name, mark, middle in zip(names, marks, placed, strict=True):
        look = found[genus(name)]
        if np.abs(middle - mark).max() > scale * PICTURE / 2:
            axes.plot(*to_data.transform([mark, middle]).T, color=look.colour, linewidth=0.8)
        if name in pictures:
            image = OffsetImage(pictures[name][::2, ::2], zoom=PICTURE / 32, interpolation="none")
            edge = {"edgecolor": look.colour, "linewidth": 2.2, "boxstyle": "square,pad=0.1"}
            x, y = to_data.transform(middle + above)
            axes.add_artist(AnnotationBbox(image, (x, y), pad=0.0, bboxprops=edge))
        x, y = to_data.transform(middle + below)
        axes.text(x, y, short(name), ha="center", va="top", fontsize=6.5, style="italic", zorder=5)


def _caption(named: str, drawn: str) -> str:
    return (
        "Each mark is a species, by the mean of its test images (DNA: by its anchor), placed so that distances come "
        "near to cosine distances (Kamada-Kawai); lines join neighbours (Delaunay), dark ones within a genus. The "
        "genus silhouette is higher the better genera stand together, the unevenness lower the more evenly species "
        "are spaced. Shuffled DNA can space species as well: this picture alone shows nothing about genetics."
        f"{named and ' '}{named}{drawn}"
    )


def _rows(title: str, names: Sequence[str], space: Space) -> list[tuple[str | float, ...]]:
    others = space.distances + np.diag(np.full(len(names), np.inf))
    nearest = others.argmin(1)
    return [
        (
            *(title, name, genus(name), names[nearest[row]], round(float(others[row, nearest[row]]), 4)),
            *(round(float(value), 4) for value in space.places[row]),
        )
        for row, name in enumerate(names)
    ]
