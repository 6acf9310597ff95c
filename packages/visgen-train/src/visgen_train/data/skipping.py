"""Pictures that cannot be read, left out because the user asks for it, and told by name."""

import logging
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from visgen_train.config import DataConfig
from visgen_train.data.manifest import Item
from visgen_train.errors import DataError
from visgen_train.io.images import decode
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)


def readable(
    root: Path, items: Sequence[Item], config: DataConfig, track: Track = silent
) -> tuple[list[Item], dict[str, str]]:
    """Decode every picture once, and part those that can be read from those that cannot.

    Parameters
    ----------
    root : Path
        The folder that the items' paths are relative to.
    items : sequence of Item
    config : DataConfig
        How pictures are decoded.

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

    def problem(item: Item) -> str:
        try:
            decode((root / item.file).read_bytes(), config.image_size, config.colour)
        except (OSError, ValueError) as error:
            return str(getattr(error, "strerror", None) or error)
        return ""

    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")  # odd metadata does not make a picture unreadable
        problems = list(track(pool.map(problem, items), "Checking images", len(items)))
    skipped = {item.file: text for item, text in zip(items, problems, strict=True) if text}
    if len(skipped) == len(items):
        raise DataError(f"{root}: none of its {len(items)} images can be read; {_listed(skipped)}.")
    if skipped:
        log.warning("%d of %d images are left out: %s", len(skipped), len(items), _listed(skipped))
    return [item for item in items if item.file not in skipped], skipped


def _listed(skipped: dict[str, str]) -> str:
    more = f"; and {len(skipped) - 20} more" if len(skipped) > 20 else ""
    return "; ".join(f"{file} {text}" for file, text in list(skipped.items())[:20]) + more
