"""Draw kappa.png: how far a feature reaches, and what becomes of pairs at several distances.

Run from the root of the repository: `uv run python docs/make_kappa.py`.
"""

from pathlib import Path

import numpy as np
import sgt_dna
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00")
REACHES = (0.01, 0.1, 1.0, 5.0)
LENGTH = 1000
PAIRS = {"ACCCC": "at 1, 2, 3, 4", "AGGC": "at 3 alone", "ACGGGGGGGC": "at 1 and 9", "AGGGC": "at 4 alone"}
"""Single bases: what follows the one A by one C or more, and at which distances."""


def reach(ax: Axes) -> None:
    """Share of all weight that pairs up to a distance have, in a sequence where every distance is as likely."""
    distance = np.arange(1, LENGTH)
    for kappa, colour in zip(REACHES, COLOURS, strict=True):
        weight = (LENGTH - distance) * np.exp(-kappa * distance)
        ax.plot(distance, np.cumsum(weight) / weight.sum(), color=colour, label=f"κ = {kappa:g}", lw=2)
    ax.set(xscale="log", xlabel="distance of the two symbols", ylabel="share of the weight up to there")
    ax.set_title(f"Reach, sequence of {LENGTH:,} symbols", fontsize="medium")
    ax.legend(frameon=False)


def features(ax: Axes) -> None:
    """The feature A->C of a few sequences by kappa."""
    kappas = np.geomspace(0.01, 50, 60)
    found = [sgt_dna.embed(list(PAIRS), k=1, kappa=kappa).vectors[:, 1] for kappa in kappas]
    for values, said, colour in zip(np.transpose(found), PAIRS.values(), COLOURS, strict=True):
        ax.plot(kappas, values, color=colour, label=f"C after A {said}", lw=2)
    ax.set(xscale="log", xlabel="κ", ylabel="feature A->C", ylim=(0, 0.4))
    ax.set_title("The root keeps a single pair where it is", fontsize="medium")
    ax.legend(frameon=False, loc="upper left", fontsize="small")


if __name__ == "__main__":
    figure = Figure(figsize=(9.6, 3.8), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2)
    reach(left)
    features(right)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(Path(__file__).with_name("kappa.png"))
