"""Batches of reals, gathered on the device from the data as bytes: no worker, no copy, no order to store."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_core.images import to_network
from gan_core.streams import stream


class Batches:
    """The train split in a new random order each epoch; the order follows from the seed and the epoch's number alone.

    So a place in the epoch is just how many samples were given out, and resuming needs nothing else.
    """

    def __init__(self, samples: Tensor, seed: int, *, device: str) -> None:
        self.samples = samples.to(device)
        self.device = device
        self._seed = seed
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.samples)

    def at(self, position: int, count: int) -> Tensor:
        """Samples number `position` to `position + count` of the endless sequence of epochs, as network input."""
        parts: list[Tensor] = []
        while count > 0:
            epoch, first = divmod(position, len(self))
            part = self._order_of(epoch)[first : first + count]
            parts.append(part)
            position, count = position + len(part), count - len(part)
        return self.pick(parts[0] if len(parts) == 1 else torch.cat(parts))

    def pick(self, index: Tensor) -> Tensor:
        """The samples of these numbers as network input: pictures in [-1, 1], points as they are."""
        chosen = self.samples[index]
        return to_network(chosen) if chosen.dtype == torch.uint8 else chosen

    def _order_of(self, epoch: int) -> Tensor:
        if epoch != self._epoch:
            order = torch.randperm(len(self), generator=stream(self._seed, "order of the epoch", index=epoch))
            self._epoch, self._order = epoch, order.to(self.device)
        return self._order
