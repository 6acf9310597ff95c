"""Class-balanced weights: by hand, and at the ends of beta."""

import numpy as np
import pytest
from visgen_train.balance import class_balanced_weights
from visgen_train.errors import ConfigError


def test_by_hand():
    """beta 0.5: 1, 2 and 3 images count as 1, 1.5 and 1.75; 1 : 2/3 : 4/7 = 21 : 14 : 12, of mean 47/3."""
    weights = class_balanced_weights(np.array([1, 2, 3]), beta=0.5)
    assert weights == pytest.approx(np.array([21, 14, 12]) * 3 / 47)


def test_from_no_weights_to_inverse_counts():
    counts = np.array([1, 10, 400])
    assert class_balanced_weights(counts, 0.0).tolist() == [1, 1, 1]
    inverse = (1 / counts) / (1 / counts).mean()
    assert class_balanced_weights(counts, 1 - 1e-9) == pytest.approx(inverse, rel=1e-5)


def test_more_images_than_the_effective_number_change_nothing():
    weights = class_balanced_weights(np.array([10_000, 20_000]), beta=0.9)
    assert weights.tolist() == [1, 1]


@pytest.mark.parametrize("beta", [-0.1, 1.0, float("nan")])
def test_beta_out_of_range(beta):
    with pytest.raises(ConfigError, match="beta of the class-balanced weights"):
        class_balanced_weights(np.array([1, 2]), beta)


def test_a_class_without_images():
    with pytest.raises(ValueError, match="without training images"):
        class_balanced_weights(np.array([1, 0]))
