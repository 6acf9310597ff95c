"""The one-pass kernel against the definition, closed forms and the reference implementation."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import sgt_dna
from hypothesis import given, settings
from hypothesis import strategies as st
from sgt import SGT
from sgt_dna.alphabet import SYMBOLS


def symbols_of(sequence: str, overlap: bool) -> list[str | None]:
    pairs = [sequence[i : i + 2] for i in range(0, len(sequence) - 1, 1 if overlap else 2)]
    return [pair if pair in SYMBOLS else None for pair in pairs]


@settings(max_examples=150, deadline=None)
@given(
    sequence=st.one_of(
        st.text("ACGTN", min_size=1, max_size=300), st.text("AAAAC", min_size=1, max_size=300)
    ),
    kappa=st.floats(0.1, 50),
    overlap=st.booleans(),
)
def test_equals_the_definition(oracle, sequence, kappa, overlap):
    expected = oracle(symbols_of(sequence, overlap), kappa)
    found = sgt_dna.embed([sequence], kappa=kappa, overlap=overlap)["1"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("kappa", [11.8, 355.0, 700.0])
def test_weights_that_would_be_denormal_count_as_zero(oracle, kappa):
    sequence = "AC" + "G" * 60 + "ACGT"
    expected = oracle(symbols_of(sequence, True), kappa)
    found = sgt_dna.embed([sequence], kappa=kappa)["1"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
    assert (found == 0).tolist() == (expected == 0).tolist()


@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize("kappa", [0.1, 1, 5, 10])
@pytest.mark.parametrize("length", [2, 3, 40, 151])
def test_equals_the_reference_package(overlap, kappa, length):
    rng = np.random.default_rng(length)
    sequence = "".join(rng.choice(list("ACGT"), length))
    reference = SGT(alphabets=list(SYMBOLS), kappa=kappa, flatten=True)
    expected = reference.fit(symbols_of(sequence, overlap)).to_numpy()
    found = sgt_dna.embed([sequence], kappa=kappa, overlap=overlap)["1"]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_long_sequence_has_exact_counts_and_small_rounding():
    n = 200_000  # 2e10 pairs do not fit 32 bits
    found = sgt_dna.embed(["A" * (n + 1)])["1"]
    weight = math.fsum((n - d) * math.exp(-d) for d in range(1, 800))
    assert found[0] == pytest.approx(weight / (n * (n - 1) // 2), rel=1e-12)
    assert not found[1:].any()


def test_block_ends_leave_no_trace():
    from sgt_dna import _kernel

    codes = np.random.default_rng(0).integers(0, 17, 3 * _kernel.BLOCK + 5).astype(np.uint8)
    whole = [np.zeros(16), np.zeros(16, np.int64), np.zeros((16, 16)), np.zeros((16, 16), np.int64)]
    _kernel.add_pairs(codes, np.exp(-1.0), *whole)
    vector = np.empty(256)
    _kernel.transform(codes, 1.0, vector)
    np.testing.assert_allclose(vector, (whole[2] / whole[3]).T.ravel(), rtol=1e-12)


def test_works_where_no_cache_folder_is_writable():
    code = "import sgt_dna; print(sgt_dna.embed(['AACG'])['1'][1])"
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "ZipCacheLocator"}  # finds no folder here
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(math.exp(-1))
