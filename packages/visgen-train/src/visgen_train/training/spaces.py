"""The embeddings of a run's test images before and after alignment, and its anchors."""

from pathlib import Path

import numpy as np

from visgen_train.errors import DataError
from visgen_train.phylogeny.compare import Space
from visgen_train.training.rundir import EMBEDDINGS

_ARRAYS = ("species", "split", "visual_embedding")


def spaces(run: Path, before: str, after: str, anchors: str) -> dict[str, Space]:
    """Test images in the spaces of a run, and its anchors, under these names; the last two only where the run aligned.

    Raises
    ------
    DataError
        The run has no embeddings.npz, or it is not what a run writes.
    """
    path = run / EMBEDDINGS
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error}). Make it: visgen evaluate {run}") from error
    missing = [name for name in _ARRAYS if name not in held]
    if missing:
        raise DataError(f"{path}: has no {missing[0]}. Make it anew: visgen evaluate {run}")
    tested = held["split"] == "test"
    names = [str(name) for name in held["species"][tested]]
    found = {before: Space(held["visual_embedding"][tested], names)}
    if "aligned_embedding" in held:
        found[after] = Space(held["aligned_embedding"][tested], names)
    species = np.unique(held["species"])  # anchors stand in the order of names, unless some species have none
    if after in found and len(held.get("anchors", ())) == len(species):
        found[anchors] = Space(held["anchors"], list(map(str, species)))
    return found
