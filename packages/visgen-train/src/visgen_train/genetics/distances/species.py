"""Distances between species by any of the methods."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import sgt_dna
from Bio.Phylo.BaseTree import Tree

from visgen_train.errors import ConfigError, DataError, near
from visgen_train.genetics.distances import jukes_cantor, k80, kmer, patristic, sgt
from visgen_train.genetics.distances.alignment import align, aligned
from visgen_train.genetics.distances.medians import medians
from visgen_train.genetics.distances.result import SpeciesDistances
from visgen_train.genetics.distances.sites import FARTHEST, LEAST
from visgen_train.genetics.outlying import outlying
from visgen_train.genetics.words import bases

MOST = 6000
"""Sequences that are compared; of more, some of each species (an m x m matrix of 6,000 takes 300 MB)."""


class Method(NamedTuple):
    """`pairs` gives (m, m) distances of individuals from codes of an alignment, from records, or from a tree."""

    of: str
    pairs: Callable[..., np.ndarray]
    description: str


METHODS = {
    "jukes-cantor": Method("alignment", jukes_cantor.distances, "Jukes-Cantor distance of an alignment"),
    "k80": Method("alignment", k80.distances, "Kimura's two-parameter distance of an alignment"),
    "kmer": Method("sequences", kmer.distances, "Bray-Curtis dissimilarity of words of 7 letters"),
    "sgt-cosine": Method("sequences", sgt.cosine, "cosine distance of SGT vectors"),
    "sgt-hellinger": Method("sequences", sgt.hellinger, "Hellinger distance of SGT vectors"),
    "patristic": Method("tree", lambda pairs: pairs, "length of the branches of a tree between two species"),
}


class _Individuals(NamedTuple):
    """What is compared: distances (m, m), the species of each, and what there is to say."""

    pairs: np.ndarray
    species: list[str]
    notes: list[str]


def species_distances(
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    method: str = "kmer",
    *,
    alignment: Sequence[sgt_dna.Record] | None = None,
    tree: Tree | None = None,
    seed: int = 0,
) -> SpeciesDistances:
    """Distance of every species to every other: the median over the pairs of their individuals.

    Before pyfamsa aligns, sequences that would spoil the alignment are left out and named in `notes`; the methods
    without an alignment take them all and name them.

    Parameters
    ----------
    records : sequence of sgt_dna.Record
    labels : mapping
        Record id -> species, of every record.
    method : str
        Of `METHODS`.
    alignment : sequence of sgt_dna.Record, optional
        For jukes-cantor and k80, in place of pyfamsa: rows with the ids of `records`, of one length, with gaps.
    tree : Bio.Phylo.BaseTree.Tree, optional
        For patristic, and needed there: its tips are species, or ids of records, or other and not used;
        several of a species are its individuals.
    seed : int
        Chooses which sequences of a species are compared where there are more than `MOST` in all.

    Returns
    -------
    SpeciesDistances
        Species in alphabetical order.

    Raises
    ------
    ConfigError
        An unknown method; an alignment or a tree that it does not take, or a tree missing; pyfamsa is missing.
    DataError
        A species without anything to compare, or two without a site in common; a bad alignment or tree.
    sgt_dna.SgtError
        A vector of a sequence is zero.
    """
    _check_method(method, alignment, tree)
    names = sorted({labels[record.id] for record in records})
    if not names:
        raise DataError("There are no sequences, so no distances.")
    if tree is not None:
        found = _along(tree, names, labels)
    else:
        rows = {record.id: record for record in alignment} if alignment is not None else None
        ordered = sorted(records, key=lambda record: record.id)  # so that their order does not matter
        found = _compared(METHODS[method], ordered, labels, rows, np.random.default_rng(seed))
    _refuse_missing(names, found, method)
    place = np.searchsorted(names, found.species)
    matrix, within = medians(found.pairs, place, len(names))
    _refuse_undefined(matrix, names, method)
    counts = np.bincount(place, minlength=len(names))
    return SpeciesDistances(tuple(names), matrix, method, counts, within, tuple(found.notes))


def _check_method(method: str, alignment: object, tree: object) -> None:
    """Refuse an unknown method, and one that is not given what it takes, or more."""
    if method not in METHODS:
        raise ConfigError(
            f"There is no method {method!r}; there are {', '.join(METHODS)}{near(method, METHODS)}."
        )
    of = METHODS[method].of
    if alignment is not None and of != "alignment":
        raise ConfigError(f"Method {method} does not take an alignment; jukes-cantor and k80 do.")
    if (tree is not None) != (of == "tree"):
        does = "needs a tree" if of == "tree" else "does not take a tree; patristic does"
        raise ConfigError(f"Method {method} {does}.")


def _along(tree: Tree, species: Sequence[str], labels: Mapping[str, str]) -> _Individuals:
    """Tips that are ids of records or species."""
    names, pairs = patristic.distances(tree)
    known = set(species)
    meant = [labels.get(name, name) for name in names]
    used = [row for row, name in enumerate(meant) if name in known]
    others = [names[row] for row, name in enumerate(meant) if name not in known]
    notes = [f"tips of the tree that are none of these species: {_some(others)}"] if others else []
    return _Individuals(pairs[np.ix_(used, used)], [meant[row] for row in used], notes)


def _compared(
    method: Method,
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    rows: Mapping[str, sgt_dna.Record] | None,
    rng: np.random.Generator,
) -> _Individuals:
    """Distances of sequences, or of rows of an alignment."""
    notes: list[str] = []
    if rows is not None:
        absent = [record.id for record in records if record.id not in rows]
        notes += [f"not in the alignment, and left out: {_some(absent)}"] if absent else []
        records = [rows[record.id] for record in records if record.id in rows]
    records = _sampled(records, labels, rng, notes)
    if rows is None:
        records = _without_outlying(records, labels, method.of == "alignment", notes)
    if not records:
        return _Individuals(np.zeros((0, 0)), [], notes)
    if method.of == "alignment":
        pairs = method.pairs(align(records) if rows is None else aligned(records))
        notes += _saturated(pairs)
    else:
        pairs = method.pairs(records)
    return _Individuals(pairs, [labels[record.id] for record in records], notes)


def _sampled(
    records: Sequence[sgt_dna.Record], labels: Mapping[str, str], rng: np.random.Generator, notes: list[str]
) -> Sequence[sgt_dna.Record]:
    """As many of each species as keep the whole at `MOST` (one at least), drawn at random."""
    if len(records) <= MOST:
        return records
    order = [records[row] for row in rng.permutation(len(records))]
    species = np.array([labels[record.id] for record in order])
    counts = np.unique(species, return_counts=True)[1]
    each = max(
        [number for number in range(1, MOST + 1) if np.minimum(counts, number).sum() <= MOST], default=1
    )
    kept = [row for name in np.unique(species) for row in np.flatnonzero(species == name)[:each].tolist()]
    notes.append(f"of {len(records):,} sequences {len(kept):,} were compared, {each} of a species at most")
    return [order[row] for row in kept]


def _without_outlying(
    records: Sequence[sgt_dna.Record], labels: Mapping[str, str], leave_out: bool, notes: list[str]
) -> Sequence[sgt_dna.Record]:
    """The records that are to be compared; all, unless they are to be aligned."""
    if not records:
        return records
    species = np.array([labels[record.id] for record in records])
    strange = outlying([bases(record.sequence) for record in records], species)
    does = "left out of the alignment" if leave_out else "unlike the others, but compared"
    for why in sorted(set(strange.values())):
        ids = [records[row].id for row in sorted(strange) if strange[row] == why]
        notes.append(f"{does} ({why}): {_some(ids)}")
    return [record for row, record in enumerate(records) if not (leave_out and row in strange)]


def _saturated(pairs: np.ndarray) -> list[str]:
    number = int((pairs >= FARTHEST).sum()) // 2
    told = f"{number:,} pairs of sequences count as {FARTHEST:g} substitutions a site, being that far apart or more"
    return [told] if number else []


def _refuse_missing(names: Sequence[str], found: _Individuals, method: str) -> None:
    missing = sorted(set(names) - set(found.species))
    if not missing:
        return
    told = f"What was not used: {'; '.join(found.notes) or 'nothing'}."
    if METHODS[method].of == "tree":
        way = "Name its tips by species, or by ids of sequences, or leave these species out"
        raise DataError(f"The tree has no tip of {_some(missing)}. {way}. {told}")
    way = "Take method kmer, correct the sequences, or leave these species out"
    raise DataError(f"No sequence to align of {_some(missing)}. {way}. {told}")


def _refuse_undefined(matrix: np.ndarray, names: Sequence[str], method: str) -> None:
    if np.isnan(matrix).any():
        row, column = np.argwhere(np.isnan(matrix))[0]
        why = (
            f"share {LEAST} sites of the alignment; take method kmer"
            if METHODS[method].of == "alignment"
            else "can be compared, being too short; correct them"
        )
        raise DataError(
            f"No two sequences of {names[row]} and {names[column]} {why}, or leave out one of the species."
        )


def _some(names: Sequence[str]) -> str:
    rest = len(names) - 20
    return ", ".join(names[:20]) + (f" and {rest} more" if rest > 0 else "")
