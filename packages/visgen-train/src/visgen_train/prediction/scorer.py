"""What a run says of embedded images: probabilities of all its species, genus, none of these, nearest pictures."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import softmax

from visgen_train.errors import DataError
from visgen_train.evaluation.back_off import Genera, Threshold, thresholds
from visgen_train.evaluation.classifiers import Embedded, Fitted, Known, fit_all
from visgen_train.evaluation.classifiers.calibration import temperature
from visgen_train.evaluation.knn import cosine_search
from visgen_train.evaluation.zero_shot import ZeroShot, fit_zero_shot, quarters

_STREAM: Final = 9  # of its own: which species the zero-shot constant is chosen on
_ROWS: Final = 512


@dataclass(frozen=True, eq=False)
class Scorer:
    """Fitted to what a run has stored, in one embedding.

    Parameters
    ----------
    known : Known
    species : tuple of str
        The classes of `known`, and after them the species that have sequences and no images.
    classifier : str
        Of `CLASSIFIERS`.
    distances : numpy.ndarray, optional
        (n, n) of the scored species of `known` and, after them, of those without images, if there are any.
    seed : int
        Of the run.
    """

    known: Known
    species: tuple[str, ...]
    classifier: str
    distances: np.ndarray | None = None
    seed: int = 0

    @cached_property
    def fitted(self) -> Fitted:
        """The classifier, as the run's evaluation fitted it: it sees the same."""
        return fit_all(self.known, [self.classifier])[self.classifier]

    @cached_property
    def genera(self) -> Genera:
        """Of all species."""
        return Genera.of(self.species)

    @cached_property
    def thresholds(self) -> tuple[Threshold, Threshold] | None:
        """From which probability a species, and a genus, is named; None without validation images."""
        if self.fitted.temperature is None:
            return None
        return thresholds(
            self.probabilities(self.known.validation), self.known.validation_labels, self.genera
        )

    def probabilities(self, queries: Embedded) -> np.ndarray:
        """(m, species); rows sum to 1.

        Of species with images by the classifier, at its temperature. Where there are species without images, a softmax
        of their calibrated stacking (see `zero_shot`) says how much they have, and the others share the rest.
        """
        given = softmax(self.fitted.scores(queries) / (self.fitted.temperature or 1.0), axis=1)
        if self._zero_shot is None:
            return np.asarray(given)
        model, scale = self._zero_shot
        stacked = softmax(model.scores(queries) / scale, axis=1)
        seen = self.known.classes
        return np.hstack([given * stacked[:, :seen].sum(1, keepdims=True), stacked[:, seen:]])

    def nearest(self, vectors: np.ndarray, number: int) -> np.ndarray:
        """(m, number) positions of the training images of highest cosine similarity."""
        search = cosine_search(self.known.train.vectors, number)
        parts = [vectors[start : start + _ROWS] for start in range(0, len(vectors), _ROWS)]
        found = [search.kneighbors(part, return_distance=False) for part in parts]
        return np.concatenate([np.zeros((0, search.n_neighbors), np.int64), *found])

    @cached_property
    def _zero_shot(self) -> tuple[ZeroShot, float] | None:
        """Species without images beside the others, and the temperature of kriging."""
        if self.distances is None or len(self.species) == self.known.classes:
            return None
        try:
            left_out = quarters(self.known, np.random.default_rng((self.seed, _STREAM)))
            model = fit_zero_shot(self.known, self.distances, left_out)
        except DataError:  # nothing to krige: these species cannot be told from each other
            return None
        seen = self.known.validation_labels < self.known.scored
        scores = model.prototypes.scores(self.known.validation)[seen, : self.known.classes]
        return model, temperature(scores, self.known.validation_labels[seen]) or 1.0

    @property
    def unseen_named(self) -> bool:
        """Whether species without images are among the candidates."""
        return self._zero_shot is not None
