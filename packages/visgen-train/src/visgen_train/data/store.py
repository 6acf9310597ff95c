"""A folder that keeps decoded pictures for later runs: made once, gone on with, never trusted blindly.

`pixels.u8` holds them one after the other, (3, size, size) uint8 each. `manifest.jsonl` has the policy in its first
line, and a line for each picture that is whole on disk: row, file, root, signature, SHA-256 of the file, CRC-32 of the
pixels. A later line of the same file replaces an earlier one.
"""

import contextlib
import hashlib
import itertools
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock

from visgen_train.data.images import BATCH, Decoded, ImageStore, Policy, decoded, refuse, signature, writing
from visgen_train.errors import DataError, UsageError
from visgen_train.io import places
from visgen_train.io.progress import Track, silent

STORE_VERSION = 2
PIXELS, MANIFEST, LOCK = "pixels.u8", "manifest.jsonl", "lock"
ANEW = "Name another folder by --store, or delete this one, and it is made anew."


@dataclass(frozen=True)
class Entry:
    """What a store knows of a picture: its row, the file it was made from, and the CRC-32 of its pixels."""

    row: int
    file: str
    root: str
    signature: tuple[int, int, int]
    sha256: str
    crc32: int


class StoredRows:
    """Some pictures of a store, in an order of their own; each is read when asked for, and checked the first time.

    Parameters
    ----------
    pixels : numpy.ndarray
        (n, 3, size, size) uint8, memory-mapped.
    entries : sequence of Entry
        The pictures to give, m of the n.
    folder : Path
        For messages.
    """

    def __init__(self, pixels: np.ndarray, entries: Sequence[Entry], folder: Path) -> None:
        self._pixels, self._entries, self._folder = pixels, entries, folder
        self._rows = np.array([entry.row for entry in entries], np.int64)
        self._checked = np.zeros(len(entries), bool)

    @property
    def shape(self) -> tuple[int, ...]:
        """(m, 3, size, size)."""
        return len(self._rows), *self._pixels.shape[1:]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray:
        """Pictures by their positions.

        Raises
        ------
        DataError
            The pixels of one are not those that were written.
        """
        taken: np.ndarray = self._pixels[self._rows[rows]]
        positions = np.arange(len(self))[rows]
        for position, one in zip(positions.ravel(), taken.reshape(-1, *taken.shape[-3:]), strict=True):
            if not self._checked[position]:  # the first time
                self._check(self._entries[position], one)
                self._checked[position] = True
        return taken

    def _check(self, entry: Entry, pixels: np.ndarray) -> None:
        if zlib.crc32(pixels.data) != entry.crc32:
            raise DataError(f"{self._folder / PIXELS}: the pixels of {entry.file!r} are damaged. {ANEW}")


def open_store(
    folder: Path, root: Path, files: Sequence[str], policy: Policy, track: Track = silent
) -> ImageStore:
    """The pictures from a store; those it does not hold yet are decoded into it.

    A picture in the store is taken for that of its file if the file has the path, size and times it had, or, failing
    that, the same SHA-256. Several processes may open a store at once: one fills it, the others wait.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    root : Path
        What `files` are relative to.

    Raises
    ------
    UsageError
        The folder is no store, or one of another policy.
    DataError
        It is one of other pictures, it is damaged, or a picture cannot be read. Damaged pixels are found when they are
        first read.
    """
    root = root.resolve()
    held = _held(folder, root, files, policy)
    if any(file not in held or _touched(held[file], root) for file in files):
        with _locked(folder):
            _refill(folder, root, files, policy, track)
            held = _read(folder, policy)
    total = 1 + max(entry.row for entry in held.values())
    pixels = np.memmap(folder / PIXELS, dtype=np.uint8, mode="r", shape=(total, *policy.shape))
    entries = [held[file] for file in files]
    return ImageStore(StoredRows(pixels, entries, folder), tuple(entry.sha256 for entry in entries))


def missing(folder: Path, root: Path, files: Sequence[str], policy: Policy) -> int:
    """How many of the pictures `open_store` would decode; nothing is written, and errors are as there."""
    held = _held(folder, root, files, policy)
    return sum(file not in held for file in files)


def _held(folder: Path, root: Path, files: Sequence[str], policy: Policy) -> dict[str, Entry]:
    """What it holds, if that is any of these pictures."""
    held = _read(folder, policy)
    if held and not any(file in held for file in files):
        raise DataError(f"{folder}: a store of other pictures, none of those in {root}. {ANEW}")
    return held


