"""The fast reader of FASTA against the careful one, and long sequences piece by piece."""

import io
import itertools
import re
import subprocess
import sys

import numpy as np
import pytest
import sgt_dna
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sgt_dna import (
    AlphabetError,
    FastaError,
    Limits,
    SgtError,
    batches,
    fasta_work,
    memory_work,
    read_fasta,
    segments,
)

SIZES = {
    (batches, "BATCH"): 50,
    (fasta_work, "READ"): 13,
    (fasta_work, "LONG"): 40,
    (segments, "SEGMENT"): 60,
    (batches, "LONG"): 40,
    (memory_work, "LONG"): 40,
}
"""With these, files of a few lines are cut as those of many megabytes are."""


@pytest.fixture
def tiny(monkeypatch):
    for (module, name), size in SIZES.items():
        monkeypatch.setattr(module, name, size)


def outcome(function):
    """An embedding as its parts, or an error as what it says, without the hint."""
    try:
        emb = function()
    except SgtError as error:
        return type(error), error.record, error.line, error.problem.split(";")[0]
    return emb.ids, emb.descriptions, emb.ambiguous.tolist(), emb.vectors.tobytes()


LINES = st.one_of(
    st.sampled_from(
        ["ACGTACGT", "acgu", "ACGTN", "NNRY-", "ACGT" * 30, "AC GT", "\tAC", "", " ", "AC5", "A>C", "MKLV"]
    ),
    st.sampled_from(
        [">a", ">b x", "> c ", ">a", ">", "> ", ">\xe9 d", ">d\x0bx", ">e>f", ">g\t h", ">i\x00", " >k"]
    ),
    st.integers(0, 10**6).map(lambda n: f">r{n}"),
    st.text("ACGTN", max_size=90),
)


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(LINES, max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    closed=st.booleans(),
    small=st.booleans(),
    ambiguous=st.sampled_from(["skip", "drop"]),
    limits=st.sampled_from([Limits(), Limits(max_records=2), Limits(max_length=100)]),
)
@example([">a", "ACGT", ">a", "AC"], "\n", True, False, "skip", Limits())
@example([">a", "ACGT" * 30, "AC5"], "\n", True, True, "skip", Limits())
@example([">a", "ACGT" * 30], "\n", True, False, "skip", Limits(max_length=100))
@example([">a", "A>C", "AC"], "\n", True, False, "skip", Limits())
@example([">a", "ACGT" * 30 + "5"], "\n", True, True, "skip", Limits())
@example([">a", "AC", ">b", "AC", ">c", "AC"], "\n", True, False, "skip", Limits(max_records=2))
@example([">a", "ACGT" * 30, ">b", "AC"], "\r\n", True, True, "drop", Limits())
def test_both_readers_agree(lines, end, closed, small, ambiguous, limits):
    data = (end.join(lines) + end * closed).encode()
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), size in SIZES.items() if small else ():
            patch.setattr(module, name, size)
        options = {"ambiguous": ambiguous, "overlap": False}
        fast = outcome(lambda: sgt_dna.embed(io.BytesIO(data), limits=limits, **options))
        records = outcome(lambda: sgt_dna.embed(list(read_fasta(io.BytesIO(data), limits=limits)), **options))
    assert fast == records


ENTRIES = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["a", "b", "", " ", "c d", "\xe9", "e\0", 7]), st.text(max_size=2)),
        st.one_of(st.sampled_from(["ACGT" * 30, "AC5", "", "N", None]), st.text("ACGTNu-", max_size=60)),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(entries=ENTRIES, named=st.booleans(), small=st.booleans(), max_records=st.sampled_from([2, 100]))
def test_plain_entries_are_taken_as_records_are(entries, named, small, max_records):
    entries = entries if named else [sequence for _, sequence in entries]
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), size in SIZES.items() if small else ():
            patch.setattr(module, name, size)
        limits = Limits(max_records=max_records, max_length=110)
        fast = outcome(lambda: sgt_dna.embed(entries, limits=limits))
        records = outcome(lambda: sgt_dna.embed(list(sgt_dna.read_records(entries, limits=limits))))
    assert fast == records


