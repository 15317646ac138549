"""Dropout that draws from a stream of the run, so that a run resumed, or looked at, forgets the same features."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """As `nn.Dropout`, from a given stream: in training each number is 0 with probability `p`, and the others grow to make up for it."""

    def __init__(self, p: float, rng: torch.Generator) -> None:
        super().__init__()
        self.p, self.rng = p, rng

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x * (torch.rand(x.shape, generator=self.rng, device=x.device) >= self.p) / (1.0 - self.p)


def from_stream(network: nn.Module, rng: torch.Generator) -> None:
    """Let every `nn.Dropout` in a network draw from `rng`, and no longer from the process's random generator."""
    for parent in list(network.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, nn.Dropout):
                setattr(parent, name, Dropout(layer.p, rng))
