"""Means of curves, summed where the network computes and copied to the host once per event."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_core.sentences import Sentence


class Meter:
    """Sums scalars on the device. A NaN or Inf cannot hide in a mean: the first step that had one is kept, on the device too."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._sums = self._first_bad = torch.empty(0)
        self.steps = 0

    def add(self, step: int, curves: dict[str, Tensor]) -> None:
        """Take the curves of the finished step number `step`; they must have the names of the step before, or call `read` first."""
        names, values = tuple(curves), torch.stack(list(curves.values()))
        if self.steps and names != self._names:
            raise ValueError(f"The curves changed from {self._names} to {names} between two readings.")
        never = torch.full_like(values, torch.inf)
        if self.steps == 0:
            self._names, self._sums, self._first_bad = names, torch.zeros_like(values), never
        self._sums += values
        self._first_bad = torch.where(torch.isfinite(values), self._first_bad, torch.clamp(self._first_bad, max=step))
        self.steps += 1

    def read(self) -> dict[str, float]:
        """The means since the last reading, and start anew; FloatingPointError names the curve and the step that went wrong."""
        sums, first_bad = torch.stack([self._sums, self._first_bad]).tolist()
        steps, self.steps = self.steps, 0
        for name, step in sorted(zip(self._names, first_bad, strict=True), key=lambda pair: pair[1]):
            if step != torch.inf:
                raise FloatingPointError(
                    Sentence("The curve {name} is no longer a finite number at step {step:,}.", name=name, step=int(step))
                )
        return {name: total / steps for name, total in zip(self._names, sums, strict=True)}
