"""Many short runs in one process: memory stays flat. `nox -s faults` sets VISGEN_SOAK to how many."""

import gc
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from visgen_train.config import load_config
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run

RUNS = int(os.environ.get("VISGEN_SOAK", "0"))
SETTINGS = (
    *("data.image_size=32", "model.backbone=shufflenet_v2_x0_5", "model.weights=none", "model.hidden=32"),
    *("train.epochs=1", "train.batch=6", "align.epochs=1", "align.views=1", "evaluate.bootstrap=100"),
    *("device=cpu", "checkpoint_minutes=0"),
)


def resident():
    """Memory of this process, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not RUNS, reason="takes minutes: uv run nox -s faults, or set VISGEN_SOAK=200")
def test_memory_stays_flat(collection, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: None)
    config = load_config("light", settings=SETTINGS)
    held = []
    for _ in range(RUNS):
        run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "out", config)
        shutil.rmtree(collection / "out")
        gc.collect()
        held.append(resident())
    quarter = RUNS // 4
    middle, end = np.median(held[quarter : 2 * quarter]), np.median(held[-quarter:])
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    told = (
        f"{held[0]:.0f} MB after the first, {middle:.0f} MB in the second quarter, {end:.0f} MB in the last"
    )
    print(f"{RUNS} runs: {told}; {files} files open")
    assert end - middle < 0.1 * RUNS  # 0.1 MB a run; one network of such a run is 5 MB
    assert files < 64
