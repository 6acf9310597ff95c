"""Small collections of vectors to classify, by hand and with a long tail."""

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import Embedded, Known


@pytest.fixture
def make_known():
    """Known of plain lists; without validation images unless given."""

    def make(
        train, labels, validation=(), validation_labels=(), logits=None, validation_logits=None, **others
    ):
        train = np.array(train, float)
        validation = np.array(validation, float).reshape(-1, train.shape[1])
        classes = others.pop("classes", max(labels) + 1)
        return Known(
            Embedded(train, None if logits is None else np.array(logits, float)),
            np.array(labels),
            Embedded(validation, None if validation_logits is None else np.array(validation_logits, float)),
            np.array(validation_labels, int),
            classes,
            others.pop("scored", classes),
            **others,
        )

    return make


@pytest.fixture(scope="session")
def long_tail():
    """Known with logits, anchors and distances, and test images: eight Gaussian classes of 200 to 2 training images."""
    rng = np.random.default_rng(4)
    counts = np.array([200, 100, 50, 25, 12, 6, 3, 2])
    means, spread = rng.normal(size=(8, 10)) * 1.2, np.linspace(0.4, 1.6, 10)

    distances = ((means[:, None] - means) ** 2).sum(2) / 40

    def draw(number):
        labels = rng.permutation(np.repeat(np.arange(8), number))
        vectors = means[labels] + spread * rng.normal(size=(len(labels), 10))
        logits = -((vectors[:, None] - means) ** 2).sum(2) / 4 + np.log(counts)
        return Embedded(vectors, logits), labels

    return Known(*draw(counts), *draw(np.full(8, 15)), 8, 8, means, 5, distances), *draw(np.full(8, 50))
