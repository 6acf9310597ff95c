"""Room for vectors: as much as is known, or guessed within bounds."""

import io
import mmap
import tempfile

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from sgt_dna import Limits, SGTParams, rows, transform
from sgt_dna.fasta_work import fasta_work
from sgt_dna.rows import Expected, Rows


class Bar:
    """As of tqdm: its length is that of what it goes through, which may have none."""

    def __iter__(self):
        return iter([("a", "ACGTTGCA")])

    def __len__(self):
        raise TypeError("object of type 'generator' has no len()")


def test_a_source_whose_length_fails():
    assert sgt_dna.embed(Bar()).ids == ("a",)
    with pytest.raises(TypeError, match="iteration over a 0-d array"):
        sgt_dna.embed(np.array("ACGT"))


@pytest.mark.parametrize(
    "source", [["A", "C"], ("A", "C"), {"a": "A", "b": "C"}, pd.Series(["A", "C"]), np.array(["A", "C"])]
)
def test_what_counts_sequences(source):
    assert transform._expected(source) == Expected(sequences=2)


def test_what_counts_something_else():
    letters = Seq("ACGT" * 1000)
    with tempfile.TemporaryFile() as file:
        file.write(b">a\nACGT\n")
        file.flush()
        with mmap.mmap(file.fileno(), 0) as mapped:
            sources = [letters, SeqRecord(letters, "a"), mapped, io.BytesIO(b">a\nACGT\n"), iter(["A"])]
            assert [transform._expected(source) for source in sources] == [None] * 5
            assert sgt_dna.embed(mapped).ids == ("a",)


@pytest.mark.parametrize(
    ("expected", "once"), [(Expected(sequences=900), True), (Expected(bases=900), False)]
)
def test_only_guesses_are_bounded(monkeypatch, expected, once):
    monkeypatch.setattr(rows, "ROOM", 8 * 16 * 100)
    kept = Rows(16, expected)
    given = [kept.room(1, 1) for _ in range(900)]
    for number, row in enumerate(given):
        row[:] = number
    found = kept.vectors()
    assert found[:, 5].tolist() == list(range(900))
    assert np.shares_memory(given[0], found) == once  # or they were put together at the end


def test_a_guess_from_records_without_bases():
    kept = Rows(16, Expected(bases=10**15))
    assert kept.room(3, 0).shape == (3, 16)


def test_a_batch_keeps_what_it_has_and_no_more():
    text = b"".join(b">s%d\nACGTTGCAN\n" % number for number in range(20_000))
    counts = [
        work.ambiguous for work in fasta_work(io.BufferedReader(io.BytesIO(text)), SGTParams(), Limits())
    ]
    assert sum(map(len, counts)) == 20_000
    assert all(each.base is None for each in counts)
