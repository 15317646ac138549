"""Who lies among whom: precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from gan_core.metrics.distances import pairwise, radii
from gan_core.sentences import Sentence

K = 5
"""Neighbours that make a sample's ball reach so far."""


@dataclass(frozen=True)
class Neighbours:
    """Four answers from the same balls, drawn around each sample up to its k-th neighbour of its own kind."""

    precision: float
    """Share of fakes inside some real's ball."""
    recall: float
    """Share of reals inside some fake's ball."""
    density: float
    """In how many reals' balls a fake lies, as a share of k: 1 where fakes lie as densely as reals, and more in the thick of them."""
    coverage: float
    """Share of reals with a fake in their ball."""


def neighbours(fake: Tensor, real: Tensor, k: int = K) -> Neighbours:
    """All four for features (n, d) and (m, d); ValueError where there are not more than `k` of each."""
    if min(len(fake), len(real)) <= k:
        raise ValueError(Sentence("{count} samples are too few: more than {k} are needed.", count=min(len(fake), len(real)), k=k))
    apart, reach = pairwise(real, fake), radii(real, k)
    inside = apart < reach[:, None]
    return Neighbours(
        precision=float(inside.any(0).double().mean()),
        recall=float((apart < radii(fake, k)).any(1).double().mean()),
        density=float(inside.double().sum(0).mean()) / k,
        coverage=float((apart.amin(1) < reach).double().mean()),
    )
