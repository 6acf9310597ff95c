"""Pictures that cannot be read, left out because the user asks for it, and told by name."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from visgen_train.data.images import Policy, decoded
from visgen_train.data.manifest import Item
from visgen_train.errors import DataError
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)


def readable(
    root: Path, items: Sequence[Item], policy: Policy, track: Track = silent
) -> tuple[list[Item], dict[str, str]]:
    """Decode every picture once, and part those that can be read from those that cannot.

    Parameters
    ----------
    root : Path
        The folder that the items' paths are relative to.
    items : sequence of Item
    policy : Policy

    Returns
    -------
    items : list of Item
        What can be read, in the same order.
    skipped : dict
        File -> what is wrong with it.

    Raises
    ------
    DataError
        None can be read.
    """
    files = [item.file for item in items]
    skipped = {
        file: one.problem.removeprefix(f"{root / file}: ")
        for file, one in zip(
            files, track(decoded(root, files, policy), "Checking images", len(files)), strict=True
        )
        if one.problem
    }
    if len(skipped) == len(items):
        raise DataError(f"{root}: none of its {len(items)} images can be read: {_listed(skipped)}.")
    if skipped:
        log.warning("%d of %d images are left out: %s", len(skipped), len(items), _listed(skipped))
    return [item for item in items if item.file not in skipped], skipped


def _listed(skipped: Mapping[str, str]) -> str:
    more = f"; and {len(skipped) - 20} more" if len(skipped) > 20 else ""
    return "; ".join(f"{file} {text}" for file, text in list(skipped.items())[:20]) + more
