"""One tiny run, trained once for all tests of this folder, with a species that has sequences alone."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image
from visgen_train.config import load_config
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run

SETTINGS = (
    "data.image_size=32",
    "data.validation_fraction=0.3",
    "model.weights=none",
    "model.hidden=32",
    "train.epochs=3",
    "train.lr=0.02",
    "train.batch=12",
    "align.epochs=1",
    "align.views=1",
    "evaluate.bootstrap=100",
    "device=cpu",
)
COLOURS = {
    "Aus_albus": (200, 60, 60),
    "Aus_niger": (60, 200, 60),
    "Bus_ruber": (60, 60, 200),
    "Bus_flavus": (200, 200, 60),
}
UNSEEN = "Bus caeruleus"


class Made(NamedTuple):
    """The run, and what it was made of."""

    run: Path
    images: Path
    sequences: Path
    metrics: dict


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("predict")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / "images" / name).mkdir(parents=True)
        for number in range(12):
            pixels = np.clip(np.array(colour) + rng.integers(-30, 30, (30, 40, 3)), 0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(folder / "images" / name / f"{number:02d}.png")
    records = []
    for name in [*COLOURS, UNSEEN.replace(" ", "_")]:
        root = rng.choice(list("ACGT"), 300)
        for isolate in range(2):
            root[10 * isolate + 3] = "A"
            records.append(f">R{len(records)} {name.replace('_', ' ')} isolate {isolate}\n{''.join(root)}\n")
    (folder / "sequences.fasta").write_text("".join(records))
    inputs = Inputs(folder / "images", folder / "sequences.fasta", matched_only=True)
    metrics = run(inputs, folder / "run", load_config("light", settings=SETTINGS))
    return Made(folder / "run", folder / "images", folder / "sequences.fasta", metrics)
