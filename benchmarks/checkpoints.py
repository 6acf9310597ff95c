"""What a checkpoint of a stage under way takes, in MB and seconds: `python benchmarks/checkpoints.py`."""

import tempfile
import time
from pathlib import Path

from visgen_train.config import load_config
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints
from visgen_train.training.stage import Stage


def measure(preset: str, folder: Path) -> str:
    """Size, time to write (three times) and to read that of stage 1, with momentum and a best epoch."""
    config = load_config(preset, settings=["model.weights=none"])
    network = EmbeddingNetwork(config.model, 32, config.data.image_size)
    checkpoints = Checkpoints(folder, {}, 0, resume=False)  # 0 minutes: one at every step
    optimiser = Optimiser(network.parameters(), 0.01, 0.9, 0.0, 4)
    stage = Stage("images", network, optimiser, lambda: 0.5, lambda row: None, checkpoints=checkpoints)

    def stepped() -> float:
        loss = sum(parameter.sum() for parameter in network.parameters()) * 1e-6
        began = time.perf_counter()
        stage.step(loss)
        return time.perf_counter() - began

    stepped()
    stage.end_epoch()
    written = ", ".join(f"{stepped():.1f}" for _ in range(3))
    size = max(path.stat().st_size for path in folder.rglob("*.safetensors")) / 1e6
    began = time.perf_counter()
    Checkpoints(folder, {}, 0, resume=True).newest("images")
    read = time.perf_counter() - began
    return (
        f"{preset}, {config.model.backbone}: {size:.0f} MB; with the step {written} s; read in {read:.1f} s"
    )


if __name__ == "__main__":
    for preset in ("sound", "light"):
        with tempfile.TemporaryDirectory(dir=".") as scratch:
            print(measure(preset, Path(scratch)))
