"""`visgen_train.run`: the same as `visgen run`, in Python."""

import json

import numpy as np
import pytest
import visgen_train
from visgen_train.errors import ConfigError, UsageError

TINY = {
    "data.image_size": 32,
    "model.weights": "none",
    "model.hidden": 32,
    "train.epochs": 1,
    "align.epochs": 1,
    "align.views": 1,
    "evaluate.bootstrap": 200,
    "device": "cpu",
}


def test_a_run_in_python(lasting_collection, tmp_path):
    before = np.random.get_state()[1].tolist()  # noqa: NPY002 - the caller's
    words = (str(lasting_collection / "images"), lasting_collection / "sequences.fasta", tmp_path / "run")
    run = visgen_train.run(*words, preset="light", settings={**TINY, "seed": 3})
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    assert run.metrics == json.loads((run.folder / "metrics.json").read_text())
    assert run.metrics["seed"] == 3
    assert {"report.html", "model-card.md"} <= {path.name for path in run.folder.iterdir()}
    assert repr(run).startswith(f"Run in {tmp_path / 'run'}: Per-class accuracy by kNN: ")
    assert len(visgen_train.load(run.folder).predict(lasting_collection / "images" / "Aus_albus")) == 12
    with pytest.raises(UsageError, match="--force"):
        visgen_train.run(*words, preset="light", settings=TINY)


def test_settings_are_checked_before_anything_is_written(lasting_collection, tmp_path):
    words = (lasting_collection / "images", lasting_collection / "sequences.fasta", tmp_path / "run")
    with pytest.raises(ConfigError, match=r"train\.epochs"):
        visgen_train.run(*words, settings={"train.epoch": 5})
    assert not (tmp_path / "run").exists()
