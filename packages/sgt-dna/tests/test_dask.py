"""A cluster of two worker processes: complete and equal though one is killed, what is done is not done again."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sgt_dna
import sgt_dna.dask
from sgt_dna import AlphabetError, Embedding
from sgt_dna.shards import join

distributed = pytest.importorskip("distributed", reason="Dask's distributed is not installed")
cloudpickle = pytest.importorskip("cloudpickle")
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import the tests

OPTIONS = {"kappa": 5, "strand": "both"}


@pytest.fixture(scope="module")
def client() -> Iterator["distributed.Client"]:
    try:
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs="CRITICAL"
        )
    except (OSError, RuntimeError) as error:
        pytest.skip(f"no cluster of processes can be started here: {error}")
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 records, and after the 200th one of 30 kb."""
    draw = np.random.default_rng(1)
    sequences = ["".join(draw.choice(list("ACGTN"), 100)) for _ in range(300)]
    sequences[200] = "\n".join("".join(draw.choice(list("ACGT"), 60)) for _ in range(500))
    path = tmp_path_factory.mktemp("reads") / "reads.fasta"
    path.write_text("".join(f">r{i} of {i}\n{sequence}\n" for i, sequence in enumerate(sequences)))
    return path


@contextlib.contextmanager
def watched(client: "distributed.Client", log: Path, seconds: float = 0.0) -> Iterator[None]:
    """Let workers write their number in a file whenever they begin to read, and take so long at least."""

    def watch() -> None:
        from sgt_dna import _jobs

        def wrapped(function):
            def slow(*arguments, **options):
                with log.open("a") as handle:
                    handle.write(f"{os.getpid()}\n")
                time.sleep(seconds)
                return function(*arguments, **options)

            slow.original = function
            return slow

        _jobs.embed_range, _jobs.read_range = wrapped(_jobs.embed_range), wrapped(_jobs.read_range)

    def leave() -> None:
        from sgt_dna import _jobs

        for name in ("embed_range", "read_range"):
            function = getattr(_jobs, name)
            setattr(_jobs, name, getattr(function, "original", function))

    log.touch()
    client.run(watch)
    try:
        yield
    finally:
        client.run(leave)


def assert_same(shards: list[Path], expected: Embedding) -> None:
    """All records are there, and equal; the long one, which was cut, to 1e-12."""
    found = join(shards)
    assert (found.ids, found.descriptions, found.params) == (
        expected.ids,
        expected.descriptions,
        expected.params,
    )
    assert found.ambiguous.tolist() == expected.ambiguous.tolist()
    differing = np.flatnonzero((found.vectors != expected.vectors).any(axis=1))
    assert set(differing.tolist()) <= {200}
    np.testing.assert_allclose(found.vectors, expected.vectors, rtol=1e-12, atol=0)


def test_a_worker_killed_half_way(client, reads, tmp_path):
    def kill():
        deadline = time.monotonic() + 60
        while len(pids := log.read_text().split()) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        done.append(len(list(out.glob("shard-*.npz"))))
        killed.append(int(pids[-1]))  # it has just begun
        os.kill(killed[0], signal.SIGKILL)

    log, out, done, killed = tmp_path / "log", tmp_path / "out", [], []
    with watched(client, log, seconds=0.2):
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        shards = sgt_dna.dask.embed(reads, client, out, shard_bytes=4000, **OPTIONS)
        killer.join()
    assert 0 < done[0] < len(shards)
    assert len(shards) > 8
    assert_same(shards, sgt_dna.embed(reads, **OPTIONS))
    assert sorted(out.glob("shard-*")) == shards
    client.wait_for_workers(2, timeout=60)
    assert killed[0] not in client.run(os.getpid).values()


def test_only_what_is_missing_is_computed(client, reads, tmp_path):
    out = tmp_path / "out"
    shards = sgt_dna.dask.embed(reads, client, out, shard_bytes=4000, **OPTIONS)
    for shard in (shards[0], shards[3]):
        shard.unlink()
    before = {shard: shard.stat().st_mtime_ns for shard in shards if shard.exists()}
    with watched(client, tmp_path / "log"):
        assert sgt_dna.dask.embed([reads], client, out, shard_bytes=4000, **OPTIONS) == shards
    assert len((tmp_path / "log").read_text().split()) == 2
    assert all(shard.stat().st_mtime_ns == time for shard, time in before.items())
    assert_same(shards, sgt_dna.embed(reads, **OPTIONS))


def test_one_bad_record_costs_one_shard(client, reads, tmp_path):
    lines = reads.read_text().splitlines(keepends=True)
    lines[61] = "ACGT!\n"
    bad = tmp_path / "bad.fasta"
    bad.write_text("".join(lines))
    with pytest.raises(AlphabetError) as caught:
        sgt_dna.dask.embed([bad, reads], client, tmp_path / "out", shard_bytes=4000, **OPTIONS)
    error = caught.value
    assert (error.file, error.record, error.line) == (str(bad), "r30", 62)
    written = sorted((tmp_path / "out").glob("shard-*.npz"))
    n = int(written[0].stem[-5:])
    assert len(written) == n - 1
    assert error.__notes__ == [f"{n - 1} of {n} shards are written, in '{tmp_path / 'out'}'"]
    ids = [id_ for shard in written for id_ in Embedding.load(shard).ids]
    assert set(ids) == {f"r{i}" for i in range(300)}
    assert 600 - 40 < len(ids) < 600
