"""What a folder of a phylogeny has already, so that the same is not computed again."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import sgt_dna

from visgen_train.errors import UsageError
from visgen_train.genetics.words import letters
from visgen_train.io.atomic import write_json, write_text

STEPS, ALIGNMENT, TREE, RESULT = "steps.json", "alignment.fasta", "tree.nwk", "phylogeny.json"
_LETTERS = np.array(list("ACGT-"))


def key(*parts: object) -> str:
    """SHA-256 of the parts, in their order."""
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()


def text(codes: np.ndarray) -> str:
    """The letters of a row of codes (columns,), a gap for 4."""
    return "".join(_LETTERS[codes])


class Steps:
    """The steps of an open folder, each under the key of what it was made from.

    Parameters
    ----------
    folder : Path
        Made if it is missing.

    Raises
    ------
    UsageError
        It is a file, cannot be made, or holds anything but a phylogeny.
    """

    def __init__(self, folder: Path) -> None:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / STEPS).is_file():
            raise UsageError(f"{folder} is not empty and holds no phylogeny. Choose another --out.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be made ({error.strerror}). Choose another --out.") from error
        self.folder = folder
        self._known = _read(folder / STEPS)
        if not self._known:
            write_json(folder / STEPS, {})

    def get(self, name: str, made_from: str) -> dict[str, Any] | None:
        """What a step gave, if it was made from the same."""
        found = self._known.get(name)
        return found if isinstance(found, dict) and found.get("key") == made_from else None

    def has(self, name: str) -> bool:
        """Whether the step was done, from whatever."""
        return name in self._known

    def put(self, step: str, made_from: str, **given: object) -> dict[str, Any]:
        """Keep what a step gave."""
        found = {"key": made_from, **given}
        self._known[step] = found
        write_json(self.folder / STEPS, self._known)
        return found

    def write_alignment(self, ids: Iterable[str], codes: np.ndarray) -> str:
        """Write alignment.fasta; its SHA-256."""
        rows = "".join(f">{name}\n{text(row)}\n" for name, row in zip(ids, codes, strict=True))
        write_text(self.folder / ALIGNMENT, rows)
        return hashlib.sha256(rows.encode()).hexdigest()

    def read_alignment(self, sha256: str) -> tuple[list[str], np.ndarray] | None:
        """Ids and codes of alignment.fasta; None if it is gone or is no longer what was written."""
        path = self.folder / ALIGNMENT
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            return None
        records = list(sgt_dna.read_records(path))
        return [record.id for record in records], np.stack([letters(record.sequence) for record in records])


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
