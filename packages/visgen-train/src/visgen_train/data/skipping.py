"""Pictures that cannot be read, left out because the user asks for it, and told by name."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from visgen_train.data.images import Policy, decoded
from visgen_train.data.manifest import Item
from visgen_train.errors import DataError
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)


def unreadable(root: Path, items: Sequence[Item], policy: Policy, track: Track = silent) -> dict[str, str]:
    """Decode every picture once: {file: what is wrong with it}, of those that cannot be read.

    Parameters
    ----------
    root : Path
        The folder that the items' paths are relative to.
    items : sequence of Item
    policy : Policy
    """
    files = [item.file for item in items]
    found = track(decoded(root, files, policy), "Checking images", len(files))
    return {
        file: one.problem.removeprefix(f"{root / file}: ")
        for file, one in zip(files, found, strict=True)
        if one.problem
    }


def readable(root: Path, items: Sequence[Item], bad: Mapping[str, str]) -> list[Item]:
    """What can be read, in the same order; what is left out is logged.

    Raises
    ------
    DataError
        None can be read.
    """
    if bad and len(bad) == len(items):
        raise DataError(f"{root}: none of its {len(items)} images can be read: {_listed(bad)}.")
    if bad:
        log.warning("%d of %d images are left out: %s", len(bad), len(items), _listed(bad))
    return [item for item in items if item.file not in bad]


def _listed(skipped: Mapping[str, str]) -> str:
    more = f"; and {len(skipped) - 20} more" if len(skipped) > 20 else ""
    return "; ".join(f"{file} {text}" for file, text in list(skipped.items())[:20]) + more
