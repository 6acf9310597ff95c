"""Ambiguity and parameters of `embed`."""

import math
import os
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sgt_dna
from sgt_dna import AlphabetError, ParameterError, SGTParams
from sgt_dna.alphabet import feature_names, symbols
from sgt_dna.pool import n_threads

FEATURE_NAMES = feature_names(2)


def test_features_are_named_in_order():
    assert symbols(2)[:5] == ("AA", "AC", "AG", "AT", "CA")
    assert [len(feature_names(k)) for k in (1, 2, 3)] == [16, 256, 4096]
    assert FEATURE_NAMES[0 * 16 + 6] == "AA->CG"
    assert feature_names(1)[0 * 4 + 3] == "A->T"
    assert feature_names(3)[0 * 64 + 16] == "AAA->CAA"
    emb = sgt_dna.embed(["AACG"])
    assert emb["1"][FEATURE_NAMES.index("AA->CG")] == pytest.approx(math.exp(-2))


def test_fault_7_case_and_uracil_change_nothing():
    emb = sgt_dna.embed(["ACGTTGCA", "acguugca", "ACGUTgca"])
    assert np.all(emb.vectors == emb.vectors[0])
    assert emb.ambiguous.tolist() == [0, 0, 0]


@pytest.mark.parametrize("character", list("NRYSWKMBDHVn-."))
def test_fault_7_ambiguous_positions(character):
    sequence = f"AA{character}CG"
    skip = sgt_dna.embed([sequence])
    drop = sgt_dna.embed([sequence], ambiguous="drop")
    at = FEATURE_NAMES.index("AA->CG")
    assert skip["1"][at] == pytest.approx(math.exp(-3))
    assert np.count_nonzero(skip["1"]) == 1
    assert np.all(drop["1"] == sgt_dna.embed(["AACG"])["1"])
    assert skip.ambiguous.tolist() == drop.ambiguous.tolist() == [1]
    message = (
        f"record '1', position 3: {character!r} is not A, C, G or T; correct it, or choose ambiguous='skip'"
    )
    with pytest.raises(AlphabetError, match=re.escape(message)):
        sgt_dna.embed([sequence], ambiguous="error")


def test_fault_7_ambiguity_error_carries_file_record_and_line(fasta):
    path = fasta(">a\nACGT\n>b\nACNT\n")
    with pytest.raises(AlphabetError, match=re.escape(f"{path}: record 'b', position 3: 'N'")) as caught:
        sgt_dna.embed(path, ambiguous="error")
    assert (caught.value.file, caught.value.record, caught.value.line) == (str(path), "b", 3)


@pytest.mark.parametrize("sequence", ["A", "AC", "N", "---", "ANCNG"])
def test_fault_4_without_two_symbols_the_vector_is_zero(sequence):
    emb = sgt_dna.embed({"short": sequence, "long": "ACGT"})
    assert not emb["short"].any()
    assert emb.zero_ids == ("short",)


