"""Images and sequences of each species, mirrored (Karaderi et al. 2024, Fig. 7)."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from visgen_train.report.figures.exhibit import Exhibit, drawing
from visgen_train.report.figures.marks import (
    BLUE,
    LOGARITHMIC,
    ORANGE,
    only,
    plain_logarithm,
    rarest,
    row_height,
    species_rows,
    two_scales,
)
from visgen_train.report.run_content import RunContent


def draw(content: RunContent) -> Exhibit:
    """How many there are of each species: sequences to the left, images to the right, the most common at the top."""
    images = {name: content.images(name) for name in content.data["species"]}
    sequences = {name: int(held["sequences"]) for name, held in content.data["species"].items()}
    names = rarest(images)[::-1]
    with drawing():
        figure = Figure(figsize=(7.5, row_height(len(names))), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1.6))
        _bars(left, [sequences[name] for name in names], ORANGE, "DNA sequences", "left")
        _bars(right, [images[name] for name in names], BLUE, "images", "right")
        species_rows(left, names)
        right.tick_params(axis="y", length=0)
        left.spines[["top", "left"]].set_visible(False)
        right.spines[["top", "right"]].set_visible(False)
    order = rarest(images, len(images))[::-1]
    return Exhibit(
        name="counts",
        title="Images and sequences of each species",
        caption=(
            f"{len(images)} species, from {min(images.values()):,} to {max(images.values()):,} images (training, "
            f"validation and test) and from {min(sequences.values()):,} to {max(sequences.values()):,} sequences. A "
            "species with few images but sequences of its own is where DNA could help. The number stands at the end "
            f"of a bar; where an axis is logarithmic its label says so.{only(len(names), len(images))}"
        ),
        figure=figure,
        header=("species", "images", "sequences"),
        rows=tuple((name, images[name], sequences[name]) for name in order),
    )


def _bars(axes: Axes, values: list[int], colour: str, what: str, outwards: str) -> None:
    """Bars with their numbers at the ends; logarithmic where the shortest could not be seen otherwise."""
    rows = range(len(values))
    logarithmic = max(values) > LOGARITHMIC * max(min(values), 1)
    axes.barh(rows, values, height=0.8, color=colour)
    if logarithmic:
        plain_logarithm(axes)
    limits = (0.7, max(values) * 3) if logarithmic else (0, max(*values, 1) * 1.2)
    axes.set_xlim(*(limits if outwards == "right" else limits[::-1]))
    away, align = (2, "left") if outwards == "right" else (-2, "right")
    for row, value in zip(rows, values, strict=True):
        place = (max(value, limits[0]), row)
        axes.annotate(
            f"{value:,}", place, (away, 0), textcoords="offset points", fontsize=7, ha=align, va="center"
        )
    two_scales(axes, len(values))
    axes.set_xlabel(f"{what}, logarithmic" if logarithmic else what)
