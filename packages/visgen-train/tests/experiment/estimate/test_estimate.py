"""`visgen run --estimate` on a tiny set: what it counts, what it refuses, and that it leaves nothing behind."""

import json
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.config import to_yaml
from visgen_train.data.images import Policy
from visgen_train.data.store import missing, open_store
from visgen_train.errors import TrainingError
from visgen_train.experiment.estimate import estimate, measuring, plan
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run
from visgen_train.report import html

estimating = sys.modules["visgen_train.experiment.estimate.estimate"]  # its name is that of the function, too
FILES = [f"Aus_niger/{number:02d}.png" for number in range(8)]


def finish(folder):
    (folder / "report.html").write_text("x" * 1000)


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_it_counts_is_what_a_run_does(collection, small):
    inputs = Inputs(collection / "images", collection / "sequences.fasta")
    config = replace(small, balance=replace(small.balance, epochs=1))
    before = everything(collection)
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - that the caller's draws are as they were
    found = estimate(inputs, collection / "run", config, finish)
    assert everything(collection) == before
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002

    out = collection / "run"
    run(inputs, out, config)
    data = json.loads((out / "data.json").read_text())
    sides = [item["split"] for item in data["items"]]
    counted = {side: sides.count(side) for side in ("train", "validation", "test")}
    assert {side: found["pictures"][side] for side in counted} == counted
    assert found["pictures"]["to_decode"] == 24
    assert found["disk"]["pictures"] == 24 * 3 * 32 * 32
    networks = [out / "model.safetensors", *(out / "checkpoints").glob("*.safetensors")]
    kept = sum(path.stat().st_size for path in networks)
    assert 0 < found["disk"]["kept"] - kept + 3 * 20_000 < 200_000  # headers; and the results
    assert {name for name, part in found["seconds"].items() if part["middle"] > 0} == {
        *("reading", "images", "balance", "features", "align", "evaluation", "total")
    }
    assert all(part["low"] <= part["middle"] <= part["high"] for part in found["seconds"].values())
    assert found["memory"]["device"] is None
    assert found["shorter"] == []


def test_the_command(collection, small, monkeypatch):
    reported = []
    monkeypatch.setattr(html, "write_report", reported.append)  # its figures take long
    (collection / "small.yaml").write_text(to_yaml(small, "small"))
    taken = collection / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    before = everything(collection)
    words = ["run", collection / "images", collection / "sequences.fasta", "--out", taken, "--estimate"]
    words += ["--config", collection / "small.yaml"]
    result = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert result.exit_code == 0, result.output
    assert everything(collection) == before
    assert len(reported) == 1
    content = json.loads(result.stdout)
    assert content["epochs"] == {"images": 2, "balance": 0, "align": 2}
    assert content["advice"] == ["It fits; nothing needs to be changed."]
    bad = collection / "images" / "Aus_niger" / "03.png"
    bad.write_bytes(bad.read_bytes()[:60])
    result = CliRunner().invoke(app, [*map(str, words)])
    assert result.exit_code == 1
    assert re.search(r"1 of \d+ images cannot be read", result.stderr)


def test_a_batch_that_would_not_fit_is_not_tried(collection, small, monkeypatch):
    inputs = Inputs(collection / "images", collection / "sequences.fasta")
    config = replace(small, train=replace(small.train, batch=64))
    monkeypatch.setattr(measuring, "usable_memory", lambda: 90_000_000)
    with pytest.raises(TrainingError, match=r"with train.batch=64 .* 0\.1 GB can be had.*train.batch=32"):
        estimate(inputs, collection / "run", config, finish)


def test_shorter_ways_are_measured_where_a_run_is_long(collection, small, monkeypatch):
    """bfloat16 on a processor that is made for it, and with the same store; pictures of another size have none."""
    monkeypatch.setattr(plan, "LONG", 0.0)
    monkeypatch.setattr(estimating, "SMALLER", 16)
    monkeypatch.setattr(estimating, "has_bfloat16", lambda device: True)
    inputs = Inputs(collection / "images", collection / "sequences.fasta", store=collection / "store")
    open_store(collection / "store", collection / "images", FILES, Policy(32))
    found = estimate(inputs, collection / "run", small, finish)
    ways = {other["options"]: other["middle"] for other in found["shorter"]}
    assert list(ways) == ["--set precision=bfloat16", "--set data.image_size=16"]
    assert min(ways.values()) > 0
    monkeypatch.setattr(estimating, "has_bfloat16", lambda device: False)
    assert [options for options, _ in estimating._others(small, torch.device("cpu"))] == [
        "--set data.image_size=16"
    ]


def test_features_need_none(collection):
    words = ["run", "--features", "f.npz", str(collection / "sequences.fasta"), "--out", "r", "--estimate"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "--estimate is for pictures" in result.stderr


def test_a_store_spares_the_decoding_of_what_it_holds(collection):
    policy, root = Policy(32), collection / "images"
    assert missing(collection / "store", root, FILES, policy) == 8
    assert not (collection / "store").exists()
    open_store(collection / "store", root, FILES[:5], policy)
    assert missing(collection / "store", root, FILES, policy) == 3
    with pytest.raises(Exception, match="a store of other pictures"):
        missing(collection / "store", root, ["Bus_ruber/00.png"], policy)
