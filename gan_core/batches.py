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

    def __init__(self, samples: Tensor, seed: int, *, device: str, labels: Tensor | None = None, classes: int = 0) -> None:
        """`labels` (n,) below `classes`, for a run whose players are told the class."""
        self.samples = samples.to(device)
        self.device = device
        self.classes = classes
        self._labels = labels.to(device) if labels is not None else None
        self._seed = seed
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)
        self._sorted: tuple[Tensor, Tensor, Tensor] | None = None

    def __len__(self) -> int:
        return len(self.samples)

    def labels_of(self, index: Tensor) -> Tensor | None:
        """Classes (count,) of the samples of these numbers; None where the players are not told."""
        return None if self._labels is None else self._labels[index]

    def of_same_class(self, labels: Tensor | None, count: int, *, rng: torch.Generator) -> Tensor:
        """`count` samples drawn from all, each of its label's class where there are labels, as network input."""
        if labels is None:
            return self.pick(torch.randint(len(self), (count,), generator=rng, device=self.device))
        order, first, members = self._by_class()
        chance = torch.rand(count, generator=rng, device=self.device)
        return self.pick(order[first[labels] + (chance * members[labels]).long()])

    def part(self, whole: Tensor) -> Tensor:
        """The rows of a whole batch that this process plays: all, unless several share each batch (`parallel.py`)."""
        return whole

    def joined(self, gradients: tuple[Tensor, ...], curves: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """The gradients over the whole batch from those over this process's part of it; the curves become the whole's in place."""
        return gradients

    def _by_class(self) -> tuple[Tensor, Tensor, Tensor]:
        """Numbers of all samples sorted by class, where each class begins in them, and how many it has."""
        if self._sorted is None:
            assert self._labels is not None
            members = torch.bincount(self._labels, minlength=self.classes)
            self._sorted = self._labels.argsort(stable=True), members.cumsum(0) - members, members
        return self._sorted

    def numbers(self, position: int, count: int) -> Tensor:
        """Numbers (count,) in the train split of samples `position` to `position + count` of the endless sequence of epochs."""
        parts: list[Tensor] = []
        while count > 0:
            epoch, first = divmod(position, len(self))
            part = self._order_of(epoch)[first : first + count]
            parts.append(part)
            position, count = position + len(part), count - len(part)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def pick(self, index: Tensor) -> Tensor:
        """The samples of these numbers as network input: pictures in [-1, 1], points as they are."""
        chosen = self.samples[index]
        return to_network(chosen) if chosen.dtype == torch.uint8 else chosen

    def _order_of(self, epoch: int) -> Tensor:
        if epoch != self._epoch:
            order = torch.randperm(len(self), generator=stream(self._seed, "order of the epoch", index=epoch))
            self._epoch, self._order = epoch, order.to(self.device)
        return self._order