def test_clean_entries_are_no_records(monkeypatch):
    monkeypatch.setattr(memory_work, "checked", None)
    assert sgt_dna.embed(["ACGT", "NNuu"]).ambiguous.tolist() == [0, 2]
    assert sgt_dna.embed({"a b": "ACGT", "c": "AC"}).ids == ("a b", "c")


def test_clean_files_are_not_read_twice(monkeypatch, five):
    monkeypatch.setattr(fasta_work, "parse_text", None)
    assert len(sgt_dna.embed(five)) == 5
    text = ">a one\nACGTN\nacgu\n\n>b\nTT-A\n>c>d\te \nAC"
    for end in ("\n", "\r\n", "\r"):
        emb = sgt_dna.embed(io.BytesIO(text.replace("\n", end).encode()))
        assert emb.descriptions == ("a one", "b", "c>d\te")
        assert (emb.ids, emb.ambiguous.tolist()) == (("a", "b", "c>d"), [1, 1, 0])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("strand", ["forward", "both"])
@pytest.mark.parametrize(("k", "overlap"), [(1, True), (2, True), (2, False), (3, True), (3, False)])
@pytest.mark.parametrize("length", [41, 59, 60, 61, 62, 63, 120, 121, 122, 181, 500])
def test_long_sequences_however_they_are_cut(
    tiny, oracle, equal_vectors, length, k, overlap, strand, threads
):
    rng = np.random.default_rng(length)
    sequence = "".join(rng.choice(list("ACGTACGTN"), length))
    text = f">a\nACGT\n>b x\n{sequence[:33]}\n{sequence[33:]}\n>c\nTTGA\n"
    for kappa, ambiguous in ((1.0, "skip"), (30.0, "drop")):
        options = {"k": k, "overlap": overlap, "strand": strand, "kappa": kappa, "ambiguous": ambiguous}
        emb = sgt_dna.embed(io.BytesIO(text.encode()), threads=threads, **options)
        assert (emb.ids, emb.descriptions) == (("a", "b", "c"), ("a", "b x", "c"))
        assert emb.ambiguous.tolist() == [0, sequence.count("N"), 0]
        equal_vectors(emb["b"], oracle(sequence, emb.params), emb.params, parts=True)
        again = sgt_dna.embed({"a": "ACGT", "b": sequence, "c": "TTGA"}, **options)
        assert again.vectors.tobytes() == emb.vectors.tobytes()


def test_the_cuts_of_real_sizes_leave_no_trace(monkeypatch):
    sequence = "".join(np.random.default_rng(0).choice(list("ACGT"), segments.SEGMENT + 1001))
    lines = "\n".join(sequence[start : start + 70] for start in range(0, len(sequence), 70))
    emb = sgt_dna.embed(io.BytesIO(f">a\n{lines}\n".encode()), threads=2)
    assert sgt_dna.embed([sequence]).vectors.tobytes() == emb.vectors.tobytes()
    whole = sgt_dna.SGTState().update(sequence).vector()
    np.testing.assert_allclose(emb["a"], whole, rtol=1e-12)


@pytest.mark.parametrize(
    ("tail", "options", "error", "message"),
    [
        ("A5\n", {}, AlphabetError, "record 'b', line 6, column 2: '5' is no nucleotide code"),
        ("AAA>c\n", {}, AlphabetError, "record 'b', line 6, column 4: '>' is no nucleotide code; a line"),
        (
            "AN\n",
            {"ambiguous": "error"},
            AlphabetError,
            "record 'b', position 142: 'N' is not A, C, G or T; correct it",
        ),
        (
            "A\n",
            {"limits": Limits(max_length=140)},
            FastaError,
            "record 'b' at line 3 is longer than 140 bases",
        ),
        (">a\nAC\n", {}, FastaError, "the id 'a' occurs twice, at line 1 and line 6"),
        (">c\n", {}, FastaError, "record 'c' at line 6 has no sequence"),
        (
            ">c\nA\n",
            {"kappa": 0.001, "length_sensitive": True},
            sgt_dna.ParameterError,
            "record 'a', kappa = 0.001 is too small for a length-sensitive vector",
        ),
    ],
)
def test_what_is_wrong_with_a_long_record_is_said(tiny, tail, options, error, message):
    text = ">a\nACGT\n>b\n" + "ACGT" * 30 + "\nACGT ACGT\tACGTACGTACGT\n" + tail
    with pytest.raises(error, match=re.escape(message)) as caught:
        sgt_dna.embed(io.BytesIO(text.encode()), **options)
    assert caught.value.record in ("a", "b", "c")


