"""One vector a label: the anchors that pictures are aligned to."""

import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna.distance import pairwise
from sgt_dna.embedding import Embedding
from sgt_dna.errors import AnchorWarning, LabelError, ParameterError, listed
from sgt_dna.labels import Labels, in_order

Vectors = npt.NDArray[np.float64]

METHODS: Final = ("median", "mean", "medoid")
TRANSFORMS: Final = ("none", "centre", "standardise")
_FLAT: Final = 1e-12
"""A feature whose spread over the anchors is below this share of its size is constant but for rounding."""


def anchors(
    embedding: Embedding,
    labels: Labels,
    method: str = "median",
    transform: str = "none",
) -> Embedding:
    """Summarise the vectors of each label, such as a species, in one anchor.

    Parameters
    ----------
    embedding : Embedding
        n sequences, d features.
    labels : mapping id -> label, or sequence of n labels
        A mapping, or a pandas Series with the ids as its index, may hold more ids than the embedding.
    method : {"median", "mean", "medoid"}
        Over the sequences of a label: feature by feature, or the vector of the one whose Euclidean distances to the
        others sum to the least, which `descriptions` names (the first of several).
    transform : {"none", "centre", "standardise"}
        Over the anchors: as they are; minus their mean; minus their mean and divided by their standard
        deviation (a feature that is the same in all anchors becomes 0). Raw anchors are nearly collinear.

    Returns
    -------
    Embedding
        (n_labels, d), the labels as ids in sorted order.

    Raises
    ------
    TypeError
        The labels are a text, a set or a table.
    LabelError
        A label is missing; an anchor is zero, constant or not finite.
    ParameterError
        method or transform is unknown, or the transform needs more labels.

    Warns
    -----
    AnchorWarning
        A label has one sequence alone, or two have the same anchor (`Embedding.equal_ids` of the result).

    References
    ----------
    Karaderi et al., WACV 2024 (median of the sequences of a species).

    Examples
    --------
    >>> import sgt_dna
    >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "ACGTAGCA", "c": "TTGACCAA", "d": "TTGACCAT"})
    >>> species = {"a": "nitida", "b": "nitida", "c": "ruber", "d": "ruber"}
    >>> anchors(emb, species, transform="centre")
    Embedding: 2 anchors (median, centre) x 256 features (dinucleotides, overlapping, kappa=1)
    """
    if method not in METHODS:
        raise ParameterError(f"method must be 'median', 'mean' or 'medoid', not {method!r}")
    if transform not in TRANSFORMS:
        raise ParameterError(f"transform must be 'none', 'centre' or 'standardise', not {transform!r}")
    of_row = np.array(in_order(embedding.ids, labels), dtype=object)
    names = tuple(sorted(set(of_row)))
    members = [embedding[of_row == name] for name in names]
    summaries = [_summary(member, method) for member in members]
    raw = np.stack([vector for vector, _ in summaries])
    _check(raw, names)
    found = Embedding(
        ids=names,
        vectors=_transformed(raw, transform),
        feature_names=embedding.feature_names,
        params=embedding.params,
        descriptions=tuple(description for _, description in summaries),
        ambiguous=np.array([member.ambiguous.sum() for member in members]),
        kind=f"anchors ({method}, {transform})",
    )
    _warn([name for name, member in zip(names, members, strict=True) if len(member) == 1], found)
    return found


def _summary(members: Embedding, method: str) -> tuple[Vectors, str]:
    """The anchor of these sequences, and what it is."""
    said = f"{method} of {len(members)} {members.kind}"
    if method == "medoid":
        row = int(pairwise(members.vectors, members.ids, "euclidean").sum(axis=1).argmin())
        return members.vectors[row], f"{said}: {members.ids[row]}"
    summary: Any = {"median": np.median, "mean": np.mean}[method]
    return summary(members.vectors, axis=0), said


def _warn(alone: list[str], found: Embedding) -> None:
    if alone:
        problem = f"one sequence alone: {listed(alone)}; the anchor is that sequence, right or wrong"
        warnings.warn(problem, AnchorWarning, stacklevel=3)
    if found.equal_ids:
        same = ", ".join(" = ".join(map(repr, ids)) for ids in found.equal_ids)
        problem = f"the same anchor: {same}; these vectors cannot tell them apart"
        warnings.warn(problem, AnchorWarning, stacklevel=3)


def _check(raw: Vectors, names: tuple[str, ...]) -> None:
    faults = {
        "not finite": ~np.isfinite(raw).all(axis=1),
        "zero": ~raw.any(axis=1),
        "constant": (raw == raw[:, :1]).all(axis=1),
    }
    for fault, at in faults.items():
        if at.any():
            which = listed([names[row] for row in np.flatnonzero(at)])
            raise LabelError(f"the anchor of {which} is {fault}; check the sequences of that label")


def _transformed(raw: Vectors, transform: str) -> Vectors:
    if transform == "none":
        return raw
    if len(raw) < 2:
        raise ParameterError(f"transform {transform!r} needs two labels or more; use 'none'")
    centred: Vectors = raw - raw.mean(axis=0)
    if transform == "centre":
        return centred
    spread = centred.std(axis=0)
    flat = spread <= _FLAT * np.abs(raw).max(axis=0)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))
