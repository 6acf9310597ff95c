"""One small finished run for all that is exported: three species, pictures that are oblong, grey, of two formats."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visgen_train.config import load_config
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run
from visgen_train.export import Exported, export
from visgen_train.io.images import decode

SPECIES = {"Aus_albus": (130, 100, 100), "Aus_niger": (100, 130, 100), "Bus_ruber": (100, 100, 130)}
SETTINGS = (
    "data.image_size=32",
    "data.validation_fraction=0.3",
    "model.weights=none",
    "model.hidden=32",
    "train.epochs=2",
    "train.batch=6",
    "align.epochs=1",
    "align.views=1",
    "evaluate.bootstrap=100",
    "device=cpu",
)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder, in a folder with images/ and sequences.fasta."""
    home = tmp_path_factory.mktemp("export")
    rng = np.random.default_rng(3)
    records = []
    for name, colour in SPECIES.items():
        folder = home / "images" / name
        folder.mkdir(parents=True)
        for index in range(12):
            size = (30, 40, 3) if index % 2 else (47, 31, 3)
            shade = np.array(colour) + rng.integers(-40, 40, 3)  # so that species overlap
            pixels = np.clip(shade + rng.integers(-60, 60, size), 0, 255).astype(np.uint8)
            image = Image.fromarray(pixels).convert("L" if index % 4 == 0 else "RGB")
            image.save(folder / f"{index}.{'jpg' if index % 3 else 'png'}")
        bases = "".join(rng.choice(list("ACGT"), 200))
        records.append(f">{name[:5]} {name.replace('_', ' ')}\n{bases}\n")
    (home / "sequences.fasta").write_text("".join(records))
    config = load_config("light", settings=SETTINGS)
    run(Inputs(home / "images", home / "sequences.fasta"), home / "run", config)
    return home / "run"


@pytest.fixture(scope="session")
def tested(finished: Path) -> dict[Path, str]:
    """The run's test pictures with their species."""
    with (finished / "split.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
    return {finished.parent / "images" / row["file"]: row["species"] for row in rows}


@pytest.fixture(scope="session")
def pixels(tested: dict[Path, str]) -> np.ndarray:
    """(n, 3, 32, 32) uint8: the test pictures as the run decoded them."""
    return np.stack([decode(path.read_bytes(), 32) for path in tested])


@pytest.fixture(scope="session")
def exported(finished: Path) -> Callable[[str, str], Exported]:
    """Exports of the run by format and stage, each made once, in a folder that was not there."""
    return cache(
        lambda form, stage: export(finished, finished.parent / "deep" / f"{form}-{stage}", form, stage)
    )
