"""What a search for the likeliest tree is asked, and what it finds."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Search(NamedTuple):
    """Attributes: bootstrap replicates, 0 for none; threads; seed from 1."""

    bootstrap: int
    threads: int
    seed: int


class Likeliest(NamedTuple):
    """Attributes: Newick, its inner labels support in per cent; log likelihood."""

    newick: str
    log_likelihood: float | None


class Engine(Protocol):
    """A program or library that finds trees of maximum likelihood; `rows` are name -> text of an alignment."""

    name: str

    def choose(self, rows: Mapping[str, str], search: Search) -> str:
        """Choose a model of substitution, by its name."""
        ...

    def search(self, rows: Mapping[str, str], model: str, search: Search) -> Likeliest:
        """Find a tree."""
        ...
