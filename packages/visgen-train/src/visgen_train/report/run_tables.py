"""Tables of metrics.json as text: every classifier on each embedding, and how genera and species lie in it."""

from collections.abc import Mapping
from typing import Any

from visgen_train.evaluation.classifiers import CLASSIFIERS
from visgen_train.evaluation.metrics import genera
from visgen_train.report.evidence_cells import Cell, Table, plain, shares
from visgen_train.report.evidence_layout import MAIN, OTHER, SPACE, SPACE_NOTE
from visgen_train.report.summary import title

MEASURES = {**MAIN, **OTHER, "calibration_error": "calibration error"}
OF_GENERA = ("genus", "genus_silhouette")


def classifier_tables(metrics: dict[str, Any]) -> list[Table]:
    """A table for each embedding, a row for each classifier on it."""
    measures = _told(metrics, MEASURES)
    return [
        Table(
            f"{title(metrics, model)}, %",
            ("classifier", "what", *measures.values()),
            tuple(
                (
                    Cell(name, ", ".join(f"{key} = {value:g}" for key, value in held["chosen"].items())),
                    Cell(CLASSIFIERS[name].description),
                    *shares(_estimates(held), measures),
                )
                for name, held in classifiers.items()
            ),
            2,
        )
        for model, classifiers in metrics["classifiers"].items()
    ]


def space_table(metrics: dict[str, Any]) -> Table:
    """How genera and species lie in each embedding; one run has no intervals of it."""
    measures = _told(metrics, SPACE)
    rows = tuple(
        (Cell(title(metrics, model)), *(plain(_estimate(held[key])) for key in measures))
        for model, held in metrics["space"].items()
    )
    note = f"{SPACE_NOTE} visgen ablate compares with shuffled DNA."
    return Table("How genera and species lie", ("test images", *measures.values()), rows, note=note)


def _told(metrics: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """The measures that tell something: where all species are of one genus, nothing can be wrong about it."""
    species = [*metrics["visual"]["species"], *metrics["trained_only_species"]]
    several = len(set(genera(species))) > 1
    return {key: name for key, name in names.items() if several or key not in OF_GENERA}


def _estimates(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of one run in the form of those over seeds."""
    return {key: _estimate(figures[key], figures["intervals"].get(key)) for key in MEASURES}


def _estimate(value: float | None, interval: list[float] | None = None) -> dict[str, Any] | None:
    low, high = interval or (None, None)
    return None if value is None else {"mean": value, "low": low, "high": high}
