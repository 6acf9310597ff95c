"""Random sequences, in memory and in files, and small pictures."""

from pathlib import Path

import numpy as np
from PIL import Image

KILOBASE = 1000


def sequences(number: int, length: int = KILOBASE) -> list[str]:
    """Random sequences of one length."""
    letters = np.random.default_rng(number + length).choice(
        np.frombuffer(b"ACGT", np.uint8), (number, length)
    )
    return [row.tobytes().decode("ascii") for row in letters]


def fasta(path: Path, number: int, length: int = KILOBASE) -> Path:
    """A file of random sequences, written some at a time."""
    rng, width = np.random.default_rng(number), 80
    with path.open("wb") as handle:
        for record in range(number):
            handle.write(b">s%d random\n" % record)
            for _ in range(0, length, width * 10_000):
                size = min(length, width * 10_000)
                letters = rng.choice(np.frombuffer(b"ACGT", np.uint8), size).tobytes()
                handle.write(b"\n".join(letters[i : i + width] for i in range(0, size, width)) + b"\n")
    return path


def pictures(folder: Path, number: int) -> list[str]:
    """Small pictures in folders of a thousand, and their names."""
    files = [f"{index // 1000:02d}/{index:05d}.png" for index in range(number)]
    for index, file in enumerate(files):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (16, 12), index % 256).save(folder / file)
    return files
