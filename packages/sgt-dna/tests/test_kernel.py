"""The one-pass kernel against closed forms and the reference implementation."""

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sgt_dna
from sgt import SGT
from sgt_dna import SGTParams
from sgt_dna.alphabet import symbols
from sgt_dna.params import TINY


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


def run_loop(loop, codes, n, decay, parts):
    """What a loop makes of codes given in so many parts: sums, hits and the tables without their last row."""
    from sgt_dna._kernel.pairs import LANES, least
    from sgt_dna._kernel.sums import aligned

    row = max(n, LANES)
    tables = [((n + 1, row), kind) for kind in (np.float64, np.int32) for _ in range(2)]
    sums, hits, weights, decays, pairs, ones = aligned(((row,), np.float64), ((row,), np.int32), *tables)
    np.fill_diagonal(decays[:n], decay)
    np.fill_diagonal(ones[:n], 1)
    step = least(TINY, decay)
    lasting = () if loop.__name__.endswith("plainly") else (least(step, decay) if step <= decay else np.inf,)
    for part in np.array_split(codes, parts):
        loop(part, decay, *lasting, sums, hits, weights, pairs, decays, ones)
    return sums, hits, weights[:n], pairs[:n]


@pytest.mark.parametrize("n", [4, 16, 64])
@pytest.mark.parametrize(
    "decay", [0.5, 2.0**-50, 2.0**-500, 2.0**-511, 2.0**-600, *np.exp([-0.1, -1, -10, -350])]
)
def test_the_vector_loop_equals_its_specification(n, decay):
    from sgt_dna._kernel.pairs import add_pairs, add_pairs_plainly

    rng = np.random.default_rng(n)
    codes = rng.integers(0, n + 1, 3000).astype(np.uint8)
    codes[2000:] = rng.choice([0, 1, n], 1000)  # so that the other sums fade away
    found = run_loop(add_pairs, codes, n, decay, parts=3)
    expected = run_loop(add_pairs_plainly, codes, n, decay, parts=1)
    assert not expected[0][2:].any() or decay > 0.1
    for a, b in zip(found, expected, strict=True):
        if math.frexp(decay)[0] == 0.5:  # a power of 2: then fused or not, there is nothing to round
            np.testing.assert_array_equal(a, b)
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=0)


@pytest.mark.parametrize("decay", np.exp([-0.001, -1, -5, -354, -700]))
def test_least_is_the_least(decay):
    from sgt_dna._kernel.pairs import least

    number = least(TINY, decay)
    assert number * decay >= TINY > np.nextafter(number, 0) * decay


def test_block_ends_leave_no_trace():
    from sgt_dna import _kernel
    from sgt_dna._kernel.pairs import add_pairs_plainly

    bases = np.random.default_rng(0).integers(0, 5, 3 * _kernel.BLOCK + 5).astype(np.uint8)
    digits = 4 * bases[:-1] + bases[1:]
    codes = np.where((bases[:-1] == 4) | (bases[1:] == 4), 16, digits).astype(np.uint8)
    ends, hits, weights, pairs = run_loop(add_pairs_plainly, codes, 16, math.exp(-1), parts=1)
    starts = [sum(math.exp(-i) for i in np.flatnonzero(codes == v).tolist()) for v in range(16)]
    found = _kernel.statistics(bases, 2, 1, 1.0)
    for part, expected in zip(found, (len(codes), starts, ends, hits, weights, pairs), strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-12)


@pytest.mark.parametrize("start", range(3))
@pytest.mark.parametrize("length", [1, 31, 32, 33, 64, 100])
def test_letters_become_bases_wherever_they_stand(start, length):
    from sgt_dna import _kernel
    from sgt_dna.encode import character_table

    rng = np.random.default_rng(length)
    for odd in [*range(length), None]:
        letters = rng.choice(list("ACGTUacgtu"), start + length + 5)
        if odd is not None:
            letters[start + odd] = "!"
        text = np.frombuffer("".join(letters).encode(), np.uint8)
        bases = np.full(len(text) + _kernel.MARGIN, 9, np.uint8)
        found = _kernel.encode(text, start, start + length, character_table("skip"), bases, 0)
        known = length if odd is None else odd
        assert found == (start + known, known, 0)
        expected = ["ACGT".index(letter.upper().replace("U", "T")) for letter in letters[start:][:known]]
        assert bases[:known].tolist() == expected


def test_every_character_is_read_as_the_tables_say():
    from sgt_dna import _kernel
    from sgt_dna.alphabet import ACCEPTED, BASE_CODES
    from sgt_dna.encode import character_table

    for code in range(256):
        text, bases = np.full(40, code, np.uint8), np.empty(72, np.uint8)
        place, n_bases, n_ambiguous = _kernel.encode(text, 0, 40, character_table("skip", b"\n"), bases, 0)
        accepted = chr(code) in ACCEPTED
        assert place == (40 if accepted or code == 10 else 0)
        assert n_bases == 40 * accepted
        assert n_ambiguous == n_bases * (BASE_CODES[code] == 4)
        assert not accepted or (bases[:40] == BASE_CODES[code]).all()


def test_nothing_compiled_before_a_file_of_the_kernel_changed_is_used(tmp_path):
    package, cache = tmp_path / "sgt_dna", tmp_path / "cache"
    shutil.copytree(Path(sgt_dna.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "from sgt_dna.batches import encoded; from sgt_dna import SGTParams; "
        "print(*encoded(['x'], ['x'], ['GN'], [1], SGTParams()).bases[:2])"
    )
    places = {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}

    def bases(**more):
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **places, **more}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert bases() == ["2", "4"]
    (index,) = cache.rglob("texts.read_texts*.nbi")
    before = index.stat().st_mtime_ns
    assert bases() == ["2", "4"]
    assert index.stat().st_mtime_ns == before  # it was used
    size = index.stat().st_size
    index.write_bytes(index.read_bytes()[:50])
    assert bases() == ["2", "4"]
    assert index.stat().st_size == size
    before = index.stat().st_mtime_ns
    assert bases() == ["2", "4"]
    assert index.stat().st_mtime_ns == before  # it was mended
    file = (
        package / "_kernel" / "bases.py"
    )  # a constant of a function that `read_texts`, in another file, calls
    status, text = file.stat(), file.read_text()
    file.write_text(text.replace("BASE: Final = np.uint8(7)", "BASE: Final = np.uint8(3)"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert bases() == ["2", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
def test_works_where_the_cache_cannot_be_written(tmp_path):
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); "
        "from sgt_dna import _kernel; import numpy as np; bases = np.empty(40, np.uint8); "
        "print(_kernel.encode(np.full(4, 65, np.uint8), 0, 4, np.zeros(256, np.uint8), bases, 0))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(4, 0, 0)"


def test_works_where_no_cache_folder_is_writable():
    code = "import sgt_dna; print(sgt_dna.embed(['AACG'])['1'][1])"
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "ZipCacheLocator"}  # finds no folder here
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(math.exp(-1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_forked_while_another_thread_compiles():
    code = (
        "import os, signal, threading, time; from numba import njit; import sgt_dna._kernel; "
        "from numba.core.compiler_lock import global_compiler_lock as lock; held = threading.Event()\n"
        "def hold():\n"
        "    with lock:\n"
        "        held.set(); time.sleep(0.3)\n"
        "threading.Thread(target=hold).start(); held.wait(); child = os.fork()\n"
        "if not child:\n"
        "    signal.alarm(30); print(njit(lambda number: number + 1)(1), flush=True); os._exit(0)\n"
        "assert not os.waitpid(child, 0)[1]; print(njit(lambda number: number + 2)(1))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2\n3\n"
