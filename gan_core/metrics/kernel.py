"""The kernel distance between two clouds of features: a squared maximum mean discrepancy, without bias (Binkowski et al. 2018)."""

from __future__ import annotations

import math

from torch import Tensor


def kernel_distance(fake: Tensor, real: Tensor) -> tuple[float, float]:
    """The distance of features (n, d), equally many of each, and its standard error; around 0, and often below, for real samples.

    The kernel is (x y / d + 1)^3, as in KID. The error is the jackknife's over pairs of a fake and a real.
    """
    n = len(fake)
    if n != len(real) or n < 3:
        raise ValueError(f"The kernel distance compares equally many samples, three at least; these are {n} and {len(real)}.")
    inside_fake, inside_real, across = _kernel(fake, fake), _kernel(real, real), _kernel(fake, real)
    for inside in (inside_fake, inside_real):
        inside.fill_diagonal_(0)  # a sample is no neighbour of itself: that is where the bias would come from
    value = (inside_fake.sum() + inside_real.sum()) / (n * (n - 1)) - 2 * across.mean()
    across.fill_diagonal_(0)
    # How much each pair says; leaving it out moves the distance by 2 / (n - 2) of how far it is from the mean.
    rows = (inside_fake.sum(1) + inside_real.sum(1) - across.sum(1) - across.sum(0)) / (n - 1)
    error = 2 / (n - 2) * math.sqrt((n - 1) / n * float((rows - rows.mean()).square().sum()))
    return float(value), error


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    return (a.double() @ b.double().T / a.shape[1] + 1) ** 3
