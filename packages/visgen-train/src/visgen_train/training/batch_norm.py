"""BatchNorm whose statistics are those of the batch of all processes, on the CPU (torch's own does it on GPUs)."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from visgen_train.errors import ConfigError

_PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def check_batch_norm(network: nn.Module) -> None:
    """Whether several processes can train it.

    Raises
    ------
    ConfigError
        One is of a kind of its own, such as timm's with an activation in it.
    """
    for name, module in network.named_modules():
        if isinstance(module, _BatchNorm) and type(module) not in (
            *_PLAIN,
            nn.SyncBatchNorm,
            SharedBatchNorm,
        ):
            raise ConfigError(
                f"{name} is a {type(module).__name__}, whose statistics cannot be shared between processes. Train in "
                "one, or take another --backbone, such as resnet50."
            )


def share_batch_norm(network: nn.Module) -> None:
    """Have every BatchNorm of a network take the statistics of all processes; parameters and keys stay as they are.

    Raises
    ------
    ConfigError
        As of `check_batch_norm`.
    """
    check_batch_norm(network)
    if next(network.parameters()).is_cuda:
        nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return
    for module in network.modules():
        if type(module) in _PLAIN:
            # the same parameters and buffers; only `forward` is another
            module.__class__ = SharedBatchNorm


class SharedBatchNorm(_BatchNorm):
    """As `torch.nn.BatchNorm2d` of one process, when each of several has some rows of a batch, or none.

    In training all processes call it at once, forward and backward. In evaluation mode each is by itself.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Normalise (n, channels, ...); n may differ between processes."""
        if not (self.training or self.running_mean is None):
            return batch_norm(
                images, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        wide = images.to(torch.promote_types(images.dtype, torch.float32))
        normalised, mean, variance, count = _Normalise.apply(wide, self.weight, self.bias, self.eps)
        if self.running_mean is not None:
            self._remember(mean, variance * count / (count - 1).clamp(min=1))
        out: Tensor = normalised.to(images.dtype)
        return out

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of dimensions."""


class _Normalise(torch.autograd.Function):
    """Normalised rows; and mean, biased variance and number of values of each channel, over all processes."""

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        mean, variance, count = _over_all(images)
        normalised = batch_norm(images, mean, variance, weight, bias, eps=eps)
        ctx.save_for_backward(images, weight, mean, variance, count)
        ctx.eps = eps
        ctx.mark_non_differentiable(mean, variance, count)
        return normalised, mean, variance, count

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        images, weight, mean, variance, count = ctx.saved_tensors
        scale = (variance + ctx.eps).rsqrt()
        towards = torch.zeros_like(images), torch.zeros_like(mean), torch.zeros_like(mean)
        if len(images):  # as if the statistics were constants: gradient of images, weight and bias
            towards = torch.ops.aten.native_batch_norm_backward(
                *(gradient, images, weight, mean, variance, mean, scale, False, ctx.eps, [True, True, True])
            )
        of_images, of_weight, of_bias = towards
        sums = torch.stack([of_weight, of_bias])
        dist.all_reduce(sums)
        # What the rows of all processes, through mean and variance, add: a line in each channel's values
        factor = scale if weight is None else scale * weight
        slope = -factor * scale * sums[0] / count
        level = -factor * sums[1] / count - slope * mean
        shape = (1, -1, *[1] * (images.ndim - 2))
        of_images = of_images.addcmul_(images, slope.view(shape)).add_(level.view(shape))
        return of_images, of_weight, of_bias, None


def _over_all(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, biased variance and number of values of each channel, over the rows of all processes.

    Parts are put together as Chan, Golub and LeVeque (1983) do, in float64.
    """
    channels = images.shape[1]
    mine = torch.zeros(2 * channels + 1, dtype=torch.float64)
    if len(images):
        mean, variance = torch.ops.aten.batch_norm_update_stats(images, None, None, 0.0)
        mine[:-1] = torch.cat([mean, variance])
        mine[-1] = images.numel() // channels
    parts = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, mine)
    every = torch.stack(parts)
    means, variances, counts = every[:, :channels], every[:, channels:-1], every[:, -1:]
    count = counts.sum()
    mean = (counts * means).sum(0) / count
    variance = (counts * (variances + (means - mean) ** 2)).sum(0) / count
    return mean.to(images.dtype), variance.to(images.dtype), count.to(images.dtype)
