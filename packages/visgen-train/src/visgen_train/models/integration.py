"""Extra trainable layers behind the embedding, which the paper tried for the alignment without success (sec. 5.1)."""

from torch import Tensor, nn


class IntegrationLayers(nn.Module):
    """`x + f(x)`, f of `layers` linear layers with ReLUs between; the last begins at zero, so it begins as identity.

    The paper does not say how its layers were built. Beginning as identity, stage 2 starts from the visual embedding
    itself, and what it finds is not owed to a random projection. The parameters ask for no gradient until stage 2
    (`visgen_train.training.align`) trains them.

    Parameters
    ----------
    size : int
        Of the embedding; (n, size) -> (n, size).
    layers : int
        At least 1.
    """

    def __init__(self, size: int, layers: int) -> None:
        super().__init__()
        linears = [nn.Linear(size, size) for _ in range(layers)]
        nn.init.zeros_(linears[-1].weight)
        nn.init.zeros_(linears[-1].bias)
        blocks = [part for linear in linears[:-1] for part in (linear, nn.ReLU())]
        self.layers = nn.Sequential(*blocks, linears[-1])
        self.requires_grad_(False)

    def forward(self, embedding: Tensor) -> Tensor:
        """Move the embeddings (n, size)."""
        moved: Tensor = embedding + self.layers(embedding)
        return moved
