"""What is asked of a tree: method, alignment, program, model, replicates, root."""

from dataclasses import dataclass
from typing import Final

from visgen_train.phylogeny.likeliest import Engine
from visgen_train.phylogeny.ml import Piqtree
from visgen_train.phylogeny.programs import IqTree, RaxmlNg

ENGINES: Final[dict[str, Engine]] = {engine.name: engine for engine in (Piqtree(), IqTree(), RaxmlNg())}
LEAST: Final = 4
"""Tips from which there is more than one tree without a root."""


@dataclass(frozen=True)
class Plan:
    """How to make a tree.

    Attributes
    ----------
    method : str
        "ml" or "nj".
    every : bool
        A tip for each sequence, not for each species.
    aligner, engine, distance : str
        Of `aligned.ALIGNERS`, of `ENGINES`, of `genetics.distances.METHODS` for nj.
    model : str, optional
        Of substitution, as the engine calls it; None: the engine chooses.
    bootstrap : int
        Replicates; 0 for none.
    outgroup : tuple of str
        Species; none: midpoint.
    """

    method: str = "ml"
    every: bool = False
    aligner: str = "pyfamsa"
    engine: str = "piqtree"
    distance: str = "kmer"
    model: str | None = None
    bootstrap: int = 1000
    outgroup: tuple[str, ...] = ()
    threads: int = 1
    seed: int = 0
