"""Convolutional players after Huang et al. 2024 (R3GAN, section 3): no normalisation, bilinear resampling, residual blocks.

Their last convolution of each block begins at zero and the others are scaled down by depth (fix-up, Zhang et al. 2019), which
replaces normalisation. No tanh: values outside [-1, 1] are clipped where people look, and the critic teaches the range.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gan_core.networks.layers import HE_GAIN, Flat, first_side, from_own_stream, he_weights, leaky

GROUP = 16
"""Channels per group of the 3x3 convolutions."""
EXPAND = 2
"""Inner width of a block, as a multiple of its outer width."""


class Block(nn.Module):
    """x + branch(x), same shape: 1x1, grouped 3x3, 1x1, leaky ReLU between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels * EXPAND
        self.branch = nn.Sequential(
            nn.Conv2d(channels, inner, 1),
            leaky(),
            nn.Conv2d(inner, inner, 3, padding=1, groups=math.gcd(inner, max(1, inner // GROUP))),
            leaky(),
            nn.Conv2d(inner, channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.branch(x)
        return out


class Basis(nn.Module):
    """z (batch, latent_dim) -> (batch, channels, side, side): a learned picture, each channel scaled by a line of z."""

    def __init__(self, latent_dim: int, channels: int, side: int) -> None:
        super().__init__()
        self.pictures = nn.Parameter(torch.empty(channels, side, side))
        self.scale = nn.Linear(latent_dim, channels, bias=False)

    def forward(self, z: Tensor) -> Tensor:
        scale: Tensor = self.scale(z)
        return self.pictures * scale[:, :, None, None]


def widths(side: int, width: int) -> list[int]:
    """Channels of each stage from the smallest side to the largest: halved while the side doubles, never under `width`."""
    stages = int(math.log2(side // first_side(side))) + 1
    return [max(width, width * 4 // 2**stage) for stage in range(stages)]


@from_own_stream
def generator(shape: tuple[int, ...], *, latent_dim: int, width: int, rng: torch.Generator) -> nn.Module:
    """z (batch, latent_dim) -> pictures (batch, *shape), not clipped."""
    channels, side, _ = shape
    sizes = widths(side, width)
    layers: list[nn.Module] = [Basis(latent_dim, sizes[0], first_side(side)), Block(sizes[0])]
    for before, after in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Conv2d(before, after, 1, bias=False), nn.Upsample(scale_factor=2, mode="bilinear"), Block(after)]
    network = nn.Sequential(*layers, nn.Conv2d(sizes[-1], channels, 1))
    fix_up(network, rng)
    return network


@from_own_stream
def critic(shape: tuple[int, ...], *, width: int, rng: torch.Generator) -> nn.Module:
    """Pictures (batch, *shape) -> logits (batch,): the generator's mirror."""
    channels, side, _ = shape
    end, sizes = first_side(side), widths(side, width)[::-1]
    layers: list[nn.Module] = [nn.Conv2d(channels, sizes[0], 1), Block(sizes[0])]
    for before, after in zip(sizes, sizes[1:], strict=False):
        layers += [nn.AvgPool2d(2), nn.Conv2d(before, after, 1, bias=False), Block(after)]
    head = [nn.Conv2d(sizes[-1], sizes[-1], end, groups=sizes[-1], bias=False), nn.Flatten(), nn.Linear(sizes[-1], 1), Flat()]
    network = nn.Sequential(*layers, *head)
    fix_up(network, rng)
    return network


@torch.no_grad()
def fix_up(network: nn.Sequential, rng: torch.Generator) -> None:
    """Begin as an almost straight line: He weights of gain 1 outside the blocks, scaled He weights inside, zero at their end."""
    blocks = [layer for layer in network if isinstance(layer, Block)]
    he_weights(network, rng, gain=1.0)
    for block in blocks:
        first, _, second, _, last = block.branch
        for layer in (first, second):
            he_weights(layer, rng, gain=HE_GAIN * len(blocks) ** -0.25)
        last.weight.zero_()  # type: ignore[operator]
    for layer in network:
        if isinstance(layer, Basis):
            layer.pictures.normal_(generator=rng)