def _read(folder: Path, policy: Policy) -> dict[str, Entry]:
    """What the manifest vouches for, by file; nothing if there is none yet."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        if folder.exists() and (
            not folder.is_dir() or {path.name for path in folder.iterdir()} - {PIXELS, LOCK}
        ):
            raise UsageError(
                f"{folder} is no store of pictures. Name a folder that is empty or does not exist yet."
            )
        return {}
    head, *lines = manifest.read_bytes().split(b"\n")[:-1] or [b"{}"]  # what has no end was not written whole
    try:
        made = json.loads(head)
        differing = {key: made.get(key) for key, now in _head(policy).items() if made.get(key) != now}
        entries = {} if differing else {entry.file: entry for entry in map(_entry, lines)}
        total = 1 + max((entry.row for entry in entries.values()), default=-1)
        whole = not total or (folder / PIXELS).stat().st_size >= total * policy.row_bytes
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{manifest}: damaged ({error!r}). {ANEW}") from error
    if differing and lines:
        told = ", ".join(f"{key} was {then}, now {_head(policy)[key]}" for key, then in differing.items())
        raise UsageError(f"{folder}: its pictures were decoded otherwise ({told}). {ANEW}")
    if not whole:
        raise DataError(f"{folder / PIXELS}: shorter than {MANIFEST} says. {ANEW}")
    return entries


def _entry(line: bytes) -> Entry:
    row, file, root, signed, digest, crc32 = json.loads(line)
    return Entry(row, file, root, tuple(signed), digest, crc32)


def _head(policy: Policy) -> dict[str, object]:
    return {"visgen_store": STORE_VERSION, **asdict(policy)}


def _touched(entry: Entry, root: Path) -> bool:
    try:
        return (entry.root, entry.signature) != (str(root), signature((root / entry.file).stat()))
    except OSError:
        return True


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone in the store; the operating system lets go of the lock when a process dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire()
    except OSError as error:
        raise UsageError(
            f"{folder}: the store lacks pictures, or they were moved, and it cannot be written to ({error.strerror}). "
            "Name another folder by --store."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _refill(folder: Path, root: Path, files: Sequence[str], policy: Policy, track: Track) -> None:
    """Hash the pictures that look touched, and decode those that are missing."""
    held = _read(folder, policy)  # once more: another process may have filled it meanwhile
    if not held:
        (folder / MANIFEST).write_text(json.dumps(_head(policy)) + "\n", encoding="utf-8")
    else:
        _mend(folder / MANIFEST)
    known = [held[file] for file in files if file in held]
    _recheck(folder, root, [entry for entry in known if _touched(entry, root)], track)
    row = 1 + max((entry.row for entry in held.values()), default=-1)
    missing, bad = [file for file in files if file not in held], list[str]()
    mode = "r+b" if (folder / PIXELS).exists() else "w+b"
    with writing(folder, len(missing) * policy.row_bytes), (folder / PIXELS).open(mode) as pixels:
        pixels.seek(row * policy.row_bytes)
        results = zip(
            missing, track(decoded(root, missing, policy), "Reading images", len(missing)), strict=True
        )
        while batch := list(itertools.islice(results, BATCH)):
            bad += [one.problem for _, one in batch if one.problem]
            whole = [(file, one, one.pixels) for file, one in batch if one.pixels is not None]
            pixels.writelines(made.tobytes() for _, _, made in whole)
            pixels.flush()
            os.fsync(pixels.fileno())  # before the lines that vouch for them
            entries = [
                Entry(at, file, str(root), one.signature, one.sha256, zlib.crc32(made.data))
                for at, (file, one, made) in enumerate(whole, start=row)
            ]
            _append(folder, entries)
            row += len(whole)
    refuse(bad, len(files))


def _recheck(folder: Path, root: Path, doubtful: Sequence[Entry], track: Track) -> None:
    """Raise DataError unless the pictures are still those the store was made from, whatever their path and times."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda entry: _hashed(root / entry.file), doubtful)
        found = list(track(results, "Checking images", len(doubtful)))
    refuse([now.problem for now in found if now.problem], len(doubtful))
    pairs = list(zip(doubtful, found, strict=True))
    changed = [entry.file for entry, now in pairs if now.sha256 != entry.sha256]
    if changed:
        raise DataError(
            f"{folder}: {len(changed)} pictures in {root} are not those the store was made from, first {changed[0]!r}. "
            f"Put them back as they were. Or: {ANEW}"
        )
    _append(folder, [replace(entry, root=str(root), signature=now.signature) for entry, now in pairs])


def _hashed(path: Path) -> Decoded:
    try:
        with places.opened(path) as picture:
            now = signature(os.fstat(picture.fileno()))
            return Decoded(None, hashlib.file_digest(picture, "sha256").hexdigest(), now)
    except OSError as error:
        return Decoded(None, problem=f"{path}: {error.strerror}")


def _mend(manifest: Path) -> None:
    """Cut off a last line that was not written whole."""
    with manifest.open("r+b") as opened:
        opened.truncate(opened.read().rfind(b"\n") + 1)


def _append(folder: Path, entries: Sequence[Entry]) -> None:
    lines = [
        json.dumps([e.row, e.file, e.root, e.signature, e.sha256, e.crc32], ensure_ascii=False)
        for e in entries
    ]
    with (folder / MANIFEST).open("ab") as manifest:
        manifest.write("".join(line + "\n" for line in lines).encode())
        manifest.flush()
        os.fsync(manifest.fileno())
