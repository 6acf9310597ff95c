"""Every row of docs/benchmarks.md, measured in one run: `python benchmarks/run.py`, or some: `... threads kappa`."""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import data
import numpy as np
import peers
import sgt_dna
from measure import Row, child, print_table, ratio, summary
from sgt_dna import SGTState
from sgt_dna.alphabet import BASE_CODES

OVERLAP = {"non-overlapping": False, "overlapping": True}


def reference(folder: Path) -> Iterator[Row]:
    few, many = data.sequences(4), data.sequences(2000)
    other = peers.reference(few, step=2, kappa=5)
    np.testing.assert_allclose(sgt_dna.embed(few, kappa=5, overlap=False).vectors, other(), rtol=1e-12)
    ours = partial(sgt_dna.embed, many, kappa=5, overlap=False)
    found = ratio(ours, other, 7, inverse=True, scale=len(few) / len(many))
    yield Row("times as fast as `sgt` 2.0.3, 1 kb, kappa 5, non-overlapping", "10,000 at least", found)


def kmers(folder: Path) -> Iterator[Row]:
    texts = data.sequences(5000)
    for name, overlap in OVERLAP.items():
        target = "4 at most" if overlap else "2.5 at most"
        for kappa in (1, 5):
            found = ratio(
                partial(sgt_dna.embed, texts, overlap=overlap, kappa=kappa), partial(peers.kmers, texts), 15
            )
            yield Row(
                f"time of counting 4-mers in numba, 5,000 x 1 kb in memory, {name}, kappa {kappa}",
                target,
                found,
            )
    few = texts[:500]
    others = {
        "scikit-learn's CountVectorizer": partial(peers.vectorizer, few),
        "scikit-bio": peers.skbio(few),
    }
    for name, other in others.items():
        what = f"times as fast as counting 4-mers with {name}, 500 x 1 kb, overlapping"
        ours = partial(sgt_dna.embed, few)
        yield Row(what, "", ratio(ours, other, 7, inverse=True) if other else "not installed here")


def file(folder: Path) -> Iterator[Row]:
    path = data.fasta(folder / "records.fasta", 20_000)
    for name, overlap in OVERLAP.items():
        target = "1.3 at most" if overlap else "1.0 at most"
        for kappa in (1, 5):
            ours = partial(sgt_dna.embed, path, overlap=overlap, kappa=kappa)
            found = ratio(ours, partial(peers.iterate, path), 11)
            what = (
                f"file to vectors by iterating over it with Biopython, 20,000 x 1 kb, {name}, kappa {kappa}"
            )
            yield Row(what, target, found)


def threads(folder: Path) -> Iterator[Row]:
    for number, length in ((20_000, 1000), (80_000, 150), (300, 50_000)):
        path = data.fasta(folder / f"{length}.fasta", number, length)
        for name, overlap in OVERLAP.items():
            one, two = (partial(sgt_dna.embed, path, overlap=overlap, threads=n) for n in (1, 2))
            target = "1.7 at least" if length == 1000 else ""
            what = f"times as fast on two threads, file of {number:,} x {length:,} bp, {name}"
            yield Row(what, target, ratio(two, one, 11, inverse=True))
        with ProcessPoolExecutor(2) as pool:
            found = ratio(partial(at_once, pool, path), partial(in_turn, pool, path), 11, inverse=True)
        yield Row(f"this machine: two processes at once, {number:,} x {length:,} bp each, in turn", "", found)


def one_file(path: Path) -> int:
    return len(sgt_dna.embed(path))


def at_once(pool: ProcessPoolExecutor, path: Path) -> None:
    assert len(list(pool.map(one_file, [path, path]))) == 2


def in_turn(pool: ProcessPoolExecutor, path: Path) -> None:
    for _ in range(2):
        assert pool.submit(one_file, path).result()


def length(folder: Path) -> Iterator[Row]:
    long, short = data.sequences(1, 10_000_000), data.sequences(1, 1_000_000)
    found = ratio(partial(sgt_dna.embed, long), partial(sgt_dna.embed, short), 11)
    yield Row("time of 10 Mb by that of 1 Mb, one sequence", "9 to 11", found)
    # VmHWM is of this process alone; ru_maxrss would be that of its parent, if it is the larger
    code = (
        "import sgt_dna; sgt_dna.embed({!r}, **{}); status = open('/proc/self/status').read(); "
        "print(int(status.split('VmHWM:')[1].split()[0]) / 1024)"
    )
    sizes = {
        "1 x 200 Mb": (1, 200_000_000),
        "1 x 20 Mb": (1, 20_000_000),
        "200,000 x 1 kb, out=": (200_000, 1000),
    }
    for name, (number, size) in sizes.items():
        path = data.fasta(folder / "memory.fasta", number, size)
        options = {"out": str(folder / "memory.sgt")} if number > 1 else {}
        (peak,) = child(code.format(str(path), options))
        yield Row(f"peak memory, FASTA of {name}", "400 MB at most", f"{peak:.0f} MB")
        path.unlink()


