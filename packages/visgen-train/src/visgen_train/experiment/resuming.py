"""Going on with a run: what it was made of must be what it is made of now."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visgen_train.config import Config, load_config
from visgen_train.errors import ConfigError, DataError, UsageError
from visgen_train.experiment.again import settings_of
from visgen_train.training.resume import Checkpoints, differences
from visgen_train.training.rundir import ALIGNED, IMAGES, RESULTS, RESUMES, VISUAL

FREE = ("device", "checkpoint_minutes", "evaluate")
"""Settings that no weights depend on, or (device) none that a person would tell apart."""
WAY_OUT = "Give the same, or begin anew with --force in place of --resume."


def checkpoints_of(folder: Path, config: Config, data: Mapping[str, Any], resume: bool) -> Checkpoints:
    """The checkpoints of a run, which remember settings and data.

    Parameters
    ----------
    data : mapping
        The content of its data.json.

    Raises
    ------
    UsageError
        To resume is asked for, and those of the stage under way were made of other ones.
    """
    settings = {key: value for key, value in dataclasses.asdict(config).items() if key not in FREE}
    made_of = {**settings, "data": {**settings["data"], "sha256": _digest(_content(data))}}
    checkpoints = Checkpoints(folder, made_of, config.checkpoint_minutes, resume)
    checkpoints.check(_under_way(folder))
    return checkpoints


def _under_way(folder: Path) -> str:
    """The stage that the networks in a folder leave to be done."""
    if (folder / VISUAL).is_file():
        return "align"
    return "balance" if (folder / IMAGES).is_file() else "images"


def stale(folder: Path, config: Config, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Files of a run that goes on that have to be made anew: none, or the results where there is more to be done.

    The settings of a stage under way are checked by `checkpoints_of`. A run without any of both loses nothing.

    Parameters
    ----------
    data : mapping
        What would be written to its data.json now.

    Raises
    ------
    UsageError
        Its finished stages were made of other settings, or what there is of it of other data; the difference is shown.
    DataError
        data.json is damaged.
    """
    done = [name for name in (IMAGES, VISUAL, ALIGNED) if (folder / name).is_file()]
    for name in done:
        check_settings(folder / name, config)
    if done or any((folder / name).is_file() for name in RESUMES):
        _check_data(folder / "data.json", data)
    try:
        before = load_config(file=folder / "config.yaml")
    except ConfigError:
        return RESULTS
    aligned = config.align.epochs == 0 or ALIGNED in done
    return () if aligned and (before.evaluate, before.align) == (config.evaluate, config.align) else RESULTS


def check_settings(path: Path, config: Config) -> None:
    """Raise UsageError, showing the difference, unless a finished stage was trained by these settings."""
    before, now = dataclasses.asdict(settings_of(path)), dataclasses.asdict(config)
    sections = (
        "data",
        "model",
        "train",
        "balance",
        "seed",
        "precision",
        *(["align"] if path.name == Path(ALIGNED).name else []),
    )
    changed = [line for name in sections for line in differences(before[name], now[name], name)]
    if changed:
        raise UsageError(f"{path}: made with other settings ({', '.join(changed)}). {WAY_OUT}")


def _check_data(path: Path, now: Mapping[str, Any]) -> None:
    try:
        before = _content(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(
            f"{path}: cannot be read as the data.json of a run ({error!r}). Put it back, or begin anew with --force in "
            "place of --resume."
        ) from error
    after = _content(now)
    if before["sequences"] != after["sequences"]:
        raise UsageError(f"{path}: made of other sequences, or of other species of them. {WAY_OUT}")
    then, now_there = before["items"], after["items"]
    files = [file for file in {**then, **now_there} if then.get(file) != now_there.get(file)]
    contents = [file for file in files if then.get(file, [None])[-1] != now_there.get(file, [None])[-1]]
    what = "new, gone or changed" if contents else "of another species, group or side of the split"
    if files:
        first = (contents or files)[0]
        raise UsageError(
            f"{path}: made of other images: {len(contents or files)} are {what}, first {first!r}. {WAY_OUT}"
        )


def _content(data: Mapping[str, Any]) -> dict[str, Any]:
    """What weights depend on: hashes, species, groups and sides, not paths."""
    items = {
        item["file"]: [item[key] for key in ("species", "group", "split", "sha256")] for item in data["items"]
    }
    return {"sequences": data["sequences"]["sha256"], "species": list(data["species"]), "items": items}


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
