"""Going on with an ablation: what it was made of must be what it is made of now."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visgen_train.config import from_values
from visgen_train.errors import ConfigError, DataError, UsageError
from visgen_train.training.resume import differences

PLAN_VERSION = 1
_INPUTS = {
    "version": "by another version of visgen",
    "items_sha256": "of other images, or of another split of them",
    "sequences_sha256": "of other sequences",
    "features_sha256": "of other features",
}


def continued(path: Path, now: Mapping[str, Any]) -> dict[str, Any]:
    """The plan in a file with what is asked for now; recipes may be added, and its promise is kept.

    Parameters
    ----------
    path : Path
        plan.json of the ablation.
    now : mapping
        What would be written there for a new one.

    Raises
    ------
    UsageError
        Other inputs or settings, or the recipe the closing sentence was promised to is about is not asked for.
    DataError
        The file is damaged.
    """
    way_out = "or begin anew with --force in place of --resume"
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        recipes, promised, told = before["recipes"], before["primary_recipe"], before["seeds_told"]
        for key, what in _INPUTS.items():
            if before[key] != now[key]:
                raise UsageError(f"{path}: the ablation there was made {what}. Give the same, {way_out}.")
        for name, settings in now["recipes"].items():
            _check_settings(path, name, recipes.get(name, settings), settings, way_out)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ConfigError) as error:
        raise DataError(
            f"{path}: cannot be read as the plan of an ablation ({error!r}); {way_out}."
        ) from error
    if promised is not None and promised not in now["recipes"]:
        raise UsageError(
            f"{path}: the closing sentence was to be about {promised} before any figure was seen. Keep {promised} "
            f"among --recipes, {way_out}."
        )
    promised = promised or now["primary_recipe"]
    return {**now, "recipes": {**recipes, **now["recipes"]}, "primary_recipe": promised, "seeds_told": told}


def _check_settings(
    path: Path, name: str, before: Mapping[str, Any], now: Mapping[str, Any], way_out: str
) -> None:
    known = dataclasses.asdict(from_values(before))  # what was no setting then was as its default is
    changed = [line for key, value in now.items() for line in _changed(known[key], value, key)]
    if changed:
        raise UsageError(
            f"{path}: {name} was made with other settings ({', '.join(changed)}). Give the same, {way_out}."
        )


def _changed(before: Any, now: Any, section: str) -> list[str]:
    if isinstance(now, Mapping):
        before = {key: before[key] for key in now}
    return differences(before, now, section)
