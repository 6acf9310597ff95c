"""The transform under every option, whole and in parts, against its definition."""

import functools
import itertools
import math
import pickle
import re

import numpy as np
import pytest
import sgt_dna
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sgt_dna import AlphabetError, ParameterError, SGTParams, SGTState

PARAMS = st.builds(
    SGTParams,
    k=st.sampled_from([1, 2, 3]),
    overlap=st.booleans(),
    kappa=st.floats(0.1, 50),
    length_sensitive=st.booleans(),
    ambiguous=st.sampled_from(["skip", "drop"]),
    strand=st.sampled_from(["forward", "both"]),
)


def random_sequence(alphabet: str, length: int, seed: int) -> str:
    """Hypothesis by itself draws short texts."""
    return "".join(np.random.default_rng(seed).choice(list(alphabet), length))


SEQUENCES = st.one_of(
    st.builds(
        random_sequence,
        alphabet=st.sampled_from(["ACGT", "acgtuNRY-", "AAAAC", "AN"]),
        length=st.integers(0, 300),
        seed=st.integers(0, 2**32),
    ),
    st.text("ACGTN", max_size=12),
    st.integers(0, 280).map(lambda gap: "ACGGTN"[gap % 5 :] + "G" * gap + "TTACGA"),
)


@settings(max_examples=150, deadline=None)
@given(sequence=SEQUENCES, params=PARAMS)
def test_equals_the_definition(oracle, equal_vectors, sequence, params):
    expected = oracle(sequence, params)
    found = SGTState(params).update(sequence).vector()
    assert found.shape == (16**params.k,)
    equal_vectors(found, expected, params, parts=False)
    if sequence:
        options = {name: getattr(params, name) for name in SGTParams.__dataclass_fields__}
        embedded = sgt_dna.embed([sequence], **options)
        equal_vectors(embedded["1"], expected, params, parts=False)
        assert embedded.params == params


@settings(max_examples=150, deadline=None)
@given(
    sequence=SEQUENCES,
    params=PARAMS,
    places=st.lists(st.floats(0, 1), max_size=6),
    order=st.randoms(use_true_random=False),
)
@example("ACGTA", SGTParams(k=3, overlap=False, strand="both"), [0.2, 0.4, 0.4, 0.6, 0.8], None)
def test_any_split_in_any_order_of_merges(oracle, equal_vectors, sequence, params, places, order):
    cuts = [0, *sorted(round(place * len(sequence)) for place in places), len(sequence)]
    states = [SGTState(params).update(sequence[a:b]) for a, b in itertools.pairwise(cuts)]
    while len(states) > 1:
        left = order.randrange(len(states) - 1) if order else 0
        states[left].merge(states.pop(left + 1))
    assert states[0].n_bases == len(sequence)
    assert states[0].n_ambiguous == len(re.sub("[ACGTUacgtu]", "", sequence))
    equal_vectors(states[0].vector(), oracle(sequence, params), params, parts=True)


@settings(max_examples=50, deadline=None)
@given(sequence=st.text("ACGTN", min_size=1, max_size=200), params=PARAMS)
def test_both_strands_give_one_vector(equal_vectors, sequence, params):
    other = sequence.translate(str.maketrans("ACGT", "TGCA"))[::-1]
    options = {"k": params.k, "overlap": params.overlap, "kappa": params.kappa, "ambiguous": params.ambiguous}
    emb = sgt_dna.embed([sequence, other], strand="both", **options)
    equal_vectors(emb["1"], emb["2"], emb.params, parts=False)


