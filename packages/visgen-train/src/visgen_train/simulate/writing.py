"""The simulated set on disk: pictures, FASTA, tables and tree, in the form a user would bring."""

from __future__ import annotations

import csv
import multiprocessing
import signal
import tempfile
import textwrap
from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, fields, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visgen_train.io.progress import Track, silent
from visgen_train.simulate.benchmark import (
    Specimen,
    folder_name,
    genes,
    looks,
    picture_rng,
    species_tree,
    specimens,
    training_counts,
)
from visgen_train.simulate.morphology import RANGES, traits_from_scores
from visgen_train.simulate.params import BenchmarkParams
from visgen_train.simulate.sequences import BASES
from visgen_train.simulate.specimen import draw_specimen
from visgen_train.simulate.tree import Tree, newick

FASTA_WIDTH = 80
COLUMNS = ("file", "species", "specimen", "split")
CHUNK = 20
"""Pictures that a process draws before it says so; who interrupts waits for a few times as many."""
WORTH = 1000
"""Pictures for which one more process is worth its start."""


def write_benchmark(out: Path, params: BenchmarkParams, track: Track = silent, processes: int = 1) -> None:
    """Write a simulated set: pictures, sequences, their alignment, the tree, traits, and a README.

    The same parameters give the same bytes, whatever the number of processes. The set appears whole or not at all:
    it is written beside ``out`` and renamed at the end.

    Parameters
    ----------
    out : Path
        Folder to write; must not exist, or be empty.
    params : BenchmarkParams
        What to simulate.
    track : callable
        Shows progress.
    processes : int
        How many draw, at most. With more than one a script needs ``if __name__ == "__main__":`` around the call.

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
        _write_set(folder, params, track, processes)
        if out.exists():
            out.rmdir()
        folder.rename(out)


def _write_set(folder: Path, params: BenchmarkParams, track: Track, processes: int) -> None:
    """Simulate and write everything into an empty folder."""
    tree = species_tree(params)
    scores, counts = looks(tree, params), training_counts(params)
    plan = list(specimens(tree, params))
    paths = [picture_path(tree, specimen, counts) for specimen in plan]
    for parent in {path.rpartition("/")[0] for path in paths}:
        (folder / parent).mkdir(parents=True)
    pictures = (
        _Picture(folder / path, scores[specimen.species], specimen, params)
        for specimen, path in zip(plan, paths, strict=True)
    )
    processes = min(processes, len(plan) // WORTH + 1)
    with closing(
        _drawn(pictures, processes)
    ) as drawn:  # before the folder goes, nobody draws into it any more
        for _ in track(drawn, "Drawing shells", len(plan)):
            pass
    _write_metadata(folder / "metadata.csv", tree, plan, paths)
    _write_sequences(folder, tree, params)
    _write_traits(folder / "traits.csv", tree, scores, counts)
    _write_text(folder / "tree.nwk", newick(replace(tree, names=tuple(map(folder_name, tree.names)))) + "\n")
    _write_text(folder / "README.txt", readme(params))


class _Picture(NamedTuple):
    """What a process needs to draw one."""

    path: Path
    scores: NDArray[np.float64]
    specimen: Specimen
    params: BenchmarkParams


def _drawn(pictures: Iterable[_Picture], processes: int) -> Generator[int, None, None]:
    """Draw and save all; something for each that is done."""
    waiting = iter(pictures)
    chunks = iter(lambda: list(islice(waiting, CHUNK)), [])
    if processes == 1:
        yield from (done for chunk in chunks for done in _draw(chunk))
        return
    # no fork: this process may have threads, and libraries that do not stand it
    context = multiprocessing.get_context("spawn")
    # Ctrl-C reaches all processes of a terminal; only this one answers
    with ProcessPoolExecutor(processes, context, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        for done in pool.map(_draw, chunks):
            yield from done


def _draw(chunk: list[_Picture]) -> list[int]:
    for path, scores, specimen, params in chunk:
        drawn = draw_specimen(scores, params.difficulty, params.size, picture_rng(params, specimen))
        Image.fromarray(drawn).save(path)
    return [1] * len(chunk)


def picture_path(tree: Tree, specimen: Specimen, counts: NDArray[np.int64]) -> str:
    """Path of a picture relative to the set, with forward slashes: species that are not trained on lie apart."""
    parent = "images" if counts[specimen.species] else "unseen"
    return f"{parent}/{folder_name(tree.names[specimen.species])}/{specimen.name}.png"


def _write_sequences(folder: Path, tree: Tree, params: BenchmarkParams) -> None:
    """FASTA in random order, named as in a public archive, isolates numbered within a species; and the alignment."""
    found, order = genes(tree, params)
    isolates = np.arange(len(order)) - np.searchsorted(found.species, found.species) + 1
    letters = np.array([*BASES, "-"])
    records, aligned = [], []
    for number, i in enumerate(order, start=1):
        species = tree.names[int(found.species[i])]
        title = f"{species} isolate {isolates[i]} 18S ribosomal RNA gene, partial sequence"
        row = "".join(letters[found.alignment[i]])
        records.append(_record(f"SIM{number:06d} {title}", found.sequences[i]))
        aligned.append(_record(f"SIM{number:06d} {species}", row))
    _write_text(folder / "sequences.fasta", "".join(records))
    _write_text(folder / "alignment.fasta", "".join(aligned))


def _record(header: str, sequence: str) -> str:
    return "\n".join([f">{header}", *textwrap.wrap(sequence, FASTA_WIDTH, break_on_hyphens=False), ""])


def _write_traits(path: Path, tree: Tree, scores: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
    """The true looks: each species' training images and mean traits, in the units of `ShellTraits`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["species", "training_images", *RANGES])
        for name, count, row in zip(tree.names, counts, scores, strict=True):
            values = asdict(traits_from_scores(row)).values()
            writer.writerow([name, count, *(f"{value:.6g}" for value in values)])


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
unseen/          where asked for: the same of species that have sequences and nothing to train on
metadata.csv     file (relative to this folder), species, specimen, split (train, validation, test)
sequences.fasta  3 to 8 individuals a species of a gene of about 1,000 bases
alignment.fasta  the same, with their true gaps
tree.nwk         the true tree of the species, height 1
traits.csv       the true mean traits of each species, and how many pictures it is trained on

Parameters
----------
{settings}
"""


def _write_metadata(path: Path, tree: Tree, plan: list[Specimen], paths: list[str]) -> None:
    """A row for each picture in ``images``."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for specimen, picture in zip(plan, paths, strict=True):
            if picture.startswith("images/"):
                writer.writerow((picture, tree.names[specimen.species], specimen.name, specimen.split))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