@pytest.mark.parametrize("blanks", ["\n" * 200, " \n" * 100, " " * 200])
def test_a_long_record_of_blanks_has_no_sequence(tiny, blanks):
    with pytest.raises(FastaError, match="record 'a' at line 1 has no sequence"):
        sgt_dna.embed(io.BytesIO(f">a\n{blanks}".encode()))
    with pytest.raises(FastaError, match="no records: the file is empty, or blank"):
        sgt_dna.embed(io.BytesIO(blanks.encode()))
    assert sgt_dna.embed(io.BytesIO(f"{blanks}\n>a\nACGT\n".encode())).ids == ("a",)


def test_lines_are_counted_through_every_reader(tiny):
    """Clean blocks, careful ones and long records, and what is wrong in the last line."""
    parts = [">a\nACGT\n", ">b \xe9\nAC\n", ">c\n" + "ACGT\n" * 30, ">d\nA C\n", ">e\nAC\n\n"]
    for order in itertools.permutations(parts):
        text = "".join(order)
        with pytest.raises(AlphabetError) as caught:
            sgt_dna.embed(io.BytesIO(f"{text}>z\nAC5\n".encode()))
        assert caught.value.line == text.count("\n") + 2


def test_short_records_before_a_long_one_do_not_take_all_memory(tmp_path):
    """From the first batch alone the file would hold 160,000 rows of 32 kB."""
    path = tmp_path / "mix.fa"
    short = "".join(f">s{i}\n{'ACGT' * 25}\n" for i in range(3000))
    path.write_text(short + ">long\n" + "ACGTTGCA" * 2_000_000 + "\n")
    code = (
        "import resource, sys, sgt_dna; sgt_dna.embed(['ACGT'], k=3); "
        "now = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize(); "
        "resource.setrlimit(resource.RLIMIT_AS, (now + 2**31 + 2**29, -1)); "
        "print(len(sgt_dna.embed(sys.argv[1], k=3)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "3001\n", done.stderr


@pytest.mark.parametrize("length", [2**20 - 10, 2**20, 2**20 + 1, 2**20 + 20])
def test_a_header_beyond_the_limit_is_refused_wherever_it_stands(tmp_path, length):
    path = tmp_path / "long.fa"
    path.write_text(f">a {'h' * (length - 2)}\nACGT\n>b\nACGT\n")
    found = []
    for read in (sgt_dna.embed, lambda source: list(sgt_dna.read_fasta(source))):
        try:
            found.append(len(read(path)))
        except sgt_dna.FastaError as error:
            found.append(str(error))
    assert found[0] == found[1]


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"A", b">a", b"\r" * 20]), max_size=30).map(b"".join))
def test_line_ends_of_every_kind_are_read_as_one(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fasta_work, "READ", 7)
        chunks = list(fasta_work._chunks(io.BufferedReader(io.BytesIO(data))))
    assert b"".join(chunks) == data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert len(chunks) <= len(data) // 7 + 1  # a run of \r is read on, not again and again


def test_entries_that_are_not_plain_end_a_batch_too():
    from Bio.Seq import Seq

    taken = []

    def entries():
        for number in range(3000):
            taken.append(number)
            yield f"r{number}", Seq("ACGT" * 250)

    with pytest.raises(sgt_dna.FastaError, match="more than 3 records"):
        sgt_dna.embed(entries(), limits=sgt_dna.Limits(max_records=3))
    assert len(taken) < 10
