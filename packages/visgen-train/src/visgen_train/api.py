"""The Python side of `visgen run --features` and `visgen predict`; everything heavy is imported when it is called."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from visgen_train.config import Config
    from visgen_train.prediction.predictor import Predictor


@dataclass(frozen=True)
class Evidence:
    """What `evidence` found.

    Attributes
    ----------
    verdict : str
        What real minus shuffled DNA shows, in plain words, by a figure and a classifier fixed beforehand.
    rows : pandas.DataFrame
        Every figure of every recipe ("features" as they came, "heads", "heads-aligned"), target and classifier:
        mean over seeds, low and high of the 95 % interval, and each seed.
    differences : pandas.DataFrame
        Real DNA minus each control, likewise.
    kriging : pandas.DataFrame
        The classifiers that use genetic distances minus the same with shuffled ones, and without DNA.
    zero_shot : pandas.DataFrame
        With `zero_shot`: every figure of every recipe and method for species left out; else empty.
    zero_shot_differences : pandas.DataFrame
        Kriging minus each other method there. The rows with ``against == "shuffled"`` are those that count.
    space : pandas.DataFrame
        Silhouettes and spacing of the embeddings.
    species : pandas.DataFrame
        Numbers of images and sequences, and recall, of every species.
    """

    verdict: str
    rows: "pd.DataFrame"
    differences: "pd.DataFrame"
    kriging: "pd.DataFrame"
    zero_shot: "pd.DataFrame"
    zero_shot_differences: "pd.DataFrame"
    space: "pd.DataFrame"
    species: "pd.DataFrame"

    def __repr__(self) -> str:
        return f"Evidence: {self.verdict}"


def load(run: str | Path, *, device: str | None = None) -> "Predictor":
    """A trained run, to name new pictures with: ``load("my-run").predict("tray/")``.

    Parameters
    ----------
    run : path
        The folder of `visgen run`.
    device : str, optional
        "auto", "cpu", "cuda", "mps"; that of the run by default.

    Returns
    -------
    Predictor
        `predict` takes paths, folders, uint8 arrays and pictures of Pillow, one or several. What it returns shows
        itself, and has `to_pandas`.

    Raises
    ------
    VisgenError
        No run, an unfinished or damaged one; the message says the way out.
    """
    from visgen_train.prediction.loading import load_predictor

    return load_predictor(Path(run), device)


def evidence(
    features: Any,
    labels: Any,
    sequences: Any,
    *,
    sequence_labels: Mapping[str, str] | None = None,
    ids: Any = None,
    groups: Any = None,
    splits: Any = None,
    seeds: int = 3,
    zero_shot: bool = False,
    config: "Config | None" = None,
    matched_only: bool = False,
    synonyms: str | Path | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: bool = False,
) -> Evidence:
    """Whether DNA helps to tell species apart by features of any model, with controls and intervals.

    Parameters
    ----------
    features : array-like
        (n, d), one row an image: of BioCLIP, DINOv3, a network of your own. Of a network that was trained on some of
        these images give its split as well: else test images it has seen make all figures too good.
    labels : sequence
        (n,) species, `Genus species` or `Genus_species`.
    sequences : path, mapping, or iterable
        Whatever `sgt_dna.embed` takes, or a table, .csv or .tsv, with the usual names of columns.
    sequence_labels : mapping, optional
        Sequence id -> species; without it headers name the species, `>ID Genus species ...`, or the table does.
    ids, groups, splits : sequence, optional
        (n,) names; what must stay on one side of the split (specimen); "train", "validation" or "test".
    seeds : int
        Trainings (and splits, unless given) to compare.
    zero_shot : bool
        Also leave a quarter of the species out in turn, and ask for them by their DNA alone; from eight species on.
    config : Config, optional
        The preset `sound` by default; its seed is the first.
    matched_only : bool
        Leave out species without features or without sequences.
    synonyms : path, optional
        CSV with columns synonym and accepted, over the table that is built in.
    out : path, optional
        A folder to keep, with the tables and a report.
    force : bool
        Replace an earlier one there.
    progress : bool
        Show progress bars.

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        Each names the rows, records or species and the way out.

    Notes
    -----
    ``evidence(features, labels, "sequences.fasta").differences`` has real DNA minus each control; the rows with
    ``against == "shuffled"`` are those that tell of genetics.
    """
    import pandas as pd

    from visgen_train.config import Config
    from visgen_train.data.features import feature_table
    from visgen_train.data.sequences import read_sequences
    from visgen_train.experiment.ablation.run import ablate_features
    from visgen_train.io.progress import silent, track
    from visgen_train.report.evidence import verdict
    from visgen_train.report.evidence_page import write_evidence_page
    from visgen_train.report.evidence_tables import data_frames, write_tables
    from visgen_train.training.seeding import preserved_generators

    table = feature_table(features, labels, ids=ids, groups=groups, splits=splits)
    records, named = read_sequences(sequences, sequence_labels)
    source = sequences if isinstance(sequences, str | Path) else "sequences"
    with tempfile.TemporaryDirectory() as scratch, preserved_generators():
        folder = Path(scratch) / "evidence" if out is None else Path(out)
        content = ablate_features(
            table,
            records,
            named,
            ("features", source),
            folder,
            config or Config(),
            seeds,
            matched_only=matched_only,
            synonyms=None if synonyms is None else Path(synonyms),
            force=force,
            zero_shot=zero_shot,
            track=track if progress else silent,
        )
        if out is not None:
            write_tables(folder, content)
            write_evidence_page(folder)
    frames = {name: pd.DataFrame(rows) for name, rows in data_frames(content).items()}
    return Evidence(verdict(content), **frames)
