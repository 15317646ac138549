"""What z is drawn from: one row a distribution, each of mean 0 and standard deviation 1 along every axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

EDGE = math.sqrt(3.0)
"""A uniform number between -EDGE and EDGE has the standard deviation 1."""


@dataclass(frozen=True)
class Noise:
    """A way to draw z."""

    draw: Callable[[int, int, torch.Generator], Tensor]
    """z float32 (count, latent_dim) from a generator, on its device."""
    grid: Callable[[int], Tensor]
    """Coordinates float32 (count,) that cut one number of z into parts of equal probability."""
    help: str
    """One sentence for the menu."""
    words: str
    """What an exported network says of the z it takes."""


def gaussian(count: int, latent_dim: int, rng: torch.Generator) -> Tensor:
    """Standard normal z (count, latent_dim)."""
    return torch.randn(count, latent_dim, generator=rng, device=rng.device)


def uniform(count: int, latent_dim: int, rng: torch.Generator) -> Tensor:
    """z (count, latent_dim), each number anywhere between -sqrt 3 and sqrt 3 with equal chance."""
    return (2 * torch.rand(count, latent_dim, generator=rng, device=rng.device) - 1) * EDGE


RARE = 0.01
"""The share of a Gaussian that lies beyond either end of its grid."""


def gaussian_grid(count: int) -> Tensor:
    """Quantiles of a standard normal number, evenly from 1 % to 99 %."""
    quantiles: Tensor = torch.special.ndtri(torch.linspace(RARE, 1 - RARE, count, dtype=torch.float64))
    return quantiles.float()


def uniform_grid(count: int) -> Tensor:
    """Evenly from -sqrt 3 to sqrt 3."""
    return torch.linspace(-EDGE, EDGE, count)


NOISES: dict[str, Noise] = {
    "gaussian": Noise(
        gaussian,
        gaussian_grid,
        "Most z lie near the middle, fewer and fewer outside; without any border.",
        "standard normal",
    ),
    "uniform": Noise(
        uniform,
        uniform_grid,
        "z lie evenly in a square of known borders, which G bends to the shape of the data.",
        "uniform from -sqrt(3) to sqrt(3)",
    ),
}
