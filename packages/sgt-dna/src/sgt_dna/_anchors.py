"""One vector a label: the anchors that pictures are aligned to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna.embedding import Embedding
from sgt_dna.errors import LabelError, ParameterError, listed

Vectors = npt.NDArray[np.float64]

METHODS: Final[dict[str, Callable[..., Any]]] = {"median": np.median, "mean": np.mean}
TRANSFORMS: Final = ("none", "centre", "standardise")
_FLAT: Final = 1e-12
"""A feature whose spread over the anchors is below this share of its size is constant but for rounding."""


def anchors(
    embedding: Embedding,
    labels: Mapping[str, str] | Sequence[str],
    method: str = "median",
    transform: str = "none",
) -> Embedding:
    """Summarise the vectors of each label, such as a species, in one anchor.

    Parameters
    ----------
    embedding : Embedding
        n sequences, d features.
    labels : mapping id -> label, or sequence of n labels
        A mapping may hold more ids than the embedding.
    method : {"median", "mean"}
        Feature by feature over the sequences of a label.
    transform : {"none", "centre", "standardise"}
        Over the anchors: as they are; minus their mean; minus their mean and divided by their standard
        deviation (a feature that is the same in all anchors becomes 0). Raw anchors are nearly collinear.

    Returns
    -------
    Embedding
        (n_labels, d), the labels as ids in sorted order.

    Raises
    ------
    LabelError
        A label is missing; an anchor is zero, constant or not finite; two labels have the same anchor.
    ParameterError
        method or transform is unknown, or the transform needs more labels.

    References
    ----------
    Karaderi et al., WACV 2024 (median of the sequences of a species).

    Examples
    --------
    >>> import sgt_dna
    >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "ACGTAGCA", "c": "TTGACCAA"})
    >>> anchors(emb, {"a": "nitida", "b": "nitida", "c": "ruber"}, transform="centre")
    Embedding: 2 anchors (median, centre) x 256 features (dinucleotides, overlapping, kappa=1)
    """
    if method not in METHODS:
        raise ParameterError(f"method must be 'median' or 'mean', not {method!r}")
    if transform not in TRANSFORMS:
        raise ParameterError(f"transform must be 'none', 'centre' or 'standardise', not {transform!r}")
    of_row = np.array(_aligned(embedding, labels), dtype=object)
    names = tuple(sorted(set(of_row)))
    members = [np.flatnonzero(of_row == name) for name in names]
    raw = np.stack([METHODS[method](embedding.vectors[rows], axis=0) for rows in members])
    _check(raw, names)
    return Embedding(
        ids=names,
        vectors=_transformed(raw, transform),
        feature_names=embedding.feature_names,
        params=embedding.params,
        descriptions=tuple(f"{method} of {len(rows)} {embedding.kind}" for rows in members),
        ambiguous=np.array([embedding.ambiguous[rows].sum() for rows in members]),
        kind=f"anchors ({method}, {transform})",
    )


def _aligned(embedding: Embedding, labels: Mapping[str, str] | Sequence[str]) -> list[str]:
    """One label a row of the embedding."""
    if isinstance(labels, Mapping):
        missing = [id_ for id_ in embedding.ids if id_ not in labels]
        if missing:
            raise LabelError(f"no label for {listed(missing)}; add it, or leave the sequence out")
        found = [labels[id_] for id_ in embedding.ids]
    else:
        found = list(labels)
    if len(found) != len(embedding):
        raise LabelError(f"{len(found)} labels for {len(embedding)} sequences; give one each")
    for id_, label in zip(embedding.ids, found, strict=True):
        if not isinstance(label, str) or not label.strip():
            raise LabelError(f"label of {id_!r} is {label!r}; expected a non-empty string", record=id_)
    return found


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
    first: dict[bytes, str] = {}
    for name, vector in zip(names, raw, strict=True):
        other = first.setdefault(vector.tobytes(), name)
        if other != name:
            raise LabelError(f"{other!r} and {name!r} have the same anchor; merge them, or tell them apart")


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
