"""Shared by the tests: a slow oracle, the authors' symbol order, and the real data where there is some."""

import hashlib
import itertools
import math
import os
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from sgt_dna import Embedding, SGTParams, cli, embed, read_fasta
from sgt_dna.alphabet import feature_names
from sgt_dna.params import TINY

HERE = Path(__file__).parent
KERNEL = HERE.parent / "src" / "sgt_dna" / "_kernel"

# numba compiles a function anew when its own file changes, not when another one does that it calls
VERSION = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(KERNEL.glob("*.py")))).hexdigest()[:16]
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"sgt-dna-kernel-{VERSION}"))

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def naive_sgt(sequence: str, params: SGTParams) -> np.ndarray:
    """Transform by its definition: every pair of positions, on each strand."""
    text = sequence.upper().replace("U", "T")
    if params.ambiguous == "drop":
        text = re.sub("[^ACGT]", "", text)
    strands = [text, text.translate(COMPLEMENT)[::-1]] if params.strand == "both" else [text]
    weights, pairs, length = defaultdict(list), Counter(), 0.0
    for strand in strands:
        starts = range(0, len(strand) - params.k + 1, 1 if params.overlap else params.k)
        symbols = [strand[start : start + params.k] for start in starts]
        known = [(i, symbol) for i, symbol in enumerate(symbols) if set(symbol) <= set("ACGT")]
        length += len(known) / len(strands)
        for j, v in known:
            decayed = defaultdict(list)
            for i, u in known:
                if i < j:
                    decayed[u].append(math.exp(-params.kappa * (j - i)))
            for u, terms in decayed.items():
                pairs[u, v] += len(terms)
                weights[u, v] += [math.fsum(terms)] if math.fsum(terms) >= TINY else []
    scale = length if params.length_sensitive else 1.0
    names = ["".join(bases) for bases in itertools.product("ACGT", repeat=params.k)]
    means = [scale * math.fsum(weights[u, v]) / (pairs[u, v] or 1) for u in names for v in names]
    return np.array([mean ** (1 / params.kappa) for mean in means])


def assert_equal_vectors(found: np.ndarray, expected: np.ndarray, params: SGTParams, parts: bool) -> None:
    """Equal to 1e-12.

    Merged parts, and a strand read backwards, round decayed sums below TINY to 0 where the definition adds them to
    others, or the reverse: where all that there is lies within reach of TINY, both must be that small.
    """
    reach = 1e16 if parts or params.strand == "both" else 1.0
    floor = (reach * TINY) ** (1 / params.kappa)
    if params.length_sensitive:
        floor *= 300 ** (1 / params.kappa)
    np.testing.assert_allclose(found[expected > floor], expected[expected > floor], rtol=1e-12)
    assert (found[expected <= floor] <= floor * (1 + 1e-12)).all()


@pytest.fixture(scope="session")
def oracle() -> Callable[[str, SGTParams], np.ndarray]:
    return naive_sgt


@pytest.fixture(scope="session")
def equal_vectors() -> Callable[[np.ndarray, np.ndarray, SGTParams, bool], None]:
    return assert_equal_vectors


@pytest.fixture(scope="session")
def authors_order() -> list[int]:
    """Columns of our vectors in the order of the authors' arrays, whose bases are A, T, C, G."""
    symbols = [u + v for u in "ATCG" for v in "ATCG"]
    return [feature_names(2).index(f"{u}->{v}") for u in symbols for v in symbols]


@pytest.fixture(scope="session")
def five() -> Path:
    return HERE / "data" / "five.fasta"


def data_folder(name: str) -> Path:
    """A folder of real data; tests that need it are skipped without it."""
    data = Path(os.environ.get("SGT_TEST_DATA", HERE.parents[2].parent / "shared" / "data"))
    if not (data / name).is_dir():
        pytest.skip(f"no real data at {data / name}; set SGT_TEST_DATA to the folder that holds {name}")
    return data / name


