"""The Python side of `visgen run`; everything heavy is imported when it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """What `run` made.

    Attributes
    ----------
    folder : Path
        The run folder: `report.html`, `model.safetensors`, `metrics.json`, `split.csv` and more.
    metrics : dict
        The content of metrics.json.
    """

    folder: Path
    metrics: dict[str, Any]

    def __repr__(self) -> str:
        from visgen_train.report import summary

        return (
            f"Run in {self.folder}: {summary.per_class(self.metrics)} {summary.tail(self.metrics)} One seed."
        )


def run(
    images: str | Path,
    sequences: str | Path,
    out: str | Path,
    *,
    preset: str = "sound",
    settings: Mapping[str, object] | None = None,
    labels: str | Path | None = None,
    metadata: str | Path | None = None,
    group: str | None = None,
    split: str | Path | None = None,
    matched_only: bool = False,
    skip_bad: bool = False,
    synonyms: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    progress: bool = False,
) -> Run:
    """Train on pictures, align to the DNA, evaluate and report: ``run("images", "sequences.fasta", "my-run")``.

    Parameters
    ----------
    images : path
        A folder with one sub-folder a species, named like `Genus_species`; or a CSV with the columns file and species.
    sequences : path
        FASTA, GenBank, or a table (.csv, .tsv) that names the species.
    out : path
        The run folder. `visgen_train.load` names new pictures by it, `visgen_train.dna_signal_of_run` asks it whether
        DNA informs looks.
    preset : str
        "sound", "paper" or "light", which is small and quick.
    settings : mapping, optional
        What differs from the preset, by dotted name: ``{"model.weights": "none", "train.epochs": 5, "seed": 1}``.
    labels : path, optional
        CSV with the columns id and species, where the sequences themselves name none.
    metadata : path, optional
        CSV with a column file (relative to the CSV), maybe split, and the column of `group`.
    group : str, optional
        Column whose equal values stay on one side of the split, such as specimen.
    split : path, optional
        A run's split.csv, or a CSV with the columns file and split, to split alike.
    matched_only : bool
        Leave out species without images or without sequences.
    skip_bad : bool
        Leave out images that cannot be read; data.json records them.
    synonyms : path, optional
        CSV with columns synonym and accepted, over the table that is built in.
    resume : bool
        Go on with what is in `out`.
    force : bool
        Replace an earlier run there.
    progress : bool
        Show progress bars.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        Each names the file, record, species or setting and the way out.
    """
    from visgen_train.config import load_config
    from visgen_train.experiment.inputs import Inputs
    from visgen_train.experiment.run import run as run_experiment
    from visgen_train.io.progress import silent, track
    from visgen_train.report.html import write_report
    from visgen_train.report.model_card import write_card
    from visgen_train.training.seeding import preserved_generators

    tables = (labels, metadata, split, synonyms)
    names, more, sides, read_as = (None if path is None else Path(path) for path in tables)
    given = Inputs(
        *(Path(images), Path(sequences), names, more, group, matched_only, read_as),
        split=sides,
        skip_bad=skip_bad,
    )
    config, folder = load_config(preset, direct=settings), Path(out)
    with preserved_generators():
        metrics = run_experiment(given, folder, config, force, track if progress else silent, resume=resume)
    write_card(folder)
    write_report(folder)
    return Run(folder, metrics)
