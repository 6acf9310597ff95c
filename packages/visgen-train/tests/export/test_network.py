"""The network in one graph: pixels in, what the run found out."""

import json

import numpy as np
import pytest
import torch
from visgen_train.data.transforms import plain
from visgen_train.evaluation.whitening import Whitened, nearness
from visgen_train.export import read_run, species_network
from visgen_train.export.network import linear_layer


@pytest.mark.parametrize("stage", ["visual", "aligned"])
def test_pixels_in_give_what_the_run_found(finished, tested, pixels, stage):
    """The run's own view of a picture, its classifier in float64, and its figure in metrics.json."""
    run = read_run(finished, stage)
    with torch.no_grad():
        wanted = run.network(plain(pixels, torch.device("cpu")))
        embedding, probabilities, *logits = species_network(run)(torch.from_numpy(pixels))
    torch.testing.assert_close(embedding, wanted.embedding, rtol=1e-4, atol=1e-4)
    scores = nearness(run.classifier.white(wanted.embedding.numpy()), run.classifier.means) / run.temperature
    shares = np.exp(scores - scores.max(1, keepdims=True))
    np.testing.assert_allclose(probabilities, shares / shares.sum(1, keepdims=True), atol=1e-4)
    assert len(logits) == (stage == "visual")
    if logits:
        torch.testing.assert_close(logits[0], wanted.logits, rtol=1e-4, atol=1e-4)
    found = [run.species[best] for best in probabilities.argmax(1)]
    told = json.loads((finished / "metrics.json").read_text())["classifiers"][stage]["whitened-means"]
    assert (
        np.mean([one == other for one, other in zip(found, tested.values(), strict=True)]) == told["overall"]
    )
    assert run.chosen == told["chosen"]


def test_the_classifier_as_one_layer_by_hand():
    """Means (0, 0) and (2, 0) after doubling the first coordinate: u = (1, 0) lies on the second, 2 from the first."""
    classifier = Whitened(np.diag([2.0, 1.0]), np.array([[0.0, 0.0], [2.0, 0.0]]))
    layer = linear_layer(classifier, temperature=2.0)
    scores = layer(torch.tensor([[1.0, 0.0], [0.5, 0.3]]))
    # -d²/2 / T: (-1, 0) and (-(1 + 0.09)/4, the same): differences 1 and 0
    torch.testing.assert_close(scores[:, 1] - scores[:, 0], torch.tensor([1.0, 0.0]))


def test_an_embedding_of_nothing_still_has_probabilities(finished):
    run = read_run(finished)
    network = species_network(run)
    for parameter in run.network.head.parameters():
        parameter.data.zero_()
    embedding, probabilities = network(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))
    assert not embedding.any()
    assert torch.isfinite(probabilities).all()
