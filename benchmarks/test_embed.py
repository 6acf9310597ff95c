"""How much faster than the reference `sgt`, and does reading FASTA keep up with Biopython?

pytest benchmarks/test_embed.py --benchmark-only
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from Bio.SeqIO.FastaIO import SimpleFastaParser
from sgt import SGT
from sgt_dna.alphabet import symbols

KILOBASE = 1000


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    """Ten random sequences of 1 kb: the reference needs a second or so for them."""
    rng = np.random.default_rng(2016)
    return [(f"s{number}", "".join(rng.choice(list("ACGT"), KILOBASE))) for number in range(10)]


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 records of 1 kb, 80 letters a line."""
    letters = np.random.default_rng(1608).choice(list("ACGT"), (2000, KILOBASE))
    path = tmp_path_factory.mktemp("fasta") / "random.fasta"
    with path.open("w") as handle:
        for number, row in enumerate(letters):
            sequence = "".join(row)
            lines = [sequence[start : start + 80] for start in range(0, KILOBASE, 80)]
            handle.write("\n".join([f">s{number} random", *lines, ""]))
    return path


@pytest.mark.benchmark(group="embed 10 x 1 kb, overlapping dinucleotides")
def test_embed_ours(benchmark, pairs):
    found = benchmark.pedantic(sgt_dna.embed, (pairs,), rounds=50, warmup_rounds=3)
    assert found.vectors.shape == (10, 256)


@pytest.mark.benchmark(group="embed 10 x 1 kb, overlapping dinucleotides")
def test_embed_reference(benchmark, pairs):
    rows = [[id_, [text[i : i + 2] for i in range(KILOBASE - 1)]] for id_, text in pairs]
    corpus = pd.DataFrame(rows, columns=["id", "sequence"])
    reference = SGT(alphabets=list(symbols(2)), kappa=1, flatten=True)
    found = benchmark.pedantic(reference.fit_transform, (corpus,), rounds=5, warmup_rounds=1)
    expected = sgt_dna.embed(pairs).vectors
    np.testing.assert_allclose(found.iloc[:, 1:].to_numpy(float), expected, rtol=1e-12)


@pytest.mark.benchmark(group="read 2,000 x 1 kb of FASTA")
def test_read_ours(benchmark, fasta):
    found = benchmark.pedantic(lambda: list(sgt_dna.read_fasta(fasta)), rounds=30, warmup_rounds=2)
    assert len(found) == 2000


@pytest.mark.benchmark(group="read 2,000 x 1 kb of FASTA")
def test_read_biopython(benchmark, fasta):
    def read() -> list[tuple[str, str]]:
        with fasta.open() as handle:
            return list(SimpleFastaParser(handle))

    assert len(benchmark.pedantic(read, rounds=30, warmup_rounds=2)) == 2000


@pytest.mark.benchmark(group="file to vectors, 2,000 x 1 kb")
def test_file_to_vectors(benchmark, fasta):
    assert len(benchmark.pedantic(sgt_dna.embed, (fasta,), rounds=10, warmup_rounds=1)) == 2000


def random_sequences(number: int, length: int) -> list[str]:
    letters = np.random.default_rng(number).choice(list("ACGT"), (number, length))
    return ["".join(row) for row in letters]


@pytest.fixture(scope="module")
def kilobases() -> list[str]:
    return random_sequences(500, KILOBASE)


@pytest.mark.benchmark(group="500 x 1 kb, other options than the default")
@pytest.mark.parametrize(
    "options",
    [{}, {"k": 1}, {"k": 3}, {"overlap": False}, {"strand": "both"}, {"kappa": 5}, {"kappa": 50}],
    ids=lambda options: ", ".join(f"{name}={value}" for name, value in options.items()) or "default",
)
def test_options(benchmark, kilobases, options):
    found = benchmark.pedantic(lambda: sgt_dna.embed(kilobases, **options), rounds=15, warmup_rounds=2)
    assert len(found) == 500


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("number", "length"), [(8000, 650), (600, 10_000), (60, 100_000)])
def test_threads(benchmark, number, length, threads):
    benchmark.group = f"threads, {number:,} x {length:,} bp"
    sequences = random_sequences(number, length)
    found = benchmark.pedantic(lambda: sgt_dna.embed(sequences, threads=threads), rounds=10, warmup_rounds=1)
    assert len(found) == number


@pytest.fixture(scope="module")
def megabase() -> str:
    return random_sequences(1, 1_000_000)[0]


@pytest.mark.benchmark(group="1 Mb, whole or in parts that are merged")
@pytest.mark.parametrize("piece", [1_000, 100_000, 1_000_000])
def test_state(benchmark, megabase, piece):
    def stream() -> np.ndarray:
        state = sgt_dna.SGTState()
        for start in range(0, len(megabase), piece):
            state.update(megabase[start : start + piece])
        return state.vector()

    found = benchmark.pedantic(stream, rounds=10, warmup_rounds=1)
    np.testing.assert_allclose(found, sgt_dna.embed([megabase])["1"], rtol=1e-12)