@pytest.mark.parametrize("length_sensitive", [True, False])
def test_a_palindrome_has_the_same_vector_from_both_strands(length_sensitive):
    found = [
        sgt_dna.embed(["ACGGATCCGT"], strand=strand, length_sensitive=length_sensitive)["1"]
        for strand in ("forward", "both")
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_hand_computed():
    """ACA with k = 1: A->C at 1, C->A at 1, A->A at 2; three symbols."""
    names = sgt_dna.embed(["ACA"], k=1).feature_names
    for options, scale in (({}, 1), ({"length_sensitive": True}, 3)):
        values = dict(zip(names, sgt_dna.embed(["ACA"], k=1, kappa=2, **options)["1"].tolist(), strict=True))
        expected = {"A->C": math.exp(-2), "C->A": math.exp(-2), "A->A": math.exp(-4)}
        assert {name for name, value in values.items() if value} == set(expected)
        for name, mean in expected.items():
            assert values[name] == pytest.approx(math.sqrt(scale * mean), rel=1e-14)


def test_streaming_gives_what_the_whole_does(five):
    record = next(sgt_dna.read_fasta(five))
    state = SGTState()
    for start in range(0, len(record.sequence), 60):
        state.update(record.sequence[start : start + 60])
    np.testing.assert_allclose(state.vector(), sgt_dna.embed([record])[record.id], rtol=1e-12)


def test_parts_computed_elsewhere(five):
    record = next(sgt_dna.read_fasta(five))
    parts = [
        pickle.loads(pickle.dumps(SGTState().update(record.sequence[start : start + 500])))
        for start in range(0, len(record.sequence), 500)
    ]
    merged = functools.reduce(SGTState.merge, parts)
    np.testing.assert_allclose(merged.vector(), sgt_dna.embed([record])[record.id], rtol=1e-12)


def test_merge_leaves_the_other_state_as_it_was():
    first, second = SGTState().update("ACGT"), SGTState().update("TTGA")
    before = second.vector()
    first.merge(second).update("CC")
    assert second.vector().tobytes() == before.tobytes()
    assert (first.n_bases, second.n_bases) == (10, 4)
    assert repr(first) == "SGTState: 10 bases (dinucleotides, overlapping, kappa=1)"


def test_a_state_can_be_merged_with_itself():
    twice = SGTState().update("ACGTN")
    twice.merge(twice)
    np.testing.assert_allclose(twice.vector(), sgt_dna.embed(["ACGTN" * 2])["1"], rtol=1e-12)


def test_states_of_other_parameters_are_refused():
    with pytest.raises(ParameterError, match=re.escape("states to merge differ in their parameters: kappa")):
        SGTState(SGTParams(kappa=1)).merge(SGTState(SGTParams(kappa=2)))


@pytest.mark.parametrize(
    ("ambiguous", "piece", "message"),
    [
        ("skip", "AC5", "position 7: '5' is no nucleotide code; allowed are"),
        ("error", "ACN", "position 7: 'N' is not A, C, G or T"),
    ],
)
def test_a_bad_piece_leaves_the_state_as_it_was(ambiguous, piece, message):
    state = SGTState(SGTParams(ambiguous=ambiguous)).update("ACGT")
    before = state.vector()
    with pytest.raises(AlphabetError, match=re.escape(message)):
        state.update(piece)
    assert state.n_bases == 4
    assert state.vector().tobytes() == before.tobytes()


@pytest.mark.parametrize(
    ("length", "size", "step", "expected"),
    [
        (12, 8, 4, ["1-8", "5-12"]),
        (13, 8, 4, ["1-8", "5-12", "9-13"]),
        (10, 5, None, ["1-5", "6-10"]),
        (5, 8, 4, ["1-5"]),
        (11, 2, 5, ["1-2", "6-7", "11-11"]),
        (10, 2, 5, ["1-2", "6-7"]),
    ],
)
def test_windows_are_embedded_one_by_one(length, size, step, expected):
    sequence = "ACGTTGCANACGT"[:length]
    found = sgt_dna.embed_windows(sequence, size, step, kappa=2)
    assert list(found.ids) == expected
    for id_, vector in found:
        first, last = map(int, id_.split("-"))
        assert vector.tobytes() == sgt_dna.embed([sequence[first - 1 : last]], kappa=2).vectors.tobytes()


def test_windows_of_a_record_carry_its_id(five):
    record = next(sgt_dna.read_fasta(five))
    assert sgt_dna.embed_windows(record, 500).ids[0] == f"{record.id}:1-500"


@pytest.mark.parametrize("arguments", [(0,), (-5,), (8, 0), (2.5,), (True,)])
def test_bad_windows_are_refused(arguments):
    with pytest.raises(ParameterError, match="must be a positive number of bases"):
        sgt_dna.embed_windows("ACGTACGT", *arguments)
