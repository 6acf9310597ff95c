"""The one-pass kernel against closed forms and the reference implementation."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import sgt_dna
from sgt import SGT
from sgt_dna import SGTParams
from sgt_dna.alphabet import symbols


def symbols_of(sequence: str, overlap: bool) -> list[str]:
    return [sequence[i : i + 2] for i in range(0, len(sequence) - 1, 1 if overlap else 2)]


@pytest.mark.parametrize("kappa", [11.8, 355.0, 700.0])
def test_weights_that_would_be_denormal_count_as_zero(oracle, kappa):
    sequence = "AC" + "G" * 60 + "ACGT"
    expected = oracle(sequence, SGTParams(kappa=kappa))
    found = sgt_dna.embed([sequence], kappa=kappa)["1"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
    assert (found == 0).tolist() == (expected == 0).tolist()


@pytest.mark.parametrize("length_sensitive", [False, True])
@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize("kappa", [0.1, 1, 5, 10])
@pytest.mark.parametrize("length", [2, 3, 40, 151])
def test_equals_the_reference_package(length_sensitive, overlap, kappa, length):
    rng = np.random.default_rng(length)
    sequence = "".join(rng.choice(list("ACGT"), length))
    reference = SGT(alphabets=list(symbols(2)), kappa=kappa, flatten=True, lengthsensitive=length_sensitive)
    expected = reference.fit(symbols_of(sequence, overlap)).to_numpy()
    found = sgt_dna.embed([sequence], kappa=kappa, overlap=overlap, length_sensitive=length_sensitive)
    np.testing.assert_allclose(found["1"], expected, rtol=1e-12)


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
    _, *blocks = _kernel.statistics(codes, 16, 1.0)
    for found, expected in zip(blocks, whole, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_works_where_no_cache_folder_is_writable():
    code = "import sgt_dna; print(sgt_dna.embed(['AACG'])['1'][1])"
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "ZipCacheLocator"}  # finds no folder here
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(math.exp(-1))
