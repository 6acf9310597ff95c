"""Real DNA minus each control, of an ablation."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from visgen_train.report.figures.exhibit import drawing, svg_text
from visgen_train.report.figures.marks import BLUE, GREY, bare


def difference_points(panels: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Real DNA minus each control with its interval, a panel a figure; a small dot is a seed.

    Parameters
    ----------
    panels : mapping
        Title -> control -> estimate (`mean`, `low`, `high`, `seeds`, as shares); the last control stands at the foot.
    """
    controls = list(dict.fromkeys(control for held in panels.values() for control in held))
    with drawing():
        figure = Figure(figsize=(4.6 * len(panels), 0.9 + 0.36 * len(controls)), layout="constrained")
        drawn = figure.subplots(1, len(panels), squeeze=False, sharex=True, sharey=True)[0]
        for axes, (title, held) in zip(drawn, panels.items(), strict=True):
            axes.axvline(0, color="black", linewidth=0.8)
            for control, found in held.items():
                row = controls.index(control)
                colour = BLUE if control == "shuffled" else GREY
                axes.plot([100 * found["low"], 100 * found["high"]], [row, row], color=colour, linewidth=2)
                seeds = [100 * value for value in found["seeds"] if value is not None]
                axes.plot(seeds, [row + 0.22] * len(seeds), ".", color=colour, markersize=4)
                axes.plot(100 * found["mean"], row, "o", color=colour)
            axes.set(title=title, xlabel="real DNA minus control, points")
            bare(axes)
        drawn[0].set_yticks(range(len(controls)), controls)
        drawn[0].set_ylim(len(controls) - 0.5, -0.5)
        return svg_text(figure)
