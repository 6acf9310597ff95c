"""One finished run of the tiny set, and the same with names that nothing should have."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run

HOSTILE = {
    "Aus albus": "Aus <script>alert(\"1\")</script> $x^2$ & 'co'",
    "Aus niger": "Aus \u202eniger\u200f {{ 7 * 7 }} {% raw %}",
    "Bus ruber": 'Bus "><img src=x onerror=alert(1)></title></style> ruber',
}


@pytest.fixture(scope="session")
def finished_once(lasting_collection, small) -> Path:
    """The folder of a finished run on the tiny set, for all tests; none may change it."""
    inputs = Inputs(lasting_collection / "images", lasting_collection / "sequences.fasta")
    run(inputs, lasting_collection / "run", small)
    return lasting_collection / "run"


@pytest.fixture
def finished(finished_once, tmp_path) -> Path:
    """A copy of that folder; its pictures are not copied."""
    return shutil.copytree(finished_once, tmp_path / "run")


@pytest.fixture
def hostile_names() -> list[str]:
    """What the species of `hostile_run` are called, as a page shows it."""
    return [name.replace("\u202e", "\\u202e").replace("\u200f", "\\u200f") for name in HOSTILE.values()]


@pytest.fixture(scope="session")
def hostile_run(finished_once, tmp_path_factory, rename_species) -> Path:
    """A finished run whose species, and what else came from outside, are called what nothing should be.

    Beside it, "plain", the same with harmless names. For all tests; they may write the report anew.
    """
    finished = shutil.copytree(finished_once, tmp_path_factory.mktemp("hostile") / "run")
    data = json.loads((finished / "data.json").read_text(encoding="utf-8"))
    data |= {
        "names_read_as": {
            "Aus old": {"accepted": "Aus albus", "images": 1, "sequences": 2, "why": "Bus ruber"}
        },
        "skipped_images": {"Aus niger.png": "Bus ruber"},
        "images_without_sequences": {"Bus ruber sp": 1},
        "sequences_without_images": {"Aus albus sp": 3},
    }
    (finished / "data.json").write_text(json.dumps(data), encoding="utf-8")
    shutil.copytree(finished, finished.with_name("plain"))
    rename_species(finished, HOSTILE)
    config = finished / "config.yaml"
    config.write_text(config.read_text() + f"# {HOSTILE['Bus ruber']} {{{{ 7 * 7 }}}}\n", encoding="utf-8")
    (finished.with_name("plain") / "config.yaml").write_text(
        config.read_text() + "# plain\n", encoding="utf-8"
    )
    return finished


@pytest.fixture(scope="session")
def rename_species() -> Callable[[Path, dict[str, str]], None]:
    """Calls the species of a finished run otherwise, wherever their names stand."""

    def rename(folder, names):
        for name in ("metrics.json", "data.json"):
            value = json.loads((folder / name).read_text(encoding="utf-8"))
            (folder / name).write_text(json.dumps(renamed(value, names)), encoding="utf-8")
        with np.load(folder / "embeddings.npz") as stored:
            arrays = {name: renamed(stored[name], names) for name in stored.files}
        np.savez(folder / "embeddings.npz", **arrays)

    return rename


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same with other names, in keys and values."""
    if isinstance(value, dict):
        return {renamed(key, names): renamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    if isinstance(value, np.ndarray):
        return np.array(renamed(value.tolist(), names)) if value.dtype.kind == "U" else value
    if isinstance(value, str):
        for name, other in names.items():
            value = value.replace(name, other)
    return value
