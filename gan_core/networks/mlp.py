"""Fully connected players: the fastest, for planes and small pictures."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gan_core.networks.layers import Flat, he_weights, leaky

HIDDEN = 3
"""Hidden layers of each player; on grid-25 two of them leave most of the mass between the modes."""


class MLPGenerator(nn.Module):
    """z (batch, latent_dim) -> sample (batch, *shape); pictures end in tanh, planes are unbounded."""

    def __init__(self, shape: tuple[int, ...], latent_dim: int, width: int) -> None:
        super().__init__()
        self.shape = shape
        sizes = [latent_dim] + [width] * HIDDEN
        layers: list[nn.Module] = []
        for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(fan_in, fan_out), leaky()]
        layers.append(nn.Linear(width, math.prod(shape)))
        if len(shape) == 3:
            layers.append(nn.Tanh())
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor) -> Tensor:
        x: Tensor = self.layers(z)
        return x.view(len(x), *self.shape)


def generator(shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module:
    """A generator drawing samples of `shape`, its weights drawn from `rng`."""
    network = MLPGenerator(shape, latent_dim, width)
    he_weights(network, rng)
    return network


def critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module:
    """A critic of samples of `shape`: (batch, *shape) -> logits (batch,)."""
    sizes = [math.prod(shape)] + [width] * HIDDEN
    layers: list[nn.Module] = [nn.Flatten()]
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(fan_in, fan_out), leaky()]
    network = nn.Sequential(*layers, nn.Linear(width, 1), Flat())
    he_weights(network, rng)
    return network
