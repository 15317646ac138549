"""The energy distance between two clouds of points (Székely and Rizzo 2004)."""

from __future__ import annotations

from torch import Tensor

from gan_core.metrics.distances import pairwise
from gan_core.metrics.diversity import diversity


def energy_distance(fake: Tensor, real: Tensor) -> float:
    """2 E|x - y| - E|x - x'| - E|y - y'| without bias: around 0, and often below, where both are samples of the same thing.

    In the points' own unit of length.
    """
    return 2 * float(pairwise(fake, real).mean()) - diversity(fake) - diversity(real)
