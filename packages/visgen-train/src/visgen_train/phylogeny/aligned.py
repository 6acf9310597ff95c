"""The alignment that a tree is made of."""

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
import sgt_dna

from visgen_train.errors import DataError
from visgen_train.genetics.distances.alignment import align
from visgen_train.genetics.outlying import outlying
from visgen_train.genetics.words import bases, letters
from visgen_train.phylogeny.programs import mafft
from visgen_train.phylogeny.steps import Steps, key, text

log = logging.getLogger(__name__)
ALIGNERS = ("pyfamsa", "mafft")


class Aligned(NamedTuple):
    """Attributes: ids of the n sequences in it; (n, columns) codes of `words.letters`; what was left out and why."""

    ids: list[str]
    codes: np.ndarray
    notes: list[str]

    def records(self) -> list[sgt_dna.Record]:
        """Its rows, gaps and all."""
        return [sgt_dna.Record(name, name, text(row)) for name, row in zip(self.ids, self.codes, strict=True)]


def aligned(
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    aligner: str,
    steps: Steps,
    threads: int,
    say: Callable[[str], None],
) -> Aligned:
    """Align all sequences but those that would spoil it, or take what the folder has of the same input.

    Raises
    ------
    ConfigError
        The aligner is not installed.
    DataError
        A species of which no sequence is left.
    """
    tool = f"pyfamsa {version('pyfamsa')}" if aligner == "pyfamsa" and _has("pyfamsa") else aligner
    made_from = key(tool, [(record.id, labels[record.id], record.sequence) for record in records])
    known = steps.get("alignment", made_from)
    found = steps.read_alignment(known["sha256"]) if known is not None else None
    if known is not None and found is not None:
        say("Alignment: taken from the folder.")
        return Aligned(*found, known["notes"])
    if known is not None:
        log.warning("%s: alignment.fasta has been changed since; it is made anew", steps.folder)
    kept, notes = _fit(records, labels)
    say(f"Aligning {len(kept):,} sequences by {tool} ...")
    codes = align(kept) if aligner == "pyfamsa" else _by_mafft(kept, threads)
    ids = [record.id for record in kept]
    steps.put("alignment", made_from, sha256=steps.write_alignment(ids, codes), notes=notes)
    return Aligned(ids, codes, notes)


def _has(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _fit(
    records: Sequence[sgt_dna.Record], labels: Mapping[str, str]
) -> tuple[list[sgt_dna.Record], list[str]]:
    """The sequences to align, and which were left out."""
    species = np.array([labels[record.id] for record in records])
    strange = outlying([bases(record.sequence) for record in records], species)
    kept = [record for row, record in enumerate(records) if row not in strange]
    notes = []
    for why in sorted(set(strange.values())):
        ids = [records[row].id for row in sorted(strange) if strange[row] == why]
        some = ", ".join(ids[:20]) + (f" and {len(ids) - 20} more" if len(ids) > 20 else "")
        notes.append(f"left out of the alignment ({why}): {some}")
    gone = sorted(set(species) - {labels[record.id] for record in kept})
    if gone:
        raise DataError(
            f"No sequence of {gone[0]} can be aligned with the others ({'; '.join(notes)}). Correct them, take out the "
            "species, or take --method nj with --distance kmer."
        )
    return kept, notes


def _by_mafft(records: Sequence[sgt_dna.Record], threads: int) -> np.ndarray:
    named = {f"r{row}": record.sequence.replace("-", "") for row, record in enumerate(records)}
    found = mafft(named, threads)
    lengths = {len(row) for row in found.values()}
    if found.keys() != named.keys() or len(lengths) != 1:
        raise DataError("mafft gave something else than one row of one length for each sequence.")
    return np.stack([letters(found[name]) for name in named])
