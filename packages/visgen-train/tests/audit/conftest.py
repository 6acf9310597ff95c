"""A clean simulated set, and a copy of it to be spoilt."""

import shutil
from pathlib import Path

import pytest
from visgen_train.simulate import BenchmarkParams, write_benchmark

SMALL = BenchmarkParams(species=6, images_max=12, images_min=6, validation=2, test=3, size=48, seed=3)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated") / "set"
    write_benchmark(folder, SMALL)
    return folder


@pytest.fixture
def shells(simulated: Path, tmp_path: Path) -> Path:
    """images/, metadata.csv with a split, and sequences.fasta."""
    return Path(shutil.copytree(simulated, tmp_path / "shells"))
