"""A training loop written the way the published code is, as the yardstick of benchmarks/training.py.

Karaderi et al. 2024, github.com/TayfunKaraderi/WACV-2024---..., in our own words and on any device: each item opens,
decodes and resizes three files, looks its category up in lists, and turns, blurs and crops three pictures one by one;
two worker processes; a batch is 16 triplets; three forward passes a batch, contiguous layout; squared distances, and
for each anchor the hardest negative by loops over numpy. Not taken over: the 224 px and the head, which are ours here
("same images, same model"), the unnormalised input, and a negative of the anchor's own class.
"""

import random
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import (
    Compose,
    GaussianBlur,
    Grayscale,
    Normalize,
    RandomResizedCrop,
    RandomRotation,
)
from visgen_train.data.transforms import IMAGENET_MEAN, IMAGENET_STD

BATCH, WORKERS, MARGIN = 16, 2, 0.5
LR, WEIGHT_DECAY, METRIC_WEIGHT = 1e-3, 1e-4, 0.01


class Triplets(Dataset[tuple[Tensor, Tensor, Tensor, int, int]]):
    """Anchor, positive and negative of each file, read anew each time."""

    def __init__(self, categories: dict[int, list[str]], size: int) -> None:
        self.categories, self.size = categories, size
        self.files = [file for files in categories.values() for file in files]
        self.transform = Compose(
            [
                RandomRotation(90),
                GaussianBlur(3, (0.1, 1.0)),
                RandomResizedCrop(size, (0.9, 1.0), (1, 1)),
                Grayscale(3),
            ]
        )
        self.normalise = Normalize(IMAGENET_MEAN, IMAGENET_STD)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor, int, int]:
        file = self.files[index]
        anchor = self.read(file)
        category = next(name for name, files in self.categories.items() if file in files)
        others = list(self.categories[category])
        others.remove(file)
        positive = self.read(random.choice(others))
        names = list(self.categories)
        names.remove(category)
        foreign = random.choice(names)
        negative = self.read(random.choice(self.categories[foreign]))
        return self.view(anchor), self.view(positive), self.view(negative), category, foreign

    def read(self, file: str) -> np.ndarray:
        """Opened, resized, and pasted into the middle of a black square."""
        image = Image.open(file)
        ratio = self.size / max(image.size)
        width, height = (int(side * ratio) for side in image.size)
        square = Image.new("RGB", (self.size, self.size))
        square.paste(
            image.resize((width, height), Image.Resampling.LANCZOS),
            ((self.size - width) // 2, (self.size - height) // 2),
        )
        return np.array(square, dtype=np.uint8)

    def view(self, pixels: np.ndarray) -> Tensor:
        """Turned, blurred and cropped alone."""
        view: Tensor = self.normalise(
            self.transform(torch.from_numpy(pixels.transpose(2, 0, 1)).float()) / 255
        )
        return view


def loader(
    categories: dict[int, list[str]], size: int
) -> DataLoader[tuple[Tensor, Tensor, Tensor, int, int]]:
    """Batches of 16 triplets, made by two worker processes."""
    return DataLoader(Triplets(categories, size), BATCH, shuffle=True, num_workers=WORKERS)


def epoch(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    batches: Iterator[tuple[Tensor, ...]] | DataLoader[tuple[Tensor, Tensor, Tensor, int, int]],
    device: torch.device,
) -> None:
    """One pass: each file is the anchor of one triplet."""
    network.train()
    for anchor, positive, negative, label, foreign in batches:
        outputs = [network(images.to(device)) for images in (anchor, positive, negative)]
        embedding = torch.cat([output.embedding for output in outputs])
        target = torch.cat([label, label, foreign]).to(device)
        triplets = torch.from_numpy(hardest(embedding, target)).to(device)
        of_anchor, of_positive, of_negative = (embedding[triplets[:, part]] for part in range(3))
        near = (of_anchor - of_positive).pow(2).sum(1)
        far = (of_anchor - of_negative).pow(2).sum(1)
        loss = cross_entropy(torch.cat([output.logits for output in outputs]), target)
        loss = loss + METRIC_WEIGHT * (near + 1 / (far + 1e-6)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def hardest(embedding: Tensor, target: Tensor) -> np.ndarray:
    """(n, 3) rows: each anchor, each positive of its class, and the negative that is nearest to the anchor."""
    squares = embedding.pow(2).sum(1)
    distances = (squares[:, None] + squares[None] - 2 * embedding @ embedding.T).detach().cpu()
    labels = target.cpu().numpy()
    found: list[Sequence[int]] = []
    share = len(labels) // 3
    for anchor in range(share):
        same = labels == labels[anchor]
        positives = [row for row in np.flatnonzero(same) if row >= share]
        negatives = np.array([row for row in np.flatnonzero(~same) if row >= share])
        for positive in positives:
            losses = (distances[anchor, positive] - distances[anchor, negatives] + MARGIN).numpy()
            if len(losses):
                found.append((anchor, int(positive), int(negatives[np.argmax(losses)])))
    return np.array(found, np.int64)
