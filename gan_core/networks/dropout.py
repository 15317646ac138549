"""Dropout that draws from a stream of the run, so that a run resumed, or looked at, forgets the same features.

Srivastava et al. 2014, with the kept features made larger in training rather than all of them smaller afterwards. Any critic can
have it: behind the activation of every hidden layer, or where the network has dropout of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class Forgetting:
    """What all dropout of one critic shares."""

    rng: torch.Generator
    share: float | Tensor | None = None
    """The share of features to forget, a number or a scalar on the device; None for each layer's own."""


class Dropout(nn.Module):
    """As `nn.Dropout`: in training each number is 0 with a probability, and the others grow to make up for it.

    The probability is the one asked for, or else its own `p`; with neither nothing is forgotten, and nothing drawn.
    """

    def __init__(self, p: float | None, forgetting: Forgetting) -> None:
        super().__init__()
        self.p, self.forgetting = p, forgetting

    def forward(self, x: Tensor) -> Tensor:
        p = self.p if self.forgetting.share is None else self.forgetting.share
        if not self.training or p is None:
            return x
        return x * (torch.rand(x.shape, generator=self.forgetting.rng, device=x.device) >= p) / (1.0 - p)


def forgetful(network: nn.Module, rng: torch.Generator) -> Forgetting:
    """Let every `nn.Dropout` in a network draw from `rng`, and no longer from the process's random generator.

    A network without any gets one behind each activation, which forgets nothing until it is told to. No weight changes its name.
    """
    forgetting = Forgetting(rng)
    own = any(isinstance(layer, nn.Dropout) for layer in network.modules())
    for parent in list(network.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, nn.Dropout):
                setattr(parent, name, Dropout(layer.p, forgetting))
            elif not own and isinstance(layer, nn.LeakyReLU | nn.ReLU):
                setattr(parent, name, nn.Sequential(layer, Dropout(None, forgetting)))
    return forgetting