def test_non_overlapping_leaves_an_odd_end():
    assert np.all(
        sgt_dna.embed(["ACGTA"], overlap=False).vectors == sgt_dna.embed(["ACGT"], overlap=False).vectors
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kappa": 0}, "kappa must be positive and finite, not 0.0"),
        ({"kappa": -1.5}, "kappa must be positive and finite, not -1.5"),
        ({"kappa": math.nan}, "kappa must be positive and finite, not nan"),
        ({"kappa": math.inf}, "kappa must be positive and finite, not inf"),
        ({"kappa": 0.0009}, "kappa = 0.0009 is too small: the root 1 / kappa leaves too few digits"),
        ({"kappa": 709}, "kappa = 709 is too large: exp(-kappa) vanishes"),
        ({"kappa": 1e9}, "kappa = 1e+09 is too large: exp(-kappa) vanishes"),
        ({"kappa": "1"}, "kappa must be a number, not '1'"),
        ({"kappa": True}, "kappa must be a number, not True"),
        ({"overlap": "no"}, "overlap must be True or False, not 'no'"),
        ({"k": 4}, "k must be 1, 2 or 3, not 4"),
        ({"k": 2.0}, "k must be 1, 2 or 3, not 2.0"),
        ({"k": True}, "k must be 1, 2 or 3, not True"),
        ({"length_sensitive": 1}, "length_sensitive must be True or False, not 1"),
        ({"strand": "reverse"}, "strand must be one of 'forward', 'both', not 'reverse'"),
        ({"ambiguous": "ignore"}, "ambiguous must be one of 'skip', 'drop', 'error', not 'ignore'"),
    ],
)
def test_fault_10_bad_parameters_are_refused(arguments, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        SGTParams(**arguments)
    with pytest.raises(ParameterError, match=re.escape(message)):
        sgt_dna.embed(["ACGT"], **arguments)


def test_kappa_up_to_its_limit_gives_vectors():
    assert sgt_dna.embed(["AACG"], kappa=708)["1"].any()
    assert SGTParams(kappa=np.float32(2)).kappa == 2.0


@pytest.mark.parametrize(
    ("params", "text"),
    [
        (SGTParams(), "dinucleotides, overlapping, kappa=1"),
        (SGTParams(k=1, overlap=False), "mononucleotides, kappa=1"),
        (
            SGTParams(k=3, kappa=0.5, overlap=False, length_sensitive=True, strand="both"),
            "trinucleotides, non-overlapping, kappa=0.5, length-sensitive, both strands",
        ),
    ],
)
def test_parameters_say_what_they_are(params, text):
    assert str(params) == text


@pytest.mark.parametrize("threads", [2, 3, None])
def test_threads_change_nothing(monkeypatch, threads):
    monkeypatch.setattr(sgt_dna.batches, "BATCH", 1000)
    letters = np.random.default_rng(0).choice(list("ACGTN"), (60, 300))
    sequences = ["".join(row) for row in letters]
    seen = []
    found = sgt_dna.embed(sequences, threads=threads, progress=seen.append)
    assert found.ids == tuple(map(str, range(1, 61)))
    assert found.vectors.tobytes() == sgt_dna.embed(sequences).vectors.tobytes()
    assert seen == [3 * batch for batch in range(1, 21)]  # an entry counts for 64 more than its bases


@pytest.mark.parametrize("threads", [0, -1, 1.5, True])
def test_bad_threads_are_refused(threads):
    with pytest.raises(ParameterError, match="threads must be a positive integer, not"):
        sgt_dna.embed(["ACGT"], threads=threads)


def test_an_error_in_a_thread_names_its_record():
    sequences = {f"s{number}": "ACGT" * 50 for number in range(50)} | {"bad": "ACGN"}
    with pytest.raises(AlphabetError, match="record 'bad', position 4: 'N' is not A, C, G or T"):
        sgt_dna.embed(sequences, ambiguous="error", threads=2)


def test_length_sensitive_root_that_overflows_is_refused():
    with pytest.raises(
        ParameterError, match=r"record '1', kappa = 0\.001 is too small for a length-sensitive"
    ):
        sgt_dna.embed(["ACGT" * 100], kappa=0.001, length_sensitive=True)


@pytest.mark.parametrize("threads", [1, 2])
def test_records_are_read_as_they_are_needed(monkeypatch, threads):
    monkeypatch.setattr(sgt_dna.batches, "BATCH", 100)
    taken, ahead = [], []

    def sequences():
        for number in range(200):
            taken.append(number)
            yield "ACGT" * 25

    sgt_dna.embed(sequences(), threads=threads, progress=lambda done: ahead.append(len(taken) - done))
    assert max(ahead) <= 2 * threads


SEQUENCES = ["ACGTTGCANACGT" * n for n in range(1, 60)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_forked_child_embeds_as_its_parent_did(tmp_path, threads):
    expected = sgt_dna.embed(SEQUENCES, threads=threads).vectors
    child = os.fork()
    if not child:
        try:
            np.save(tmp_path / "found.npy", sgt_dna.embed(SEQUENCES, threads=threads).vectors)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert np.load(tmp_path / "found.npy").tobytes() == expected.tobytes()


def test_callers_may_be_threads_themselves():
    expected = sgt_dna.embed(SEQUENCES, kappa=5).vectors.tobytes()
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda number: sgt_dna.embed(SEQUENCES, kappa=5, threads=1 + number % 2), range(12))
        assert all(emb.vectors.tobytes() == expected for emb in found)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_first_bad_record_is_named_for_any_number_of_threads(monkeypatch, threads):
    monkeypatch.setattr(sgt_dna.batches, "BATCH", 100)
    sequences = {"fine": "A", "over": "ACGT" * 100, "so too": "ACGT" * 100, "bad": "AC5"}
    done = []
    with pytest.raises(ParameterError, match="record 'over', kappa = 0.001 is too small"):
        sgt_dna.embed(sequences, kappa=0.001, length_sensitive=True, threads=threads, progress=done.append)
    sequences = {f"r{number}": "ACGT" * 25 for number in range(9)} | {"bad": "AC5"}
    with pytest.raises(AlphabetError, match="record 'bad'"):
        sgt_dna.embed(sequences, threads=threads, progress=done.append)
    assert done[-1] == 9


def test_no_more_threads_than_help():
    assert n_threads(10**9) == 4 * n_threads(None)