def merge(folder: Path) -> Iterator[Row]:
    (whole,) = data.sequences(1, 50_000_000)
    halves = whole[: len(whole) // 2], whole[len(whole) // 2 :]

    def in_two() -> np.ndarray:
        with ThreadPoolExecutor(2) as pool:
            left, right = pool.map(lambda part: SGTState().update(part), halves)
        return left.merge(right).vector()

    def in_one() -> np.ndarray:
        return SGTState().update(whole).vector()

    np.testing.assert_allclose(in_two(), in_one(), rtol=1e-12)
    found = ratio(in_two, in_one, 9, inverse=True)
    yield Row("times as fast on two threads, one sequence of 50 Mb, through merge", "1.7 at least", found)
    one, two = (partial(sgt_dna.embed, [whole], threads=n) for n in (1, 2))
    yield Row("the same, by `embed(..., threads=2)`", "1.7 at least", ratio(two, one, 9, inverse=True))


def kappa(folder: Path) -> Iterator[Row]:
    texts = data.sequences(5000)
    for name, overlap in OVERLAP.items():
        for value in (10, 50):
            one, other = (
                partial(sgt_dna.embed, texts, overlap=overlap, kappa=number) for number in (1, value)
            )
            what = f"time of kappa {value} by that of kappa 1, 5,000 x 1 kb, {name}"
            yield Row(what, "1.3 at most", ratio(other, one, 15))
    (long,) = data.sequences(1, 5_000_000)
    for value in (10, 50):
        one, other = (partial(sgt_dna.embed, [long], kappa=number) for number in (1, value))
        yield Row(
            f"time of kappa {value} by that of kappa 1, one of 5 Mb", "1.3 at most", ratio(other, one, 11)
        )


def start(folder: Path) -> Iterator[Row]:
    path = data.fasta(folder / "first.fasta", 10)
    code = "import time, numpy, numba; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
    ours = code.format(f"import sgt_dna; sgt_dna.embed({str(path)!r})")
    least = code.format("numba.njit(lambda x: x + 1)(1)")
    # Python's own cache of bytecode, which is written when a package is installed or first imported
    written = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    child(ours, NUMBA_CACHE_DIR=str(folder / "cache"), **written)
    fresh = [child(ours, NUMBA_CACHE_DIR=str(folder / f"cache{n}"), **written)[0] for n in range(5)]
    cached = [child(ours, NUMBA_CACHE_DIR=str(folder / "cache"), **written)[0] for _ in range(5)]
    none = [child(least, **written)[0] for _ in range(5)]
    what = "seconds of a first call beyond importing numpy and numba"
    yield Row(f"{what}, nothing compiled before", "1.5 at most", summary(fresh))
    yield Row(f"{what}, compiled before", "0.3 at most", summary(cached))
    yield Row(f"{what}, of numba alone: `x + 1`", "", summary(none))


def tricks(folder: Path) -> Iterator[Row]:
    from sgt_dna import _kernel
    from sgt_dna._kernel.pairs import add_pairs, add_pairs_plainly
    from sgt_dna._kernel.sums import new_sums
    from sgt_dna.encode import character_table

    codes = np.random.default_rng(0).integers(0, 16, 1_000_000).astype(np.uint8)
    for value in (1, 10):
        sums = new_sums(16, value)
        tables = sums.ends, sums.hits, sums.block, sums.block_pairs, sums.decays, sums.ones
        ours = partial(add_pairs, codes, sums.decay, sums.lasting, *tables)
        plain = partial(add_pairs_plainly, codes, sums.decay, *tables)
        found = ratio(ours, plain, 15, inverse=True)
        yield Row(
            f"times as fast: the inner loop in vectors by the plain one in numba, kappa {value}", "", found
        )
    text = np.frombuffer(data.sequences(1, 200_000)[0].encode("ascii"), np.uint8)
    bases, table = np.empty(len(text) + _kernel.MARGIN, np.uint8), character_table("skip")
    found = ratio(
        partial(_kernel.encode, text, 0, len(text), table, bases, 0),
        lambda: BASE_CODES[text],
        15,
        inverse=True,
    )
    yield Row("times as fast: letters to bases, 32 at a time and checked, by a table in NumPy", "", found)


def options(folder: Path) -> Iterator[Row]:
    texts = data.sequences(2000)
    for option in ({"k": 1}, {"k": 3}, {"strand": "both"}, {"ambiguous": "drop"}):
        found = ratio(partial(sgt_dna.embed, texts, **option), partial(sgt_dna.embed, texts), 15)
        (said,) = (f"`{name}={value!r}`" for name, value in option.items())
        yield Row(f"time with {said} by that of the default, 2,000 x 1 kb", "", found)


def store(folder: Path) -> Iterator[Row]:
    files = data.pictures(folder / "images", 30_000)
    made_of = f"Path({str(folder / 'store')!r}), Path({str(folder / 'images')!r}), {files!r}, Policy(160)"
    code = (
        "import time, numpy; from pathlib import Path; from visgen_train.data.images import Policy\n"
        "from visgen_train.data.store import open_store; start = time.perf_counter()\n"
        f"held = open_store({made_of})\n"
        "print(time.perf_counter() - start)"
    )
    script = folder / "opening.py"
    script.write_text(code)
    (made,) = child(f"exec(open({str(script)!r}).read())")
    opened = [child(f"exec(open({str(script)!r}).read())")[0] for _ in range(9)]
    yield Row("seconds to open a store of 30,000 pictures of 160 px", "1 at most", summary(opened))
    yield Row("the same, when it is made: of small pictures, 2.3 GB of pixels", "", f"{made:.0f}")


SECTIONS = (reference, kmers, file, threads, length, merge, kappa, start, options, tricks, store)


if __name__ == "__main__":
    print_table(SECTIONS, sys.argv[1:])
