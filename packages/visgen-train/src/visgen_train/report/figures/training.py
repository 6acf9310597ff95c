"""Loss and validation by epoch of each stage that was trained."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing
from visgen_train.report.figures.marks import BLUE, GREY, ORANGE, bare
from visgen_train.report.run_content import RunContent

STAGES = {"images": (GREY, "o"), "balance": (ORANGE, "s"), "align": (BLUE, "D")}


def draw(content: RunContent) -> Exhibit:
    """The curves of a run, epochs numbered through its stages."""
    epochs = content.epochs
    if not epochs:
        raise NothingToDraw("no stage was trained")
    with drawing():
        figure = Figure(figsize=(7.5, 2.6), layout="constrained")
        loss, validation = figure.subplots(1, 2)
        _curve(loss, epochs, "loss", 1)
        _curve(validation, epochs, "validation_per_class", 100)
        loss.set_ylabel("loss")
        validation.set_ylabel("validation, per class, %")
        loss.legend(frameon=False)
    return Exhibit(
        name="training",
        title="Training, epoch by epoch",
        caption=(
            "Left the loss, right how many validation images of the average species are recognised. Stage by stage: "
            "images; balance, if asked for; align, towards the DNA anchors. The loss of one stage cannot be compared "
            "with another's."
        ),
        figure=figure,
        header=("stage", "epoch", "loss", "validation per class, %"),
        rows=tuple(
            (row["stage"], int(row["epoch"]), float(row["loss"]), _percent(row["validation_per_class"]))
            for row in epochs
        ),
    )


def _curve(axes: Axes, epochs: Sequence[Mapping[str, str]], column: str, scale: float) -> None:
    for stage, (colour, marker) in STAGES.items():
        points = [
            (number, scale * float(row[column]))
            for number, row in enumerate(epochs, start=1)
            if row["stage"] == stage and row[column]
        ]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, markersize=3, label=stage)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    bare(axes)


def _percent(share: str) -> float | None:
    return round(100 * float(share), 2) if share else None
