"""Means of curves, summed where the network computes and copied to the host once per event."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gan_core.sentences import Sentence


@dataclass
class _Sum:
    """Curves that came together: their sums, the first step at which each was bad, and how many steps these are."""

    total: Tensor
    first_bad: Tensor
    steps: int = 0


class Meter:
    """Sums scalars on the device. A NaN or Inf cannot hide in a mean: the first step that had one is kept, on the device too.

    A curve that comes in some steps only, such as a penalty that is not taken in each, has the mean of those.
    """

    def __init__(self) -> None:
        self._sums: dict[tuple[str, ...], _Sum] = {}
        self.steps = 0

    def add(self, step: int, curves: dict[str, Tensor]) -> None:
        """Take the curves of the finished step number `step`."""
        names, values = tuple(curves), torch.stack(list(curves.values()))
        if names not in self._sums:
            self._sums[names] = _Sum(torch.zeros_like(values), torch.full_like(values, torch.inf))
        kept = self._sums[names]
        kept.total += values
        kept.first_bad = torch.where(torch.isfinite(values), kept.first_bad, torch.clamp(kept.first_bad, max=step))
        kept.steps += 1
        self.steps += 1

    def read(self) -> dict[str, float]:
        """The means since the last reading, and start anew; FloatingPointError names the curve and the step that went wrong."""
        sums, self._sums, self.steps = self._sums, {}, 0
        if not sums:
            return {}
        parts = [torch.cat([getattr(kept, of) for kept in sums.values()]) for of in ("total", "first_bad")]
        totals, first_bad = torch.stack(parts).tolist()
        curves = [(name, kept.steps) for names, kept in sums.items() for name in names]
        step, (name, _) = min(zip(first_bad, curves, strict=True), key=lambda pair: pair[0])
        if step != torch.inf:
            raise FloatingPointError(Sentence("The curve {name} is no longer a finite number at step {step:,}.", name=name, step=int(step)))
        found: dict[str, tuple[float, int]] = {}
        for total, (name, steps) in zip(totals, curves, strict=True):
            before, count = found.get(name, (0.0, 0))
            found[name] = (before + total, count + steps)
        return {name: total / count for name, (total, count) in found.items()}
