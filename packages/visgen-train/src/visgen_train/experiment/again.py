"""The inputs of a run that was trained before, found where its data.json says, and known by their hashes."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sgt_dna

from visgen_train.config import Config, from_values
from visgen_train.data.image_table import root_of
from visgen_train.data.manifest import Item
from visgen_train.data.matching import Match
from visgen_train.data.sequences import Columns, read_sequences
from visgen_train.errors import ConfigError, DataError, UsageError, WeightsError
from visgen_train.experiment.examples import Examples, pixels_of
from visgen_train.experiment.inputs import DATA_VERSION, Inputs
from visgen_train.experiment.labelled import Labelled, label
from visgen_train.io.atomic import write_json
from visgen_train.io.progress import Track, silent
from visgen_train.training.checkpoint import load_description
from visgen_train.training.rundir import ALIGNED, VISUAL


@dataclass(frozen=True)
class Recorded:
    """What data.json holds, checked."""

    inputs: Inputs
    items: list[Item]
    sha256: list[str]
    match: Match
    trained_only: tuple[str, ...]
    sequences_sha256: str
    read_as: dict[str, str]

    def on(self, side: str) -> "Recorded":
        """The same with the images of one side alone."""
        kept = [row for row, item in enumerate(self.items) if item.split == side]
        items = [self.items[row] for row in kept]
        return dataclasses.replace(self, items=items, sha256=[self.sha256[row] for row in kept])


@dataclass(frozen=True)
class Moved:
    """Where inputs are now that are no longer where the run was trained; None is where they were."""

    images: Path | None = None
    sequences: Path | None = None
    labels: Path | None = None


def read_again(
    folder: Path,
    config: Config,
    moved: Moved | None = None,
    track: Track = silent,
    *,
    side: str | None = None,
) -> tuple[Labelled, Examples]:
    """Species, anchors, pictures and split as they were in training; only settings of the anchors may differ.

    With `side`, such as "train", the pictures of that side alone: no other file is opened.

    Raises
    ------
    DataError
        data.json cannot be used, or an input is gone or has changed; the message says how to give it anew.
    """
    recorded = recorded_of(folder / "data.json")
    if side is not None:
        recorded = recorded.on(side)
    inputs = _where(recorded, moved)
    labelled = _labelled(recorded, inputs, config)
    files, root = [item.file for item in labelled.items], root_of(inputs.images)
    try:
        store = pixels_of(labelled, inputs, config, folder, track)
    except DataError as error:
        error.add_note("If the folder of images has moved, say where it is now by --images.")
        raise
    changed = [
        file for file, then, now in zip(files, recorded.sha256, store.sha256, strict=True) if then != now
    ]
    if changed:
        raise DataError(
            f"{root}: {len(changed)} of {len(files)} images are not those the run was trained on, first "
            f"{changed[0]!r}. Give the folder with the images as they were by --images, or train anew."
        )
    return labelled, Examples(store.pixels, store.sha256, [item.split or "train" for item in labelled.items])


def sequences_again(folder: Path, moved: Moved | None = None) -> tuple[list[sgt_dna.Record], dict[str, str]]:
    """The sequences of a run, and the species of each under the names of the run; `read_again` checks their hash."""
    recorded = recorded_of(folder / "data.json")
    return _sequences(recorded, _where(recorded, moved))


def _where(recorded: Recorded, moved: Moved | None) -> Inputs:
    """Where the inputs are now."""
    moved = moved or Moved()
    return Inputs(
        moved.images or recorded.inputs.images,
        moved.sequences or recorded.inputs.sequences,
        moved.labels or recorded.inputs.labels,
        columns=recorded.inputs.columns,
        store=_still_there(recorded.inputs.store),
    )


def _still_there(store: Path | None) -> Path | None:
    """The store of the training; if it was deleted, pictures are decoded anew, and no store is made."""
    return store if store is not None and store.is_dir() else None


def recorded_of(file: Path) -> Recorded:
    """What a data.json holds; DataError if it is not one, or of another version."""
    way_out = "Put the data.json of this run back, or train anew."
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        version = data["schema_version"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{file}: cannot be read as the data.json of a run ({error!r}). {way_out}") from error
    if version != DATA_VERSION:
        raise DataError(
            f"{file}: of version {version!r}, and this visgen reads version {DATA_VERSION}. Use the visgen that "
            "trained the run (environment.json names it), or train anew."
        )
    try:
        species, sequences, items = data["species"], data["sequences"], data["items"]
        labels, store = sequences["labels"], data.get("store")
        return Recorded(
            Inputs(
                Path(data["images"]),
                Path(sequences["file"]),
                Path(labels) if labels else None,
                columns=Columns(**(sequences.get("columns") or {})),
                store=Path(store) if store else None,
            ),
            [Item(item["file"], item["species"], item["group"], item["split"]) for item in items],
            [item["sha256"] for item in items],
            Match(
                tuple(name for name in species if species[name]["sequences"]),
                data["images_without_sequences"],
                data["sequences_without_images"],
            ),
            tuple(name for name in species if not species[name]["sequences"]),
            sequences["sha256"],
            {name: row["accepted"] for name, row in data.get("names_read_as", {}).items()},
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"{file}: not the data.json of a run ({error!r}). {way_out}") from error


def _sequences(recorded: Recorded, inputs: Inputs) -> tuple[list[sgt_dna.Record], dict[str, str]]:
    hint = "If the file has moved, say where it is now by --sequences (and --labels)."
    try:
        records, labels = read_sequences(inputs.sequences, inputs.labels, inputs.columns)
    except Exception as error:
        error.add_note(hint)
        raise
    return records, {key: recorded.read_as.get(name, name) for key, name in labels.items()}


def _labelled(recorded: Recorded, inputs: Inputs, config: Config) -> Labelled:
    known = (recorded.items, recorded.match, recorded.trained_only)
    records, labels = _sequences(recorded, inputs)
    labelled = label(*known, records, labels, inputs.sequences, config.align)
    if labelled.sequences.sha256 != recorded.sequences_sha256:
        raise DataError(
            f"{inputs.sequences}: not the sequences (or their species) the run was trained with. Give those by "
            "--sequences (and --labels), or train anew."
        )
    return labelled


def remember(folder: Path, moved: Moved | None) -> None:
    """Write into data.json where inputs that moved are now; their hashes are as they were."""
    if moved is None or moved == Moved():
        return
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    for place, key, path in (
        (data, "images", moved.images and root_of(moved.images)),
        (data["sequences"], "file", moved.sequences),
        (data["sequences"], "labels", moved.labels),
    ):
        if path is not None:
            place[key] = str(path.resolve())
    write_json(folder / "data.json", data)


def check_changes(folder: Path, after: Config, free: tuple[str, ...]) -> None:
    """Raise UsageError unless only the sections `free` to change differ from those the checkpoints were made with.

    What counts are the headers of the checkpoints: config.yaml may have been edited since.
    """
    before = settings_of(folder / VISUAL)
    if "align" not in free:
        before = dataclasses.replace(before, align=settings_of(folder / ALIGNED).align)
    for section in vars(before):
        old, new = getattr(before, section), getattr(after, section)
        if section not in (*free, "checkpoint_minutes") and old != new:
            raise UsageError(
                f"Here only settings of {', '.join(free)} can change, not of {section} ({_differing(section, old, new)}"
                "): that takes visgen " + ("align." if section == "align" else "train.")
            )


def check_network(folder: Path, labelled: Labelled, config: Config) -> None:
    """Raise DataError unless the trained network is one of these species, in this order, and of this picture size."""
    described = load_description(folder / VISUAL)
    if described.get("species") != list(labelled.species):
        raise DataError(
            f"{folder / 'data.json'}: its species are not those {VISUAL} was trained on. Put the data.json of this run "
            "back, or train anew."
        )
    if described.get("image_size") != config.data.image_size:
        raise DataError(
            f"{folder / VISUAL}: trained on pictures of {described.get('image_size')} px, but data.image_size is "
            f"{config.data.image_size}. Put the config.yaml of this run back, or train anew."
        )


def settings_of(checkpoint: Path) -> Config:
    """The settings in the header of a checkpoint; WeightsError where there are none."""
    try:
        return from_values(load_description(checkpoint)["config"])
    except (ConfigError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{checkpoint}: its header does not hold the settings it was trained with. Train again."
        ) from error


def _differing(section: str, old: Any, new: Any) -> str:
    if not dataclasses.is_dataclass(old):
        return f"{section} was {old}, now {new}"
    return ", ".join(
        f"{section}.{key} was {value}, now {getattr(new, key)}"
        for key, value in vars(old).items()
        if getattr(new, key) != value
    )
