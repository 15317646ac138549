"""Points in the plane against the modes they should lie in, whose centres and widths are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gan_core.metrics.classes import missing, reverse_kl
from gan_core.metrics.distances import pairwise

REACH = 3.0
"""A point is on a mode within this many standard deviations of its centre."""
ON_MODE = 1 - math.exp(-(REACH**2) / 2)
"""The share of the data that is: 98.9 %, for a round Gaussian in the plane."""


@dataclass(frozen=True)
class Modes:
    """How points are spread over the modes."""

    found: int
    """Modes with at least a tenth of an even share: n / (10 K) hits. One hit would be found by any cloud that is wide enough."""
    on_mode: float
    """Share of points within 3 sd of a centre."""
    kl: float
    """KL(points | data) over the modes and a bin for what is on none."""
    shares: tuple[float, ...]
    """Share of points on each mode; with those on none they make 1."""


def modes(points: Tensor, centres: Tensor, sd: float) -> Modes:
    """What is known of points (n, 2), all in the data's own units; points that are not finite are on no mode."""
    distance, mode = pairwise(points, centres).min(1)
    hit = distance <= REACH * sd
    shares = torch.bincount(mode[hit], minlength=len(centres)).double() / len(points)
    every = torch.cat([shares, 1 - shares.sum(0, keepdim=True)])
    target = torch.full_like(every, ON_MODE / len(centres))
    target[-1] = 1 - ON_MODE
    return Modes(len(centres) - missing(shares), float(shares.sum()), reverse_kl(every.clamp(min=0), target), tuple(shares.tolist()))
