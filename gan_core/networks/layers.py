"""Building blocks that several networks share, and how their weights begin."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import ParamSpec

import torch
from torch import Tensor, nn

from gan_core.sentences import Sentence

P = ParamSpec("P")

LEAK = 0.2
"""Slope of every leaky ReLU here, as in DCGAN and after."""
HE_GAIN = math.sqrt(2.0 / (1.0 + LEAK**2))


class Flat(nn.Module):
    """Logits as (batch,) from a critic's last layer (batch, 1)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten()


class Shaped(nn.Module):
    """(batch, numbers) -> (batch, *shape)."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.view(-1, *self.shape)


class Grid(nn.Unflatten):
    """(batch, channels * side * side) -> (batch, channels, side, side), on a processor with the channels side by side.

    What follows need not sort them then, forwards or backwards.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__(1, (channels, side, side))

    def forward(self, input: Tensor) -> Tensor:
        out: Tensor = super().forward(input)
        return out.contiguous(memory_format=torch.channels_last) if input.device.type == "cpu" else out


def is_picture(shape: tuple[int, ...]) -> bool:
    """Whether samples of this shape are pictures, and no points."""
    return len(shape) == 3


def from_own_stream(build: Callable[P, nn.Module]) -> Callable[P, nn.Module]:
    """The same builder, leaving the process's random generator as it was: torch's layers draw from it before we draw theirs."""

    @functools.wraps(build)
    def built(*args: P.args, **kwargs: P.kwargs) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            return build(*args, **kwargs)

    return built


def leaky() -> nn.Module:
    """A leaky ReLU with the house's slope."""
    return nn.LeakyReLU(LEAK)


@torch.no_grad()
def he_weights(module: nn.Module, rng: torch.Generator, gain: float = HE_GAIN) -> None:
    """Draw the weights of every linear and convolution in `module` as He et al. 2015 (fan-in, normal); biases begin at 0."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            fan_in = layer.weight[0].numel()
            layer.weight.normal_(0.0, gain / math.sqrt(fan_in), generator=rng)
            if layer.bias is not None:
                layer.bias.zero_()


@torch.no_grad()
def dcgan_weights(module: nn.Module, rng: torch.Generator) -> None:
    """Draw all weights from N(0, 0.02), BatchNorm's scale from N(1, 0.02) (Radford et al. 2016, section 4)."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            layer.weight.normal_(0.0, 0.02, generator=rng)
            if layer.bias is not None:
                layer.bias.zero_()
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.weight.normal_(1.0, 0.02, generator=rng)


def first_side(side: int) -> int:
    """The side a picture network starts from: `side` halved until 4 or 7 is left; ValueError where that is impossible."""
    start = side
    while start > 7 and start % 2 == 0:
        start //= 2
    if start == side or start not in (4, 7):
        raise ValueError(Sentence("Convolutional networks draw squares of 16, 28, 32 or 64 pixels, and the data have {side}.", side=side))
    return start


@torch.no_grad()
def uniform_weights(module: nn.Module, rng: torch.Generator) -> None:
    """Draw weights and biases of every linear layer from U(-1/sqrt(fan_in), 1/sqrt(fan_in)), as torch does by default.

    BatchNorm begins as torch has it: scale 1, shift 0.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            bound = layer.in_features**-0.5
            for weight in layer.parameters():
                weight.uniform_(-bound, bound, generator=rng)
