"""New pictures through a trained network, in batches as evaluation makes them, decoded ahead by threads."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from visgen_train.data.images import Policy
from visgen_train.data.transforms import plain
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.embed import backbone_features, project
from visgen_train.evaluation.open_set import OpenSet
from visgen_train.io.progress import Track, silent
from visgen_train.models.network import EmbeddingNetwork, ProjectionHead
from visgen_train.prediction.answers import Answer, Answers, Candidate
from visgen_train.prediction.scorer import Scorer
from visgen_train.prediction.sources import Source, decoded, sources

BATCH: Final = 64
"""Pictures the network sees at once, as in evaluation."""
CHUNK: Final = 4096
"""Pictures whose features are held at once."""
VISUAL: Final = "visual"
NEAREST: Final = 3


@dataclass(frozen=True, eq=False, repr=False)
class Predictor:
    """A run that names pictures; made by `visgen_train.load`.

    Attributes
    ----------
    folder : Path
        The run.
    network : EmbeddingNetwork
        With the head of stage 1, "visual".
    heads : mapping
        Embedding -> head.
    embedding : str
        That of the classifier.
    scorer : Scorer
    open_set : OpenSet
        Of the embedding of stage 1.
    policy : Policy
        How the run decoded its pictures.
    device : torch.device
    training : sequence of str
        Files of the training images.
    images : Path
        The folder they are relative to, when the run was trained.
    about : tuple of str
        How answers are come by, a sentence each.
    """

    folder: Path
    network: EmbeddingNetwork
    heads: Mapping[str, ProjectionHead]
    embedding: str
    scorer: Scorer
    open_set: OpenSet
    policy: Policy
    device: torch.device
    training: Sequence[str]
    images: Path
    about: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        seen = self.scorer.known.classes
        others = f", {len(self.scorer.species) - seen} more by DNA alone" if self.scorer.unseen_named else ""
        head = f"Predictor: {self.folder}, {seen} species with pictures{others}. Call .predict(images)."
        return "\n".join([head, *self.about])

    def predict(self, images: Any, top: int = 3, track: Track = silent) -> Answers:
        """Name pictures.

        Parameters
        ----------
        images
            A path (of a folder: all pictures below it), a uint8 array (height, width) or (height, width, 3), a picture
            of Pillow, or several of these.
        top : int
            Candidates of each.
        track : callable
            Shows progress.

        Returns
        -------
        Answers
            In the order given. Pictures that cannot be read are among them, with the problem.
        """
        given = sources(images)
        stream = track(zip(given, decoded(given, self.policy), strict=True), "Naming pictures", len(given))
        return Answers(tuple(self.answers(iter(stream), top)), self.about)

    def answers(
        self, stream: Iterator[tuple[Source, tuple[np.ndarray | None, str | None]]], top: int
    ) -> Iterator[Answer]:
        """An answer for each source and its pixels, or its problem."""
        while chunk := list(self._featured(itertools.islice(stream, CHUNK))):
            features = [part for part in (one for _, one in chunk) if isinstance(part, torch.Tensor)]
            good = iter(self._judged(torch.stack(features), top) if features else [])
            for source, one in chunk:
                if isinstance(one, str):
                    yield Answer(source.name, one)
                else:
                    yield Answer(source.name, **next(good))

    def _featured(
        self, stream: Iterator[tuple[Source, tuple[np.ndarray | None, str | None]]]
    ) -> Iterator[tuple[Source, torch.Tensor | str]]:
        """Each source with its features (width,), or with its problem; pixels of a batch at a time."""
        waiting: list[tuple[Source, np.ndarray | str]] = []
        for source, (pixels, problem) in stream:
            waiting.append((source, problem or "" if pixels is None else pixels))
            if sum(isinstance(one, np.ndarray) for _, one in waiting) == BATCH:
                yield from self._through(waiting)
                waiting = []
        yield from self._through(waiting)

    def _through(
        self, waiting: list[tuple[Source, np.ndarray | str]]
    ) -> Iterator[tuple[Source, torch.Tensor | str]]:
        pixels = [one for _, one in waiting if isinstance(one, np.ndarray)]
        features = iter(self.features(np.stack(pixels)) if pixels else ())
        for source, one in waiting:
            yield source, one if isinstance(one, str) else next(features)

    def features(self, pixels: np.ndarray) -> torch.Tensor:
        """(n, width) of the backbone, for (n, 3, size, size) uint8."""

        def view(rows: np.ndarray) -> torch.Tensor:
            return plain(pixels[rows], self.device)

        return backbone_features(self.network, np.arange(len(pixels)), view, batch=BATCH)

    def embedded(self, features: torch.Tensor, embedding: str) -> Embedded:
        """Features (n, width) in an embedding, with the logits of stage 1."""
        output = project(self.heads[embedding], features)
        logits = output.logits.cpu().numpy() if embedding == VISUAL else None
        return Embedded(output.embedding.cpu().numpy(), logits)

    def _judged(self, features: torch.Tensor, top: int) -> Iterator[dict[str, Any]]:
        """What `Answer` says of each image."""
        visual = self.embedded(features, VISUAL)
        queries = visual if self.embedding == VISUAL else self.embedded(features, self.embedding)
        distances = self.open_set.distances(visual.vectors)
        probabilities = self.scorer.probabilities(queries)
        nearest = self.scorer.nearest(queries.vectors, NEAREST)
        summed = self.scorer.genera.summed(probabilities)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
        for row, columns in enumerate(order):
            genus = int(summed[row].argmax())
            yield {
                "candidates": tuple(self._candidate(probabilities[row], int(column)) for column in columns),
                "genus": self.scorer.genera.names[genus],
                "genus_probability": float(summed[row, genus]),
                "rank": self._rank(float(probabilities[row].max()), float(summed[row, genus])),
                "none_of_these": bool(distances[row] > self.open_set.threshold),
                "distance": float(distances[row]),
                "nearest": tuple(self.training[place] for place in nearest[row]),
            }

    def _candidate(self, probabilities: np.ndarray, column: int) -> Candidate:
        seen = column < self.scorer.known.classes
        return Candidate(self.scorer.species[column], float(probabilities[column]), seen)

    def _rank(self, species: float, genus: float) -> str | None:
        """What is certain enough; without thresholds the species, whatever its probability."""
        if self.scorer.thresholds is None:
            return "species"
        of_species, of_genus = self.scorer.thresholds
        if species >= of_species.least:
            return "species"
        return "genus" if genus >= of_genus.least else None
