"""From stored pixels to network input: augmented for training, plain for everything else.

Rotation and scaling interpolate between pixels, which smooths a picture's noise; a network trained on smoothed
pictures does badly on pictures that are not. So the plain view is interpolated as well: it is moved by a fraction
of a pixel, chosen so that it is smoothed as much as the augmented views are on average.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from visgen_train.config import TrainConfig

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

# Bilinear weights 1 - f and f leave (1 - f)^2 + f^2 of white noise's variance: 2/3 on average over f, and at this f.
PLAIN_SHIFT = (1 - 1 / math.sqrt(3)) / 2


def plain(pixels: np.ndarray, device: torch.device) -> Tensor:
    """The view used for validation, test and gallery; nothing in it is random.

    Parameters
    ----------
    pixels : numpy.ndarray
        (n, 3, size, size) uint8.

    Returns
    -------
    torch.Tensor
        (n, 3, size, size) float32, ImageNet-normalised.
    """
    n, size = len(pixels), pixels.shape[-1]
    affine = torch.zeros(n, 2, 3)
    affine[:, 0, 0] = affine[:, 1, 1] = 1
    affine[:, :, 2] = 2 * PLAIN_SHIFT / size
    return _normalised(_resampled(pixels, affine, device))


def augmented(
    pixels: np.ndarray,
    indices: Sequence[int] | np.ndarray,
    draws: Sequence[int] | np.ndarray,
    epoch: int,
    seed: int,
    config: TrainConfig,
    device: torch.device,
) -> Tensor:
    """A randomly rotated, scaled and noisy view of each picture (Karaderi et al. 2024, sec. 5.1).

    Pictures are not mirrored: the coiling direction of a shell may tell species apart. The randomness of a picture
    comes from (seed, epoch, index, draw) alone, whatever else is in the batch.

    Parameters
    ----------
    pixels : numpy.ndarray
        (n, 3, size, size) uint8.
    indices : sequence of int
        The pictures' numbers in the collection.
    draws : sequence of int
        How often each was drawn before in this epoch: a rare species' few pictures are drawn often, and must not
        look the same each time.
    """
    size = pixels.shape[-1]
    affine = np.zeros((len(pixels), 2, 3), np.float32)
    noise = np.zeros((len(pixels), 1, size, size), np.float32)
    for row, (index, draw) in enumerate(zip(indices, draws, strict=True)):
        rng = np.random.default_rng((seed, epoch, int(index), int(draw)))
        angle = math.radians(rng.uniform(-config.rotation, config.rotation))
        zoom = math.exp(rng.uniform(-1, 1) * math.log1p(config.scale))
        cos, sin = math.cos(angle) / zoom, math.sin(angle) / zoom
        affine[row, :, :2] = ((cos, -sin), (sin, cos))
        if config.noise:
            noise[row] = rng.standard_normal((1, size, size), np.float32) * config.noise
    sampled = _resampled(pixels, torch.from_numpy(affine), device)
    return _normalised((sampled + torch.from_numpy(noise).to(device)).clamp(0, 1))


def _resampled(pixels: np.ndarray, affine: Tensor, device: torch.device) -> Tensor:
    images = torch.from_numpy(np.ascontiguousarray(pixels)).to(device).float().div_(255)
    grid = affine_grid(affine.to(device), list(images.shape), align_corners=False)
    return grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _normalised(images: Tensor) -> Tensor:
    mean = torch.tensor(IMAGENET_MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(IMAGENET_STD, device=images.device).view(1, 3, 1, 1)
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)
