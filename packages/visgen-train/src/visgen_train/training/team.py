"""Processes that train one network together: each computes a share of the rows, all take the same steps.

The first decides, and speaks by orders; the others wait for them. All have the same weights after every step.
"""

import contextlib
import datetime
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from visgen_train.training.batch_norm import share_batch_norm

if TYPE_CHECKING:
    from lightning_fabric import Fabric

T = TypeVar("T")
PATIENCE = datetime.timedelta(days=7)
"""How long a process waits for an order: the first trains stage 2 and fits classifiers by itself."""


class Dismissed(SystemExit):
    """The first has no more orders; the process ends without an error."""


class Team:
    """The processes, or one alone, for which nothing here does anything.

    Attributes
    ----------
    rank, size : int
        Which of how many this process is.
    handle : callable
        Of processes but the first: does what an order says that comes while another is waited for.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size
        self.handle: Callable[[Any], None] = _unexpected

    @property
    def first(self) -> bool:
        """Whether it is this one that decides, writes and speaks."""
        return self.rank == 0

    def order(self, what: Any) -> None:
        """Have all do something: the first says so, the others do what else they are told until it is this."""

    def share(self, rows: int) -> slice:
        """Which of so many rows this process computes; shares differ by one row at most."""
        return slice(0, rows)

    def gather(self, mine: Tensor, rows: int) -> Tensor:
        """(rows, ...) of all shares in order; the gradient comes back to where each row was computed."""
        return mine

    def level(self, network: nn.Module) -> None:
        """Give all the weights and buffers that the first has."""

    def told(self, what: T) -> T:
        """What the first has, for all; any Python object."""
        return what

    def collect(self, what: T) -> list[T]:
        """What each has, by rank."""
        return [what]

    def wrap(self, network: nn.Module) -> nn.Module:
        """The network to be called in training: its BatchNorm sees all rows, its gradients are of all of them."""
        return network

    def draws(self, *numbers: int) -> contextlib.AbstractContextManager[None]:
        """Within it torch's generators are seeded by these numbers and the rank, and as before behind it.

        Dropout must differ between shares, and must not part the generators from which all draw alike.
        """
        return contextlib.nullcontext()


def _unexpected(order: Any) -> None:
    raise RuntimeError(f"an order that nobody waits for: {order}")


ALONE = Team()


def computed(share: slice, compute: Callable[[slice], Tensor]) -> Tensor:
    """What `compute` gives for the rows of a share: of an empty one no rows, but in their shape."""
    return compute(share) if share.start < share.stop else compute(slice(0, 1))[:0]


class Several(Team):
    """Of more than one process, within a process group.

    Parameters
    ----------
    fabric : lightning_fabric.Fabric
        Launched.
    """

    def __init__(self, fabric: "Fabric") -> None:
        super().__init__(fabric.global_rank, fabric.world_size)
        self._fabric = fabric
        self._orders: Any = dist.new_group(backend="gloo", timeout=PATIENCE)

    def order(self, what: Any) -> None:
        """As of `Team`. Orders have connections of their own, so that they never meet the rows under way."""
        if self.first:
            self.told(what)
            return
        while (heard := self.heard()) != what:
            self.handle(heard)

    def heard(self) -> Any:
        """The next order of the first, for the others.

        Raises
        ------
        Dismissed
            There will be none.
        """
        heard = self.told(None)
        if heard is None:
            raise Dismissed(0)
        return heard

    def told(self, what: T) -> T:
        """As of `Team`."""
        held = [what]
        dist.broadcast_object_list(held, src=0, group=self._orders, device=torch.device("cpu"))
        return held[0]

    def collect(self, what: T) -> list[T]:
        """As of `Team`."""
        found: list[T] = [what] * self.size
        dist.all_gather_object(found, what, group=self._orders)
        return found

    def dismiss(self) -> None:
        """The last order; whoever is not there any more has been dismissed, too."""
        with contextlib.suppress(RuntimeError):
            self.told(None)

    def share(self, rows: int) -> slice:
        """As of `Team`."""
        ends = self._ends(rows)
        return slice(ends[self.rank], ends[self.rank + 1])

    def gather(self, mine: Tensor, rows: int) -> Tensor:
        """As of `Team`."""
        whole: Tensor = _Gather.apply(mine, self._ends(rows), self.rank)
        return whole

    @torch.no_grad()
    def level(self, network: nn.Module) -> None:
        """As of `Team`."""
        for tensor in network.state_dict().values():
            dist.broadcast(tensor, src=0)

    def wrap(self, network: nn.Module) -> nn.Module:
        """As of `Team`."""
        share_batch_norm(network)
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # broadcast_buffers; its successor is not in older torch
            return self._fabric.strategy.setup_module(network)

    @contextlib.contextmanager
    def draws(self, *numbers: int) -> Iterator[None]:
        """As of `Team`."""
        gpus = [torch.cuda.current_device()] if self._fabric.device.type == "cuda" else []
        with torch.random.fork_rng(gpus):
            seed = np.random.SeedSequence((*numbers, self.rank)).generate_state(1, np.uint64)[0]
            torch.manual_seed(int(seed) >> 1)
            yield

    def _ends(self, rows: int) -> list[int]:
        """Where the share of each process begins, and the last one ends."""
        return [rows * rank // self.size for rank in range(self.size + 1)]


class _Gather(torch.autograd.Function):
    """Rows of all processes.

    Each process has the same loss of all rows, and so the same gradient of it: each takes that of its own rows, and
    nothing is sent. Its gradient of the weights is then a part of a sum over processes, of which
    DistributedDataParallel makes the mean; so it is taken `size` times here.
    """

    @staticmethod
    def forward(ctx: Any, mine: Tensor, ends: list[int], rank: int) -> Tensor:
        ctx.ends, ctx.rank = ends, rank
        counts = np.diff(ends)
        padded = mine.new_zeros(int(counts.max()), *mine.shape[1:])
        padded[: len(mine)] = mine
        parts = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(parts, padded)
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        own = gradient[ctx.ends[ctx.rank] : ctx.ends[ctx.rank + 1]]
        return own * (len(ctx.ends) - 1), None, None
