"""What a classifier takes samples for: how many of each class, which classes are missing, how far that is from the data."""

from __future__ import annotations

import torch
from torch import Tensor


def histogram(chances: Tensor) -> Tensor:
    """float64 (classes,): share of samples whose likeliest class it is, from chances (n, classes)."""
    return torch.bincount(chances.argmax(1), minlength=chances.shape[1]).double() / len(chances)


def reverse_kl(shares: Tensor, target: Tensor) -> float:
    """KL(shares | target) in nats: 0 where they are equal; grows where samples crowd into classes that are rare in the data."""
    q, p = shares.double(), target.double()
    there = q > 0  # 0 log 0 = 0
    return max(0.0, float((q[there] * (q[there] / p[there]).log()).sum()))


def missing(shares: Tensor) -> int:
    """How many classes have less than a tenth of an even share: of K classes those under 1/(10 K)."""
    return int((shares < 0.1 / len(shares)).sum())


def agreement(chances: Tensor, labels: Tensor) -> float:
    """Share of samples that are taken for the class they were asked to be; a classifier's accuracy where they are real."""
    return float((chances.argmax(1) == labels).double().mean())
