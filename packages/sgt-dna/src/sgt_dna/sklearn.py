"""The transform as a step of scikit-learn pipelines. Needs ``pip install "sgt-dna[sklearn]"``."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sgt_dna.alphabet import feature_names
from sgt_dna.errors import MissingExtraError
from sgt_dna.params import SGTParams
from sgt_dna.transform import embed

if TYPE_CHECKING:
    from typing import Self

try:
    from sklearn.base import BaseEstimator, TransformerMixin
except ImportError as error:
    raise MissingExtraError('sgt_dna.sklearn needs scikit-learn: pip install "sgt-dna[sklearn]"') from error


class SGTTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Sequences -> vectors of the Sequence Graph Transform, as `sgt_dna.embed` makes them.

    It learns nothing from data: `fit` checks parameters and sequences alone, so that cross-validation leaks nothing.

    Parameters
    ----------
    k, overlap, kappa, length_sensitive, ambiguous, strand
        As for `sgt_dna.embed`.
    threads : int or None
        Threads that share the sequences; None for all cores. With ``n_jobs`` elsewhere, leave it at 1.

    Notes
    -----
    Input is one text a sample, which scikit-learn's ``check_estimator`` does not try: it feeds arrays of numbers.
    `tests/test_sklearn.py` has the contract instead: parameters, clone, pickle, names, containers, search.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> model = make_pipeline(SGTTransformer(kappa=5), KNeighborsClassifier(1, metric="cosine"))
    >>> model.fit(["ACGTTGCA", "TTGACCAA"], ["nitida", "ruber"]).predict(["ACGTTGCC"]).tolist()
    ['nitida']
    """

    def __init__(
        self,
        *,
        k: int = 2,
        overlap: bool = True,
        kappa: float = 1.0,
        length_sensitive: bool = False,
        ambiguous: str = "skip",
        strand: str = "forward",
        threads: int | None = 1,
    ) -> None:
        self.k = k
        self.overlap = overlap
        self.kappa = kappa
        self.length_sensitive = length_sensitive
        self.ambiguous = ambiguous
        self.strand = strand
        self.threads = threads

    def fit(self, X: Iterable[str], y: object = None) -> "Self":
        """Check the parameters and the sequences.

        Parameters
        ----------
        X : iterable of n str
            A list, an array, or a pandas Series, such as a column of a table.
        y : ignored

        Raises
        ------
        ParameterError
            A parameter is out of its range.
        TypeError, FastaError, AlphabetError
            As for `transform`.
        """
        self._params()
        _texts(X)
        return self

    def transform(self, X: Iterable[str]) -> npt.NDArray[np.float64]:
        """Embed sequences.

        Parameters
        ----------
        X : iterable of n str

        Returns
        -------
        (n, 16**k) float64
            Or a data frame, after ``set_output(transform="pandas")``.

        Raises
        ------
        TypeError
            X is one text, a table or an array of two dimensions, or holds anything but texts.
        FastaError, AlphabetError
            A sequence is missing, or no sequence; they are numbered from 1.
        """
        return embed(_texts(X), **vars(self._params()), threads=self.threads).vectors

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Names of the columns, "AA->CG"; `input_features` is ignored."""
        return np.array(feature_names(self._params().k), dtype=object)

    def _params(self) -> SGTParams:
        given = self.get_params()
        del given["threads"]
        return SGTParams(**given)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags


def _texts(X: Iterable[str]) -> list[str]:
    """The samples without their index, which repeats ids where rows were drawn with replacement."""
    if hasattr(X, "columns") or getattr(X, "ndim", 1) != 1:
        raise TypeError("X must be one column of sequences, not a table: table['sequence'], or array[:, 0]")
    if isinstance(X, str | bytes) or not isinstance(X, Iterable):
        raise TypeError(
            f"X must be a list, array or Series of sequences, not {type(X).__name__}; of a file: "
            "[record.sequence for record in sgt_dna.read_records(path)]"
        )
    samples = list(X)
    for number, sample in enumerate(samples, 1):
        if not isinstance(sample, str):
            raise TypeError(f"sample {number} must be a sequence as text, not {sample!r:.60}")
    return samples
