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
