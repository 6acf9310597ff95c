"""What a set holds beside its pictures, and species that are not trained on."""

import csv
from pathlib import Path

import numpy as np
import pytest
from visgen_train.simulate import RANGES, BenchmarkParams, write_benchmark, writing
from visgen_train.simulate.benchmark import species_tree, training_counts, unseen_species

PARAMS = BenchmarkParams(
    species=4, unseen=2, images_max=6, images_min=2, validation=2, test=3, size=24, seed=3
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "set"
    write_benchmark(out, PARAMS)
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def fasta(path: Path) -> dict[str, tuple[str, str]]:
    """Id -> species and sequence."""
    records = {}
    for record in path.read_text().split(">")[1:]:
        header, *lines = record.splitlines()
        id_, genus, epithet, *_ = header.split()
        records[id_] = f"{genus} {epithet}", "".join(lines)
    return records


def test_species_without_training_pictures(folder: Path) -> None:
    names, counts = species_tree(PARAMS).names, training_counts(PARAMS)
    unseen = {names[tip] for tip in unseen_species(PARAMS)}
    assert len(unseen) == 2
    assert {name for name, count in zip(names, counts, strict=True) if not count} == unseen
    assert {path.name.replace("_", " ") for path in (folder / "unseen").iterdir()} == unseen
    assert {path.name.replace("_", " ") for path in (folder / "images").iterdir()} == set(names) - unseen
    assert all(len(list(path.iterdir())) == 3 for path in (folder / "unseen").iterdir())
    assert {row["species"] for row in rows(folder / "metadata.csv")} == set(names) - unseen
    assert {species for species, _ in fasta(folder / "sequences.fasta").values()} == set(names)
    assert sorted(counts[counts > 0]) == sorted(
        training_counts(BenchmarkParams(**{**vars(PARAMS), "unseen": 0}))
    )


def test_the_alignment_is_of_the_sequences(folder: Path) -> None:
    sequences, aligned = fasta(folder / "sequences.fasta"), fasta(folder / "alignment.fasta")
    assert list(sequences) == list(aligned)
    assert len({len(row) for _, row in aligned.values()}) == 1
    assert any("-" in row for _, row in aligned.values())
    for id_, (species, row) in aligned.items():
        assert sequences[id_] == (species, row.replace("-", ""))


def test_traits_are_in_their_ranges(folder: Path) -> None:
    found = rows(folder / "traits.csv")
    assert [row["species"] for row in found] == list(species_tree(PARAMS).names)
    assert [int(row["training_images"]) for row in found] == training_counts(PARAMS).tolist()
    for name, (low, high) in RANGES.items():
        values = np.array([float(row[name]) for row in found])
        assert ((values > low) & (values < high)).all()
        assert len(set(values)) == len(values)


def test_any_number_of_processes_gives_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "WORTH", 10)
    monkeypatch.setattr(writing, "CHUNK", 7)
    seen = []
    write_benchmark(
        tmp_path / "again",
        PARAMS,
        lambda items, what, total: (seen.append((item, total)) or item for item in items),
        2,
    )
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(
        path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*") if path.is_file()
    )
    assert all((folder / file).read_bytes() == (tmp_path / "again" / file).read_bytes() for file in files)
    assert len(seen) == seen[0][1] == sum(file.suffix == ".png" for file in files)


def test_as_many_species_as_there_are_names() -> None:
    with pytest.raises(ValueError, match=r"unseen must be from 0 to 28, not 29"):
        BenchmarkParams(species=100, unseen=29)
