"""How different samples are from each other, whatever the data look like."""

from __future__ import annotations

from torch import Tensor

from gan_core.metrics.distances import pairwise


def diversity(features: Tensor) -> float:
    """Mean distance between two of the samples, from features (n, d); 0 where all are the same."""
    return float(pairwise(features, features).sum()) / (len(features) * (len(features) - 1))
