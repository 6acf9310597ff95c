"""MaxNorm by projection: Alshammari et al., "Long-tailed recognition via weight balancing", CVPR 2022.

Classes with many images grow classifier rows of large norm, which win over the rows of rare classes; the bound takes
that advantage away. They set it from the norms at the stage's start, with t = 0.1 in their published demo.
"""

import torch
from torch import nn

from visgen_train.errors import ConfigError


class MaxNorm:
    """Keeps each class row w of a classifier within the ball ||w|| <= delta, delta = min + t (max - min) of the norms.

    The bound is set from the row norms now, at construction; the bias is exempt.

    Parameters
    ----------
    classifier : torch.nn.Linear
        weight (classes, d).
    t : float
        0 (bound every row by the smallest norm) to 1 (by the largest).

    Raises
    ------
    ConfigError
        t is not between 0 and 1.

    Examples
    --------
    >>> classifier = nn.Linear(2, 2)
    >>> _ = classifier.weight.data.copy_(torch.tensor([[0.0, 4.0], [1.0, 0.0]]))
    >>> bound = MaxNorm(classifier, t=0.5)
    >>> bound.delta, bound.project(), classifier.weight.tolist()
    (2.5, 0.5, [[0.0, 2.5], [1.0, 0.0]])
    """

    def __init__(self, classifier: nn.Linear, t: float) -> None:
        if not 0 <= t <= 1:
            raise ConfigError(f"The MaxNorm bound t is {t:g}, but must lie between 0 and 1.")
        norms = classifier.weight.detach().norm(dim=1)
        self._classifier = classifier
        self.delta = float(norms.min() + t * (norms.max() - norms.min()))

    @torch.no_grad()
    def project(self) -> float:
        """Shorten every longer row to `delta`, in place; call it after each optimiser step.

        Returns
        -------
        float
            The share of rows that were shortened.
        """
        weight = self._classifier.weight
        norms = weight.norm(dim=1, keepdim=True)
        long = norms > self.delta
        weight.mul_(torch.where(long, self.delta / norms, 1.0))
        return float(long.float().mean())
