"""What is written gives what the network gives; what cannot be exported is refused, and nothing is left."""

import importlib.util
import json
import re
import shutil

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from visgen_train.config import ModelConfig
from visgen_train.errors import ConfigError, DataError, UsageError, WeightsError
from visgen_train.export import (
    SpeciesNetwork,
    as_onnx,
    as_safetensors,
    as_torch,
    export,
    read_run,
    species_network,
)
from visgen_train.models.backbone import build_backbone
from visgen_train.models.network import EmbeddingNetwork


def about_in(path):
    """The description inside a model file."""
    if path.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        return json.loads(session.get_modelmeta().custom_metadata_map["visgen"])
    if path.suffix == ".pt2":
        extra = {"visgen": ""}
        torch.export.load(path, extra_files=extra)
        return json.loads(extra["visgen"])
    with safe_open(path, framework="pt") as file:
        return json.loads(file.metadata()["visgen"])


@pytest.mark.parametrize(
    ("format_", "stage", "module"),
    [
        ("onnx", "aligned", as_onnx),
        ("torch-export", "visual", as_torch),
        ("safetensors", "visual", as_safetensors),
    ],
)
def test_the_file_gives_what_the_network_gives(finished, exported, pixels, format_, stage, module):
    done = exported(format_, stage)
    assert done.difference < 1e-5
    out = done.model.parent
    assert {path.name for path in out.iterdir()} == {module.NAME, "preprocess.json", "model-card.md"}
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o644}
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]
    run = read_run(finished, stage)
    network = species_network(run)
    for number in (1, len(pixels)):
        pictures = torch.from_numpy(pixels[:number])
        with torch.no_grad():
            wanted, found = network(pictures), module.outputs(done.model, network, pictures)
        assert len(found) == len(network.outputs) == (2 if run.stage == "aligned" else 3)
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    about = json.loads((out / "preprocess.json").read_text())
    assert about == about_in(done.model)
    assert about["species"] == ["Aus albus", "Aus niger", "Bus ruber"]
    assert (about["image_size"], about["stage"], about["outputs"]) == (32, run.stage, list(network.outputs))
    content = done.model.read_bytes()
    assert not re.search(rb"site-packages|visgen_train/|" + re.escape(str(finished.parent)).encode(), content)


def test_an_edited_card_is_copied_and_force_replaces_an_earlier_export(finished, tmp_path):
    home = tmp_path / "run"
    shutil.copytree(finished, home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    out = tmp_path / "out"
    assert export(home, out, "safetensors").run.stage == "aligned"  # the last one of the run
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    assert (out / "model-card.md").read_text().startswith("---\n")
    (home / "model-card.md").write_text("mine")
    for name in ("model.onnx", "notes.txt"):
        (out / name).write_text("of before")
    with pytest.raises(UsageError, match="not empty.*--force"):
        export(home, out, "safetensors")
    export(home, out, "safetensors", force=True)
    assert {path.name for path in out.iterdir()} == {
        "model.safetensors",
        "preprocess.json",
        "model-card.md",
        "notes.txt",
    }
    assert (out / "model-card.md").read_text() == "mine"


def test_safetensors_are_start_weights_of_another_training(finished, exported):
    model = exported("safetensors", "aligned").model
    assert not any(key.startswith("head.classifier") for key in load_file(model))  # it no longer fits
    backbone, _ = build_backbone("resnet18", str(model), 32)
    torch.testing.assert_close(backbone.conv1.weight, read_run(finished).network.backbone.conv1.weight)


def test_a_timm_backbone_with_a_normalisation_of_its_own(tmp_path):
    pytest.importorskip("timm", reason="the extra timm is not installed")
    network = EmbeddingNetwork(ModelConfig("timm:test_vit", "none", hidden=8), 3, 32)
    whole = SpeciesNetwork(network, torch.nn.Linear(256, 3), logits=True).eval()
    pictures = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8))
    as_torch.write(tmp_path / as_torch.NAME, whole, {"image_size": 32})
    with torch.no_grad():
        pairs = zip(as_torch.outputs(tmp_path / as_torch.NAME, whole, pictures), whole(pictures), strict=True)
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def damaged(home):
    model = home / "model.safetensors"
    model.write_bytes(model.read_bytes()[:-1000])


