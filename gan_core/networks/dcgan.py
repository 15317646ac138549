"""Convolutional players after Radford et al. 2016: transposed convolutions, BatchNorm in the generator.

The critic has no BatchNorm, unlike the paper's: a gradient penalty is not defined per sample with it.
"""

from __future__ import annotations

import torch
from torch import nn

from gan_core.networks.layers import Flat, Grid, dcgan_weights, first_side, from_own_stream, leaky
from gan_core.networks.narrow import ToFeatures, ToPicture


@from_own_stream
def generator(shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module:
    """z (batch, latent_dim) -> pictures (batch, *shape) in [-1, 1]."""
    channels, side, _ = shape
    start = first_side(side)
    now = width * side // start // 2
    layers: list[nn.Module] = [
        nn.Linear(latent_dim, now * start * start, bias=False),
        Grid(now, start),
        nn.BatchNorm2d(now),
        nn.ReLU(),
    ]
    while start < side // 2:
        layers += [nn.ConvTranspose2d(now, now // 2, 4, 2, 1, bias=False), nn.BatchNorm2d(now // 2), nn.ReLU()]
        now, start = now // 2, start * 2
    network = nn.Sequential(*layers, ToPicture(now, channels), nn.Tanh())
    dcgan_weights(network, rng)
    return network


@from_own_stream
def critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module:
    """Pictures (batch, *shape) -> logits (batch,)."""
    channels, side, _ = shape
    end = first_side(side)
    layers: list[nn.Module] = [ToFeatures(channels, width), leaky()]
    now, side = width, side // 2
    while side > end:
        layers += [nn.Conv2d(now, now * 2, 4, 2, 1), leaky()]
        now, side = now * 2, side // 2
    *layers, last = layers
    # Flat before the last leaky ReLU: its gradient comes as a line, and would have to be sorted into a grid number by number.
    network = nn.Sequential(*layers, nn.Flatten(), last, nn.Linear(now * end * end, 1), Flat())
    dcgan_weights(network, rng)
    return network
