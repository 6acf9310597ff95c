"""What the paper's published code has wrong and must not come back, each tried on a whole run.

The others stand with the parts they concern: the crash of a class with one image in data/test_triplets.py, the label
bug of the miner in losses/test_miners.py, BatchNorm of a frozen backbone in models/test_network.py.
"""

import csv

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from sklearn.neighbors import NearestNeighbors
from torch.nn.functional import linear
from visgen_train.data.transforms import plain
from visgen_train.evaluation.embed import backbone_features, project
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run
from visgen_train.io.images import decode
from visgen_train.models.network import EmbeddingNetwork

CPU = torch.device("cpu")


@pytest.fixture
def finished(collection, small):
    """A finished run: its folder, what it stored of each image, and the pictures as the network input."""
    run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "run", small)
    with np.load(collection / "run" / "embeddings.npz") as stored:
        arrays = dict(stored)
    contents = [(collection / "images" / file).read_bytes() for file in arrays["files"]]
    pixels = np.stack([decode(content, small.data.image_size) for content in contents])
    return collection / "run", arrays, plain(pixels, CPU)


def loaded(path, config):
    network = EmbeddingNetwork(config.model, 3, config.data.image_size)
    network.load_state_dict(load_file(path))
    return network.eval()


@pytest.mark.parametrize("model", ["visual", "aligned"])
def test_test_and_gallery_images_are_never_augmented(finished, small, model):
    """What the figures were made of is the plain view of every picture, training images included."""
    folder, arrays, images = finished
    with torch.no_grad():
        embedding = loaded(folder / f"checkpoints/{model}.safetensors", small)(images).embedding
    torch.testing.assert_close(
        torch.from_numpy(arrays[f"{model}_embedding"]), embedding, rtol=1e-4, atol=1e-5
    )


def test_the_network_evaluated_is_the_network_trained_relu_included(finished, small):
    folder, _, images = finished
    network = loaded(folder / "model.safetensors", small)
    features = backbone_features(network, np.arange(len(images)), lambda rows: images[rows])
    evaluated = project(network.head, features)
    network.train()
    for module in network.backbone.modules():
        module.eval()  # BatchNorm alone may differ between training and evaluation
    trained = network(images)
    for ours, theirs in zip(evaluated, trained, strict=True):
        torch.testing.assert_close(ours.clone(), theirs.detach(), rtol=1e-4, atol=1e-5)
    state = network.head.state_dict()
    hidden = linear(features, state["hidden.weight"], state["hidden.bias"])
    assert (hidden < 0).any()  # so that the ReLU shows
    by_hand = linear(hidden.clamp(min=0), state["embedding.weight"], state["embedding.bias"])
    torch.testing.assert_close(evaluated.embedding.clone(), by_hand, rtol=1e-4, atol=1e-5)


def test_the_test_split_never_chooses_an_epoch(collection, small):
    """White test images in place of the test images: every epoch's row and the network kept are the same."""
    paths = sorted((collection / "images").rglob("*.png"))
    sides = {path: ("test", "validation", "train", "train")[int(path.stem) % 4] for path in paths}
    rows = [f"{path.relative_to(collection).as_posix()},{side}" for path, side in sides.items()]
    (collection / "meta.csv").write_text("file,split\n" + "\n".join(rows) + "\n")
    inputs = Inputs(collection / "images", collection / "sequences.fasta", metadata=collection / "meta.csv")
    figures = [run(inputs, collection / "one", small)]
    for shade, path in enumerate(path for path, side in sides.items() if side == "test"):
        Image.new("RGB", (40, 30), (255 - shade,) * 3).save(path)
    figures.append(run(inputs, collection / "two", small))
    kept, epochs = [], []
    for name in ("one", "two"):
        kept.append(load_file(collection / name / "model.safetensors"))
        with (collection / name / "metrics.csv").open() as file:
            epochs.append([{**row, "seconds": ""} for row in csv.DictReader(file)])
    assert figures[0]["visual"] != figures[1]["visual"]
    assert epochs[0] == epochs[1]
    assert epochs[0][0]["validation_per_class"]
    assert all(torch.equal(kept[0][key], kept[1][key]) for key in kept[0])


def test_no_phantom_zero_row_in_gallery_or_test(collection, small, monkeypatch):
    galleries, queries = [], []
    fit, search = NearestNeighbors.fit, NearestNeighbors.kneighbors
    monkeypatch.setattr(NearestNeighbors, "fit", lambda self, x: galleries.append(x) or fit(self, x))
    monkeypatch.setattr(NearestNeighbors, "kneighbors", lambda self, x: queries.append(x) or search(self, x))
    metrics = run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "run", small)
    with np.load(collection / "run" / "embeddings.npz") as stored:
        train, test = (stored["split"] == side for side in ("train", "test"))
        for model in ("visual", "aligned"):
            embedding = stored[f"{model}_embedding"]
            assert any(np.array_equal(gallery.astype(np.float32), embedding[train]) for gallery in galleries)
            assert any(np.array_equal(query.astype(np.float32), embedding[test]) for query in queries)
            assert len(stored[f"{model}_predicted"]) == test.sum() == metrics["test_images"]
    assert {len(gallery) for gallery in galleries} == {train.sum()}
    assert all(np.abs(rows).sum(axis=1).min() > 0 for rows in galleries + queries)