def infinite(home):
    tensors = load_file(home / "model.safetensors")
    with safe_open(home / "model.safetensors", framework="pt") as file:
        metadata = {"visgen": file.metadata()["visgen"]}  # without the digest of the others
    tensors["head.hidden.bias"][0] = torch.inf
    save_file(tensors, home / "model.safetensors", metadata)


def of_other_species(home):
    with np.load(home / "embeddings.npz") as stored:
        arrays = dict(stored)
    arrays["species"] = np.array(["Cus novus"] * len(arrays["species"]))
    np.savez(home / "embeddings.npz", **arrays)


def in_metrics(change):
    def spoil(home):
        metrics = json.loads((home / "metrics.json").read_text())
        change(metrics)
        (home / "metrics.json").write_text(json.dumps(metrics))

    return spoil


def removed(*names):
    return lambda home: [(home / name).unlink() for name in names]


SPOILT = {
    "unfinished": (
        removed("metrics.json", "model.safetensors"),
        UsageError,
        "not a finished run.*visgen evaluate",
    ),
    "no run": (
        removed("metrics.json", "checkpoints/visual.safetensors"),
        UsageError,
        "holds no run.*visgen run",
    ),
    "ablation": (lambda home: (home / "plan.json").write_text("{}"), UsageError, "an ablation.*--recipe"),
    "damaged": (damaged, WeightsError, "model.safetensors: cannot be read"),
    "infinite": (infinite, DataError, "Are the weights finite"),
    "another version": (
        in_metrics(lambda m: m.update(schema_version=1)),
        DataError,
        "of version 1.*visgen evaluate",
    ),
    "figures no JSON": (
        lambda home: (home / "metrics.json").write_text("{"),
        DataError,
        "metrics.json: cannot be read",
    ),
    "other species": (of_other_species, DataError, "not the embeddings of this run.*Cus novus"),
    "half an npz": (
        lambda home: (home / "embeddings.npz").write_bytes(b"PK\3\4"),
        DataError,
        "not the embeddings",
    ),
    "not aligned": (
        in_metrics(lambda m: m["classifiers"].pop("aligned")),
        UsageError,
        "is not aligned.*--stage visual",
    ),
}


@pytest.mark.parametrize(("spoil", "error", "told"), SPOILT.values(), ids=SPOILT)
def test_what_cannot_be_exported(finished, tmp_path, spoil, error, told):
    home = tmp_path / "run"
    shutil.copytree(finished, home)
    spoil(home)
    with pytest.raises(error, match=f"(?s){told}"):
        export(home, tmp_path / "out", "safetensors", "aligned")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_places_that_are_refused(finished, tmp_path, monkeypatch):
    def refused(match, out, format_="safetensors", stage=None, *, error=UsageError, force=False):
        with pytest.raises(error, match=match):
            export(finished, out, format_, stage, force)

    (tmp_path / "file").write_text("mine")
    refused("takes a folder", tmp_path / "file")
    refused("takes a folder, which gets model.onnx", tmp_path / "my.onnx", "onnx")
    refused("cannot be made", tmp_path / "file" / "out")
    refused("holds no export", tmp_path, force=True)
    refused("holds no export", finished, force=True)
    refused("no --format 'onx'.*perhaps onnx", tmp_path / "out", "onx")
    refused("no --stage 'final'; there are visual and aligned", tmp_path / "out", stage="final")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnxscript" else find(name)
    )
    told = r"needs the package onnxscript: pip install 'visgen-train\[export\]'"
    refused(told, tmp_path / "out", "onnx", error=ConfigError)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
