"""The Python side of `visgen evidence`; everything heavy is imported when it is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from visgen_train.experiment.signal import Sample
    from visgen_train.experiment.signal.sources import Apart


@dataclass(frozen=True)
class DnaSignal:
    """What `dna_signal` found.

    Attributes
    ----------
    verdict : str
        Whether DNA informs looks, in words fixed beforehand.
    p_value : float
        Of the gain in likelihood, against permutations of the species.
    signal : float
        The fitted lambda, 0 (looks say nothing of descent) to 1.
    signal_interval : (float, float)
        95 %.
    few_shot, zero_shot : pandas.DataFrame
        A row a figure: mean, low and high of the 95 % interval over species. Empty with too few species.
    content : mapping
        All of it, as evidence.json has it.
    """

    verdict: str
    p_value: float
    signal: float
    signal_interval: tuple[float, float]
    few_shot: "pd.DataFrame"
    zero_shot: "pd.DataFrame"
    content: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"DnaSignal: {self.verdict}"


def dna_signal(
    features: Any,
    labels: Any,
    sequences: Any,
    *,
    sequence_labels: Mapping[str, str] | None = None,
    groups: Any = None,
    splits: Any = None,
    distance: str | None = None,
    tree: str | Path | None = None,
    permutations: int = 99,
    repeats: int = 10,
    seed: int = 0,
    matched_only: bool = False,
    synonyms: str | Path | None = None,
    progress: bool = False,
) -> DnaSignal:
    """Whether DNA informs looks in features of any model, and what it adds for species with few images or none.

    Parameters
    ----------
    features, labels, sequences, sequence_labels, groups, matched_only, synonyms, progress
        As `evidence` takes them.
    splits : sequence, optional
        (n,) "train", "validation" or "test"; with them the training images alone are looked at.
    distance : str, optional
        Of `visgen_train.genetics.distances.METHODS`; "kmer" by default.
    tree : path, optional
        Newick or Nexus, with branch lengths, in place of a distance of sequences.
    permutations : int
        99 or more.
    repeats : int
        Draws of the images a species is cut to, and of the species left out.
    seed : int

    Raises
    ------
    VisgenError, sgt_dna.SgtError
        Each names the rows, records or species and the way out.
    """
    from visgen_train.data.features import feature_table
    from visgen_train.data.sequences import read_sequences
    from visgen_train.experiment.signal import of_features

    table = feature_table(features, labels, groups=groups, splits=splits)
    records, named = read_sequences(sequences, sequence_labels)
    source = sequences if isinstance(sequences, str | Path) else "sequences"
    table_of_names = None if synonyms is None else Path(synonyms)
    sample = of_features(
        *(table, records, named, _apart(distance, tree, table_of_names), ("features", source)),
        matched_only=matched_only,
        synonyms=table_of_names,
    )
    return _found(sample, permutations, repeats, seed, progress)


def dna_signal_of_run(
    run: str | Path,
    *,
    distance: str | None = None,
    tree: str | Path | None = None,
    permutations: int = 99,
    repeats: int = 10,
    seed: int = 0,
    progress: bool = False,
) -> DnaSignal:
    """The same of a run folder: of its training images, as the network of stage 1 embeds them. Writes nothing."""
    from visgen_train.config import load_config
    from visgen_train.experiment.signal import of_run
    from visgen_train.io.progress import silent, track
    from visgen_train.training.rundir import RunFolder

    run = Path(run)
    RunFolder.trained(run)
    config = load_config(file=run / "config.yaml")
    sample = of_run(run, config, _apart(distance, tree, run=run), track=track if progress else silent)
    return _found(sample, permutations, repeats, seed, progress)


def _apart(
    distance: str | None, tree: str | Path | None, synonyms: Path | None = None, run: Path | None = None
) -> "Apart":
    from visgen_train.errors import UsageError
    from visgen_train.experiment.signal.sources import Apart

    if tree is None:
        return Apart(distance or "kmer")
    if distance is not None:
        raise UsageError("distance and tree are two ways to tell how far apart species are: take one.")
    return Apart.along(Path(tree), synonyms, run)


def _found(sample: "Sample", permutations: int, repeats: int, seed: int, progress: bool) -> DnaSignal:
    import pandas as pd

    from visgen_train.experiment.signal import Settings, signal_content
    from visgen_train.io.progress import silent, track
    from visgen_train.report.signal import verdict

    content = signal_content(sample, Settings(permutations, repeats, seed), track if progress else silent)
    content["verdict"] = verdict(content)
    few = [
        {"images": row["images"], "species": row["species"], "figure": name, **held}
        for row in content["few_shot"]
        for name, held in row.items()
        if isinstance(held, dict)
    ]
    none = [
        {"top": top, "species": content["zero_shot"]["species"], "figure": name, **held}
        for top in ("top1", "top3")
        for name, held in ((content["zero_shot"] or {}).get(top) or {}).items()
        if isinstance(held, dict)
    ]
    low, high = content["signal_interval"]
    figures = (content["p_value"], content["signal"], (low, high))
    return DnaSignal(content["verdict"], *figures, pd.DataFrame(few), pd.DataFrame(none), content)
