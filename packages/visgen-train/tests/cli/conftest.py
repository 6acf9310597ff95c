"""A small clean collection with all its tables, to be spoilt in one way at a time; and the words of a small run."""

import csv
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visgen_train.config import to_yaml

NAMES = ("Aus_albus", "Aus_niger", "Bus_ruber")
Row = dict[str, str]


class Spoilt:
    """images/ of three species with six pictures each, sequences.fasta, meta.csv (specimen, split) and split.csv."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        rng = np.random.default_rng(0)
        records, rows = list[str](), list[Row]()
        for name in NAMES:
            (folder / "images" / name).mkdir(parents=True)
            for number, split in enumerate(("train", "test") * 3):
                self.draw(f"{name}/{number}.png", rng.integers(0, 255, (36, 40), dtype=np.uint8))
                file = f"images/{name}/{number}.png"
                rows.append({"file": file, "species": name, "specimen": f"{name}{number}", "split": split})
            for number in range(2):
                bases = "".join(rng.choice(list("ACGT"), 200))
                records.append(f">{name[0]}{name[4]}{number} {name.replace('_', ' ')}\n{bases}\n")
        (folder / "sequences.fasta").write_text("".join(records))
        self.write("meta.csv", rows)
        self.write(
            "split.csv", ({"file": r["file"].removeprefix("images/"), "split": r["split"]} for r in rows)
        )

    def draw(self, file: str, pixels: np.ndarray) -> None:
        Image.fromarray(pixels).save(self.folder / "images" / file)

    def write(self, table: str, rows: Iterable[Row]) -> None:
        rows = list(rows)
        with (self.folder / table).open("w", newline="") as file:
            csv.writer(file).writerows([rows[0].keys(), *(row.values() for row in rows)])

    def change(self, table: str, how: Callable[[Row], Row | None]) -> None:
        """Rewrite a table, each row as `how` makes it; None leaves it out."""
        with (self.folder / table).open(newline="") as file:
            rows = [how(row) for row in csv.DictReader(file)]
        self.write(table, (row for row in rows if row is not None))

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def add(self, file: str, line: str) -> None:
        path = self.folder / file
        path.write_text(f"{path.read_text()}{line}\n")

    def blank(self, pattern: str) -> None:
        """Pictures become empty files."""
        for path in self.folder.glob(f"images/{pattern}"):
            path.write_bytes(b"")

    def copy(self, source: str, target: str) -> None:
        shutil.copy(self.folder / "images" / source, self.folder / "images" / target)

    def no_pictures(self, name: str) -> None:
        shutil.rmtree(self.folder / "images" / name)

    def no_sequences(self, name: str) -> None:
        path = self.folder / "sequences.fasta"
        parts = path.read_text().split(">")[1:]
        path.write_text("".join(f">{part}" for part in parts if name.replace("_", " ") not in part))

    def twelve_bits(self) -> None:
        rng = np.random.default_rng(1)
        for path in self.folder.glob("images/*/*.png"):
            Image.fromarray(rng.integers(0, 4096, (36, 40), dtype=np.uint16)).save(path)

    def sides_as_folders(self) -> None:
        """images/train/SPECIES and an empty images/test."""
        images = (self.folder / "images").rename(self.folder / "moved")
        (self.folder / "images" / "test").mkdir(parents=True)
        images.rename(self.folder / "images" / "train")


@pytest.fixture
def spoilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spoilt:
    monkeypatch.chdir(tmp_path)
    return Spoilt(tmp_path)


@pytest.fixture
def words(collection, small):
    """`run` with its inputs, an output and small settings."""
    (collection / "small.yaml").write_text(to_yaml(small, "small"))
    return [
        "run",
        collection / "images",
        collection / "sequences.fasta",
        "--out",
        collection / "run",
        "--config",
        collection / "small.yaml",
    ]
