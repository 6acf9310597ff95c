"""The tree of the species with the number of images beside it (Karaderi et al. 2024, Fig. 4)."""

import re
from collections.abc import Mapping

from Bio.Phylo.BaseTree import Clade, Tree
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from visgen_train.genetics.shuffles import genus
from visgen_train.io.cells import visible
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing, label
from visgen_train.report.figures.marks import (
    LOGARITHMIC,
    Look,
    bare,
    looks,
    only,
    plain_logarithm,
    row_height,
    two_scales,
)
from visgen_train.report.run_content import RunContent

SUPPORT = "Numbers at forks are the support of the branch to their left. "
MIXED = "#4d4d4d"  # branches above species of several genera


def draw(content: RunContent) -> Exhibit:
    """The tree that was given for a run, or neighbour joining on its genetic distances."""
    if content.tree is None:
        raise NothingToDraw("it needs genetic distances between three species or more")
    images = {name: content.images(name) for name in content.species}
    made = f"Neighbour joining on genetic distances ({content.metrics['distance_method']}), rooted at its middle."
    if content.tree_file is not None:
        made = f"The tree of {visible(content.tree_file.name)}, rooted as it is there.{_absent(content)}"
    made += only(len(content.drawn), len(content.species))
    return tree_exhibit(content.tree, images, made)


def tree_exhibit(tree: Tree, images: Mapping[str, int], made: str, counted: str = "images") -> Exhibit:
    """A tree with its support values, its tips with bars.

    Parameters
    ----------
    tree : Bio.Phylo.BaseTree.Tree
        Its tips are all, or some, of the species of `images`.
    made : str
        A sentence on where the tree comes from, for the caption.
    counted : str
        What the bars count.
    """
    names, found = [tip.name for tip in tree.get_terminals()], looks(images)
    with drawing():
        figure = Figure(figsize=(8.5, row_height(len(names))), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.5, 1))
        supported = _branches(left, tree, found)
        _bars(right, [images[name] for name in names], [found[genus(name)] for name in names], counted)
        right.set_yticks(range(len(names)), [label(name) for name in names], style="italic")
        right.set_ylim(len(names) - 0.4, -0.6)
    depths = tree.depths()
    depth = {tip.name: depths[tip] for tip in tree.get_terminals()}
    return Exhibit(
        name="tree",
        title=f"Tree of the species, and their {counted}",
        caption=(
            f"{made} The length of a branch is genetic distance; colour and marker are those of the genus, dark grey "
            f"where genera meet. {SUPPORT if supported else ''}Species side by side that have many and few {counted} "
            "are those where one could help the other."
        ),
        figure=figure,
        header=("species", "genus", counted, "distance from the root"),
        rows=tuple((name, genus(name), images[name], round(float(depth[name]), 5)) for name in names),
    )


def _absent(content: RunContent) -> str:
    tips = {tip.name for tip in content.tree.get_terminals()} if content.tree is not None else set()
    absent = [name for name in content.drawn if name not in tips]
    if not absent:
        return ""
    more = f" and {len(absent) - 10} more" if len(absent) > 10 else ""
    return f" Not in it, and not drawn: {', '.join(map(label, absent[:10]))}{more}."


def _branches(axes: Axes, tree: Tree, found: Mapping[str, Look]) -> bool:
    """Every branch as a line to the right, every fork as a line down; whether there is support to show."""
    row = {tip: place for place, tip in enumerate(tree.get_terminals())}
    depths: dict[Clade, float] = tree.depths()
    lines, colours = [], []
    height: dict[Clade, float] = {}
    for clade in tree.find_clades(order="postorder"):
        genera = {genus(tip.name) for tip in clade.get_terminals()}
        colour = found[genera.pop()].colour if len(genera) == 1 else MIXED
        below = [height[child] for child in clade.clades]
        height[clade] = sum((below[0], below[-1])) / 2 if below else row[clade]
        start = depths[clade] - (clade.branch_length or 0.0)
        lines.append([(start, height[clade]), (depths[clade], height[clade])])
        colours.append(colour)
        if below:
            lines.append([(depths[clade], below[0]), (depths[clade], below[-1])])
            colours.append(colour)
    farthest = max(depths.values()) or 1.0
    for tip, place in row.items():
        look = found[genus(tip.name)]
        axes.plot(depths[tip], place, look.marker, color=look.colour, markersize=4, clip_on=False)
        lines.append([(depths[tip], place), (farthest * 1.03, place)])
        colours.append("#dddddd")
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=1.1, zorder=1))
    axes.set_xlim(-0.02 * farthest, farthest * 1.03)
    two_scales(axes, len(row))
    axes.set_xlabel("genetic distance")
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return _supports(axes, tree, depths, height)


def _supports(axes: Axes, tree: Tree, depths: Mapping[Clade, float], height: Mapping[Clade, float]) -> bool:
    """The support of each inner branch left of the fork behind it; that of the branch the root lies on once."""
    halves = [node for node in tree.root.clades if node.clades]
    twice = halves[0] if len(tree.root.clades) == len(halves) == 2 else None
    nodes = [node for node in tree.get_nonterminals() if node is not tree.root and node is not twice]
    shown = {node: text for node in nodes if (text := _support(node))}
    for node, text in shown.items():
        at = (depths[node], height[node])
        axes.annotate(text, at, (-2, 1.5), textcoords="offset points", fontsize=6, ha="right", va="bottom")
    return bool(shown)


def _support(node: Clade) -> str:
    """A number, or the two of an alrt/bootstrap label; other names of forks are no support."""
    if node.confidence is not None:
        return f"{node.confidence:.3g}"
    name = node.name or ""
    return name if re.fullmatch(r"[\d.]+(/[\d.]+)+", name) else ""


def _bars(axes: Axes, values: list[int], found: list[Look], counted: str) -> None:
    axes.barh(range(len(values)), values, height=0.75, color=[look.colour for look in found])
    axes.tick_params(axis="y", length=0, labelleft=True)
    logarithmic = max(values) > LOGARITHMIC * max(min(values), 1)
    if logarithmic:
        plain_logarithm(axes)
    limits = (0.7, max(values) * 3) if logarithmic else (0, max(*values, 1) * 1.25)
    axes.set_xlim(*limits)
    for place, value in enumerate(values):
        at = (max(value, limits[0]), place)
        axes.annotate(f"{value:,}", at, (2, 0), textcoords="offset points", fontsize=7, va="center")
    two_scales(axes, len(values))
    axes.set_xlabel(f"{counted}, logarithmic" if logarithmic else counted)
    bare(axes)
