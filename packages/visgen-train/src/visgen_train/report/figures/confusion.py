"""What test images were taken for, species in the order of the tree."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from visgen_train.genetics.shuffles import genus
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing, label, short
from visgen_train.report.figures.marks import BLUE, only, rarest
from visgen_train.report.run_content import MOST_ROWS, RunContent

WRONG = "#d55e00"
MOST_WITH_NUMBERS = 32


def draw(content: RunContent) -> Exhibit:
    """The last model of a run; relatives stand side by side, so errors among them lie near the diagonal."""
    if not len(content.truth):
        raise NothingToDraw("no image was tested")
    model, title = list(content.titles.items())[-1]
    tree = content.tree
    images = {name: content.images(name) for name in content.species}
    scored = sorted(rarest(images)) if tree is None else [tip.name for tip in tree.get_terminals()]
    others = [name for name in content.data["species"] if name not in scored]
    names = [*scored[:MOST_ROWS], *others][:MOST_ROWS]
    found = Counter(zip(content.truth.tolist(), content.predicted[model].tolist(), strict=True))
    tested = Counter(content.truth.tolist())
    counts = np.array([[found[true, taken] for taken in names] for true in names])
    with drawing():
        figure = _figure(counts, np.array([tested[name] for name in names]), names)
    wrong = sum(number for (true, taken), number in found.items() if true != taken)
    within = sum(n for (true, taken), n in found.items() if true != taken and genus(true) == genus(taken))
    there = len(content.data["species"])
    order = "in alphabetical order" if tree is None else "in the order of the tree"
    return Exhibit(
        name="confusion",
        title=f"What was taken for what, {title}",
        caption=(
            f"A row is a species, a column what its test images were taken for, both {order}; blue is right, orange "
            "wrong, the darker the larger the share of the row. Frames hold the species of a genus that stand side by "
            f"side. Named by {content.named_by(model)}. Of {wrong:,} errors {within:,} are within the genus."
            f"{only(len(names), there)}"
        ),
        figure=figure,
        header=("species", "taken for", "test images", "share of the species, %"),
        rows=tuple(
            (true, taken, number, round(100 * number / tested[true], 2))
            for (true, taken), number in sorted(found.items())
        ),
    )


def _figure(counts: np.ndarray, tested: np.ndarray, names: Sequence[str]) -> Figure:
    number = len(names)
    cell = 0.24 if number <= MOST_WITH_NUMBERS else 0.13
    side = 2.2 + cell * max(number, 8)
    figure = Figure(figsize=(side + 0.6, side), layout="constrained")
    axes = figure.subplots()
    rows, columns = np.nonzero(counts)
    shares = counts[rows, columns] / tested[rows]
    cells = [Rectangle((x - 0.5, y - 0.5), 1, 1) for y, x in zip(rows, columns, strict=True)]
    colours = [
        to_rgba(BLUE if y == x else WRONG, 0.15 + 0.85 * share)
        for y, x, share in zip(rows, columns, shares, strict=True)
    ]
    axes.add_collection(PatchCollection(cells, facecolors=colours, linewidths=0))
    if number <= MOST_WITH_NUMBERS:
        for y, x, share in zip(rows, columns, shares, strict=True):
            ink = "white" if share > 0.55 else "black"
            axes.text(
                float(x), float(y), str(counts[y, x]), ha="center", va="center", fontsize=6.5, color=ink
            )
    _frame(axes, names)
    size = 8 if number <= MOST_WITH_NUMBERS else 6
    axes.set_xticks(
        range(number), [short(name) for name in names], rotation=90, style="italic", fontsize=size
    )
    axes.set_yticks(range(number), [label(name) for name in names], style="italic", fontsize=size)
    axes.tick_params(length=0)
    axes.set(
        xlabel="taken for",
        ylabel="species",
        aspect="equal",
        xlim=(-0.5, number - 0.5),
        ylim=(number - 0.5, -0.5),
    )
    handles = [
        Patch(color=to_rgba(colour, 0.15 + 0.85 * share), label=f"{what}, {100 * share:.0f} %")
        for colour, what in ((BLUE, "right"), (WRONG, "wrong"))
        for share in (0.25, 1.0)
    ]
    figure.legend(
        handles=handles, loc="outside upper right", ncols=4 if number > 12 else 2, frameon=False, fontsize=8
    )
    return figure


def _frame(axes: Axes, names: Sequence[str]) -> None:
    """A thin frame around each run of species of one genus; light lines between all others."""
    number = len(names)
    axes.set_xticks(np.arange(number + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(number + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#eeeeee", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(which="minor", length=0)
    start = 0
    for place in range(1, number + 1):
        if place == number or genus(names[place]) != genus(names[start]):
            if place - start > 1:
                size = place - start
                corner = (start - 0.5, start - 0.5)
                axes.add_patch(Rectangle(corner, size, size, fill=False, edgecolor="#4d4d4d", linewidth=0.9))
            start = place
