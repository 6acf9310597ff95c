"""Which distances of species agree with each other: along the tree, of the DNA, and in a visual space."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np
import sgt_dna
from Bio.Phylo.BaseTree import Tree

from visgen_train.errors import DataError
from visgen_train.genetics.distances import SpeciesDistances, species_distances
from visgen_train.genetics.distances.medians import medians
from visgen_train.phylogeny.mantel import cophenetic, mantel
from visgen_train.phylogeny.plan import LEAST

TREE: Final = "tree"
SGT: Final = {
    "SGT, kappa 1, overlapping": (1.0, True),
    "SGT, kappa 1, not overlapping": (1.0, False),
    "SGT, kappa 5, overlapping": (5.0, True),
    "SGT, kappa 10, overlapping": (10.0, True),
}
"""kappa and overlap of vectors whose cosine distances are taken; the first are those that anchors are made of."""


class Space(NamedTuple):
    """Attributes: (n, d) embeddings of images; the species of each."""

    vectors: np.ndarray
    species: Sequence[str]


def compare(
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    tree: Tree,
    spaces: Mapping[str, Space],
    *,
    alignment: Sequence[sgt_dna.Record] | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> dict[str, Any]:
    """Mantel correlation of each two kinds of distances, over the species that all have.

    Parameters
    ----------
    records, labels
        Sequences, and the species of each by its id.
    tree : Bio.Phylo.BaseTree.Tree
        Its tips are species, with blanks as `data.trees.read_tree` names them.
    spaces : mapping
        Name -> embeddings. Their distances are 1 - cosine of the species' mean vectors.
    alignment : sequence of sgt_dna.Record, optional
        Rows for Jukes-Cantor distances; None: pyfamsa makes one, where it is installed.
    permutations : int
        Of species, for each p.

    Returns
    -------
    dict
        species, permutations, pairs (of, with, r, p, shuffled), cophenetic (name -> r with the tree), notes.

    Raises
    ------
    DataError
        Fewer than four species in common, or what `species_distances` refuses.
    """
    species, notes = _common(labels, tree, spaces)
    within = set(species)
    kept = [record for record in records if labels[record.id] in within]
    measures = {TREE: species_distances(kept, labels, "patristic", tree=tree)}
    if alignment is not None or find_spec("pyfamsa") is not None:
        measures["alignment (Jukes-Cantor)"] = _jukes_cantor(kept, labels, alignment)
    else:
        notes.append("no distances of an alignment, which needs pip install 'visgen-train[phylo]'")
    measures["words of 7 letters"] = species_distances(kept, labels, "kmer", seed=seed)
    measures |= {name: _sgt(kept, labels, name) for name in SGT}
    measures |= {name: centroid_distances(space, species, name) for name, space in spaces.items()}
    matrices = {name: _of(found, species) for name, found in measures.items()}
    rng = np.random.default_rng(seed)
    pairs = []
    for one, other in combinations(matrices, 2):
        found = mantel(matrices[one], matrices[other], permutations, rng)
        pairs.append({"of": one, "with": other, **_plain(found._asdict())})
    along = {name: cophenetic(matrices[TREE], matrix) for name, matrix in matrices.items() if name != TREE}
    return {
        "species": list(species),
        "permutations": permutations,
        "measures": list(matrices),
        "pairs": pairs,
        "cophenetic": _plain(along),
        "notes": notes,
    }


def centroid_distances(space: Space, species: Sequence[str], name: str) -> SpeciesDistances:
    """1 - cosine of the mean vectors of the species."""
    of = np.array(space.species)
    means = np.stack([space.vectors[of == one].mean(axis=0, dtype=np.float64) for one in species])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    if not lengths.all():
        raise DataError(
            f"{name}: the mean vector of {species[int(lengths.argmin())]} is zero and has no direction."
        )
    means /= lengths
    apart = np.clip(1 - means @ means.T, 0, None)
    np.fill_diagonal(apart, 0)
    return SpeciesDistances(tuple(species), apart, name)


def _common(
    labels: Mapping[str, str], tree: Tree, spaces: Mapping[str, Space]
) -> tuple[list[str], list[str]]:
    """Species that tree, sequences and images have; who is left out."""
    nodes = [tree.root]
    for node in nodes:  # grows while it is walked
        nodes += node.clades
    tips = {labels.get(node.name, node.name) for node in nodes if not node.clades}
    sides = {"in the tree": tips, "among the sequences": set(labels.values())}
    sides |= {f"among {name}": set(space.species) for name, space in spaces.items()}
    common = set.intersection(*sides.values())
    if len(common) < LEAST:
        told = "; ".join(
            f"{', '.join(sorted(map(str, side))[:3])} ... {where}" for where, side in sides.items()
        )
        raise DataError(
            f"Tree, sequences and images have {len(common)} species in common; it takes {LEAST} to compare "
            f"distances. There are {told}. Names must be the same; synonyms can be given by --synonyms."
        )
    notes = []
    for where, side in sides.items():
        absent = sorted(set.union(*sides.values()) & set(labels.values()) - side)
        if absent:
            more = f" and {len(absent) - 10} more" if len(absent) > 10 else ""
            notes.append(f"not {where}, and left out: {', '.join(absent[:10])}{more}")
    return sorted(common), list(dict.fromkeys(notes))


def _jukes_cantor(
    records: Sequence[sgt_dna.Record], labels: Mapping[str, str], alignment: Sequence[sgt_dna.Record] | None
) -> SpeciesDistances:
    if alignment is not None:  # what it leaves out was told when it was made
        held = {record.id for record in alignment}
        records = [record for record in records if record.id in held]
    return species_distances(records, labels, "jukes-cantor", alignment=alignment)


def _sgt(records: Sequence[sgt_dna.Record], labels: Mapping[str, str], name: str) -> SpeciesDistances:
    names = sorted({labels[record.id] for record in records})
    kappa, overlap = SGT[name]
    pairs = np.asarray(sgt_dna.embed(records, kappa=kappa, overlap=overlap).distance("cosine"))
    place = np.searchsorted(names, [labels[record.id] for record in records])
    return SpeciesDistances(tuple(names), medians(pairs, place, len(names))[0], name)


def _of(found: SpeciesDistances, species: Sequence[str]) -> np.ndarray:
    rows = [found.species.index(name) for name in species]
    return found.matrix[np.ix_(rows, rows)]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """For JSON: None for NaN."""
    return {
        name: [None if np.isnan(one) else one for one in value]
        if isinstance(value, tuple)
        else None
        if np.isnan(value)
        else value
        for name, value in values.items()
    }
