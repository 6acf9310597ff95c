"""The simulated benchmark: pictures, a FASTA file and a metadata CSV, in the form a user would bring."""

from __future__ import annotations

import csv
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visgen_train.io.progress import Track, silent
from visgen_train.simulate.morphology import species_scores
from visgen_train.simulate.names import binomials
from visgen_train.simulate.params import BenchmarkParams
from visgen_train.simulate.render import draw_specimen
from visgen_train.simulate.sequences import SequenceParams, SequenceSet, evolve
from visgen_train.simulate.tree import Tree, covariance, newick, yule_tree

YOUNGEST = 0.04
"""Age of the youngest species, as a share of the tree's height: keeps sister species under 98 % identical."""
FASTA_WIDTH = 80
SPLITS = ("train", "validation", "test")
COLUMNS = ("file", "species", "specimen", "split")

_TREE, _NAMES, _SEQUENCES, _TRAITS, _COUNTS, _PICTURES = range(6)


@dataclass(frozen=True)
class Specimen:
    """One picture to draw: its species (tip of the tree), split, running number in the split, and name."""

    species: int
    split: str
    index: int
    name: str


def training_counts(params: BenchmarkParams) -> NDArray[np.int64]:
    """Training images of each species, shape (species,): geometric, in random order."""
    steps = np.linspace(0, 1, params.species)
    counts = np.rint(params.images_max * (params.images_min / params.images_max) ** steps).astype(np.int64)
    return np.asarray(_rng(params, _COUNTS).permutation(counts))


def species_tree(params: BenchmarkParams) -> Tree:
    """The tree of the species, its tips named ``Genus epithet``."""
    tree = yule_tree(params.species, _rng(params, _TREE), YOUNGEST)
    return replace(tree, names=binomials(tree, _rng(params, _NAMES)))


def specimens(tree: Tree, params: BenchmarkParams) -> Iterator[Specimen]:
    """The pictures of the set, species by species, training before validation before test."""
    for species, count in enumerate(training_counts(params)):
        sizes = (int(count), min(params.validation, int(count)), params.test)
        number = 0
        for split, size in zip(SPLITS, sizes, strict=True):
            for index in range(size):
                number += 1
                name = f"{_folder(tree.names[species])}_{number:04d}"
                yield Specimen(species, split, index, name)


def write_benchmark(out: Path, params: BenchmarkParams, track: Track = silent) -> None:
    """Write a simulated set: ``images``, ``sequences.fasta``, ``metadata.csv``, ``tree.nwk``, ``README.txt``.

    The same parameters give the same bytes. The set appears whole or not at all: it is written beside
    ``out`` and renamed at the end.

    Parameters
    ----------
    out : Path
        Folder to write; must not exist, or be empty.
    params : BenchmarkParams
        What to simulate.
    track : callable
        Shows progress.

    Raises
    ------
    FileExistsError
        If ``out`` holds something already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} exists and is not an empty folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        folder = Path(scratch) / "set"
        folder.mkdir()
        _write_set(folder, params, track)
        if out.exists():
            out.rmdir()
        folder.rename(out)


def _write_set(folder: Path, params: BenchmarkParams, track: Track) -> None:
    """Simulate and write everything into an empty folder."""
    tree = species_tree(params)
    scores = species_scores(covariance(tree), params.signal, _rng(params, _TRAITS))
    plan = list(specimens(tree, params))
    for name in tree.names:
        (folder / "images" / _folder(name)).mkdir(parents=True)
    for specimen in track(plan, "Drawing shells", len(plan)):
        rng = _rng(params, _PICTURES, SPLITS.index(specimen.split), specimen.species, specimen.index)
        picture = draw_specimen(scores[specimen.species], params.difficulty, params.size, rng)
        Image.fromarray(picture).save(folder / _picture_path(tree, specimen))
    _write_metadata(folder / "metadata.csv", tree, plan)
    rng = _rng(params, _SEQUENCES)
    records = fasta_records(tree, evolve(tree, SequenceParams(), rng), rng)
    _write_text(folder / "sequences.fasta", "".join(records))
    _write_text(folder / "tree.nwk", newick(replace(tree, names=tuple(map(_folder, tree.names)))) + "\n")
    _write_text(folder / "README.txt", readme(params))


def fasta_records(tree: Tree, sequences: SequenceSet, rng: np.random.Generator) -> list[str]:
    """FASTA records in random order, named as in a public archive, isolates numbered within a species."""
    firsts = np.searchsorted(sequences.species, sequences.species)
    isolates = np.arange(len(firsts)) - firsts + 1
    records = []
    for number, i in enumerate(rng.permutation(len(isolates)), start=1):
        species = tree.names[int(sequences.species[i])]
        title = f"{species} isolate {isolates[i]} 18S ribosomal RNA gene, partial sequence"
        lines = textwrap.wrap(sequences.sequences[i], FASTA_WIDTH)
        records.append("\n".join([f">SIM{number:06d} {title}", *lines, ""]))
    return records


def readme(params: BenchmarkParams) -> str:
    """The text that goes with a set: what it is, what lies where, and every parameter."""
    values = asdict(params)
    settings = "\n".join(f"{field.name} = {values[field.name]}" for field in fields(params))
    return README.format(settings=settings)


README = """\
SIMULATED DATA. No picture, sequence or species here is real.

A made-up set of planktic foraminifera, drawn at random along one species tree.
The same parameters give the same bytes.

images/          one folder a species, one picture a specimen
metadata.csv     file (relative to this folder), species, specimen, split (train, validation, test)
sequences.fasta  3 to 8 individuals a species of a gene of about 1,000 bases
tree.nwk         the true tree of the species, height 1

Parameters
----------
{settings}
"""


def _write_metadata(path: Path, tree: Tree, plan: list[Specimen]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for specimen in plan:
            row = (_picture_path(tree, specimen), tree.names[specimen.species], specimen.name, specimen.split)
            writer.writerow(row)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _picture_path(tree: Tree, specimen: Specimen) -> str:
    """Path of a picture relative to the set, with forward slashes."""
    return f"images/{_folder(tree.names[specimen.species])}/{specimen.name}.png"


def _folder(name: str) -> str:
    return name.replace(" ", "_")


def _rng(params: BenchmarkParams, *stream: int) -> np.random.Generator:
    """A generator of its own for each part, so that no part depends on how much another drew."""
    return np.random.default_rng((params.seed, *stream))
