"""The simulated set as written: species, pictures, truth, and the same again by the same seed."""

import csv
import multiprocessing
import re
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visgen_train.simulate import BenchmarkParams, write_benchmark, writing
from visgen_train.simulate.benchmark import species_tree, training_counts

SMALL = BenchmarkParams(species=5, images_max=9, images_min=2, validation=4, test=3, size=32, seed=1)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def metadata(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def fasta(folder: Path) -> list[tuple[str, list[str]]]:
    records = (folder / "sequences.fasta").read_text().split(">")[1:]
    return [(record.splitlines()[0], record.splitlines()[1:]) for record in records]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulated") / "set"
    write_benchmark(out, SMALL)
    return out


def test_default_counts_are_a_geometric_tail() -> None:
    counts = np.sort(training_counts(BenchmarkParams()))[::-1]
    assert len(counts) == 24
    assert (counts[0], counts[-1]) == (250, 4)
    ratios = counts[1:10] / counts[:9]
    np.testing.assert_allclose(ratios, (4 / 250) ** (1 / 23), atol=0.015)


def test_counts_are_in_random_order() -> None:
    counts = [training_counts(BenchmarkParams(seed=seed)).tolist() for seed in range(3)]
    assert counts[0] != counts[1] != counts[2]
    assert all(row != sorted(row) and row != sorted(row, reverse=True) for row in counts)


def test_images_of_each_split(small: Path) -> None:
    rows = metadata(small)
    names = species_tree(SMALL).names
    for name, count in zip(names, training_counts(SMALL), strict=True):
        found = [row["split"] for row in rows if row["species"] == name]
        assert found.count("train") == count
        assert found.count("validation") == min(4, count)
        assert found.count("test") == 3
    assert min(training_counts(SMALL)) == 2
    assert {row["species"] for row in rows} == set(names)


def test_paths_exist_and_are_all_the_pictures(small: Path) -> None:
    rows = metadata(small)
    assert list(rows[0]) == ["file", "species", "specimen", "split"]
    listed = [row["file"] for row in rows]
    assert sorted(listed) == sorted(name for name in contents(small) if name.endswith(".png"))
    for row in rows:
        folder = row["species"].replace(" ", "_")
        assert re.fullmatch(rf"images/{folder}/{folder}_\d{{4}}\.png", row["file"])
        assert row["specimen"] == Path(row["file"]).stem
    assert len({row["specimen"] for row in rows}) == len(rows)


def test_pictures_are_grey_of_the_size_asked_for(small: Path) -> None:
    for row in metadata(small):
        with Image.open(small / row["file"]) as picture:
            assert (picture.mode, picture.size, picture.format) == ("L", (32, 32), "PNG")


def test_fasta(small: Path) -> None:
    records = fasta(small)
    pattern = r"SIM(\d{6}) (\w+ \w+) isolate (\d+) 18S ribosomal RNA gene, partial sequence"
    matches = [re.fullmatch(pattern, header) for header, _ in records]
    assert all(matches)
    species = [match[2] for match in matches if match]
    assert set(species) == {row["species"] for row in metadata(small)}
    assert [int(match[1]) for match in matches if match] == list(range(1, len(records) + 1))
    assert species != sorted(species)
    for name in set(species):
        isolates = sorted(int(match[3]) for match in matches if match and match[2] == name)
        assert isolates == list(range(1, len(isolates) + 1))
        assert 3 <= len(isolates) <= 8


def test_fasta_lines_are_wrapped_at_80(small: Path) -> None:
    for _, lines in fasta(small):
        assert all(len(line) == 80 for line in lines[:-1])
        assert 0 < len(lines[-1]) <= 80
        assert set("".join(lines)) == set("ACGT")


def test_tree_and_readme(small: Path) -> None:
    text = (small / "tree.nwk").read_text()
    assert text.endswith(";\n")
    for name in species_tree(SMALL).names:
        assert f"{name.replace(' ', '_')}:" in text
    readme = (small / "README.txt").read_text()
    assert readme.startswith("SIMULATED DATA.")
    for field in fields(SMALL):
        assert f"\n{field.name} = {getattr(SMALL, field.name)}\n" in readme


def test_same_seed_same_bytes(small: Path, tmp_path: Path) -> None:
    write_benchmark(tmp_path / "again", SMALL)
    assert contents(tmp_path / "again") == contents(small)


def test_other_seed_other_set(small: Path, tmp_path: Path) -> None:
    write_benchmark(tmp_path / "other", replace(SMALL, seed=2))
    ours, theirs = contents(small), contents(tmp_path / "other")
    for name in ("sequences.fasta", "tree.nwk", "metadata.csv"):
        assert ours[name] != theirs[name]
    assert not set(ours.values()) & {data for name, data in theirs.items() if name.endswith(".png")}


def test_more_of_one_split_leaves_the_others_as_they_are(small: Path, tmp_path: Path) -> None:
    write_benchmark(tmp_path / "more", replace(SMALL, validation=0, test=5))
    ours, theirs = contents(small), contents(tmp_path / "more")
    for split in ("train", "test"):
        pictures = {ours[row["file"]] for row in metadata(small) if row["split"] == split}
        assert pictures <= set(theirs.values())


def test_signal_changes_pictures_but_not_genes(small: Path, tmp_path: Path) -> None:
    write_benchmark(tmp_path / "none", replace(SMALL, signal=0.0))
    ours, theirs = contents(small), contents(tmp_path / "none")
    assert ours["sequences.fasta"] == theirs["sequences.fasta"]
    assert ours["tree.nwk"] == theirs["tree.nwk"]
    assert all(data != theirs[name] for name, data in ours.items() if name.endswith(".png"))


def test_track_sees_every_picture(tmp_path: Path) -> None:
    seen = []

    def count(items, description, total):
        for item in items:
            seen.append((description, total))
            yield item

    write_benchmark(tmp_path / "set", SMALL, count)
    total = len(metadata(tmp_path / "set"))
    assert seen == [("Drawing shells", total)] * total


@pytest.mark.parametrize("processes", [1, 2])
def test_interrupted_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(writing, "WORTH", 10)
    monkeypatch.setattr(writing, "CHUNK", 2)

    def stop(items, description, total):
        yield from islice(items, 3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_benchmark(tmp_path / "set", SMALL, stop, processes)
    assert multiprocessing.active_children() == []
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_used_and_a_full_one_refused(tmp_path: Path) -> None:
    out = tmp_path / "set"
    out.mkdir()
    write_benchmark(out, SMALL)
    before = contents(out)
    with pytest.raises(FileExistsError, match="not an empty folder"):
        write_benchmark(out, replace(SMALL, seed=2))
    assert contents(out) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("species", 1),
        ("species", 129),
        ("images_min", 0),
        ("images_max", 3),
        ("validation", -1),
        ("test", -1),
        ("size", 8),
        ("signal", 1.01),
        ("signal", float("nan")),
        ("variation", -0.1),
        ("tilt", -0.1),
        ("noise", -0.1),
        ("blur", 1.5),
        ("clutter", -1),
        ("scale", 0.9),
        ("seed", -1),
    ],
)
def test_bad_parameters_raise(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be .*, not {value}$"):
        replace(BenchmarkParams(), **{name: value})
