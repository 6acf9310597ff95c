"""A tiny set of three species whose pictures differ in colour, and their sequences; small fast settings."""

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visgen_train.config import Config, load_config

SPECIES = {"Aus_albus": (200, 60, 60), "Aus_niger": (60, 200, 60), "Bus_ruber": (60, 60, 200)}
SMALL = (
    "data.image_size=32",
    "model.weights=none",
    "model.hidden=32",
    "train.epochs=2",
    "train.lr=0.02",
    "train.batch=6",
    "align.epochs=2",
    "align.views=1",
    "evaluate.bootstrap=200",
    "device=cpu",
)


def write_picture(path: Path, colour: tuple[int, int, int], seed: int) -> None:
    """A 40 x 30 picture of one colour with noise."""
    noise = np.random.default_rng(seed).integers(-30, 30, (30, 40, 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(path)


def write_sequences(path: Path, names: list[str]) -> None:
    """Two random sequences of 200 bases a species, headers `>ACC Genus species isolate n`."""
    rng = np.random.default_rng(5)
    lines = []
    for name in names:
        for isolate in range(2):
            bases = "".join(rng.choice(list("ACGT"), 200))
            lines += [f">{name[:5].upper()}{isolate} {name.replace('_', ' ')} isolate {isolate}", bases]
    path.write_text("\n".join(lines) + "\n")


def write_collection(folder: Path, species: dict[str, tuple[int, int, int]], numbers: Iterable[int]) -> Path:
    """folder/images/<species>/*.png, so many of each, and folder/sequences.fasta."""
    for (name, colour), number in zip(species.items(), numbers, strict=True):
        for index in range(number):
            write_picture(
                folder / "images" / name / f"{index:02d}.png",
                colour,
                index + 1000 * sum(colour) + colour[0],
            )
    write_sequences(folder / "sequences.fasta", list(species))
    return folder


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> Iterator[None]:
    """Ctrl-C as at a terminal, even where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """tmp_path/images/<species>/*.png (12, 8 and 4 pictures) and tmp_path/sequences.fasta."""
    return write_collection(tmp_path, SPECIES, (12, 8, 4))


@pytest.fixture(scope="session")
def eight_species(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of eight species with six pictures each."""
    names = [f"{genus}_{name}" for genus in ("Aus", "Bus") for name in ("albus", "minor", "niger", "ruber")]
    colours = {name: (30 * n, 250 - 30 * n, 60 + 50 * (n % 4)) for n, name in enumerate(names)}
    return write_collection(tmp_path_factory.mktemp("eight"), colours, [6] * 8)


@pytest.fixture(scope="session")
def lasting_collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for all tests; none may change it."""
    return write_collection(tmp_path_factory.mktemp("collection"), SPECIES, (12, 8, 4))


@pytest.fixture(scope="session")
def small() -> Config:
    """`light` made tiny: 32 px, two epochs a stage."""
    return load_config("light", settings=SMALL)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data for trials; tests that need them skip where they are absent."""
    default = Path(__file__).resolve().parents[4] / "shared" / "data"
    folder = Path(os.environ.get("SGT_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real data are absent: no folder {folder}; set SGT_TEST_DATA")
    return folder
