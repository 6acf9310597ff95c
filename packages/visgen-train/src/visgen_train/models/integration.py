"""Extra trainable layers behind the embedding, which the paper tried for the alignment without success (sec. 5.1)."""

from torch import nn


class IntegrationLayers(nn.Sequential):
    """Linear layers with ReLUs between them, behind the embedding.

    The paper does not say how its layers were built or began. These begin as torch initialises any linear layer, at
    random, so stage 2 starts from a random projection of the visual embedding. The parameters ask for no gradient
    until stage 2 (`visgen_train.training.align`) trains them.

    Parameters
    ----------
    size : int
        Of the embedding; (n, size) -> (n, size).
    layers : int
        Number of linear layers, at least 1.
    """

    def __init__(self, size: int, layers: int) -> None:
        blocks: list[nn.Module] = [nn.Linear(size, size)]
        for _ in range(layers - 1):
            blocks += [nn.ReLU(), nn.Linear(size, size)]
        super().__init__(*blocks)
        self.requires_grad_(False)
