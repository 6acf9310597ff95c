"""The folder of an export: the model, what it wants of a picture, its card; whole or not at all."""

import importlib.util
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import torch

from visgen_train.data.transforms import IMAGENET_MEAN, IMAGENET_STD, PLAIN_SHIFT
from visgen_train.errors import ConfigError, DataError, UsageError, near
from visgen_train.export import as_onnx, as_safetensors, as_torch
from visgen_train.export.finished import CLASSIFIER, Finished, read_run
from visgen_train.export.network import SpeciesNetwork, species_network
from visgen_train.io.atomic import replacing, write_json, write_text
from visgen_train.models.backbone import TIMM
from visgen_train.models.timm_models import timm_normalisation
from visgen_train.report.model_card import model_card
from visgen_train.training.rundir import CARD

FORMATS: Final[dict[str, ModuleType]] = {
    "onnx": as_onnx,
    "safetensors": as_safetensors,
    "torch-export": as_torch,
}
PREPROCESS = "preprocess.json"
SCHEMA_VERSION = 1
TOLERANCE = 1e-4
"""Largest difference, as a share of the largest number, between the file's outputs and the network's."""
PICTURE = (
    "decode to 8-bit RGB, upright (EXIF), grey repeated over the channels, transparency over black, 16-bit grey as "
    "value * 255 // white; if colour is grey, its ITU-R 601 luminance repeated; resize so that the longest side is "
    "image_size (bicubic with antialiasing, as Pillow's), the other rounded; pad both sides to a square, the "
    "picture in the middle, with the median colour of its four borders"
)


@dataclass(frozen=True)
class Exported:
    """What was written: the `model` file of the `run`, and the largest `difference` of its outputs on noise."""

    run: Finished
    model: Path
    difference: float


def check_out(out: Path, run: Path, format_: str, force: bool) -> None:
    """Ask of the call alone what can be asked before anything is read.

    Raises
    ------
    UsageError
        An unknown format, a file in place of a folder, a folder that is taken.
    ConfigError
        The format needs packages that are not installed.
    """
    if format_ not in FORMATS:
        raise UsageError(
            f"There is no --format {format_!r}; there are {', '.join(FORMATS)}{near(format_, FORMATS)}."
        )
    missing = [name for name in FORMATS[format_].NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"--format {format_} needs the package {missing[0]}: pip install 'visgen-train[export]'. The formats "
            "safetensors and torch-export need none."
        )
    if out.suffix in {Path(each.NAME).suffix for each in FORMATS.values()} or out.is_file():
        raise UsageError(
            f"{out}: --out takes a folder, which gets {FORMATS[format_].NAME} and what goes with it."
        )
    held = {entry.name for entry in out.iterdir()} if out.is_dir() else set()
    if held and not force:
        raise UsageError(
            f"{out} is not empty. Choose another --out, or pass --force to replace the export there."
        )
    if held and (PREPROCESS not in held or out.resolve() == run.resolve()):
        raise UsageError(
            f"{out} is not empty and holds no export, so --force does not touch it. Choose another --out."
        )


def export(
    folder: Path, out: Path, format_: str = "onnx", stage: str | None = None, force: bool = False
) -> Exported:
    """Write the network of a finished run for use without visgen, read it back, and compare.

    Parameters
    ----------
    folder : Path
        The run.
    out : Path
        Folder for the model, `preprocess.json` and `model-card.md`.
    format_ : str
        One of `FORMATS`.
    stage : {"visual", "aligned"}, optional
        The last one of the run by default.
    force : bool
        Replace an earlier export in `out`.

    Raises
    ------
    VisgenError
        As `check_out` and `read_run`; and where the backbone cannot be written so, or what was written differs.
    """
    check_out(out, folder, format_, force)
    run = read_run(folder, stage)
    network = species_network(run)
    about = description(run, network)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise UsageError(f"{out} cannot be made ({error.strerror}). Choose another --out.") from error
    with work as name:
        new = Path(name)
        difference = _written(new / FORMATS[format_].NAME, network, about, format_)
        write_json(new / PREPROCESS, about)
        card = folder / CARD
        write_text(new / CARD, card.read_text(encoding="utf-8") if card.is_file() else model_card(folder))
        _take_the_place(new, out, FORMATS[format_].NAME)
    return Exported(run, out / FORMATS[format_].NAME, difference)


def description(run: Finished, network: SpeciesNetwork) -> dict[str, Any]:
    """What a user must know of the model: the content of preprocess.json, and of the model's own metadata."""
    backbone = run.backbone.removeprefix(TIMM)
    mean, deviation = (
        timm_normalisation(backbone) if run.backbone.startswith(TIMM) else (IMAGENET_MEAN, IMAGENET_STD)
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "species": list(run.species),
        "input": {"images": ["batch", 3, run.image_size, run.image_size], "type": "uint8", "channels": "RGB"},
        "outputs": list(network.outputs),
        "image_size": run.image_size,
        "colour": run.config.data.colour,
        "white": run.config.data.white,
        "picture": PICTURE,
        "in_the_graph": {"shift_px": PLAIN_SHIFT, "mean": list(mean), "std": list(deviation)},
        "backbone": run.backbone,
        "hidden": network.head.hidden.out_features,
        "stage": run.stage,
        "classifier": CLASSIFIER,
        **run.chosen,
        "temperature": run.temperature,
        "visgen": version("visgen-train"),
    }


def _written(path: Path, network: SpeciesNetwork, about: dict[str, Any], format_: str) -> float:
    """Write the model, and tell how far its outputs on pictures of noise are from the network's."""
    shape = (3, 3, about["image_size"], about["image_size"])
    pictures = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    try:
        with replacing(path) as temporary:
            FORMATS[format_].write(temporary, network, about)
        with torch.no_grad():
            wanted = network(pictures)
            found = FORMATS[format_].outputs(path, network, pictures)
    except OSError:
        raise
    except Exception as error:  # torch's own complaint of any backbone
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(
            f"{about['backbone']} cannot be written as {format_} ({reason}). Take another --format, "
            "such as safetensors."
        ) from error
    shares = [
        (one - other).abs().max() / other.abs().max().clamp(min=1)
        for one, other in zip(found, wanted, strict=True)
    ]
    difference = float(torch.stack(shares).max())  # NaN if any is
    if not difference <= TOLERANCE:
        raise DataError(
            f"{path.name} would not give what the run's network gives (differences up to {difference:.2g}), so it is "
            "not kept. Are the weights finite? Otherwise take another --format, such as safetensors."
        )
    return difference


def _take_the_place(new: Path, out: Path, model: str) -> None:
    """Move the files of `new` into `out`, the model last; an earlier export's go."""
    out.mkdir(exist_ok=True)
    for module in FORMATS.values():
        (out / module.NAME).unlink(missing_ok=True)
    for name in (PREPROCESS, CARD, model):
        (new / name).replace(out / name)
