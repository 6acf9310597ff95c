"""Memory of reading 30,000 pictures of a packed store and augmenting them: `python benchmarks/memory.py FOLDER`.

Prints MB: the process's own (RssAnon) before the first batch, and at its peak; pages of mapped files (RssFile) at the
end; both together at their peak (VmHWM). The store is a sparse file, whose pages are zeros.
"""

import sys
import threading
import zlib
from pathlib import Path

import numpy as np
import torch
from visgen_train.config import load_config
from visgen_train.data.store import Entry, StoredRows
from visgen_train.data.views import ImageViews

IMAGES, SIDE, BATCH = 30_000, 160, 64


def main(folder: Path) -> None:
    """Every picture once, in random order."""
    views = ImageViews(stored(folder / "pixels.u8"), load_config().train, 0, torch.device("cpu"))
    before = held("RssAnon")
    peaks, over = [before], threading.Event()
    watcher = threading.Thread(target=watch, args=(peaks, over))
    watcher.start()
    order = np.random.default_rng(0).permutation(IMAGES)
    for batch in np.array_split(order, IMAGES // BATCH):
        views.augmented(batch, np.zeros_like(batch), 0)
    over.set()
    watcher.join()
    print(before, max(peaks), held("RssFile"), held("VmHWM"))


def stored(path: Path) -> StoredRows:
    """A store of that many pictures, as `open_store` opens one."""
    size = 3 * SIDE * SIDE
    with path.open("wb") as file:
        file.truncate(IMAGES * size)
    crc32 = zlib.crc32(bytes(size))
    entries = [Entry(row, f"{row}.png", "/", (0, 0, 0), "0" * 64, crc32) for row in range(IMAGES)]
    pixels = np.memmap(path, np.uint8, "r", shape=(IMAGES, 3, SIDE, SIDE))
    return StoredRows(pixels, entries, path.parent)


def watch(peaks: list[float], over: threading.Event) -> None:
    """Look every 5 ms."""
    while not over.wait(0.005):
        peaks.append(held("RssAnon"))


def held(kind: str) -> float:
    """A line of /proc/self/status, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]))
