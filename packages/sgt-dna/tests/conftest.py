"""Shared by the tests: a slow oracle, the authors' symbol order, and the real data where there is some."""

import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sgt_dna.alphabet import FEATURE_NAMES, SYMBOLS
from sgt_dna.params import TINY

HERE = Path(__file__).parent


def naive_sgt(symbols: list[str | None], kappa: float) -> np.ndarray:
    """Transform by its definition, quadratic. None is a position without a symbol."""
    vector = []
    for u in SYMBOLS:
        for v in SYMBOLS:
            ends = [j for j, symbol in enumerate(symbols) if symbol == v]
            distances = [[j - i for i in range(j) if symbols[i] == u] for j in ends]
            sums = [math.fsum(math.exp(-kappa * d) for d in of_end) for of_end in distances]
            pairs = sum(map(len, distances))
            weight = math.fsum(s for s in sums if s >= TINY)
            vector.append((weight / pairs) ** (1 / kappa) if pairs else 0.0)
    return np.array(vector)


@pytest.fixture(scope="session")
def oracle() -> Callable[[list[str | None], float], np.ndarray]:
    return naive_sgt


@pytest.fixture(scope="session")
def authors_order() -> list[int]:
    """Columns of our vectors in the order of the authors' arrays, whose bases are A, T, C, G."""
    symbols = [u + v for u in "ATCG" for v in "ATCG"]
    return [FEATURE_NAMES.index(f"{u}->{v}") for u in symbols for v in symbols]


@pytest.fixture(scope="session")
def five() -> Path:
    return HERE / "data" / "five.fasta"


def data_folder(name: str) -> Path:
    """A folder of real data; tests that need it are skipped without it."""
    data = Path(os.environ.get("SGT_TEST_DATA", HERE.parents[2].parent / "shared" / "data"))
    if not (data / name).is_dir():
        pytest.skip(f"no real data at {data / name}; set SGT_TEST_DATA to the folder that holds {name}")
    return data / name


@pytest.fixture(scope="session")
def forams() -> Path:
    """Folder of the 804 real sequences."""
    return data_folder("foram-18s")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the files that other readers are tested with."""
    return data_folder("fasta-corpus")


@pytest.fixture
def fasta(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a FASTA file of that content."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "seqs.fasta"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
