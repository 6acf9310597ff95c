"""What the network is shown of the examples of a run: pictures, plain or augmented, or ready-made features."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from visgen_train.config import TrainConfig
from visgen_train.data.images import Rows
from visgen_train.data.transforms import augmented, plain


class Views(Protocol):
    """Network input for positions in the collection; `fixed` says that there is nothing to augment."""

    fixed: bool

    def plain(self, rows: np.ndarray) -> Tensor:
        """The view for validation, test and gallery; nothing in it is random."""
        ...

    def augmented(self, rows: np.ndarray, draws: np.ndarray, epoch: int) -> Tensor:
        """A random view for training, made from (seed, epoch, row, draw) alone."""
        ...


class ImageViews:
    """Pictures as (n, 3, size, size) float32, ImageNet-normalised.

    Parameters
    ----------
    pixels : Rows
        (n, 3, size, size) uint8, all pictures of the run.
    config : TrainConfig
        How they are augmented.
    """

    fixed = False

    def __init__(self, pixels: Rows, config: TrainConfig, seed: int, device: torch.device) -> None:
        self._pixels, self._config, self._seed, self._device = pixels, config, seed, device

    def plain(self, rows: np.ndarray) -> Tensor:
        """The pictures as they are."""
        return plain(self._pixels[rows], self._device)

    def augmented(self, rows: np.ndarray, draws: np.ndarray, epoch: int) -> Tensor:
        """The pictures turned, scaled and given noise."""
        return augmented(self._pixels[rows], rows, draws, epoch, self._seed, self._config, self._device)


class FeatureViews:
    """Features of another model, each standardised by its mean and spread over the training examples.

    Parameters
    ----------
    vectors : Rows
        (n, d), all features of the run.
    training : numpy.ndarray
        Positions of the training examples; no others are looked at for the standardisation.
    """

    fixed = True

    def __init__(self, vectors: Rows, training: np.ndarray, device: torch.device) -> None:
        known = vectors[training].astype(np.float64)
        spread = known.std(axis=0)
        self._vectors, self._device = vectors, device
        self._mean, self._spread = known.mean(axis=0), np.where(spread > 0, spread, 1.0)

    def plain(self, rows: np.ndarray) -> Tensor:
        """(n, d) float32; a feature that is the same in all training examples is not divided."""
        standardised = (self._vectors[rows] - self._mean) / self._spread
        return torch.from_numpy(standardised.astype(np.float32)).to(self._device)

    def augmented(self, rows: np.ndarray, draws: np.ndarray, epoch: int) -> Tensor:
        """As `plain`: what a feature would be of another view is not known."""
        return self.plain(rows)
