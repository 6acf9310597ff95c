"""Run by test_killed_training.py as a program of its own: trainings that are killed and go on. Prints JSON.

`training_child.py FOLDER KILLS SEED`: FOLDER holds images/ and sequences.fasta. One run is left alone; then runs are
killed, KILLS times altogether, each at a moment drawn at random, and gone on with until they end. Each of them is a
forked child, so that nothing is imported twice.
"""

import hashlib
import json
import logging
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dying import at_steps, at_writes, countdown
from safetensors.torch import load_file
from visgen_train.config import load_config
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run

# A network of 0.3 million weights; whatever draws at random is on: a random miner, new layers, noise, MaxNorm.
SETTINGS = (
    *("data.image_size=32", "model.backbone=shufflenet_v2_x0_5", "model.weights=none", "model.hidden=32"),
    *("train.epochs=2", "train.batch=6", "train.lr=0.02", "train.miner=random", "train.max_norm=0.1"),
    *("balance.epochs=1", "balance.max_norm=0.5", "align.epochs=2", "align.views=1", "align.extra_layers=1"),
    *("evaluate.bootstrap=100", "device=cpu"),
)
NETWORKS = ("checkpoints/visual.safetensors", "checkpoints/aligned.safetensors", "model.safetensors")
WAYS = {"step": at_steps, "write": at_writes}


def train(folder: Path, out: Path, minutes: float, way: str = "step", k: int = 0) -> int:
    """Begin or go on with a run in a child that is killed at the k-th moment; how it ended."""
    child = os.fork()
    if child == 0:
        code = 9
        try:
            logging.disable(logging.WARNING)
            torch.set_num_threads(1)
            WAYS[way](countdown(k))
            config = load_config("light", settings=[*SETTINGS, f"checkpoint_minutes={minutes}"])
            run(Inputs(folder / "images", folder / "sequences.fasta"), out, config, resume=True)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def outcome(out: Path) -> dict[str, str]:
    """A digest of the weights of each network, of the figures, and of the epochs (but for their seconds)."""
    found = {}
    for name in NETWORKS:
        made = hashlib.sha256()
        for key, value in sorted(load_file(out / name).items()):
            made.update(key.encode() + value.numpy().tobytes())
        found[name] = made.hexdigest()
    found["metrics.json"] = hashlib.sha256((out / "metrics.json").read_bytes()).hexdigest()
    rows = [line.rsplit(",", 1)[0] for line in (out / "metrics.csv").read_text().splitlines()]
    return {**found, "metrics.csv": "\n".join(rows)}


def stage_of(out: Path) -> str:
    """What was being done when the process died, by the files it left."""
    if (out / NETWORKS[1]).exists():
        return "evaluation"
    if (out / NETWORKS[0]).exists():
        return "align"
    return "balance" if (out / "checkpoints/images.safetensors").exists() else "images"


def trial(folder: Path, out: Path, rng: np.random.Generator, most: int) -> tuple[list[dict[str, Any]], bool]:
    """One run, killed up to `most` times; where, and whether it ended."""
    kills: list[dict[str, Any]] = []
    while True:
        way = str(rng.choice(["step", "write"]))
        k = int(rng.integers(1, 40 if way == "step" else 400)) if len(kills) < most else 0
        minutes = float(rng.choice([0.0, 0.01]))  # a checkpoint at every step, or every 0.6 s
        code = train(folder, out, minutes, way, k)
        if code != -signal.SIGKILL:
            return kills, code == 0
        kills.append({"way": way, "k": k, "stage": stage_of(out)})


def main(folder: Path, kills: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    began = time.monotonic()
    assert train(folder, folder / "whole", 5) == 0
    whole, seconds = outcome(folder / "whole"), time.monotonic() - began
    left, found = kills, []
    while left > 0:
        out = folder / "killed"
        where, ended = trial(folder, out, rng, min(left, 3))
        same = ended and outcome(out) == whole
        files = sorted(str(path.relative_to(out)) for path in out.rglob("*"))
        found.append({"kills": where, "ended": ended, "same": same, "files": files})
        left -= len(where)
        shutil.rmtree(out)
    expected = sorted(str(path.relative_to(folder / "whole")) for path in (folder / "whole").rglob("*"))
    print(json.dumps({"seconds": seconds, "files": expected, "trials": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
