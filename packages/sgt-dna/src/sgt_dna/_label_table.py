"""How many sequences each label has, and how they lie to one another and to those of other labels."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgt_dna.embedding import Embedding
from sgt_dna.labels import Labels, in_order


class LabelRow(NamedTuple):
    """What `label_table` says of one label.

    Parameters
    ----------
    label : str
    sequences : int
    distinct : int
        Vectors that differ.
    ambiguous : int
        Positions of its sequences that are not A, C, G, T or U.
    mean_within, max_within : float
        Distances between two of its sequences; NaN where there is but one.
    nearest : str
        The other label with the sequence nearest to one of this; empty where there is no other.
    to_nearest : float
        That distance; NaN where there is no other label. Above `max_within` there is a barcode gap.

    Examples
    --------
    >>> LabelRow("nitida", 2, 2, 0, 0.02, 0.02, "ruber", 0.31).label
    'nitida'
    """

    label: str
    sequences: int
    distinct: int
    ambiguous: int
    mean_within: float
    max_within: float
    nearest: str
    to_nearest: float


def label_table(embedding: Embedding, labels: Labels, metric: str = "cosine") -> list[LabelRow]:
    """Count the sequences of each label and measure their spread, before anchors are made of them.

    Parameters
    ----------
    embedding : Embedding
        n sequences; n * n distances are computed, as by `Embedding.distance`.
    labels : mapping id -> label, or sequence of n labels
        As for `anchors`.
    metric : str
        As for `Embedding.distance`.

    Returns
    -------
    list of LabelRow
        One a label, in sorted order; ``pandas.DataFrame`` takes it as it is.

    Raises
    ------
    TypeError, LabelError
        The labels do not fit, as for `anchors`.
    ParameterError
        The distance is unknown, or not defined for some of the vectors.

    Examples
    --------
    >>> import sgt_dna
    >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "ACGTTGCA", "c": "TTGACCAN"})
    >>> nitida, ruber = label_table(emb, ["nitida", "nitida", "ruber"])
    >>> nitida.sequences, nitida.distinct, nitida.max_within, nitida.nearest, ruber.ambiguous
    (2, 1, 0.0, 'ruber', 1)
    """
    of_row = np.array(in_order(embedding.ids, labels), dtype=object)
    distances = embedding.distance(metric)
    return [_row(name, embedding, of_row, distances) for name in sorted(set(of_row))]


def _row(
    name: str, embedding: Embedding, of_row: npt.NDArray[np.object_], distances: npt.NDArray[np.float64]
) -> LabelRow:
    own = of_row == name
    members = embedding[own]
    within = distances[np.ix_(own, own)][np.triu_indices(len(members), 1)]
    nearest, gap = "", np.nan
    if not own.all():
        to_others = distances[np.ix_(own, ~own)].min(axis=0)
        nearest, gap = of_row[~own][to_others.argmin()], to_others.min()
    return LabelRow(
        label=name,
        sequences=len(members),
        distinct=len({vector.tobytes() for vector in members.vectors}),
        ambiguous=int(members.ambiguous.sum()),
        mean_within=float(within.mean()) if within.size else np.nan,
        max_within=float(within.max()) if within.size else np.nan,
        nearest=nearest,
        to_nearest=float(gap),
    )