@pytest.fixture(scope="session")
def forams() -> Path:
    """Folder of the 804 real sequences."""
    return data_folder("foram-18s")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the files that other readers are tested with."""
    return data_folder("fasta-corpus")


@pytest.fixture
def fasta(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a FASTA file of that content."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "seqs.fasta"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(scope="session")
def same() -> Callable[[Embedding, Embedding], bool]:
    """Whether two embeddings are equal, their vectors to the last bit."""

    def same(found: Embedding, expected: Embedding) -> bool:
        names = ("ids", "descriptions", "feature_names", "params", "kind")
        return (
            all(getattr(found, name) == getattr(expected, name) for name in names)
            and found.vectors.tobytes() == expected.vectors.tobytes()
            and found.ambiguous.tolist() == expected.ambiguous.tolist()
        )

    return same


@pytest.fixture(params=[".npz", ".csv", ".parquet"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Name of a file in each format of embeddings."""
    return tmp_path / f"vectors{request.param}"


@pytest.fixture
def emb(five: Path) -> Embedding:
    return embed(five, kappa=2.5, overlap=False, ambiguous="drop")


@pytest.fixture(scope="session")
def made() -> Callable[..., Embedding]:
    """Make an embedding of random vectors with those ids."""

    def make(ids: Sequence[str], features: int = 3, **change: object) -> Embedding:
        vectors = np.random.default_rng(0).random((len(ids), features))
        names = tuple(f"f{column}" for column in range(features))
        parts = {
            "descriptions": tuple(ids),
            "ambiguous": np.arange(len(ids)),
            "params": SGTParams(),
            **change,
        }
        return Embedding(**{"ids": tuple(ids), "vectors": vectors, "feature_names": names, **parts})

    return make


@pytest.fixture
def run() -> Callable[..., int]:
    """Run the command line in this process; the exit code, whether `main` returns it or argparse exits."""

    def run(*words: object) -> int:
        try:
            return cli.main([str(word) for word in words])
        except SystemExit as exit_:
            return exit_.code

    return run


@pytest.fixture
def error_line(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """The error that was printed: one line on standard error, and nothing on standard output."""

    def read() -> str:
        captured = capsys.readouterr()
        assert captured.out == ""
        assert re.fullmatch(r"sgt-dna: error: [^\n]+\n", captured.err)
        return captured.err.removeprefix("sgt-dna: error: ").removesuffix("\n")

    return read


@pytest.fixture(scope="session")
def program() -> list[str]:
    """The command line as a process of its own."""
    return [sys.executable, "-c", "import sys; from sgt_dna.cli import main; sys.exit(main())"]


@pytest.fixture
def vectors(five: Path, tmp_path: Path) -> Path:
    """The stored vectors of five sequences."""
    path = tmp_path / "vectors.npz"
    embed(five).save(path)
    return path


@pytest.fixture
def labels(five: Path, tmp_path: Path) -> Path:
    """A table that gives them two species."""
    path = tmp_path / "labels.csv"
    ids = [record.id for record in read_fasta(five)]
    path.write_text("id,species\n" + "".join(f"{id_},{'ab'[i % 2]}\n" for i, id_ in enumerate(ids)))
    return path


@pytest.fixture
def words(five: Path, vectors: Path, labels: Path, tmp_path: Path) -> dict[str, list[object]]:
    """Arguments of each verb, with which it succeeds."""
    return {
        "embed": [five, "-o", tmp_path / "out.npz"],
        "join": [vectors, "-o", tmp_path / "joined.npz"],
        "anchors": [vectors, "--labels", labels, "-o", tmp_path / "out.npz"],
        "distance": [vectors, "-o", tmp_path / "out.csv"],
        "validate": [five],
        "info": [vectors],
    }


class Done:
    """What `Inline` gives back in place of a future."""

    def __init__(self, function: Callable[..., object], arguments: Sequence[object]) -> None:
        self.value, self.error = None, None
        before = [item for item in arguments if isinstance(item, Done)]
        try:
            for error in filter(None, (item.error for item in before)):
                raise error
            self.value = function(*(item.value if isinstance(item, Done) else item for item in arguments))
        except Exception as error:
            self.error = error

    def exception(self) -> Exception | None:
        return self.error


class Inline:
    """As much of a Dask client as is needed, without a cluster."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def submit(self, function: Callable[..., object], *arguments: object, pure: bool) -> Done:
        assert not pure
        self.called.append(function.__name__)
        return Done(function, arguments)

    def cancel(self, futures: Sequence[Done]) -> None:
        self.called.append(f"cancel {len(futures)}")


@pytest.fixture
def inline() -> Inline:
    return Inline()
