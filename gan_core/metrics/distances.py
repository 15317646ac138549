"""Euclidean distances between many points, in parts that fit into memory. What the figures with neighbours stand on."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

PART = 4096


def pairwise(a: Tensor, b: Tensor) -> Tensor:
    """float64 (len(a), len(b)): each point's distance from each."""
    # In double precision, so that the distance of a point from its copy is nothing.
    return torch.cdist(a.double(), b.double())


def radii(points: Tensor, k: int) -> Tensor:
    """float64 (n,): each point's distance from its k-th nearest neighbour among the others; k < n."""
    return pairwise(points, points).kthvalue(k + 1, dim=1).values


def nearest(a: Tensor, b: Tensor, done: Callable[[], object] = lambda: None) -> Tensor:
    """float32 (len(a),): each point's distance from the nearest of `b`, which may be very many, and bytes; `done` after each part."""
    a = a.float()
    found = torch.full((len(a),), torch.inf)
    squared = a.square().sum(1, keepdim=True)
    for part in (part.float() for part in torch.split(b, PART)):
        found = torch.minimum(found, (squared + part.square().sum(1) - 2 * a @ part.T).amin(1))
        done()
    return found.clamp_(min=0).sqrt_()
